/**
 * Machines and scenarios that differ in their engine only; and what the fast engine needs of memory.
 */

import { assert, assertEquals } from "@std/assert";
import { ARCHS, ARM64, X86_64 } from "../arch/mod.ts";
import {
  boot,
  createMachine,
  declareRam,
  type Edition,
  EDITIONS,
  type Engine,
  type Machine,
  parseScenario,
  pfn,
  type Run,
  runScenario,
  type Scenario,
  virtAddr,
} from "../mod.ts";
import { pageBehaviourOf } from "../src/alloc_page/mod.ts";
import { AutoPageAllocator } from "../src/alloc_page_fast/mod.ts";
import { randomNumbers } from "./random_calls.ts";
import { bareMachine, edition, flags, told } from "./support.ts";

/** What a run gave: outcomes, results, what the rules say, the areas in the end. */
function seenOf(run: Run): unknown {
  const last = run.machineAfter(run.steps.length - 1);
  return {
    steps: run.steps.map(({ outcome, printed, violations, effect }) => {
      return [outcome, printed, violations, effect];
    }),
    expectations: run.expectations,
    stoppedAt: run.stoppedAt,
    areas: last.pages.areas(),
    touched: [...last.ram.touchedPages()],
  };
}

/** A scenario with an engine in its machine statement. */
function withEngine({ statements }: Scenario, engine: Engine): Scenario {
  const [first, ...rest] = statements;
  if (first?.kind === "machine") return { statements: [{ ...first, engine }, ...rest] };
  const machine = { kind: "machine", arch: X86_64.name, engine } as const;
  return { statements: [machine, ...statements] };
}

const FOLDERS = ["scenarios/", "../examples/"].map((path) => new URL(path, import.meta.url));
/** They take the literal engine long, and are run by it elsewhere. */
const LONG: ReadonlySet<string> = new Set(["four_million_pages.buddy"]);

for (const folder of FOLDERS) {
  const files = [...Deno.readDirSync(folder)].map(({ name }) => name)
    .filter((name) => name.endsWith(".buddy") && !LONG.has(name)).sort();
  Deno.test(`runScenario() gives the same with either engine: ${files.length} scenarios`, () => {
    assert(files.length > 0);
    for (const name of files) {
      const text = Deno.readTextFileSync(new URL(name, folder));
      const { scenario } = parseScenario(text, { archs: ARCHS });
      for (const watch of ["off", "violations"] as const) {
        const [wanted, got] = (["literal", "auto"] as const).map((engine) => {
          const environment = { archs: ARCHS, record: "outcomes", watch } as const;
          return seenOf(runScenario(withEngine(scenario, engine), environment));
        });
        assertEquals(got, wanted, `${name}, watch ${watch}`);
      }
    }
  });
}

Deno.test("runScenario() records the same events whatever the engine", () => {
  const { scenario } = parseScenario(
    "area any 0x1000 0x1100\np = alloc_pages 2\nfree_pages p\nreserve_pages 0x1050000 1\n",
    { archs: ARCHS },
  );
  const events = (["literal", "auto"] as const).map((engine) =>
    runScenario(withEngine(scenario, engine), { archs: ARCHS }).steps.map((step) => step.events)
  );
  assertEquals(events[1], events[0]);
  assert(events.flat(2).length > 8);
});

/** Calls of all kinds, at random; what they gave, and the areas after each. */
function randomRun(machine: Machine, seed: number): unknown[] {
  const random = randomNumbers(seed);
  const { pages } = machine;
  const live: bigint[] = [];
  const seen: unknown[] = [];
  const wishes = flags(machine, { dontZero: true });
  for (let step = 0; step < 60; step++) {
    const order = random(5);
    if (random(5) < 3 || live.length === 0) {
      const address = random(3) > 0
        ? pages.allocPages(order, wishes)
        : pages.memalignPages(0x1000n << BigInt(order), 0x1000n << BigInt(random(4)), wishes);
      if (address !== null) live.push(address);
      seen.push(address);
    } else {
      const [address = 0n] = live.splice(random(live.length), 1);
      pages.freePages(virtAddr(address));
    }
    seen.push(pages.areas());
  }
  return seen;
}

