/**
 * The explorer and the recorded page in a real browser: Debian's Chromium.
 *
 * Run with `deno task test:browser`, which builds the explorer first: it is used as its sources are, and
 * looked at as it is built. Screenshots of the moments worth looking at are kept in out/screenshots.
 *
 * @module
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Buffer } from "node:buffer";
import { type Browser, chromium, type Page } from "npm:playwright-core@^1";
import { ARCHS } from "../../arch/mod.ts";
import { editionNamed, parseScenario, runScenario } from "../../mod.ts";
import { parseMoment } from "../../src/explorer/app/mod.ts";
import { diffRuns } from "../../src/report/mod.ts";
import { randomNumbers } from "../random_calls.ts";

const CHROMIUM = "/usr/bin/chromium";
const ROOT = new URL("../../", import.meta.url);
const SCREENSHOTS = new URL("out/screenshots/", ROOT);
const FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"];

/** Waits until something is the case; half a minute at most, for a machine that has much to do. */
async function until(what: string, check: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 1200; tries++) {
    if (await check()) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`It did not come about in half a minute: ${what}`);
}

async function textOf(page: Page, selector: string): Promise<string> {
  return await page.textContent(selector) ?? "";
}

async function untilText(page: Page, selector: string, part: string): Promise<void> {
  await until(
    `${selector} has "${part}"`,
    async () => (await textOf(page, selector)).includes(part),
  );
}

/** Waits until what the form says was run, or could not be. */
async function untilRan(page: Page): Promise<void> {
  await until("the scenario ran", async () => {
    return /^\d+ steps|cannot run/.test(await textOf(page, "#status"));
  });
}

/** The served explorer. */
interface Served {
  readonly address: string;
  readonly stop: () => Promise<void>;
}

/** Serves the explorer of the sources, or the one that a folder holds. */
async function serve(folder: readonly string[]): Promise<Served> {
  const rights = ["--allow-read", "--allow-net=127.0.0.1"];
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", ...rights, "src/cli/mod.ts", "serve", ...folder, "--port", "0"],
    cwd: ROOT,
    stdout: "piped",
  }).spawn();
  const reader = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let told = "";
  while (!told.includes("\n")) {
    const { value, done } = await reader.read();
    if (done) break;
    told += value;
  }
  const address = /http:\/\/[\d.:]+\//.exec(told)?.[0] ?? "";
  return {
    address,
    stop: async () => {
      process.kill();
      await reader.cancel();
      await process.status;
    },
  };
}

/** Opens a page, and collects what no page may do: complain, or ask for something elsewhere. */
async function openPage(browser: Browser, address: string, faults: string[]): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  const own = new URL(address).origin;
  page.on("console", (message) => void faults.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => void faults.push(`error: ${error.message}`));
  page.on("request", (request) => {
    const isOwn = [address, `${own}/`, `blob:${own}/`].some((one) => request.url().startsWith(one));
    if (!isOwn) faults.push(`request: ${request.url()}`);
  });
  await page.goto(address);
  await until("a step is shown", async () => /Step|Start/.test(await textOf(page, "#where")));
  return page;
}

async function setText(page: Page, text: string): Promise<void> {
  // A pause in typing comes before the run: until then the page would still tell of the last one.
  await page.evaluate("document.getElementById('status').textContent = ''");
  await page.fill("#text", text);
  await untilRan(page);
}

async function eachExample(page: Page): Promise<void> {
  const names = await page.locator("#example option").evaluateAll((options) =>
    options.map((option) => option.getAttribute("value") ?? "")
  );
  const examples = names.filter((name) => name !== "");
  assert(examples.length >= 6);
  for (const name of examples) {
    const text = await Deno.readTextFile(new URL(`examples/${name}.buddy`, ROOT));
    const steps = parseScenario(text, { archs: ARCHS }).scenario.statements.length;
    await page.selectOption("#example", name);
    await untilText(page, "#status", `${steps} steps`);
    await page.click("[data-action=last]");
    await untilText(page, "#where", `Step ${steps - 1} of ${steps - 1}`);
    for (let step = steps - 2; step >= 0; step--) {
      await page.keyboard.press("ArrowLeft");
      await untilText(page, "#where", `Step ${step} of`);
    }
  }
}

