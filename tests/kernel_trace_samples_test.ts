import { assert, assertEquals } from "@std/assert";
import { TraceInput } from "../src/replay/mod.ts";

/** Traces that people posted lie beside the project, not in it. */
const FOLDER = new URL("../../shared/samples/", import.meta.url);

function samples(): string[] {
  try {
    return [...Deno.readDirSync(FOLDER)].map(({ name }) => name).toSorted();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

const NAMES = samples();

/** What the reader counted, and its format. */
function read(bytes: Uint8Array): { format: string | null; counts: Record<string, number> } {
  const input = new TraceInput();
  const sink = (): void => {};
  input.read(bytes, sink);
  input.end(sink);
  const counts = Object.fromEntries(input.counts().map(({ name, value }) => [name, value]));
  return { format: input.format, counts };
}

/** The counts that are not 0, of samples whose events were counted by hand. */
const COUNTED: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  "11-perf-script-kmem-mm_page_alloc.txt": {
    lines: 8,
    allocations: 1,
    otherLines: 7,
    mostFrames: 1,
  },
  "12-ftrace-mm_page_alloc-free.txt": {
    lines: 21,
    allocations: 9,
    failedAllocations: 1,
    frees: 1,
    earlierFrees: 1,
    duplicateFrees: 2,
    otherLines: 7,
    mostFrames: 9,
  },
};

for (const [name, expected] of Object.entries(COUNTED)) {
  Deno.test({
    name: `readTrace counts in ${name} what was counted by hand`,
    ignore: !NAMES.includes(name),
    fn: async () => {
      const { counts, format } = read(await Deno.readFile(new URL(name, FOLDER)));
      const found = Object.entries(counts).filter(([, value]) => value > 0);
      assertEquals(Object.fromEntries(found), expected);
      assertEquals(format, name.includes("perf") ? "perf" : "ftrace");
    },
  });
}

Deno.test({
  name: "readTrace counts the events of all samples as a search for their names does",
  ignore: NAMES.length === 0,
  fn: async () => {
    let traces = 0;
    for (const name of NAMES) {
      const bytes = await Deno.readFile(new URL(name, FOLDER));
      const lines = new TextDecoder().decode(bytes).split("\n").slice(0, -1);
      const events = lines.filter((line) => !line.startsWith("#"));
      const found = (pattern: RegExp): number => events.filter((line) => pattern.test(line)).length;
      const allocations = found(/\bmm_page_alloc:\s*page=/);
      const frees = found(/\b(?:mm_page_free(?:_direct|_batched)?|mm_pagevec_free):\s*page=/);
      if (allocations + frees === 0) continue;
      traces++;
      const { counts } = read(bytes);
      const sum = (...names: string[]): number =>
        names.reduce((total, one) => total + (counts[one] ?? 0), 0);
      assertEquals(sum("lines"), lines.length, name);
      assertEquals(sum("allocations", "failedAllocations"), allocations, name);
      assertEquals(
        sum("frees", "partialFrees", "largerFrees", "earlierFrees", "duplicateFrees"),
        frees,
        name,
      );
    }
    assert(traces >= Object.keys(COUNTED).length, `${traces} traces`);
  },
});
