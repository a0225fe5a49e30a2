/**
 * Taking given frames out of use, and giving them back.
 *
 * @module
 */

import type { Edition, Facts } from "../edition.ts";
import { order, pageCount, pfn, pfnOfPhysAddr } from "../units.ts";
import type { PageCount, Pfn, PhysAddr, VirtAddr } from "../units.ts";
import { shiftLeft, wrapToWord } from "../word.ts";
import { areaOf } from "./areas.ts";
import { assertThat, unlinkBlock } from "./blocks.ts";
import { freeLocked } from "./free.ts";
import { encodePageState, isUsable, orderBits } from "./page_state.ts";
import { split } from "./split.ts";
import { dropLock, emit, pageStateAddress, readPfn, takeLock } from "./state.ts";
import type { LiteralState } from "./state.ts";

/**
 * Reserves frames one by one; if one cannot be had, those before it are unreserved again.
 *
 * Assumes that the address is a multiple of the page size.
 *
 * Changes the page state of each frame to special, after splitting its block down to it. Upstream
 * leaves the frame on the free list of order 0. The repaired code takes it off, and looks at all frames
 * first, so that a reservation that fails changes nothing.
 *
 * Ends in a failed assertion if the assumption does not hold; where {@linkcode split} does, for a frame
 * in a block that was freed before (since dbad82e3); and, before 01d8952b, for a frame of no area.
 *
 * Editions: `reservation`, `failedReservation`, `reservationOfNothing`, `reservedBlockOrder`,
 * `reservedFrames`.
 *
 * Source: `lib/alloc_page.c`, `reserve_pages()` (01d8952b), `alloc_pages_special()` (34c95065).
 *
 * @param state the allocator
 * @param address the first frame's physical address
 * @param count in frames
 * @returns 0 or -1 from `reserve_pages`, upstream -1 for a count of 0 too; the address or null from
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
  const looksFirst = state.edition.failedReservation === "changes-nothing";
  const done = looksFirst && !areAllUsable(state, first, count)
    ? "failed"
    : reserveAll(state, first, count, form);
  dropLock(state);
  if (form === "alloc-pages-special") {
    return done === "failed" ? null : wrapToWord(state.space.wordBits, address) as VirtAddr;
  }
  const nothingFails = state.edition.reservationOfNothing === "fails";
  return done === "failed" || (count === 0 && nothingFails) ? -1 : 0;
}

/** Reserves frames up to the first that cannot be had, and then unreserves them again. */
function reserveAll(
  state: LiteralState,
  first: Pfn,
  count: PageCount,
  form: ReservationForm,
): "done" | "failed" {
  let reserved = 0;
  while (reserved < count && reserveOne(state, pfn(first + reserved), form)) reserved++;
  if (reserved === count) return "done";
  for (let done = 0; done < reserved; done++) unreserveOne(state, pfn(first + done));
  return "failed";
}

/** Looks whether each frame of a range lies in an area and is usable. */
function areAllUsable(state: LiteralState, first: Pfn, count: PageCount): boolean {
  for (let looked = 0; looked < count; looked++) {
    const frame = pfn(first + looked);
    const area = areaOf(state, frame);
    if (area === null) return false;
    const address = pageStateAddress(state, area, frame - readPfn(state, area, "base"));
    const metadata = state.space.readByte(address, "reserve_pages()");
    if (!isUsable(state.format, metadata)) return false;
  }
  return true;
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
 * Source: `lib/alloc_page.c`, `alloc_pages_special()` 34c95065, `reserve_pages()` 01d8952b.
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
  while (orderToSplit(state, metadata) !== 0) {
    const block = blockOfFrame(state, frame, orderToSplit(state, metadata));
    split(state, areaOf(state, block), state.conversions.pfnToVirt(block));
    metadata = state.space.readByte(address, by);
  }
  if (state.edition.reservedFrames === "leave-their-list") {
    unlinkBlock(state, order(0), state.conversions.pfnToVirt(frame));
  }
  const special = encodePageState(state.format, "special", order(0));
  state.space.writeByte(address, special, by);
  emit(state, { kind: "state", pfn: frame, count: pageCount(1), state: special });
  return true;
}

/** Upstream takes the whole page state for the order of a frame's block, its status bits included. */
function orderToSplit(state: LiteralState, metadata: number): number {
  return state.edition.reservedBlockOrder === "whole-byte"
    ? metadata
    : orderBits(state.format, metadata);
}

/** The first frame of a frame's block: the pfn with as many of its lowest bits cleared as is said. */
function blockOfFrame(state: LiteralState, frame: Pfn, bits: number): Pfn {
  const allOnes = 2n ** 64n - 1n;
  const mask = shiftLeft(64, allOnes, bits, state.arch.wideShiftOf64Bits);
  if (bits >= 64) {
    emit(state, {
      kind: "undefined",
      what: `shifts a 64-bit value by ${bits}`,
      seen: mask === 0n ? "this target gives 0" : `this target shifts by ${bits % 64}`,
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

/**
 * What an edition does when it takes frames out of use, as plain data.
 *
 * Editions: `reservedFrames`, `reservedBlockOrder`, `failedReservation`, `reservationOfNothing`.
 *
 * @param edition the edition
 * @returns the facts
 */
export function reservingOf(
  edition: Edition,
): Pick<
  Facts,
  "reservedFrames" | "reservedBlockOrder" | "failedReservation" | "reservationOfNothing"
> {
  return {
    reservedFrames: edition.reservedFrames,
    reservedBlockOrder: edition.reservedBlockOrder,
    failedReservation: edition.failedReservation,
    reservationOfNothing: edition.reservationOfNothing,
  };
}
