/**
 * The writes of a step, in order: who wrote where, and on the way to which event.
 *
 * @module
 */

import { recordEvents } from "../../machine.ts";
import type { Machine } from "../../machine.ts";

/** Bytes `[first, end)` that were written in one go. */
export interface StepWrite {
  /** The physical address of the first byte. */
  readonly first: bigint;
  /** That of the byte behind the last. */
  readonly end: bigint;
  /** The function that wrote. */
  readonly by: string;
  /** How many events the allocator had reported before: the index of the one that followed. */
  readonly event: number;
}

/** The writes of a step. */
export interface StepWrites {
  /** The writes, in order; neighbours by the same hand are one. */
  readonly writes: readonly StepWrite[];
  /** How many more there were. */
  readonly untold: number;
}

/** Of one step, so many writes are kept. */
const MOST_WRITES = 20_000;

/**
 * Begins to take note of the writes to a machine's memory.
 *
 * @param machine the machine
 * @returns what ends it and gives the writes
 */
export function witnessWrites(machine: Machine): () => StepWrites {
  const writes: StepWrite[] = [];
  const count = { untold: 0 };
  // What the fast engine knows is written out by this: it is no write of the step.
  recordEvents(machine, "all");
  machine.ram.witness = (address, sizeBytes, by) => {
    const first = BigInt.asUintN(64, address);
    const end = first + sizeBytes;
    const event = machine.events.length;
    const last = writes.at(-1);
    const goesOn = last?.end === first && last.by === by && last.event === event;
    if (last !== undefined && goesOn) writes[writes.length - 1] = { ...last, end };
    else if (writes.length < MOST_WRITES) writes.push({ first, end, by, event });
    else count.untold++;
  };
  return () => {
    machine.ram.witness = null;
    return { writes, untold: count.untold };
  };
}

/** Bytes `[first, end)` that were written last by one write. */
export interface WrittenBytes {
  /** The address of the first byte. */
  readonly first: bigint;
  /** The address behind the last. */
  readonly end: bigint;
  /** The write. */
  readonly write: StepWrite;
}

/** The index of the first of ascending, disjoint ranges that ends behind an address. */
function firstBehind(ranges: readonly WrittenBytes[], address: bigint): number {
  let [low, high] = [0, ranges.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((ranges[middle]?.end ?? address) > address) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * Cuts written memory so that each byte belongs to the write that came last.
 *
 * @param writes the writes, in order
 * @returns the bytes, by ascending address
 */
export function lastWriters(writes: readonly StepWrite[]): WrittenBytes[] {
  const found: WrittenBytes[] = [];
  for (const write of writes.toReversed()) {
    const from = firstBehind(found, write.first);
    const parts: WrittenBytes[] = [];
    let at = write.first;
    let index = from;
    for (; at < write.end; index++) {
      const next = found[index];
      if (next === undefined || next.first >= write.end) break;
      if (next.first > at) parts.push({ first: at, end: next.first, write });
      parts.push(next);
      at = next.end;
    }
    if (at < write.end) parts.push({ first: at, end: write.end, write });
    found.splice(from, index - from, ...parts);
  }
  return found;
}
