/**
 * The explorer's page: what it is served as, what a link holds, where problems stand.
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { explorerHtml, explorerStyle } from "../src/explorer/mod.ts";
import { type Moment, parseMoment, printMoment, spanOf } from "../src/explorer/app/mod.ts";
import { type AppWorker, Client } from "../src/explorer/app/client.ts";
import { createHandler } from "../src/explorer/model/mod.ts";
import type { ExplorerRequest } from "../src/explorer/model/mod.ts";
import { ARCHS } from "../arch/mod.ts";
import { checkHtml } from "./html_check.ts";

Deno.test("explorerHtml is well-formed, keeps examples text, and loads only what lies beside it", () => {
  const html = explorerHtml([{
    name: "</script>",
    text: "# </script><script>alert(1)</script>\n",
  }]);
  const { problems, tags, raw } = checkHtml(html);
  assertEquals(problems, []);
  const addresses = tags.flatMap(({ attributes }) => [
    attributes.get("src") ?? [],
    attributes.get("href") ?? [],
  ]).flat();
  assertEquals(addresses, ["explorer.css", "main.js"]);
  assertStringIncludes(html, "default-src 'none'; script-src 'self'");
  const examples: unknown = JSON.parse(raw.get("script")?.[0] ?? "");
  assertEquals(examples, [
    { name: "</script>", text: "# </script><script>alert(1)</script>\n" },
  ]);
  assert(!/url\(|@import/.test(explorerStyle()));
});

Deno.test("each control of explorerHtml has a name", () => {
  const { tags } = checkHtml(explorerHtml([]));
  const html = explorerHtml([]);
  for (const { name, attributes } of tags) {
    if (!["select", "input", "textarea"].includes(name)) continue;
    const id = attributes.get("id") ?? "";
    const isLabelled = attributes.has("aria-label") || html.includes(`<label for="${id}">`) ||
      new RegExp(`<label[^<>]*>[^<]+<${name} id="${id}"`).test(html);
    assert(isLabelled, `${name} ${id}`);
  }
});

const MOMENT: Moment = {
  text: "machine x86_64\n# ä €  \nboot\n",
  editions: [null, "head"],
  mapText: "BIOS-e820: …",
  step: 12,
  view: "lists",
  frame: 0x1001,
};

Deno.test("parseMoment reads what printMoment wrote, and nothing else", async () => {
  const hash = await printMoment(MOMENT);
  assert(/^[\w-]+$/.test(hash), hash);
  assertEquals(await parseMoment(hash), MOMENT);
  for (const text of ["", "<b>", "abc", hash.slice(0, 60)]) {
    assertEquals(await parseMoment(text), null, text);
  }
  const wrong: readonly Partial<Moment>[] = [{ editions: ["a", "b", "c"] }, { step: 0.5 }];
  for (const part of wrong) {
    assertEquals(await parseMoment(await printMoment({ ...MOMENT, ...part })), null);
  }
});

Deno.test("parseMoment refuses a link that unfolds to too much", async () => {
  const hash = await printMoment({ ...MOMENT, text: "x".repeat(9_000_000) });
  assert(hash.length < 20_000);
  assertEquals(await parseMoment(hash), null);
});

Deno.test("spanOf finds the word, the end of a line, and the whole line", () => {
  const text = "machine x86_64\nalloc_pagez 3\n";
  const at = (line: number, column: number | null, length: number): string => {
    const { start, end } = spanOf(text, { line, column, length, message: "" });
    return text.slice(start, end);
  };
  assertEquals(at(2, 1, 11), "alloc_pagez");
  assertEquals(at(2, 14, 0), "3");
  assertEquals(at(1, null, 0), "machine x86_64");
  assertEquals(at(9, 1, 1), "");
});

/** A worker that lives in the test. */
function fakeWorker(log: string[], speed: "answers" | "never-opens"): AppWorker {
  const handle = createHandler(ARCHS, {
    post: (answer) => queueMicrotask(() => worker.onmessage?.({ data: answer })),
    later: (action) => queueMicrotask(action),
  });
  const worker: AppWorker = {
    postMessage: (request: ExplorerRequest) => {
      log.push(request.kind);
      if (request.kind === "open" && speed === "never-opens") return;
      handle(structuredClone(request));
    },
    onmessage: null,
    onerror: null,
    terminate: () => void log.push("terminate"),
  };
  return worker;
}

const INPUT = {
  text: "area any 0x1000 0x1010\nalloc_page\n",
  file: "a",
  editions: [null],
  mapText: null,
  watch: "auto",
} as const;

Deno.test("Client gets runs, views, differences and files from the worker", async () => {
  const log: string[] = [];
  const client = new Client(() => fakeWorker(log, "answers"));
  const opening = await client.open(INPUT, () => {});
  assert(opening.kind === "opened");
  assertEquals((await client.views(1)).views[0]?.statement, "alloc_page");
  const block = { first: 0x1001, frames: 1 };
  assertEquals(await client.since(0, 1, block), { kind: "at", step: 1 });
  assertEquals(await client.difference(0, 9), { found: null, next: null });
  assertStringIncludes(await client.save("metadata.svg", 0, 1), "<svg");
  const refused = await client.views(7).catch((error: Error) => error.message);
  assertEquals(refused, "Cannot show step 7: the step must be -1 to 1");
  assertEquals(log, ["open", "views", "since", "difference", "export", "views"]);
});

Deno.test("Client gives up a scenario that still runs when another one is opened", async () => {
  const log: string[] = [];
  const speeds = ["never-opens", "answers"] as const;
  let started = 0;
  const client = new Client(() => fakeWorker(log, speeds[started++] ?? "answers"));
  const first = client.open(INPUT, () => {}).catch((error: Error) => error.message);
  assertEquals((await client.open(INPUT, () => {})).kind, "opened");
  assertEquals(await first, "given up for another scenario");
  assertEquals(log, ["open", "terminate", "open"]);
});

Deno.test("Client tells how a long scenario goes on, and gives it up for another one", async () => {
  const log: string[] = [];
  const client = new Client(() => fakeWorker(log, "answers"));
  const text = `area any 0x1000 0x1010\n${"show map\n".repeat(4500)}`;
  const told: string[] = [];
  const ended = Promise.withResolvers<void>();
  const opening = await client.open({ ...INPUT, text }, (more) => {
    told.push(
      more.kind === "progress" ? `${more.progress.steps} ${more.progress.state}` : more.kind,
    );
    if (more.kind !== "progress" || more.progress.state === "done") ended.resolve();
  });
  assert(opening.kind === "opened");
  assertEquals(opening.progress.steps, 2000);
  await ended.promise;
  assertEquals(told, ["4000 running", "4501 done"]);
  await client.open({ ...INPUT, text }, () => {});
  await client.open(INPUT, () => {});
  assertEquals(log, ["open", "open", "terminate", "open"]);
});
