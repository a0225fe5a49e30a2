/**
 * What is lost or corrupted under each policy of a host, found by running.
 *
 * Each owner fills its block and looks at it before giving it back. In the end, all that should be free is
 * taken: what cannot be had is lost.
 *
 * @module
 */

// bits: flags are below 2^18.

import { afterStep, setBalloon, setPolicies } from "../host/mod.ts";
import { formatStopped, outcomeOf } from "../outcome.ts";
import type { Outcome } from "../outcome.ts";
import { FLAG_AREAS, operationAt } from "../replay/mod.ts";
import type { TraceOperation } from "../replay/mod.ts";
import { byteCount, physAddr } from "../units.ts";
import type { VirtAddr } from "../units.ts";
import { SparseCells } from "./cells.ts";
import type { MetadataDesign } from "./design.ts";
import { HAZARD_POLICIES } from "./host_policies.ts";
import type { HazardPolicy } from "./host_policies.ts";
import { hostedDesign } from "./hosted.ts";
import type { DesignHost } from "./hosted.ts";
import { framesOf } from "./ranges.ts";
import { rangesOfTrace, wordsAt } from "./trace.ts";
import type { DesignTrace } from "./trace.ts";

/** So many operations of a trace are run under each policy at most; reservations are left out. */
export const HAZARD_OPERATIONS: number = 1000;
/** And so many releases. */
export const HAZARD_RELEASES: number = 100;

/** What became of a design under a policy. All counts but the operations are of frames. */
export interface HazardOutcome {
  /** The design's name. */
  readonly design: string;
  /** The policy's name. */
  readonly policy: string;
  /** The operations that were run, one that stopped the machine included. */
  readonly operations: number;
  /** Why the machine stopped, in a line; null if it did not. */
  readonly stopped: string | null;
  /** Free frames that nobody can have in the end; null if the machine stopped before. */
  readonly lost: number | null;
  /** Handed out while somebody had them. */
  readonly handedOutTwice: number;
  /** Came back from their owners with other bytes than these had written. */
  readonly overwritten: number;
  /** Whose poison was broken when they were handed out. */
  readonly brokenPoison: number;
  /** Handed out with other bytes than the zeroes that were promised. */
  readonly notZero: number;
  /** Pages of 4 KiB that the allocator and its hooks made the host bring back. */
  readonly refaults: number;
}

const OWNER = "the owner";

interface Block {
  readonly address: VirtAddr;
  readonly byte: number;
}

/** The counts of a run, as they grow. */
interface Counts {
  handedOutTwice: number;
  overwritten: number;
  notZero: number;
  refaults: number;
}

/** A design under a policy. */
class HazardRun {
  readonly #machine: DesignHost;
  readonly #policy: HazardPolicy;
  readonly #frames: number;
  readonly #owners = new SparseCells((length) => new Uint8Array(length));
  readonly #blocks: (Block | null)[] = [];
  readonly counts: Counts = { handedOutTwice: 0, overwritten: 0, notZero: 0, refaults: 0 };
  #owned = 0;
  operations = 0;

  constructor(machine: DesignHost, policy: HazardPolicy, frames: number) {
    this.#machine = machine;
    this.#policy = policy;
    this.#frames = frames;
  }

  get brokenPoison(): number {
    return this.#machine.host.account.brokenPoison * 4096 / 2 ** this.#machine.pageShift;
  }

  /** Runs an operation, and what the policy does afterwards. */
  step(operation: TraceOperation): Outcome<void> {
    this.operations++;
    const before = this.#machine.ram.refaults;
    return outcomeOf(() => {
      if (operation.kind === "alloc") this.#request(operation, before);
      else if (operation.kind === "free") this.#release(operation.handle);
      const now = this.#machine.ram.refaults;
      afterStep(this.#machine);
      this.#policy.after(this.#machine, this.operations);
      this.counts.refaults += this.#machine.ram.refaults - now;
    });
  }

  #request(
    { alignOrder, sizeOrder, flags }: TraceOperation & { readonly kind: "alloc" },
    before: number,
  ): void {
    const { pages, ram, space } = this.#machine;
    const address = pages.alignedPages(alignOrder, sizeOrder, flags & FLAG_AREAS);
    this.counts.refaults += ram.refaults - before;
    const byte = 1 + this.#blocks.length % 0x7f;
    this.#blocks.push(address === null ? null : { address, byte });
    if (address === null) return;
    const count = pages.blockFrames(pages.frameOf(address)) ?? 0;
    this.#own(address, count, 1);
    const size = this.#bytesOf(count);
    if (this.#policy.promise === "zeroes") this.counts.notZero += this.#others(address, count, 0);
    space.fill(address, size, byte, OWNER);
  }

  #release(handle: number): void {
    const { pages, ram } = this.#machine;
    const block = this.#blocks[handle] ?? null;
    if (block === null) return;
    this.#blocks[handle] = null;
    const count = pages.blockFrames(pages.frameOf(block.address)) ?? 0;
    this.counts.overwritten += this.#others(block.address, count, block.byte);
    this.#own(block.address, count, 0);
    const now = ram.refaults;
    pages.freePages(block.address);
    this.counts.refaults += ram.refaults - now;
  }

