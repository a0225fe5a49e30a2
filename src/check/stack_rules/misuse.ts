/**
 * What a caller must not do: a call that is used wrongly says nothing about the allocator.
 *
 * @module
 */

import type { Machine } from "../../machine.ts";
import { decodeAddress, encodeAddress, levelAt } from "../../memory/page_table/tables.ts";
import { isPowerOfTwo } from "../../word.ts";
import { overlap } from "../../frame_ranges.ts";
import { pageBytesOf } from "./call_rules.ts";
import type { Before } from "./free_null.ts";
import type { Holdings } from "./holdings.ts";
import { bytesOf } from "./requests.ts";
import type { StackCall } from "./stack_call.ts";
import { framesBehind, mappedIn, pagesOfBlock } from "./stack_view.ts";
import type { PageRange, TableSurvey } from "./table_survey.ts";

/** What is known when a call is looked at, after it was made. */
export interface Known {
  /** The machine, after the call. */
  readonly machine: Machine;
  /** What its page tables hold. */
  readonly tables: TableSurvey | null;
  /** The live blocks, as they were before the call. */
  readonly holdings: Holdings;
  /** What there was before the call; null if nobody remembers. */
  readonly before: Before | null;
}

/** An address in words. */
function hex(address: bigint): string {
  return `0x${address.toString(16)}`;
}

/** Whether the last level's entries can hold the physical addresses of some bytes. */
function canBeMapped(machine: Machine, physical: bigint, size: bigint): boolean {
  const { tables } = machine.mmu;
  if (tables === null || physical + size > 2n ** 64n) return false;
  const { leaf } = levelAt(tables, tables.levels.length - 1);
  const bytes = pageBytesOf(machine);
  return size === 0n || [physical, physical + size - 1n].every((address) => {
    const page = address - address % bytes;
    const mask = leaf?.address ?? 0n;
    const entry = BigInt.asUintN(
      8 * tables.format.entryBytes,
      encodeAddress(tables, page, mask),
    );
    return decodeAddress(tables, entry, mask) === page;
  });
}

/** The page of an address. */
export function pageOf(machine: Machine, address: bigint): PageRange {
  const first = Number(address / pageBytesOf(machine));
  return { first, top: first + 1 };
}

/** Whether a frame holds a page table, or lies behind a block of malloc's. */
function isFrameInUse({ machine, tables, holdings }: Known, address: bigint): boolean {
  const frame = pageOf(machine, address);
  if (tables?.places.some((place) => overlap(place, frame)) === true) return true;
  return holdings.blocks.some((block) => {
    if (block.kind !== "malloc" || block.from === "early") return false;
    const pages = pagesOfBlock(machine, block);
    const behind = machine.mmu.state === "off"
      ? [pages]
      : mappedIn(tables?.mapped ?? [], pages).map(framesBehind);
    return behind.some((frames) => overlap(frames, frame));
  });
}

/** Whether a page of a live block of malloc's leads elsewhere now. */
function isRemapped({ machine, holdings, before }: Known, address: bigint): boolean {
  if ((machine.mmu.tables?.edits ?? 0) === before?.edits) return false;
  const page = pageOf(machine, address);
  return holdings.blocks.some((block) =>
    block.kind === "malloc" && overlap(pagesOfBlock(machine, block), page)
  );
}

/** Whether `free` may be called with an address. */
function mayBeFreed({ machine, holdings }: Known, address: bigint): boolean {
  const { current } = machine.ops;
  const block = holdings.at(address);
  return address === 0n ||
    (block?.kind === "malloc" && (block.from === current || current === "early"));
}

/**
 * How a call was used wrongly.
 *
 * @param known what is known
 * @param call the call
 * @returns a clause; null if the call is right
 */
export function misuseOf(known: Known, call: StackCall): string | null {
  const { machine, tables, holdings } = known;
  switch (call.kind) {
    case "memalign":
      return call.size === 0n || isPowerOfTwo(call.alignment)
        ? null
        : `memalign was used with ${call.alignment}, which is no power of two`;
    case "calloc":
      return call.count * call.size < 2n ** BigInt(machine.arch.wordBits)
        ? null
        : "calloc was used for more bytes than there are addresses";
    case "free":
      return mayBeFreed(known, call.address)
        ? null
        : `free was used with ${hex(call.address)}, which is no live block`;
    case "free-pages":
      return isFrameInUse(known, call.address)
        ? `free_pages was used with ${hex(call.address)}, which malloc or a page table has`
        : null;
    case "map-page":
      return isRemapped(known, call.address)
        ? `a page of malloc's was mapped anew at ${hex(call.address)}`
        : null;
    case "vmap":
      return canBeMapped(machine, call.physical, call.size)
        ? null
        : `vmap was used with ${hex(call.physical)}, which no entry of a page table can hold`;
    case "user-write":
      return holdings.mayWrite(machine, tables, bytesOf(call))
        ? null
        : `memory at ${hex(call.address)} was written, which is not the caller's`;
    case "boot":
    case "setup-vm":
      return machine.platform?.inputs.powerMmu === "hash"
        ? "the guest was booted with a hash table for page tables"
        : null;
    default:
      return null;
  }
}
