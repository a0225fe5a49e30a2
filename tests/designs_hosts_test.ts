import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { X86_64 } from "../arch/mod.ts";
import { outcomeOf, virtAddr } from "../mod.ts";
import type { Machine } from "../mod.ts";
import { afterStep, setBalloon, setPolicies } from "../src/host/mod.ts";
import type { HostedMachine } from "../src/host/mod.ts";
import { hostedDesign } from "../src/metadata_design/hosted.ts";
import {
  churnTrace,
  compareOn,
  DESIGNS,
  designTraceOf,
  HAZARD_POLICIES,
  hazardOf,
  hazardsOf,
  NO_BLOCK,
  rangesOfAreas,
} from "../src/metadata_design/mod.ts";
import type {
  DesignTrace,
  FreeSet,
  HazardOutcome,
  HazardPolicy,
  MetadataDesign,
} from "../src/metadata_design/mod.ts";
import { readTrace } from "../src/replay/mod.ts";
import { hazardCell } from "../src/report/mod.ts";
import { randomNumbers } from "./random_calls.ts";
import { bareMachine, edition, flags } from "./support.ts";

function designNamed(name: string): MetadataDesign {
  const design = DESIGNS.find((one) => one.name === name);
  assert(design !== undefined);
  return design;
}

function policyNamed(name: string): HazardPolicy {
  const policy = HAZARD_POLICIES.find((one) => one.name === name);
  assert(policy !== undefined, name);
  return policy;
}

/** A trace as text, on 16 frames from 0x110 on. */
function traceOf(...lines: readonly string[]): DesignTrace {
  const text = ["buddyscope-trace 1", "arch x86_64", "area any 0x10f 0x120", ...lines, ""];
  const trace = readTrace(new TextEncoder().encode(text.join("\n")));
  return designTraceOf("t", "a test", trace, X86_64);
}

function outcomeFor(design: string, policy: string, ...lines: readonly string[]): HazardOutcome {
  return hazardOf(traceOf(...lines), designNamed(design), policyNamed(policy));
}

Deno.test("designs with links outside of free pages lose nothing under any policy", () => {
  // On the other traces it is docs/designs.md that says so, which is computed anew by its test.
  const designs = DESIGNS.filter(({ name }) => !["a", "c1"].includes(name));
  const outcomes = hazardsOf(churnTrace(2000), designs);
  assertEquals(outcomes.length, HAZARD_POLICIES.length * designs.length);
  for (const one of outcomes) {
    assert(one.operations > 200, `${one.operations} operations`);
    assertEquals(hazardCell(one).text, "-", JSON.stringify(one));
  }
});

Deno.test("designs with links in free pages are harmed by what names free pages, alike", () => {
  const outcomes = hazardsOf(churnTrace(2000), [designNamed("a"), designNamed("c1")]);
  const degrees = new Map<string, string>();
  for (const { design, ...one } of outcomes) {
    const { degree } = hazardCell({ design, ...one });
    if (design === "a") degrees.set(one.policy, degree);
    else assertEquals(degrees.get(one.policy), degree, one.policy);
  }
  assertEquals(Object.fromEntries(degrees), {
    "none": "nothing",
    "report 0 in-place": "loses",
    "report 4 in-place": "loses",
    "report 9 in-place": "loses",
    "report 0 isolated": "costs",
    "report 4 isolated": "costs",
    "report 9 isolated": "costs",
    "balloon": "costs",
    "cma": "loses",
    "cma faults": "stops",
    "poison": "breaks",
    "poison late": "stops",
    "init on free": "nothing",
    "init on free late": "loses",
    "init on alloc": "nothing",
  });
});

Deno.test("hazardOf() tells what is lost, as counted by hand", () => {
  // 16 frames are one block of 16: its node is lost at the beginning, and the block with it.
  const lost = outcomeFor("a", "report 4 in-place", "a 0");
  assertEquals([lost.lost, lost.operations, lost.stopped], [16, 1, null]);
  // A frame of its own goes back, is filled behind the allocator's back, and its links lead nowhere.
  const late = outcomeFor("c1", "poison late", "a 0", "f 0", "a 0");
  assertEquals(late.operations, 3);
  assertMatch(late.stopped ?? "", /^fault: .* at 0xaaaaaaaaaaaaaa/);
  // The poison of one frame is broken by its node, and by that of the frame of two that it joins.
  const poison = outcomeFor("a", "poison", "a 0", "f 0", "a 0");
  assertEquals([poison.brokenPoison, poison.lost], [1, 0]);
  assertEquals(outcomeFor("b", "poison", "a 0", "f 0", "a 0").brokenPoison, 0);
});

Deno.test("hazardOf() finds what is not zero although it was promised", () => {
  const forgetful: HazardPolicy = { ...policyNamed("none"), promise: "zeroes" };
  const trace = traceOf("a 1", "f 0", "a 1");
  const seen = DESIGNS.map((design) => hazardOf(trace, design, forgetful).notZero);
  assertEquals(seen, DESIGNS.map(() => 2));
  const kept = DESIGNS.map((design) => hazardOf(trace, design, policyNamed("init on free")));
  assertEquals(kept.map(({ notZero }) => notZero), DESIGNS.map(() => 0));
});

/** Calls on a machine of either kind. */
interface Calls {
  alloc(order: number): bigint | null;
  free(address: bigint): void;
  begin(): void;
  afterwards(operation: number): void;
  end(): void;
}

/** The frames of the machine below, without the one for metadata. */
const FRAMES = 0x60;

