/**
 * Traces that are made on the spot, the same ones each time.
 *
 * @module
 */

// bits: random numbers are unsigned, below 2^32.

import { DEFAULT_ARCH_NAME } from "../scenario/machine_statement.ts";
import type { Arch } from "../arch.ts";
import { bootMachine, switchOn } from "../boot/mod.ts";
import type { BootOptions } from "../boot/mod.ts";
import { DEFAULT_EDITION } from "../edition.ts";
import { createMachine, declareRam } from "../machine.ts";
import { formatStopped } from "../outcome.ts";
import { TraceBuilder } from "../replay/mod.ts";
import { requestFlags } from "../request_flags.ts";
import { pfn, virtAddr } from "../units.ts";
import { recordCalls } from "./trace.ts";
import type { DesignTrace } from "./trace.ts";

/** What is booted, but for the edition, which is the repaired one: it boots everywhere. */
export type DesignBoot = Omit<BootOptions, "edition" | "until" | "observe">;

/**
 * The calls of a boot, from the first area to vmalloc.
 *
 * @param options what is booted
 * @returns the trace
 * @throws {RangeError} if the machine cannot be made, or its boot stops
 */
export function bootTrace(options: DesignBoot): DesignTrace {
  const machine = switchOn({ ...options, edition: DEFAULT_EDITION });
  let stop = "";
  const recorded = recordCalls(machine, () => {
    const { outcome } = bootMachine(machine);
    if (outcome.kind !== "returned") stop = formatStopped(outcome);
  });
  if (stop !== "") throw new RangeError(`Cannot run the boot of ${options.arch.name}: ${stop}`);
  const name = `boot of ${options.arch.name}`;
  return { name, summary: "all calls up to vmalloc and malloc", ...recorded };
}

/** Gives the next random number, at least 0 and below a bound. */
type Random = (bound: number) => number;

/** The generator of the tests that compare the engines: a seed gives the same calls here and there. */
function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor(state / 2 ** 32 * bound);
  };
}

const CHURN_OPERATIONS = 100_000;
/** 256 MiB: small enough for the memory of each design to be laid out in full. */
const CHURN_FRAMES = 2 ** 16;
/** 4 MiB. */
const EXCERPT_FRAMES = 2 ** 10;
const CHURN_BASE = 2 ** 20;

function churnWords(operations: number, frames: number): Uint32Array {
  const random = randomFrom(1);
  const builder = new TraceBuilder();
  const live: { readonly handle: number; readonly frames: number }[] = [];
  let used = 0;
  while (builder.operations < operations) {
    if (used < frames / 2) {
      let order = 0;
      while (order < 8 && random(2) === 0) order++;
      live.push({ handle: builder.alloc(order), frames: 2 ** order });
      used += 2 ** order;
      continue;
    }
    const [chosen] = live.splice(random(live.length), 1);
    if (chosen === undefined) break;
    builder.free(chosen.handle);
    used -= chosen.frames;
  }
  return builder.build({ arch: DEFAULT_ARCH_NAME, edition: null, pageShift: 12, areas: [] }).words;
}

/**
 * Blocks of orders 0 to 8, each order half as often as the one below, that come back at random; half of
 * the memory is in use.
 *
 * @param operations how many; 100,000 by default
 * @param frames how many there are; 256 MiB by default
 * @returns the trace
 */
export function churnTrace(
  operations: number = CHURN_OPERATIONS,
  frames: number = CHURN_FRAMES,
): DesignTrace {
  const size = `${frames / 2 ** 8} MiB`;
  const trace = {
    name: "churn",
    summary: `orders 0 to 8, small ones oftener, given back at random by seed 1; ${size} half full`,
    arch: DEFAULT_ARCH_NAME,
    wordBytes: 8,
    pageShift: 12,
    parts: [{
      ranges: [{ zone: 0, base: CHURN_BASE, top: CHURN_BASE + frames }],
      words: churnWords(operations, frames),
    }],
  };
  if (frames <= EXCERPT_FRAMES) return trace;
  return { ...trace, excerpt: churnTrace(Math.min(operations, 1000), EXCERPT_FRAMES) };
}

const SEEDS = 200;
const CALLS_OF_SEED = 60;
const SEED_BASE = 0x1000;
const SEED_TOP = 0x1060;

/**
 * The calls of the tests that compare the two engines of the page allocator, seed after seed on one
 * machine; what a seed leaves is given back before the next one.
 *
 * @param arch the architecture
 * @returns the trace
 */
export function seedsTrace(arch: Arch): DesignTrace {
  const machine = createMachine({ arch, edition: DEFAULT_EDITION });
  const { pages, pageShift } = machine;
  const flags = requestFlags(DEFAULT_EDITION, { areasMask: null, dontZero: true, fresh: false });
  const pageBytes = 1n << BigInt(pageShift);
  const recorded = recordCalls(machine, () => {
    declareRam(machine, pfn(SEED_BASE), pfn(SEED_TOP));
    pages.initArea(0xff, pfn(SEED_BASE), pfn(SEED_TOP));
    for (let seed = 0; seed < SEEDS; seed++) {
      const random = randomFrom(seed);
      const live: bigint[] = [];
      for (let step = 0; step < CALLS_OF_SEED; step++) {
        const order = random(5);
        if (random(5) >= 3 && live.length > 0) {
          pages.freePages(virtAddr(live.splice(random(live.length), 1)[0] ?? 0n));
          continue;
        }
        const address = random(3) > 0
          ? pages.allocPages(order, flags)
          : pages.memalignPages(pageBytes << BigInt(order), pageBytes << BigInt(random(4)), flags);
        if (address !== null) live.push(address);
      }
      for (const address of live) pages.freePages(virtAddr(address));
    }
  });
  return {
    name: "seeds",
    summary: `${SEEDS} seeds of the tests that compare the engines, 96 frames, orders 0 to 4`,
    ...recorded,
  };
}