async function twoEditions(page: Page): Promise<void> {
  const text = await Deno.readTextFile(new URL("examples/coalescing_dead.buddy", ROOT));
  const [left, right] = ["01d8952b", "head"].map((name) => {
    const edition = editionNamed(name);
    const { scenario } = parseScenario(text, { archs: ARCHS });
    const run = runScenario(scenario, { archs: ARCHS, ...(edition === null ? {} : { edition }) });
    return { run, name: edition?.name ?? "" };
  });
  assert(left !== undefined && right !== undefined);
  await page.selectOption("#example", "coalescing_dead");
  await page.selectOption("#edition", left.name);
  await page.selectOption("#other", right.name);
  const step = diffRuns(left.run, right.run)?.step;
  await untilText(page, "#difference", `irst difference: step ${step}:`);
  await page.click("[data-action=differs]");
  await untilText(page, "#where", `Step ${step} of`);
  assertEquals(await page.locator(".side").count(), 2);
}

async function linkToMoment(page: Page, browser: Browser, faults: string[]): Promise<void> {
  await page.selectOption("#view", "lists");
  await until("the address follows", async () => {
    return (await parseMoment(new URL(page.url()).hash.slice(1)))?.view === "lists";
  });
  const other = await openPage(browser, page.url(), faults);
  await untilText(other, "#where", await textOf(page, "#where"));
  assertEquals(await other.inputValue("#view"), "lists");
  assertEquals(await other.inputValue("#other"), await page.inputValue("#other"));
  await other.close();
  await page.selectOption("#view", "all");
  await page.selectOption("#other", "");
  await page.selectOption("#edition", "");
}

/** Back and Forward of the browser lead to the moments before and after. */
async function backAndForward(page: Page): Promise<void> {
  await page.selectOption("#example", "fresh_half");
  await untilText(page, "#status", "8 steps");
  const momentIs = async (step: number, view: string): Promise<void> => {
    await until(`the address is that of step ${step}`, async () => {
      const moment = await parseMoment(new URL(page.url()).hash.slice(1));
      return moment?.step === step && moment.view === view;
    });
  };
  await page.click("[data-action=first]");
  await momentIs(-1, "all");
  await page.click("[data-action=last]");
  await momentIs(7, "all");
  await page.selectOption("#view", "story");
  await momentIs(7, "story");
  await page.goBack();
  await untilText(page, "#where", "Step 7 of 7");
  assertEquals(await page.inputValue("#view"), "all");
  await page.goBack();
  await untilText(page, "#where", "Start of 8 steps");
  await page.goForward();
  await untilText(page, "#where", "Step 7 of 7");
  assertEquals(await page.inputValue("#view"), "all");
}

/** A link to a moment of two editions shows both, at their first difference. */
async function linkToTwoEditions(
  page: Page,
  browser: Browser,
  faults: string[],
): Promise<void> {
  await untilText(page, "#where", "Step 5 of 7");
  await until("the address holds both editions", async () => {
    const moment = await parseMoment(new URL(page.url()).hash.slice(1));
    return moment?.editions.length === 2 && moment.step === 5;
  });
  const other = await openPage(browser, page.url(), faults);
  await untilText(other, "#where", "Step 5 of 7");
  await untilText(other, "#difference", "This is the first difference");
  assertEquals(await other.locator(".side").count(), 2);
  const names = await other.locator(".side h3").allTextContents();
  assertEquals(names, await page.locator(".side h3").allTextContents());
  await other.close();
}

