/**
 * The fast engine beside the literal one, from single calls to whole areas. The floor is the loop that
 * chooses the calls.
 */

import { createMachine, declareRam, type Machine, pfn, requestFlags, virtAddr } from "../../mod.ts";
import {
  addArea,
  carveArea,
  type FastArea,
  fastRulesOf,
  type FastState,
  freeFrame,
  newFastState,
  takeFromArea,
} from "../../src/alloc_page_fast/mod.ts";
import { pfnOfNode } from "../../src/alloc_page_fast/pool.ts";
import { randomNumbers } from "../random_calls.ts";
import { arch, edition } from "../support.ts";

const EDITIONS = ["head", "repaired", "pfn-2021-01"];
const SIZES = {
  "16 MiB": 2 ** 12,
  "1 GiB": 2 ** 18,
  "64 GiB": 2 ** 24,
  "1 TiB": 2 ** 28,
  "64 TiB": 2 ** 34,
};
const CALLS = 1000;

interface Engine {
  readonly state: FastState;
  readonly area: FastArea;
}

/** A fast engine with one area of `[base, top)`. */
function fastOn(name: string, base: number, top: number): Engine {
  const state = newFastState(fastRulesOf(arch("arm64"), edition(name), 12), { wipe: () => {} });
  const area = addArea(state, { slot: 0, zone: 0, base, top });
  carveArea(state, area);
  return { state, area };
}

/** A machine with one area of a number of frames. */
function machineOn(name: string, frames: number, engine: "literal" | "auto"): Machine {
  const machine = createMachine({ arch: arch("arm64"), edition: edition(name), engine });
  declareRam(machine, pfn(frames), pfn(2 * frames));
  machine.pages.initArea(0xff, pfn(frames), pfn(2 * frames));
  return machine;
}

/** Takes a block out of an area: its first frame. */
function takeFrame(state: FastState, area: FastArea, alignOrder: number, order: number): number {
  return pfnOfNode(state.pool, takeFromArea(state, area, alignOrder, order));
}

/** Takes a page and gives it back, again and again. */
function takeAndGive({ state, area }: Engine): void {
  for (let call = 0; call < CALLS; call++) freeFrame(state, takeFrame(state, area, 0, 0));
}

/** The same by the calls of a machine. */
function callAndFree(machine: Machine, flags: number): void {
  for (let call = 0; call < CALLS; call++) {
    machine.pages.freePages(machine.pages.allocPages(0, flags) ?? virtAddr(0n));
  }
  machine.events.length = 0;
}

for (const name of EDITIONS) {
  for (const [size, frames] of Object.entries(SIZES)) {
    // The area behind its metadata, as after boot; and one block, which is split all the way.
    const behind = fastOn(name, frames + Math.ceil(frames / 4097), 2 * frames);
    const whole = fastOn(name, frames, 2 * frames);
    const group = `1000 pages taken and given back one by one, ${size}, ${name}`;
    Deno.bench({ name: `fast, ${size}, ${name}`, group, fn: () => takeAndGive(behind) });
    Deno.bench({ name: `fast, one block, ${size}, ${name}`, group, fn: () => takeAndGive(whole) });
    const wishes = { areasMask: null, dontZero: true, fresh: false };
    const flags = requestFlags(edition(name), wishes);
    for (const engine of ["literal", "auto"] as const) {
      const machine = machineOn(name, frames, engine);
      const baseline = engine === "literal";
      const called = `calls, ${engine}, ${size}, ${name}`;
      Deno.bench({ name: called, group, baseline, fn: () => callAndFree(machine, flags) });
    }
  }
}

/** A million calls: which order to take, or which of the blocks in use to give back. */
function churnOf(calls: number, frames: number): Int32Array {
  const random = randomNumbers(1);
  const orders: number[] = [];
  const trace = new Int32Array(calls);
  let used = 0;
  for (let call = 0; call < calls; call++) {
    if (orders.length === 0 || random(10) < (used < frames / 2 ? 6 : 4)) {
      let order = 0;
      while (order < 8 && random(2) === 0) order++;
      trace[call] = order;
      orders.push(order);
      used += 2 ** order;
    } else {
      const index = random(orders.length);
      used -= 2 ** (orders[index] ?? 0);
      orders[index] = orders.at(-1) ?? 0;
      orders.pop();
      trace[call] = -1 - index;
    }
  }
  return trace;
}

