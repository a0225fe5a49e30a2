/**
 * Access to extents of physical memory, also where they lie beyond the reach of a pointer.
 *
 * @module
 */

// bits: addresses are bigints.

import { byteCount, type PhysAddr, virtAddr } from "../units.ts";
import type { ByteRun } from "./address_space.ts";
import type { Ram } from "./ram.ts";

/** A range of physical addresses that does not wrap round. */
export interface PhysicalRange {
  /** The address of its first byte. */
  readonly physical: PhysAddr;
  /** How many bytes it has. */
  readonly sizeBytes: bigint;
}

/** Tells whether pointers reach all of a range; on a 32-bit machine physical memory may go further. */
function isInReach(ram: Ram, { physical, sizeBytes }: PhysicalRange): boolean {
  return physical + sizeBytes <= 1n << BigInt(ram.wordBits);
}

/** Calls a function for each byte of a range until it says that this is enough. */
function forBytes(
  { physical, sizeBytes }: PhysicalRange,
  use: (page: number, offset: number) => "go on" | "enough",
): void {
  for (let at: bigint = physical; at < physical + sizeBytes; at++) {
    if (use(Number(at >> 12n), Number(at & 0xfffn)) === "enough") return;
  }
}

/** Fills a range in ascending order, up to a fault. */
export function fillExtent(ram: Ram, range: PhysicalRange, byte: number, by: string): void {
  if (isInReach(ram, range)) {
    return ram.fill(virtAddr(range.physical), byteCount(range.sizeBytes), byte, by);
  }
  forBytes(range, (page, offset) => {
    ram.writeEntry(page, offset, 1, BigInt(byte), ram.byteOrder, by);
    return "go on";
  });
}

/** Finds the first byte of a range that differs from the one given: its offset, or null. */
export function firstDifferentInExtent(
  ram: Ram,
  range: PhysicalRange,
  byte: number,
  by: string,
): bigint | null {
  if (isInReach(ram, range)) {
    return ram.firstDifferent(virtAddr(range.physical), byteCount(range.sizeBytes), byte, by);
  }
  let equal = 0n;
  forBytes(range, (page, offset) => {
    const isEqual = ram.readEntry(page, offset, 1, ram.byteOrder, by) === BigInt(byte);
    if (isEqual) equal++;
    return isEqual ? "go on" : "enough";
  });
  return equal === range.sizeBytes ? null : equal;
}

/** Reads a range as runs of equal bytes. */
export function runsOfExtent(ram: Ram, range: PhysicalRange, by: string): ByteRun[] {
  if (isInReach(ram, range)) {
    return ram.runs(virtAddr(range.physical), byteCount(range.sizeBytes), by);
  }
  const runs: ByteRun[] = [];
  forBytes(range, (page, offset) => {
    appendRun(runs, { byte: Number(ram.readEntry(page, offset, 1, ram.byteOrder, by)), count: 1 });
    return "go on";
  });
  return runs;
}

/** Adds a run to the end of a list, into the last run if that has the same byte. */
export function appendRun(runs: ByteRun[], run: ByteRun): void {
  const last = runs.at(-1);
  if (last === undefined || last.byte !== run.byte) runs.push(run);
  else runs.splice(-1, 1, { byte: run.byte, count: last.count + run.count });
}
