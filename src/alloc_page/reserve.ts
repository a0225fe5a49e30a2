/**
 * Taking given frames out of use, and giving them back.
 *
 * @module
 */

import type { Edition } from "../edition.ts";
import { order, pageCount, pfn, pfnOfPhysAddr } from "../units.ts";
import type { PageCount, Pfn, PhysAddr, VirtAddr } from "../units.ts";
import { shiftLeft, wrapToWord } from "../word.ts";
import { assertThat } from "./blocks.ts";
import { freeLocked } from "./free.ts";
import { encodePageState, isUsable } from "./page_state.ts";
import { split } from "./split.ts";
import { areaOf, dropLock, emit, pageStateAddress, readPfn, takeLock } from "./state.ts";
import type { LiteralState } from "./state.ts";

/**
 * Reserves frames one by one; if one cannot be had, those before it are unreserved again.
 *
 * Assumes that the address is a multiple of the page size.
 *
 * Changes the page state of each frame to special, after splitting its block down to it. The frame
 * stays on the free list of order 0.
 *
 * Ends in a failed assertion if the assumption does not hold; where {@linkcode split} does, for a frame
 * in a block that was freed before (since dbad82e3); and, before 01d8952b, for a frame of no area.
 *
 * Editions: `reservation`.
 *
 * Source: `lib/alloc_page.c`, `reserve_pages()` (01d8952b), `alloc_pages_special()` (34c95065).
 *
 * @param state the allocator
 * @param address the first frame's physical address
 * @param count in frames
 * @returns 0 or -1 from `reserve_pages`, -1 for a count of 0 too; the address or null from
 * `alloc_pages_special`
 * @throws {RangeError} if the edition has no such call
 */
export function reservePages(
  state: LiteralState,
  address: PhysAddr,
  count: PageCount,
): number | VirtAddr | null {
  const form = reservationForm(state);
  assertThat(state, isPageAligned(state, address), "reserveAligned");
  const first = pfnOfPhysAddr(address, state.pageShift);
  takeLock(state, "reserve_pages");
  let reserved = 0;
  while (reserved < count && reserveOne(state, pfn(first + reserved), form)) reserved++;
  const failed = reserved < count;
  for (let done = 0; failed && done < reserved; done++) {
    unreserveOne(state, pfn(first + done));
  }
  dropLock(state);
  if (form === "alloc-pages-special") {
    return failed ? null : wrapToWord(state.space.wordBits, address) as VirtAddr;
  }
  return failed || count === 0 ? -1 : 0;
}

/**
 * Unreserves frames one by one.
 *
 * Assumes that the address is a multiple of the page size, and that each frame is reserved.
 *
 * Ends in a failed assertion if an assumption does not hold.
 *
 * Source: `lib/alloc_page.c`, `unreserve_pages()` (01d8952b), `free_pages_special()` (34c95065).
 *
 * @param state the allocator
 * @param address the first frame's physical address
 * @param count in frames
 * @throws {RangeError} if the edition has no such call
 */
export function unreservePages(state: LiteralState, address: PhysAddr, count: PageCount): void {
  reservationForm(state);
  assertThat(state, isPageAligned(state, address), "unreserveAligned");
  const first = pfnOfPhysAddr(address, state.pageShift);
  takeLock(state, "unreserve_pages");
  for (let done = 0; done < count; done++) unreserveOne(state, pfn(first + done));
  dropLock(state);
}

/** The calls by which frames are reserved. */
export type ReservationForm = "alloc-pages-special" | "reserve-pages";

/**
 * The calls by which an edition reserves frames.
 *
 * @param edition the edition
 * @returns the form, or null if it cannot reserve
 */
export function reservationOf(edition: Edition): ReservationForm | null {
  return edition.reservation === "none" ? null : edition.reservation;
}

function reservationForm(state: LiteralState): ReservationForm {
  const form = reservationOf(state.edition);
  if (form === null) {
    throw new RangeError(
      `Cannot reserve pages: edition ${state.edition.name} has no such call, it came with 34c95065`,
    );
  }
  return form;
}

function isPageAligned(state: LiteralState, address: PhysAddr): boolean {
  return address % (1n << BigInt(state.pageShift)) === 0n;
}

function reserveOne(state: LiteralState, frame: Pfn, form: ReservationForm): boolean {
  const area = areaOf(state, frame);
  if (form === "alloc-pages-special") assertThat(state, area !== null, "reserveArea");
  if (area === null) return false;
  const by = "_reserve_one_page()";
  const index = frame - readPfn(state, area, "base");
  const address = pageStateAddress(state, area, index);
  let metadata = state.space.readByte(address, by);
  if (!isUsable(state.format, metadata)) return false;
  while (metadata !== 0) {
    const block = blockOfFrame(state, frame, metadata);
    split(state, areaOf(state, block), state.conversions.pfnToVirt(block));
    metadata = state.space.readByte(address, by);
  }
  const special = encodePageState(state.format, "special", order(0));
  state.space.writeByte(address, special, by);
  emit(state, { kind: "state", pfn: frame, count: pageCount(1), state: special });
  return true;
}

/**
 * The first frame of the block that upstream computes: the pfn with its lowest bits cleared, as many as
 * the whole page state says, its status bits included.
 */
function blockOfFrame(state: LiteralState, frame: Pfn, metadata: number): Pfn {
  const allOnes = 2n ** 64n - 1n;
  const mask = shiftLeft(64, allOnes, metadata, state.arch.wideShiftOf64Bits);
  if (metadata >= 64) {
    emit(state, {
      kind: "undefined",
      what: `shifts a 64-bit value by ${metadata}`,
      seen: mask === 0n ? "this target gives 0" : `this target shifts by ${metadata % 64}`,
    });
  }
  return pfn(Number(BigInt(frame) & mask));
}

function unreserveOne(state: LiteralState, frame: Pfn): void {
  const area = areaOf(state, frame);
  assertThat(state, area !== null, "unreserveArea");
  if (area === null) return;
  const by = "_unreserve_one_page()";
  const address = pageStateAddress(state, area, frame - readPfn(state, area, "base"));
  const special = encodePageState(state.format, "special", order(0));
  assertThat(state, state.space.readByte(address, by) === special, "unreserveSpecial");
  state.space.writeByte(address, encodePageState(state.format, "allocated", order(0)), by);
  freeLocked(state, state.conversions.pfnToVirt(frame));
}
