/**
 * Calls of the page allocator as data.
 *
 * @module
 */

import { runOnMachine } from "../../machine.ts";
import type { Machine } from "../../machine.ts";
import type { Outcome } from "../../outcome.ts";
import type { AllocatorCall, AllocatorResult } from "../../page_allocator.ts";
import { readRequestFlags, requestFlags } from "../../request_flags.ts";
import type { RequestWishes } from "../../request_flags.ts";
import { isPowerOfTwo } from "../../word.ts";
import type { PageCount, Pfn, PhysAddr, VirtAddr } from "../../units.ts";

/** A request for a block. */
export type BlockRequest =
  /** `alloc_pages_flags`: 2^order frames, aligned to their size. */
  | {
    readonly kind: "alloc-pages";
    readonly order: number;
    readonly wishes: RequestWishes;
  }
  /** `memalign_pages_flags`: both in bytes. */
  | {
    readonly kind: "memalign-pages";
    readonly alignment: bigint;
    readonly size: bigint;
    readonly wishes: RequestWishes;
  };

/** A call of the page allocator. */
export type PageCall =
  | BlockRequest
  /** `page_alloc_init_area`: frames `[start, top)`; area 255 stands for any. */
  | {
    readonly kind: "init-area";
    readonly area: number;
    readonly start: Pfn;
    readonly top: Pfn;
  }
  /** `free_pages`. */
  | { readonly kind: "free-pages"; readonly address: VirtAddr }
  /** `reserve_pages` or `alloc_pages_special`. */
  | {
    readonly kind: "reserve-pages";
    readonly address: PhysAddr;
    readonly count: PageCount;
  }
  /** `unreserve_pages` or `free_pages_special`. */
  | {
    readonly kind: "unreserve-pages";
    readonly address: PhysAddr;
    readonly count: PageCount;
  };

/** What a call returns: an address, NULL, 0 or -1, or nothing. */
export type CallValue = AllocatorResult;

/**
 * Makes a call on a machine.
 *
 * @param machine the machine, not stopped
 * @param call the call
 * @returns how it ended
 * @throws {RangeError} if the machine is stopped, or the edition has no such call
 */
export function performCall(machine: Machine, call: PageCall): Outcome<CallValue> {
  const { pages, edition } = machine;
  return runOnMachine(machine, (): CallValue => {
    switch (call.kind) {
      case "init-area":
        pages.initArea(call.area, call.start, call.top);
        return undefined;
      case "alloc-pages":
        return pages.allocPages(call.order, requestFlags(edition, call.wishes));
      case "memalign-pages": {
        const flags = requestFlags(edition, call.wishes);
        return pages.memalignPages(call.alignment, call.size, flags);
      }
      case "free-pages":
        pages.freePages(call.address);
        return undefined;
      case "reserve-pages":
        return pages.reservePages(call.address, call.count);
      case "unreserve-pages":
        pages.unreservePages(call.address, call.count);
        return undefined;
    }
  });
}

/** All bits that can stand for an area. */
const ALL_ZONES = 2 ** 32 - 1;

/** What the flags of a request say, as wishes. */
function wishesOf(machine: Machine, flags: number): RequestWishes {
  const { edition } = machine;
  const anywhere = requestFlags(edition, { areasMask: null, dontZero: false, fresh: false });
  const { areasMask, dontZero, fresh } = readRequestFlags(edition, flags, ALL_ZONES);
  const any = readRequestFlags(edition, anywhere, ALL_ZONES).areasMask;
  return { areasMask: areasMask === any ? null : areasMask, dontZero, fresh };
}

/**
 * A call that was seen as the page allocator got it: with wishes in place of flags.
 *
 * @param machine the machine
 * @param call the call
 * @returns the same call
 */
export function pageCallOf(machine: Machine, call: AllocatorCall): PageCall {
  if (call.kind === "alloc-pages") {
    return { kind: call.kind, order: call.order, wishes: wishesOf(machine, call.flags) };
  }
  if (call.kind === "memalign-pages") {
    const { kind, alignment, size } = call;
    return { kind, alignment, size, wishes: wishesOf(machine, call.flags) };
  }
  return call;
}

/** What a request asks for, in frames. */
export interface AskedFor {
  /** The order of the alignment; it may be beyond all that exist. */
  readonly alignOrder: number;
  /** The order of the size; it may be beyond all that exist. */
  readonly sizeOrder: number;
  /** The zones that it allows, as a mask. */
  readonly zones: number;
  /** Whether the block must never have been touched; no in an edition that does not know the wish. */
  readonly fresh: "yes" | "no";
  /** What the block is to hold. */
  readonly contents: "zero" | "anything";
}

/** The order of the smallest block that holds a number of bytes, without a limit and without a wrap. */
function orderOfBytes(bytes: bigint, pageShift: number): number {
  let order = 0;
  while (BigInt(2 ** order) << BigInt(pageShift) < bytes) order++;
  return order;
}

/**
 * What a request asks for: what its numbers mean, not what an edition makes of them.
 *
 * @param machine the machine
 * @param call the request
 * @returns what it asks for; null if it asks for nothing that makes sense
 */
export function askedFor(machine: Machine, call: BlockRequest): AskedFor | null {
  const { edition, pageShift } = machine;
  const { areasMask, fresh } = readRequestFlags(
    edition,
    requestFlags(edition, call.wishes),
    ALL_ZONES,
  );
  const common = {
    zones: areasMask,
    fresh: fresh ? "yes" : "no",
    contents: call.wishes.dontZero ? "anything" : "zero",
  } as const;
  if (call.kind === "alloc-pages") {
    return { ...common, alignOrder: call.order, sizeOrder: call.order };
  }
  if (!isPowerOfTwo(call.alignment)) return null;
  return {
    ...common,
    alignOrder: orderOfBytes(call.alignment, pageShift),
    sizeOrder: orderOfBytes(call.size, pageShift),
  };
}