/** An edition with one fact of another one: the engine must follow facts, not editions. */
function hybrids(): { name: string; of: Edition }[] {
  const editions = EDITIONS.filter(({ pageAllocator }) => pageAllocator === "buddy-areas");
  return editions.flatMap((older, index) => {
    const newer = editions[index + 1];
    if (newer === undefined) return [];
    const facts = Object.keys(pageBehaviourOf(newer)).filter((fact) => fact in newer);
    return facts.map((fact) => {
      const of = { ...newer, [fact]: Reflect.get(older, fact) };
      return { name: `${newer.name} with ${fact} of ${older.name}`, of };
    });
  });
}

Deno.test("engine auto gives what literal gives on editions with one fact of their predecessor", () => {
  const names = new Set<string>();
  for (const [seed, { name, of }] of hybrids().entries()) {
    const ends = (["literal", "auto"] as const).map((engine) => {
      const machine = bareMachine(0x1000, 0x1060, { edition: of, engine });
      const seen: unknown[] = [];
      try {
        seen.push(...randomRun(machine, seed));
      } catch (error) {
        seen.push(String(error));
      }
      return told({
        kind: "returned",
        value: JSON.stringify(seen, (_, v) => typeof v === "bigint" ? `${v}` : v),
      });
    });
    assertEquals(ends[1], ends[0], name);
    names.add(name);
  }
  assert(names.size > 50);
});

/** A machine of an architecture with one area on the fast engine. */
function fastMachine(first: number, top: number): { machine: Machine; pages: AutoPageAllocator } {
  const machine = createMachine({ arch: ARM64, edition: edition("repaired") });
  declareRam(machine, pfn(first), pfn(top));
  machine.pages.initArea(255, pfn(first), pfn(top));
  assert(machine.pages instanceof AutoPageAllocator);
  return { machine, pages: machine.pages };
}

const MILLION = 1_000_000;

/** Takes a million blocks of an order, and gives them back; the memory for each, and what is left. */
function bytesForAMillion(order: number): { each: number; left: number } {
  const frames = 2 ** (21 + order);
  const { machine, pages } = fastMachine(frames, 2 * frames);
  const wishes = flags(machine, { dontZero: true });
  const blocks = Array.from({ length: MILLION }, () => pages.allocPages(order, wishes) ?? 0n);
  assertEquals([pages.engine, blocks.includes(0n)], ["fast", false]);
  const each = pages.residentBytes / MILLION;
  for (const block of blocks) pages.freePages(virtAddr(block));
  assertEquals(pages.engine, "fast");
  return { each, left: pages.residentBytes };
}

Deno.test("a million blocks in use cost at most 16 bytes each, of order 9 no more than single pages", () => {
  const [single, large] = [bytesForAMillion(0), bytesForAMillion(9)];
  assert(single.each <= 16, `${single.each} bytes for a page`);
  // The areas are not of the same size: the roots above the blocks differ by some kilobytes.
  assert(large.each <= 1.01 * single.each, `${large.each} bytes for a block of order 9`);
  assert(single.left <= 2 ** 20, `${single.left} bytes when all was given back`);
  assert(large.left <= 2 ** 20, `${large.left} bytes when all blocks were given back`);
});

Deno.test("an area of 64 TiB costs at most 4 MB before and after a page was taken", () => {
  const { machine, pages } = fastMachine(2 ** 34, 2 ** 35);
  const page = pages.allocPages(0, flags(machine, { dontZero: true }));
  assert(page !== null && pages.engine === "fast");
  assert(pages.residentBytes <= 4e6, `${pages.residentBytes} bytes`);
  pages.freePages(virtAddr(page));
  assert(pages.residentBytes <= 4e6, `${pages.residentBytes} bytes`);
});

Deno.test("boot() gives the same with either engine, on each architecture", () => {
  for (const arch of ARCHS) {
    for (const name of ["head", "repaired"]) {
      const [wanted, got] = (["literal", "auto"] as const).map((engine) => {
        const { machine, events, notes, outcome } = boot({ arch, edition: edition(name), engine });
        return { events, notes, outcome, areas: machine.pages.areas(), all: machine.events };
      });
      assertEquals(got, wanted, `${arch.name} ${name}`);
    }
  }
});