/** Follows a trace; what the callbacks do is the work. */
function follow(
  trace: Int32Array,
  take: (order: number) => number,
  give: (at: number) => void,
): void {
  const live = new Float64Array(trace.length);
  let count = 0;
  for (const call of trace) {
    if (call >= 0) live[count++] = take(call);
    else {
      give(live[-1 - call] ?? 0);
      live[-1 - call] = live[--count] ?? 0;
    }
  }
}

const CHURN_FRAMES = 2 ** 20;
const CHURN = churnOf(1e6, CHURN_FRAMES);
const SHORT_CHURN = CHURN.slice(0, 20_000);

for (const name of EDITIONS) {
  const group = `random churn, orders 0 to 8, 4 GiB, ${name}`;
  Deno.bench({
    name: `floor, a million calls, ${name}`,
    group,
    fn: () => follow(CHURN, (o) => o, () => {}),
  });
  Deno.bench({
    name: `fast, a million calls, ${name}`,
    group,
    fn: () => {
      const { state, area } = fastOn(name, CHURN_FRAMES + 256, 2 * CHURN_FRAMES);
      follow(
        CHURN,
        (o) => takeFrame(state, area, o, o),
        (frame) => void freeFrame(state, frame),
      );
    },
  });
  for (const engine of ["literal", "auto"] as const) {
    Deno.bench({
      name: `calls, ${engine}, 20,000 calls, ${name}`,
      group,
      baseline: engine === "literal",
      fn: () => {
        const { pages, edition: of } = machineOn(name, CHURN_FRAMES, engine);
        const flags = requestFlags(of, { areasMask: null, dontZero: true, fresh: false });
        const take = (order: number): number => Number(pages.allocPages(order, flags) ?? 0n);
        follow(SHORT_CHURN, take, (at) => pages.freePages(virtAddr(BigInt(at))));
      },
    });
  }
}

/** The numbers below a count, shuffled. */
function shuffled(count: number): number[] {
  const random = randomNumbers(7);
  const numbers = Array.from({ length: count }, (_, index) => index);
  for (let at = count - 1; at > 0; at--) {
    const other = random(at + 1);
    [numbers[at], numbers[other]] = [numbers[other] ?? 0, numbers[at] ?? 0];
  }
  return numbers;
}

const PAGES = 2 ** 18;
const RANDOM_ORDER = shuffled(PAGES);

for (const name of EDITIONS) {
  const group = `1 GiB page by page, ${name}`;
  Deno.bench({
    name: `fast, 262,144 pages taken, ${name}`,
    group,
    fn: (bench) => {
      const { state, area } = fastOn(name, PAGES, 2 * PAGES);
      bench.start();
      for (let page = 0; page < PAGES; page++) takeFrame(state, area, 0, 0);
      bench.end();
    },
  });
  Deno.bench({
    name: `fast, 262,144 pages given back in random order, ${name}`,
    group,
    fn: (bench) => {
      const { state, area } = fastOn(name, PAGES, 2 * PAGES);
      const frames = Float64Array.from(RANDOM_ORDER, () => 0);
      for (const place of RANDOM_ORDER) frames[place] = takeFrame(state, area, 0, 0);
      bench.start();
      for (const frame of frames) freeFrame(state, frame);
      bench.end();
    },
  });
}

for (const [size, frames] of Object.entries({ "4 GiB": 2 ** 20, ...SIZES })) {
  if (size === "16 MiB" || size === "1 GiB") continue;
  const group = `set up an area of ${size}`;
  Deno.bench({
    name: `fast, ${size}`,
    group,
    fn: () => void fastOn("head", frames + 17, 2 * frames),
  });
  Deno.bench({
    name: `literal, ${size}`,
    group,
    baseline: true,
    fn: () => void machineOn("head", frames, "literal"),
  });
}