/** A scenario of many requests and releases, on 4 GiB. */
function longScenario(steps: number): string {
  const lines = ["machine x86_64 ram=4G", "boot"];
  const live: string[] = [];
  const below = randomNumbers(5);
  while (lines.length < steps) {
    if (live.length > 2000 || (live.length > 0 && below(5) < 2)) {
      lines.push(`free_pages ${live.splice(below(live.length), 1)[0]}`);
    } else {
      live.push(`p${lines.length}`);
      lines.push(`p${lines.length} = alloc_pages ${below(9)}`);
    }
  }
  return `${lines.join("\n")}\n`;
}

/** Moves the slider to a step; gives the time until the step is painted. */
async function scrub(page: Page, step: number): Promise<number> {
  return await page.evaluate(async (to) => {
    const { document, MutationObserver, requestAnimationFrame, MessageChannel } =
      // deno-lint-ignore no-explicit-any -- the page's own world, of which this file has no types
      globalThis as any;
    const [range, where] = ["range", "where"].map((id) => document.getElementById(id));
    const start = performance.now();
    await new Promise<void>((resolve) => {
      const observer = new MutationObserver(() => {
        if (!where.textContent.startsWith(`Step ${to} `)) return;
        observer.disconnect();
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => resolve();
        requestAnimationFrame(() => port2.postMessage(null));
      });
      observer.observe(where, { childList: true, characterData: true, subtree: true });
      range.value = String(to);
      range.dispatchEvent(new Event("input"));
    });
    return performance.now() - start;
  }, step);
}

/** A run of 100,000 steps: its first steps are there while the others run, and any step can be gone to. */
async function longRun(page: Page): Promise<void> {
  const steps = 100_000;
  const file = {
    name: "long.buddy",
    mimeType: "text/plain",
    buffer: Buffer.from(longScenario(steps)),
  };
  await page.evaluate("document.getElementById('where').textContent = ''");
  const start = performance.now();
  await page.setInputFiles("#file", file);
  await untilText(page, "#where", "Step ");
  const painted = performance.now() - start;
  const isRunning = (await textOf(page, "#status")).startsWith("Running");
  await untilText(page, "#status", `${steps} steps`);
  const ran = performance.now() - start;
  assert(isRunning, "the first steps are shown while the others run");
  const below = randomNumbers(7);
  const times: number[] = [];
  for (let count = 0; count < 30; count++) times.push(await scrub(page, below(steps)));
  times.sort((one, other) => one - other);
  const [least = 0, middle = 0, most = 0] = [0, 15, 29].map((index) => times[index]);
  await page.keyboard.press("End");
  await untilText(page, "#where", `Step ${steps - 1} of ${steps - 1}`);
  assert(await page.locator("#trace li").count() <= 121, "of the steps those nearby are listed");
  const said = [painted, ran, least, middle, most].map((time) => `${time.toFixed(0)} ms`);
  await Deno.stdout.write(new TextEncoder().encode(
    `100,000 steps: first paint ${said[0]}, run ${said[1]}, a scrub ${said[2]} at least, ` +
      `${said[3]} in the middle, ${said[4]} at most\n`,
  ));
}

/** The keys are told on request, and buttons that lead nowhere are not offered. */
async function helpAndOffers(page: Page): Promise<void> {
  await page.selectOption("#example", "reserve_handed_out");
  await untilText(page, "#status", "8 steps");
  await page.focus("[data-action=predict]");
  await page.keyboard.press("?");
  assert(await page.locator("#help[open] dl").isVisible(), "the keys are shown");
  await page.keyboard.press("?");
  assertEquals(await page.locator("#help[open]").count(), 0);
  assert(!await page.locator("#differs").isVisible(), "one run differs from nothing");
}

