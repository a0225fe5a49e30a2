import { assertEquals, assertStringIncludes } from "@std/assert";
import { ARCHS } from "../arch/mod.ts";
import { type Machine, parseScenario, physAddr, type Run, runScenario, type Step } from "../mod.ts";

const DOC = Deno.readTextFileSync(new URL("../docs/follow_malloc.md", import.meta.url));
const SCENARIO = new URL("scenarios/follow_malloc_5000.buddy", import.meta.url);

function hex(value: bigint | number): string {
  return `0x${value.toString(16)}`;
}

function runOf(text: string): Run {
  return runScenario(parseScenario(text).scenario, { archs: ARCHS });
}

function stepOf(run: Run, call: string): Step {
  const found = run.steps.find(({ statement }) =>
    statement.kind === "call" && statement.call === call
  );
  if (found === undefined) throw new RangeError(`Cannot find ${call}: the run must have it`);
  return found;
}

function resultOf({ outcome }: Step): bigint {
  return outcome.kind === "returned" && outcome.value.kind === "address" ? outcome.value.value : 0n;
}

/** The addresses of the frames that events of a kind are about, each once. */
function framesOf(step: Step, kind: "state" | "split"): bigint[] {
  const frames = step.events.flatMap((event) => event.kind === kind ? [event.pfn] : []);
  return [...new Set(frames)].map((frame) => BigInt(frame) << 12n);
}

function wordAt(machine: Machine, address: bigint): bigint {
  return machine.ram.peek(physAddr(address), 8) ?? 0n;
}

function bytesAt(machine: Machine, address: bigint): string {
  return Array.from({ length: 8 }, (_, index) => {
    const byte = machine.ram.peekByte(physAddr(address + BigInt(index))) ?? 0;
    return byte.toString(16).padStart(2, "0");
  }).join(" ");
}

Deno.test("docs/follow_malloc.md has the addresses and entries of the run, and no others", () => {
  const run = runOf(Deno.readTextFileSync(SCENARIO));
  const step = stepOf(run, "malloc");
  const [before, after] = [run.machineAfter(step.index - 1), run.machineAfter(step.index)];
  const result = resultOf(step);
  const taken = framesOf(step, "state");
  const [metadata = 0n, pud = 0n, pmd = 0n, pte = 0n, first = 0n, second = 0n] = taken;
  const root = after.vmalloc.pageRoot;
  const entries = [508n, 509n, 510n].map((index) => pte + 8n * index);
  const tables = [root, pud, pmd].map((table) => wordAt(after, table + 8n * 511n));
  assertEquals(tables, [pud | 7n, pmd | 7n, pte | 7n]);
  assertEquals(entries.map((at) => wordAt(after, at)), [metadata | 7n, first | 7n, second | 7n]);
  const splits = framesOf(step, "split");
  assertEquals(splits, [pud, pte, second]);
  const numbers = [
    ...[before.vmalloc.vfreeTop, after.vmalloc.vfreeTop, result, result - 16n],
    ...[root, ...taken, ...splits, metadata + 4096n - 16n],
    ...[tables[0] ?? 0n, entries[0] ?? 0n, ...entries.map((at) => wordAt(after, at))],
  ].map(hex);
  const written = DOC.match(/0x[0-9a-f]+/g) ?? [];
  assertEquals([...new Set(written)].toSorted(), [...new Set(numbers)].toSorted());
  for (const at of [root + 8n * 511n, metadata + 4080n, metadata + 4088n]) {
    assertStringIncludes(DOC, `\`${bytesAt(after, at)}\``);
  }
});

Deno.test("docs/follow_malloc.md tells what free leaves behind", () => {
  const run = runOf(Deno.readTextFileSync(SCENARIO));
  const [step, free] = [stepOf(run, "malloc"), stepOf(run, "free")];
  const after = run.machineAfter(free.index);
  const [metadata, , , , first, second] = framesOf(step, "state");
  const linked = free.events.flatMap((event) => {
    return event.kind === "link" ? [[BigInt(event.pfn) << 12n, event.order, event.end]] : [];
  });
  assertEquals(linked, [[metadata, 0, "front"], [first, 0, "front"], [second, 0, "front"]]);
  assertEquals(free.events.filter(({ kind }) => kind === "coalesce"), []);
  assertEquals(after.vmalloc.vfreeTop, run.machineAfter(step.index).vmalloc.vfreeTop);
});

Deno.test("docs/follow_malloc.md shows a scenario that gives the address it names", () => {
  const text = /```buddy\n([^`]*)```/.exec(DOC)?.[1] ?? "";
  const run = runOf(text);
  assertEquals(run.stoppedAt, null);
  assertStringIncludes(DOC, hex(resultOf(stepOf(run, "malloc"))));
});
