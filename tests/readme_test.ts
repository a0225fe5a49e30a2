/**
 * What README and the pages in docs show is what comes out: each `console` block is run.
 */

import { assert, assertEquals } from "@std/assert";
import { ARCHS } from "../arch/mod.ts";
import { parseScenario, runScenario } from "../mod.ts";
import { DEFECTS, PROMISE_GROUPS } from "../src/check/mod.ts";
import config from "../deno.json" with { type: "json" };
import { docPictures } from "../tools/pictures.ts";
import { LAYERS } from "./layers.ts";

const ROOT = new URL("../", import.meta.url);

interface Shown {
  readonly page: string;
  readonly command: string;
  readonly output: string;
}

function pages(): string[] {
  const docs = [...Deno.readDirSync(new URL("docs/", ROOT))].map(({ name }) => `docs/${name}`);
  return ["README.md", ...docs.filter((name) => name.endsWith(".md")).sort()];
}

function shownIn(page: string): Shown[] {
  const text = Deno.readTextFileSync(new URL(page, ROOT));
  return [...text.matchAll(/^```console\n\$ (.*)\n([\s\S]*?)^```$/gm)].map((found) => ({
    page,
    command: found[1] ?? "",
    output: found[2] ?? "",
  }));
}

/** The arguments of deno that do what a command of the page does; null if it is no such command. */
function argumentsOf(command: string): string[] | null {
  const words = command.split(" ");
  if (command.startsWith("deno run examples/")) return words.slice(1);
  if (!command.startsWith("deno task buddyscope ")) return null;
  return ["run", "--allow-read", "src/cli/mod.ts", ...words.slice(3)];
}

const SHOWN = pages().flatMap(shownIn);

for (const { page, command, output } of SHOWN) {
  Deno.test(`${page} shows what this prints: ${command}`, async () => {
    const args = argumentsOf(command);
    assert(args !== null, `no way is known to run ${command}`);
    const { stdout } = await new Deno.Command(Deno.execPath(), { args, cwd: ROOT }).output();
    assertEquals(new TextDecoder().decode(stdout).trimEnd(), output.trimEnd());
  });
}

Deno.test("README shows commands and their output, and links only to what exists", () => {
  assert(SHOWN.filter(({ page }) => page === "README.md").length >= 3);
  for (const page of pages()) {
    const text = Deno.readTextFileSync(new URL(page, ROOT));
    for (const [, target = ""] of text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)) {
      Deno.statSync(new URL(target, new URL(page, ROOT)));
    }
  }
});

Deno.test("README names each member of the layers, and each entry point", () => {
  const readme = Deno.readTextFileSync(new URL("README.md", ROOT));
  const named = [...readme.matchAll(/`([\w*/.]+)`/g)].map(([, path = ""]) => {
    const pattern = path.replace(/\/$|\.ts$/, "").replaceAll(".", "\\.").replaceAll("*", "\\w+");
    return new RegExp(`^${pattern}$`);
  });
  const members = LAYERS.flatMap((layer) => layer.members).filter((name) => name !== "arch");
  assertEquals(members.filter((member) => !named.some((pattern) => pattern.test(member))), []);
  const imports = Object.keys(config.exports).map((name) => `${config.name}${name.slice(1)}`);
  assertEquals(imports.filter((name) => !readme.includes(`| \`${name}\` `)), []);
});

Deno.test("README tells the commands that there are", async () => {
  const args = ["run", "--allow-read", "src/cli/mod.ts", "help"];
  const { stdout } = await new Deno.Command(Deno.execPath(), { args, cwd: ROOT }).output();
  const readme = Deno.readTextFileSync(new URL("README.md", ROOT));
  const listed = new TextDecoder().decode(stdout).split("Commands\n")[1]?.split("\n\n")[0] ?? "";
  const names = [...listed.matchAll(/^ {2}([a-z]+) {2}/gm)].map(([, name]) => name);
  assert(names.length >= 5);
  for (const name of names) assert(readme.includes(`\`${name}`), `README does not tell of ${name}`);
});

Deno.test("docs/pictures are what deno task docs draws, small, and each is shown on a page", () => {
  const pictures = docPictures((path) => Deno.readTextFileSync(new URL(path, ROOT)));
  const shown = pages().map((page) => Deno.readTextFileSync(new URL(page, ROOT))).join("\n");
  const files = [...Deno.readDirSync(new URL("docs/pictures/", ROOT))].map(({ name }) => name);
  assertEquals(
    files.map((name) => `pictures/${name}`).sort(),
    pictures.map((one) => one.path).sort(),
  );
  for (const { path, svg } of pictures) {
    const kept = Deno.readTextFileSync(new URL(`docs/${path}`, ROOT));
    assert(kept === svg, `docs/${path} is out of date: run deno task docs, look at what changed`);
    assert(svg.length < 60_000, `docs/${path} has ${svg.length} characters`);
    const isShown = shown.includes(`](docs/${path})`) || shown.includes(`](${path})`);
    assert(isShown, `neither the README nor a page shows docs/${path}`);
  }
});

Deno.test("docs/read_a_state.md tells the rule that its scenario breaks", () => {
  const page = Deno.readTextFileSync(new URL("docs/read_a_state.md", ROOT)).replace(/\s+/g, " ");
  const text = Deno.readTextFileSync(new URL("examples/read_a_state.buddy", ROOT));
  assert(page.includes(text.replace(/\s+/g, " ")));
  const { scenario } = parseScenario(text, { archs: ARCHS });
  const { firstViolation } = runScenario(scenario, { archs: ARCHS, watch: "violations" });
  assertEquals(firstViolation?.step, 6);
  assert(page.includes(`step 6 breaks the rule _${firstViolation?.violation.rule}_`));
  assert(page.includes(firstViolation?.violation.sentence ?? "nothing"));
});

Deno.test("README follows malloc(5000) with the numbers of the page that a test compares with a run", () => {
  const readme = Deno.readTextFileSync(new URL("README.md", ROOT));
  const section = /One `malloc\(5000\)`([\s\S]*?)docs\/follow_malloc\.md/.exec(readme)?.[1] ?? "";
  const page = Deno.readTextFileSync(new URL("docs/follow_malloc.md", ROOT));
  const numbers = section.match(/0x[0-9a-f]+|(?:[0-9a-f]{2} ){7}[0-9a-f]{2}/g) ?? [];
  assert(numbers.length >= 8);
  for (const number of numbers) assert(page.includes(number), `${number} is not in the page`);
});

Deno.test("the scenarios in README and docs run, and what they expect holds", () => {
  let count = 0;
  const maps = PROMISE_GROUPS.flatMap(({ promises }) => promises.map(({ maps = {} }) => maps));
  const defectMaps = DEFECTS.flatMap(({ hunt: { map } }) => map === undefined ? [] : [map]);
  const mapTexts = new Map([
    ...maps.flatMap((texts) => Object.entries(texts)),
    ...defectMaps.map(({ name, text }) => [name, text] as const),
  ]);
  for (const page of pages()) {
    const text = Deno.readTextFileSync(new URL(page, ROOT));
    for (const [, body = ""] of text.matchAll(/^```buddy\n([\s\S]*?)^```$/gm)) {
      const parsed = parseScenario(body, { file: page, archs: ARCHS });
      const run = runScenario(parsed.scenario, { archs: ARCHS, source: parsed, mapTexts });
      assertEquals(run.expectations.filter(({ held }) => held !== "yes"), []);
      count++;
    }
  }
  assert(count >= 3);
});