async function problemsInPlace(page: Page): Promise<void> {
  await setText(page, "machine x86_64\nalloc_pagez 3\n");
  await untilText(page, "#problems", "line 2, column 1");
  assertEquals(await textOf(page, "#underlay mark"), "alloc_pagez");
  assertEquals(await page.getAttribute("#text", "aria-invalid"), "true");
  await page.screenshot({ path: new URL("problems.png", SCREENSHOTS).pathname });
}

async function pastedMap(page: Page): Promise<void> {
  await setText(page, "machine x86_64 edition=34c95065\nboot\n");
  await page.click("form summary");
  await page.fill("#map", await Deno.readTextFile(new URL("examples/maps/vmware_7g.txt", ROOT)));
  await page.locator("#map").dispatchEvent("change");
  await untilRan(page);
  await page.click("[data-action=last]");
  await untilText(page, "#where", "assert failed: !(areas_mask & BIT(n))");
  assertStringIncludes(await page.inputValue("#text"), "map=pasted.txt");
  await page.fill("#map", "");
  await page.locator("#map").dispatchEvent("change");
}

/** The name of what has the keyboard, as a screen reader says it. */
async function heldName(page: Page): Promise<string> {
  return await page.locator(":focus").getAttribute("aria-label") ?? "";
}

async function keyboardOnly(page: Page): Promise<void> {
  await page.selectOption("#example", "coalescing_dead");
  await untilText(page, "#status", "8 steps");
  await page.focus("#view");
  await page.keyboard.press("Home");
  await page.focus("[data-action=predict]");
  await page.keyboard.press("n");
  await untilText(page, "#where", "Step 5 of 7");
  await untilText(page, "#live", "Violates: no mergeable buddies");
  await page.focus("#help summary");
  for (let presses = 0; presses < 3 && !(await heldName(page)).startsWith("1001"); presses++) {
    await page.keyboard.press("Tab");
  }
  assertEquals(await heldName(page), "1001, order 0, free");
  await page.keyboard.press("ArrowRight");
  assertEquals(await heldName(page), "1002, order 0, free");
  await untilText(page, "#facts", "since");
}

async function namesStayText(page: Page): Promise<void> {
  const hostile = '<img src=x onerror="alert(1)">';
  await setText(
    page,
    `# ${hostile}\nmachine x86_64\narea any 0x10 0x20\nexpect last asserts "<b>x"\n`,
  );
  await page.click("[data-action=last]");
  await untilText(page, "#where", "<b>x");
  assertEquals(await page.locator("img, #runs b, #trace b, #where b").count(), 0);
}

/** The first bytes of a saved file, as text. */
async function savedBegin(page: Page, name: string): Promise<string> {
  const waiting = page.waitForEvent("download");
  await page.click(`[data-save="${name}"]`);
  const download = await waiting;
  assertEquals(download.suggestedFilename(), name);
  const bytes = await Deno.readFile(await download.path());
  return String.fromCharCode(...bytes.slice(0, 8));
}

async function savedFiles(page: Page): Promise<void> {
  await page.selectOption("#example", "fresh_half");
  await untilText(page, "#status", "8 steps");
  assertEquals(await savedBegin(page, "scenario.buddy"), "# A requ");
  assertEquals((await savedBegin(page, "metadata.svg")).slice(0, 4), "<svg");
  assertEquals((await savedBegin(page, "lists.png")).slice(1, 4), "PNG");
  assertEquals((await savedBegin(page, "run.json")).slice(0, 1), "{");
  assertEquals(await savedBegin(page, "trace.json"), '{"traceE');
}

/** True while the list of steps shows the step that the page is at: also in a window of another size. */
const CURRENT_STEP_IN_VIEW = `(() => {
  const list = document.getElementById("trace").getBoundingClientRect();
  const row = document.querySelector("#trace [aria-current]").getBoundingClientRect();
  return row.top >= list.top - 1 && row.top < list.bottom;
})()`;

