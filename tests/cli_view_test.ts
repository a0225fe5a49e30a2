import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { ARCHS } from "../arch/mod.ts";
import { openSession, recordingOf } from "../src/explorer/model/mod.ts";
import { readRecording } from "../src/explorer/page/recorded.ts";
import { runCli, runCliWriting } from "./cli_host.ts";
import { checkHtml } from "./html_check.ts";
import { randomNumbers } from "./random_calls.ts";

const SMALL =
  "area any 0x1000 0x1020\na = alloc_page\nb = alloc_page\nfree_pages a\nfree_pages b\n";

async function pageOf(args: readonly string[], files: Record<string, string>): Promise<string> {
  const { code, err, written } = await runCliWriting(["view", ...args, "-o", "out.html"], {
    files,
  });
  assertEquals([code, err], [0, ""]);
  return written["out.html"] ?? "";
}

async function hashOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return `'sha256-${btoa(String.fromCharCode(...new Uint8Array(digest)))}'`;
}

Deno.test("view writes well-formed HTML", async () => {
  const html = await pageOf(["a.buddy"], { "a.buddy": SMALL });
  const { problems, tags } = checkHtml(html);
  assertEquals(problems, []);
  const ids = tags.flatMap(({ attributes }) => attributes.get("id") ?? []);
  assertEquals(ids.length, new Set(ids).size);
  for (const { name, attributes } of tags) {
    if (name !== "input") continue;
    assert(attributes.has("aria-label"), "an input needs a name");
  }
});

Deno.test("view's security policy forbids everything but its own script and style", async () => {
  const html = await pageOf(["a.buddy"], { "a.buddy": SMALL });
  const { tags, raw } = checkHtml(html);
  const policy = tags.find(({ attributes }) => attributes.get("http-equiv") !== undefined)
    ?.attributes.get("content") ?? "";
  const [style = ""] = raw.get("style") ?? [];
  const [, script = ""] = raw.get("script") ?? [];
  assertEquals(policy.split("; "), [
    "default-src 'none'",
    `script-src ${await hashOf(script)}`,
    `style-src ${await hashOf(style)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ]);
  const styled = tags.filter(({ attributes }) =>
    [...attributes.keys()].some((name) => name === "style" || name.startsWith("on"))
  );
  assertEquals(styled, []);
});

Deno.test("view's page names no other file and no server", async () => {
  const html = await pageOf(["a.buddy", "--edition", "01d8952b,head"], { "a.buddy": SMALL });
  const { tags, raw } = checkHtml(html);
  const names = tags.flatMap(({ attributes }) => [...attributes.keys()]);
  assertEquals(names.filter((name) => /^(?:src|href|srcset|action|data)$/.test(name)), []);
  const code = [...raw.get("style") ?? [], raw.get("script")?.[1] ?? ""].join("\n");
  for (const word of ["http:", "https:", "url(", "@import", "import(", "fetch(", "XMLHttp"]) {
    assert(!code.includes(word), word);
  }
});

Deno.test("view's script is a program whose functions are all there", async () => {
  const { raw } = checkHtml(await pageOf(["a.buddy"], { "a.buddy": SMALL }));
  const script = raw.get("script")?.[1] ?? "";
  const names = [...script.matchAll(/^(?:async )?function (\w+)/gm)].map(([, name]) => name);
  assertEquals(names.length, new Set(names).size, "a name stands twice");
  assert(names.includes("startRecorded"));
  const known = names.join(",");
  const checked = new Function(
    "document",
    "window",
    `${script.replace(/\nstartRecorded\([^]*$/, "")}
return [${known}].map((one) => typeof one);`,
  );
  assertEquals(new Set(checked(null, null)), new Set(["function"]));
});

Deno.test("view keeps a file's name, and everything else from outside, text", async () => {
  const name = `</title><script>alert("1")</script>&'.buddy`;
  const text = `# </script><img src=x onerror=alert(1)>\n${SMALL}`;
  const html = await pageOf([name], { [name]: text });
  const { problems, tags } = checkHtml(html);
  assertEquals(problems, []);
  assertEquals(tags.filter(({ name: tag }) => tag === "script").length, 2);
  assertEquals(tags.filter(({ name: tag }) => tag === "img"), []);
  assertStringIncludes(html, "&lt;/title&gt;&lt;script&gt;alert(&quot;1&quot;)");
});

Deno.test("view's page carries the recording of the run", async () => {
  const html = await pageOf(["a.buddy", "--edition", "01d8952b,head"], { "a.buddy": SMALL });
  const { raw } = checkHtml(html);
  const recording = await readRecording(raw.get("script")?.[0] ?? "");
  const opened = openSession({
    text: SMALL,
    file: "a.buddy",
    editions: ["01d8952b", "head"],
    mapText: null,
    watch: "auto",
  }, ARCHS);
  assert(opened.kind === "session");
  assertEquals(recording, JSON.parse(JSON.stringify(recordingOf(opened.session, "a.buddy"))));
  assertEquals(recording.difference?.step, 4);
});

Deno.test("view's page of 1,000 steps is below 2 MB", async () => {
  const lines = ["area any 0x1000 0x9000"];
  const live: string[] = [];
  const below = randomNumbers(5);
  while (lines.length < 1000) {
    if (live.length > 0 && below(3) === 0) {
      lines.push(`free_pages ${live.splice(below(live.length), 1)[0]}`);
    } else {
      live.push(`p${lines.length}`);
      lines.push(`p${lines.length} = alloc_pages ${below(4)}`);
    }
  }
  const html = await pageOf(["a.buddy"], { "a.buddy": `${lines.join("\n")}\n` });
  assert(html.length < 2_000_000, `${html.length} bytes`);
});

Deno.test("view writes to standard output by default", async () => {
  const { code, out } = await runCli(["view", "a.buddy"], { files: { "a.buddy": SMALL } });
  assertEquals([code, out.slice(0, 15)], [0, "<!DOCTYPE html>"]);
});

Deno.test("view refuses three editions, two files, no file, and too many steps", async () => {
  const files = { "a.buddy": SMALL, "long.buddy": "show map\n".repeat(10_001) };
  const cases: readonly (readonly [string[], string])[] = [
    [
      ["a.buddy", "--edition", "01d8952b,head,bcffccfc"],
      "view shows one edition, or two side by side",
    ],
    [["a.buddy", "long.buddy"], "view needs one file with a scenario, or - for standard input"],
    [[], "view needs one file with a scenario, or - for standard input"],
    [
      ["long.buddy"],
      "Cannot show 10001 steps in a page: at most 10000 fit, open the file in the explorer (serve), " +
      "which takes a million",
    ],
  ];
  for (const [args, message] of cases) {
    const { code, out, err } = await runCli(["view", ...args], { files });
    assertEquals([code, out, err.split("\n")[0]], [2, "", message]);
  }
});

Deno.test("view tells where a scenario is wrong", async () => {
  const { code, err } = await runCli(["view", "a.buddy"], {
    files: { "a.buddy": "alloc_pagez\n" },
  });
  assertEquals(code, 2);
  assertStringIncludes(err, "a.buddy:1:1: ");
});