  #bytesOf(count: number): ReturnType<typeof byteCount> {
    return byteCount(2n ** BigInt(this.#machine.pageShift) * BigInt(count));
  }

  #own(address: VirtAddr, count: number, owner: 0 | 1): void {
    const first = this.#machine.pages.frameOf(address);
    this.#owners.update(first, first + count, (old, frames) => {
      if (old === owner && owner === 1) this.counts.handedOutTwice += frames;
      else this.#owned += owner === 1 ? frames : -frames;
      return owner;
    });
  }

  /** How many frames hold another byte than one. Nothing is touched. */
  #others(address: VirtAddr, count: number, byte: number): number {
    const pageBytes = 2 ** this.#machine.pageShift;
    const frames = new Set<number>();
    let at = 0;
    let whole = 0;
    const runs = this.#machine.ram.peekRuns(physAddr(address), this.#bytesOf(count));
    for (const { byte: found, count: length } of runs) {
      if (found !== byte) {
        const last = Math.floor((at + length - 1) / pageBytes);
        if (length > 8 * pageBytes) whole += Math.floor(length / pageBytes);
        else for (let frame = Math.floor(at / pageBytes); frame <= last; frame++) frames.add(frame);
      }
      at += length;
    }
    return whole + frames.size;
  }

  /** Takes all that should be free, and counts what is not there. */
  drain(): { readonly lost: number; readonly outcome: Outcome<void> } {
    const { pages } = this.#machine;
    let had = 0;
    const outcome = outcomeOf(() => {
      setPolicies(this.#machine, null);
      setBalloon(this.#machine, 0);
      const wanted = this.#frames - this.#owned;
      for (let order = Math.floor(Math.log2(this.#frames)); order >= 0; order--) {
        while (had < wanted) {
          const address = pages.alignedPages(order, order, 0);
          if (address === null) break;
          this.#own(address, 2 ** order, 1);
          had += 2 ** order;
        }
      }
    });
    return { lost: Math.max(0, this.#frames - this.#owned), outcome };
  }
}

function stoppedText(outcome: Outcome<void>): string | null {
  return outcome.kind === "returned" ? null : formatStopped(outcome);
}

/** The first requests and releases of a trace, part by part. */
function* firstOperations(trace: DesignTrace): Generator<TraceOperation | "hand over"> {
  let [left, releases] = [HAZARD_OPERATIONS, HAZARD_RELEASES];
  for (const { ranges, words } of trace.parts) {
    for (let range = 0; range < ranges.length; range++) yield "hand over";
    for (let at = 0; at < words.length && left > 0;) {
      const operation = operationAt(words, at);
      at += wordsAt(words, at);
      if (operation.kind !== "alloc" && operation.kind !== "free") continue;
      left--;
      if (operation.kind === "free" && --releases < 0) return;
      yield operation;
    }
  }
}

/**
 * Runs the first operations of a trace on a design, under a policy.
 *
 * @param trace the trace
 * @param design the design
 * @param policy the policy
 * @returns what became of it
 * @throws {RangeError} if there are too many frames
 */
export function hazardOf(
  trace: DesignTrace,
  design: MetadataDesign,
  policy: HazardPolicy,
): HazardOutcome {
  const ranges = rangesOfTrace(trace);
  const machine = hostedDesign({ ...trace, design, ranges });
  const run = new HazardRun(machine, policy, framesOf(ranges));
  let stopped: string | null = null;
  let handedOver = 0;
  for (const operation of firstOperations(trace)) {
    if (operation !== "hand over" && run.operations === 0) policy.begin(machine);
    if (operation === "hand over") machine.pages.buddy.handOver(handedOver++);
    else stopped = stoppedText(run.step(operation));
    if (stopped !== null) break;
  }
  const end = stopped === null ? run.drain() : null;
  const { operations, counts, brokenPoison } = run;
  return {
    design: design.name,
    policy: policy.name,
    operations,
    stopped: stopped ?? (end === null ? null : stoppedText(end.outcome)),
    lost: end?.lost ?? null,
    ...counts,
    brokenPoison,
  };
}

/**
 * Runs the first operations of a trace, or of its excerpt, on designs, under each policy.
 *
 * @param trace the trace
 * @param designs the designs
 * @returns what became of each design, policy by policy
 * @throws {RangeError} if there are too many frames
 */
export function hazardsOf(
  trace: DesignTrace,
  designs: readonly MetadataDesign[],
): HazardOutcome[] {
  return HAZARD_POLICIES.flatMap((policy) =>
    designs.map((design) => hazardOf(trace.excerpt ?? trace, design, policy))
  );
}