async function screenshots(page: Page): Promise<void> {
  await page.selectOption("#example", "reserve_handed_out");
  await untilText(page, "#status", "8 steps");
  await page.click("#trace [data-step='4']");
  await untilText(page, "#where", "Step 4 of 7");
  await page.hover(".cell.special");
  for (const scheme of ["light", "dark"] as const) {
    for (const width of [320, 1280, 2560]) {
      await page.emulateMedia({ colorScheme: scheme });
      await page.setViewportSize({ width, height: 1000 });
      const path = new URL(`explorer_${width}_${scheme}.png`, SCREENSHOTS).pathname;
      await page.screenshot({ path });
      const wide = await page.evaluate("document.documentElement.scrollWidth");
      assertEquals(wide, width, "the page is wider than the window");
      await page.waitForFunction(CURRENT_STEP_IN_VIEW);
    }
  }
}

/** The explorer as it is built, from its folder: its two bundled scripts run. */
async function builtExplorer(browser: Browser, faults: string[]): Promise<void> {
  const served = await serve(["out/explorer"]);
  try {
    const page = await openPage(browser, served.address, faults);
    await page.selectOption("#example", "coalescing_dead");
    await untilText(page, "#status", "8 steps");
    await page.click("[data-action=last]");
    await untilText(page, "#where", "Step 7 of 7");
    await page.click("[data-action=back]");
    await untilText(page, "#where", "Step 6 of 7");
    await page.close();
  } finally {
    await served.stop();
  }
}

/** A recorded page, opened as a file. */
async function recordedPage(browser: Browser, faults: string[]): Promise<void> {
  const file = new URL("out/screenshots/run.html", ROOT);
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--allow-read", "--allow-write", "src/cli/mod.ts"],
      ...["view", "examples/coalescing_dead.buddy", "--edition", "01d8952b,head"],
      ...["-o", file.pathname],
    ],
    cwd: ROOT,
  }).output();
  assertEquals(code, 0);
  const page = await openPage(browser, file.href, faults);
  await page.keyboard.press("d");
  await untilText(page, "#where", "Step 5 of 7");
  await page.keyboard.press("ArrowRight");
  await untilText(page, "#where", "Step 6 of 7");
  await page.keyboard.press("Home");
  await untilText(page, "#where", "Start of 8 steps");
  await page.keyboard.press("End");
  await untilText(page, "#where", "Step 7 of 7");
  await page.screenshot({ path: new URL("recorded.png", SCREENSHOTS).pathname });
  await page.close();
}

Deno.test({
  name: "the explorer and the recorded page work in a browser, and ask nothing of anybody else",
  // The browser and its driver keep resources of their own.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async (t) => {
    await Deno.mkdir(SCREENSHOTS, { recursive: true });
    const served = await serve([]);
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
    const faults: string[] = [];
    try {
      const page = await openPage(browser, served.address, faults);
      await t.step("each example, to the end and back", () => eachExample(page));
      await t.step("two editions at their first difference", () => twoEditions(page));
      await t.step("a link to a moment of two editions", () => {
        return linkToTwoEditions(page, browser, faults);
      });
      await t.step("a link is a moment", () => linkToMoment(page, browser, faults));
      await t.step("Back and Forward", () => backAndForward(page));
      await t.step("help, and what is offered", () => helpAndOffers(page));
      await t.step("problems stand where they are", () => problemsInPlace(page));
      await t.step("a pasted memory map", () => pastedMap(page));
      await t.step("the keyboard alone", () => keyboardOnly(page));
      await t.step("names stay text", () => namesStayText(page));
      await t.step("files to save", () => savedFiles(page));
      await t.step("a run of 100,000 steps", () => longRun(page));
      await t.step("three widths, light and dark", () => screenshots(page));
      await t.step("the built explorer", () => builtExplorer(browser, faults));
      await t.step("a recorded page", () => recordedPage(browser, faults));
      assertEquals(faults, []);
    } finally {
      await browser.close();
      await served.stop();
    }
  },
});
