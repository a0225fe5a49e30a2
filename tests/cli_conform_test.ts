import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { runCli } from "./cli_host.ts";

type VectorStep = [operation: string, result: unknown];

/** A recording of the current code on one area of 31 frames. */
function recording(...steps: VectorStep[]): string {
  const head = { edition: "4a54e8a3", arch: "generic4k", pageShift: 12, bitsPerLong: 64 };
  return JSON.stringify({ ...head, steps: [["init_area any 0x100 0x120", null], ...steps] });
}

const GOOD = recording(["alloc_pages a 0 any", "0x101000"], ["free a", null]);
const BAD = recording(["alloc_pages a 0 any", "0x102000"], ["free a", null]);

Deno.test("conform counts files, steps and mismatches in its last line", async () => {
  const ending = await runCli(["conform", "a.json", "b.json"], {
    files: { "a.json": GOOD, "b.json": GOOD },
  });
  assertEquals(ending, { code: 0, out: "2 files, 6 steps, 0 mismatches\n", err: "" });
});

Deno.test("conform reads folders, in the order in which people count, and skips other files", async () => {
  const files = {
    "all/x-10.json": BAD,
    "all/x-2.json": BAD,
    "all/README.md": "# not a recording",
    "all/deep/y.json": GOOD,
    "all/.hidden/z.json": "not looked at",
  };
  const { code, out, err } = await runCli(["conform", "all"], { files });
  assertEquals([code, err], [1, ""]);
  const named = out.split("\n").filter((line) => line.startsWith("FAILED"));
  assertEquals(named.map((line) => line.split(/ +/)[1]), ["all/x-2.json", "all/x-10.json"]);
  assert(out.endsWith("\n3 files, 7 steps, 2 mismatches\n"), out);
});

Deno.test("conform shows both sides of the first mismatch with a marker", async () => {
  const { code, out } = await runCli(["conform", "b.json"], { files: { "b.json": BAD } });
  assertEquals(code, 1);
  const lines = out.split("\n");
  assertEquals(lines.slice(1, 7), [
    "    step 1: alloc_pages a 0 any",
    "    result differs from character 5 on",
    '    recorded  "0x102000"',
    '    modelled  "0x101000"',
    "                   ^",
    "1 file, 2 steps, 1 mismatch",
  ]);
});

Deno.test("conform shortens long results around the difference", async () => {
  const text = recording(["dump", { areas: Array.from({ length: 90 }, (_, area) => ({ area })) }]);
  const { out } = await runCli(["conform", "b.json"], { files: { "b.json": text }, columns: 60 });
  const [recorded = "", modelled = "", marker = ""] = out.split("\n").slice(3);
  assertEquals([...recorded].length, 60);
  assert(recorded.endsWith("…"), recorded);
  assert([...modelled].length <= 60, modelled);
  const at = marker.indexOf("^");
  assertEquals(recorded.slice(14, at), modelled.slice(14, at));
  assert(recorded[at] !== modelled[at]);
});

Deno.test("conform goes on after a file that is cut off, no JSON, or no recording", async () => {
  const files = {
    "cut.json": GOOD.slice(0, 100),
    "text.json": "\x1b[31mno JSON",
    "other.json": '{"name": "x"}',
    "list.json": "[1]",
    "steps.json": recording(["dance a 1", null]),
    "word.json": recording(["alloc_pages a many any", null]),
    "good.json": GOOD,
  };
  const { code, out, err } = await runCli(["conform", ...Object.keys(files)], { files });
  assertEquals([code, out], [2, "1 file, 3 steps, 0 mismatches\n"]);
  for (const name of Object.keys(files).slice(0, 5)) {
    assertStringIncludes(err, `${name}: Cannot re`);
  }
  assert(!err.includes("\x1b"), err);
});

Deno.test("conform goes on after a path that is not there, or holds no recording", async () => {
  const files = { "good.json": GOOD, "notes/README.md": "text" };
  const { code, out, err } = await runCli(["conform", "nowhere", "notes", "good.json"], { files });
  assertEquals([code, out], [2, "1 file, 3 steps, 0 mismatches\n"]);
  assertEquals(err.split("\n"), [
    "Cannot read nowhere: there is no such file or folder",
    "Cannot find a recording in notes: the folder must hold .json files",
    "",
  ]);
});

Deno.test("conform reads standard input", async () => {
  const { code, out } = await runCli(["conform", "-"], { files: { "-": GOOD } });
  assertEquals([code, out], [0, "1 file, 3 steps, 0 mismatches\n"]);
});

Deno.test("conform tells once what is wrong with an option, and replays nothing", async () => {
  const { code, out, err } = await runCli(["conform", "a.json", "b.json", "--engine=fast"]);
  assertEquals([code, out], [2, ""]);
  assertEquals(
    err,
    'Option --engine must be auto or literal, it is "fast"\nSee: buddyscope help conform\n',
  );
});

Deno.test("conform needs a path", async () => {
  const { code, err } = await runCli(["conform"]);
  assertEquals(code, 2);
  assertStringIncludes(err, "conform needs a recording, a folder of recordings, or -");
});

Deno.test("conform --json prints one object and nothing else", async () => {
  const files = { "a.json": GOOD, "b.json": BAD, "c.json": "{" };
  const { code, out } = await runCli(["conform", "--json", ...Object.keys(files)], { files });
  assertEquals(code, 2);
  const printed = JSON.parse(out);
  assertEquals(printed.totals, { files: 2, steps: 5, mismatches: 1, unreadable: 1 });
  assertEquals(printed.files[0].mismatch, null);
  assertEquals(printed.files[1].mismatch.recorded, '"0x102000"');
  assertStringIncludes(printed.files[2].error, "no JSON");
});

Deno.test("conform shows no progress in the first second", async () => {
  const { err } = await runCli(["conform", "a.json"], {
    files: { "a.json": GOOD },
    terminal: "yes",
    tick: 999,
  });
  assertEquals(err, "");
});

Deno.test("conform rewrites one line of progress on a terminal, and takes it away", async () => {
  const files = Object.fromEntries(
    Array.from({ length: 4 }, (_, index) => [`all/${index}.json`, GOOD]),
  );
  const settings = { files, terminal: "yes", tick: 2000 } as const;
  const { out, err } = await runCli(["conform", "all", "--color=never"], settings);
  assertEquals(out, "4 files, 12 steps, 0 mismatches\n");
  assertEquals(err.split("\r\x1b[K"), [
    "",
    "1 of 4 files, 2s each, 6s left",
    "2 of 4 files, 2s each, 4s left",
    "3 of 4 files, 2s each, 2s left",
    "",
  ]);
});

Deno.test("conform writes a line of progress per 10 seconds where there is no terminal", async () => {
  const names = Array.from({ length: 4001 }, (_, index) => `all/${index}.json`);
  const files = Object.fromEntries(names.map((name) => [name, recording()]));
  const { err } = await runCli(["conform", "all"], { files, tick: 5 });
  const first = "2000 of 4001 files, 200 a second, 11s left\n";
  assertEquals(err, first + "4000 of 4001 files, 200 a second, 1s left\n");
});