function end(machine: HostedMachine): void {
  setPolicies(machine, null);
  setBalloon(machine, 0);
}

function literalCalls(policy: HazardPolicy): { calls: Calls; machine: Machine } {
  const machine = bareMachine(0x1000, 0x1061, { edition: edition("repaired"), engine: "literal" });
  const wishes = flags(machine, { dontZero: true });
  const calls: Calls = {
    alloc: (order) => machine.pages.allocPages(order, wishes),
    free: (address) => machine.pages.freePages(virtAddr(address)),
    afterwards: (operation) => {
      afterStep(machine);
      policy.after(machine, operation);
    },
    begin: () => policy.begin(machine),
    end: () => end(machine),
  };
  return { calls, machine };
}

function designCalls(policy: HazardPolicy, literal: Machine): Calls {
  const ranges = rangesOfAreas(literal.pages.areas());
  const machine = hostedDesign({
    design: designNamed("a"),
    ranges,
    arch: "x86_64",
    wordBytes: 8,
    pageShift: 12,
  });
  machine.pages.buddy.handOver(0);
  return {
    alloc: (order) => machine.pages.allocPages(order, 0),
    free: (address) => machine.pages.freePages(virtAddr(address)),
    afterwards: (operation) => {
      afterStep(machine);
      policy.after(machine, operation);
    },
    begin: () => policy.begin(machine),
    end: () => end(machine),
  };
}

/** Takes all blocks, the largest first. */
function takeAll({ alloc }: Calls): { address: bigint; frames: number }[] {
  const taken: { address: bigint; frames: number }[] = [];
  for (let order = 6; order >= 0; order--) {
    for (let address = alloc(order); address !== null; address = alloc(order)) {
      taken.push({ address, frames: 2 ** order });
    }
  }
  return taken;
}

/** What random calls give under a host, and how many frames are lost in the end, or `stopped`. */
function run(calls: Calls, seed: number): { given: string[]; end: number | "stopped" } {
  const random = randomNumbers(seed);
  const live = new Map<bigint, number>();
  const given: string[] = [];
  const outcome = outcomeOf(() => {
    for (let step = 1; step <= 120; step++) {
      const order = random(4);
      const chosen = random(5) >= 3 ? [...live.keys()][random(live.size)] : undefined;
      if (chosen === undefined) {
        const address = calls.alloc(order);
        given.push(`${address}`);
        if (address !== null) live.set(address, 2 ** order);
      } else {
        live.delete(chosen);
        calls.free(chosen);
      }
      calls.afterwards(step);
    }
    calls.end();
    const used = [...live.values()].reduce((sum, frames) => sum + frames, 0);
    const had = takeAll(calls).reduce((sum, { frames }) => sum + frames, 0);
    return FRAMES - used - had;
  });
  return { given, end: outcome.kind === "returned" ? outcome.value : "stopped" };
}

Deno.test("design a under a host does what the literal engine does, and comes to harm where it does", () => {
  for (const policy of HAZARD_POLICIES) {
    let [harmed, harmedLiteral] = [0, 0];
    for (let seed = 0; seed < 6; seed++) {
      const { calls: literal, machine } = literalCalls(policy);
      const design = designCalls(policy, machine);
      // No frame is fresh from then on: the literal engine prefers fresh ones, and has two lists.
      for (const one of [literal, design]) {
        for (const { address } of takeAll(one)) one.free(address);
        one.begin();
      }
      const [wanted, seen] = [run(literal, seed), run(design, seed)];
      if (wanted.end !== 0) harmedLiteral++;
      if (seen.end !== 0) harmed++;
      // Whatever nobody is harmed by has to be the same, call by call.
      if (wanted.end === 0) assertEquals(seen, wanted, `${policy.name}, seed ${seed}`);
    }
    assertEquals(harmed, harmedLiteral, policy.name);
    const degree = /^(report \d in-place|cma|cma faults|.* late)$/.test(policy.name);
    assertEquals(harmed > 0, degree && policy.name !== "report 9 in-place", policy.name);
  }
});

const OWN: MetadataDesign = {
  ...designNamed("b"),
  name: "own",
  links: "own",
};

Deno.test("compareOn() runs a design with a free set of its own beside the others", () => {
  const sets: Set<number>[] = [];
  const stack = (list: number): Set<number> => sets[list] ??= new Set();
  const design: MetadataDesign = {
    ...OWN,
    freeSet: ({ touch, wordBytes }): FreeSet => ({
      bytes: 64 * wordBytes,
      add: (list, frame) => {
        touch(list * wordBytes, wordBytes, "write");
        stack(list).add(frame);
      },
      remove: (list, frame) => void stack(list).delete(frame),
      next: (list) => [...stack(list)].at(-1) ?? NO_BLOCK,
    }),
  };
  const trace = traceOf("a 0", "a 1", "f 0", "a 2", "f 1");
  const [b, own] = compareOn(trace, [designNamed("b"), design]).designs;
  sets.length = 0;
  assertEquals([own?.design, own?.reportable], ["own", b?.reportable]);
  assertEquals(own?.metadataBytes, 16 * 64 + 64 * 8);
  assert((own?.allocations.lines ?? 0) > 0);
});

Deno.test("compareOn() refuses a design that does not bring the free set that it promises", () => {
  assertThrows(
    () => compareOn(traceOf("a 0"), [OWN]),
    TypeError,
    "Cannot run the design own: its links are its own, so it must have a freeSet",
  );
});
