/**
 * The page allocator's state outside of modelled memory, and its access to the area descriptors inside.
 *
 * @module
 */

import type { Arch, AreaTable } from "../arch.ts";
import type { Assertion, AssertionTable } from "../assertions.ts";
import { areaTableOf } from "../edition.ts";
import type { Edition, PageStateFormat } from "../edition.ts";
import type { AccessSize, AddressSpace } from "../memory/address_space.ts";
import { stop } from "../outcome.ts";
import type { AllocatorEvent } from "../page_allocator.ts";
import { areaNumber, order, pagesOfOrder } from "../units.ts";
import type { AreaNumber, ByteCount, Order, Pfn, VirtAddr } from "../units.ts";
import { shiftLeft, wordBytes, wrapToWord } from "../word.ts";
import { descriptorLayout } from "./descriptor.ts";
import type { DescriptorLayout } from "./descriptor.ts";
import { pageStateFormatOf } from "./page_state.ts";

/** How pointers and pfns are converted: plain shifts, or a walk of the page tables (arm, ppc64). */
export interface PointerConversions {
  /** `virt_to_pfn`. */
  virtToPfn(address: VirtAddr): Pfn;
  /** `pfn_to_virt`. */
  pfnToVirt(frame: Pfn): VirtAddr;
}

/** The literal page allocator. Everything else that it knows lies in modelled memory. */
export interface LiteralState {
  /** Memory as the allocator addresses it. */
  readonly space: AddressSpace;
  /** The architecture. */
  readonly arch: Arch;
  /** The edition. */
  readonly edition: Edition;
  /** The base-2 logarithm of the page size. */
  readonly pageShift: number;
  /** The areas that the edition knows on this architecture. */
  readonly areaTable: AreaTable;
  /** Where the members of a descriptor lie. */
  readonly layout: DescriptorLayout;
  /** The address of the array of descriptors. */
  readonly descriptors: VirtAddr;
  /** The encoding of page states. */
  readonly format: PageStateFormat;
  /** The edition's assertions. */
  readonly assertions: AssertionTable;
  /** `virt_to_pfn` and `pfn_to_virt`; they change when the MMU is turned on. */
  conversions: PointerConversions;
  /** `areas_mask`. */
  areasMask: number;
  /** Whether the allocator's spinlock is held; it stays so after an assertion has failed. */
  lock: "free" | "held";
  /** Receives what happens on the way; null if nobody listens. */
  listener: ((event: AllocatorEvent) => void) | null;
  /** The areas that were asked for, by slot: their addresses are computed once. */
  readonly slotAreas: Map<number, Area>;
  /** The initialised areas, and the `areas_mask` for which they were found. */
  initialised: { readonly mask: number; readonly areas: readonly Area[] };
}

/** What a new allocator is made of. */
export type LiteralOptions = Pick<
  LiteralState,
  "space" | "arch" | "edition" | "pageShift" | "descriptors"
>;

/**
 * Plain conversions: casts and shifts, without a check.
 *
 * Source: `lib/asm-generic/page.h`, 4a54e8a3.
 *
 * @param options the width of a word and the page size
 * @returns the conversions
 */
export function castConversions(
  options: Pick<LiteralState, "space" | "pageShift">,
): PointerConversions {
  const shift = BigInt(options.pageShift);
  const { wordBits } = options.space;
  return {
    virtToPfn: (address) => Number(address >> shift) as Pfn,
    pfnToVirt: (frame) => wrapToWord(wordBits, BigInt(frame) << shift) as VirtAddr,
  };
}

/**
 * Makes an allocator without areas.
 *
 * Editions: `assertions`.
 *
 * @param options the machine's parts that it works on
 * @returns the state
 */
export function newLiteralState(options: LiteralOptions): LiteralState {
  const { arch, edition, pageShift } = options;
  return {
    ...options,
    areaTable: areaTableOf(arch, edition),
    layout: descriptorLayout(arch, edition, pageShift),
    format: pageStateFormatOf(edition),
    assertions: edition.assertions,
    conversions: castConversions(options),
    areasMask: 0,
    lock: "free",
    listener: null,
    slotAreas: new Map(),
    initialised: { mask: 0, areas: [] },
  };
}

/**
 * What `page_alloc_ops_enable` asserts: that there is memory.
 *
 * @param edition the edition
 * @returns where it stands, and its text
 */
export function opsEnableAssertion(edition: Edition): Assertion {
  return edition.assertions.opsEnableInitialized;
}

/** An area of the allocator, by its slot and the addresses in its descriptor. */
export interface Area {
  /** The slot. */
  readonly number: AreaNumber;
  /** The descriptor's address. */
  readonly descriptor: VirtAddr;
  /** The address of `base`. */
  readonly base: VirtAddr;
  /** The address of `top`. */
  readonly top: VirtAddr;
  /** The address of the pointer to the page states. */
  readonly pageStates: VirtAddr;
  /** The address of `max_order`; null where the edition has none. */
  readonly maxOrder: VirtAddr | null;
  /** The address of the zone's number; null where the slot says it. */
  readonly zone: VirtAddr | null;
  /** The addresses of the list heads, by order. */
  readonly heads: readonly VirtAddr[];
}

/**
 * The area in a slot, initialised or not.
 *
 * @param state the allocator
 * @param slot the slot
 * @returns the area
 */
export function areaInSlot(state: LiteralState, slot: number): Area {
  const known = state.slotAreas.get(slot);
  if (known !== undefined) return known;
  const area = newArea(state, slot);
  state.slotAreas.set(slot, area);
  return area;
}

function newArea({ space, layout, descriptors }: LiteralState, slot: number): Area {
  const at = (offset: number): VirtAddr => {
    const address = descriptors + BigInt(slot * layout.sizeBytes + offset);
    return wrapToWord(space.wordBits, address) as VirtAddr;
  };
  const { base, top, pageStates, maxOrder, zone, freeLists, listHeadBytes, listCount } = layout;
  return {
    number: areaNumber(slot),
    descriptor: at(0),
    base: at(base),
    top: at(top),
    pageStates: at(pageStates),
    maxOrder: maxOrder === null ? null : at(maxOrder),
    zone: zone === null ? null : at(zone),
    heads: Array.from({ length: listCount }, (_, index) => at(freeLists + index * listHeadBytes)),
  };
}

/**
 * Tells whether a slot holds an initialised area.
 *
 * @param state the allocator
 * @param slot the slot
 * @returns true if its bit in `areas_mask` is set
 */
export function isInitialised(state: LiteralState, slot: number): boolean {
  return Math.floor(state.areasMask / 2 ** slot) % 2 === 1;
}

/** The members of a descriptor that hold a pfn. */
type PfnMember = "base" | "top";

/** Reads `base` or `top`. */
export function readPfn(state: LiteralState, area: Area, name: PfnMember): Pfn {
  const size: AccessSize = state.layout.pfnBytes;
  return Number(state.space.read(area[name], size, "area")) as Pfn;
}

/** Writes `base` or `top`. */
export function writePfn(state: LiteralState, area: Area, name: PfnMember, value: Pfn): void {
  state.space.write(area[name], state.layout.pfnBytes, BigInt(value), "area");
}

/** Reads the pointer to the page states. */
export function readPageStates(state: LiteralState, area: Area): VirtAddr {
  return state.space.readWord(area.pageStates, "area") as VirtAddr;
}

/** Writes the pointer to the page states. */
export function writePageStates(state: LiteralState, area: Area, value: VirtAddr): void {
  state.space.writeWord(area.pageStates, value, "area");
}

/** Reads `max_order`, or null where the edition has none. */
export function readMaxOrder(state: LiteralState, area: Area): Order | null {
  return area.maxOrder === null ? null : order(state.space.readByte(area.maxOrder, "area"));
}

/** Writes `max_order`, where the edition has it; bits beyond the byte are dropped. */
export function writeMaxOrder(state: LiteralState, area: Area, value: number): void {
  if (area.maxOrder !== null) state.space.writeByte(area.maxOrder, value & 0xff, "area");
}

/** Reads the zone whose frames an area holds: its slot, unless a zone can have several ranges. */
export function readZone(state: LiteralState, area: Area): AreaNumber {
  if (area.zone === null) return area.number;
  return areaNumber(state.space.readByte(area.zone, "area") % 32);
}

/** Writes the zone whose frames an area holds, where the descriptor says it. */
export function writeZone(state: LiteralState, area: Area, zone: number): void {
  if (area.zone !== null) state.space.writeByte(area.zone, zone, "area");
}

/** Raises `max_order` to an order if it is lower. */
export function raiseMaxOrder(state: LiteralState, area: Area, blockOrder: Order): void {
  const maxOrder = readMaxOrder(state, area);
  if (maxOrder !== null && blockOrder > maxOrder) writeMaxOrder(state, area, blockOrder);
}

/**
 * The head of an area's free list.
 *
 * @param state the allocator
 * @param area the area
 * @param blockOrder the order; beyond the last list the address lies behind the descriptor
 * @returns the head's address
 */
export function freeListHead(state: LiteralState, area: Area, blockOrder: number): VirtAddr {
  const head = area.heads[blockOrder];
  if (head !== undefined) return head;
  const { freeLists, listHeadBytes } = state.layout;
  const address = area.descriptor + BigInt(freeLists + blockOrder * listHeadBytes);
  return wrapToWord(state.space.wordBits, address) as VirtAddr;
}

/** The address of the page state of the frame at an index from `base`. */
export function pageStateAddress(state: LiteralState, area: Area, index: number): VirtAddr {
  return wrapToWord(state.space.wordBits, readPageStates(state, area) + BigInt(index)) as VirtAddr;
}

/**
 * `BIT(order)`: the number of frames of a block, as the target computes it.
 *
 * A shift by the width of a word or more is undefined; the architecture says what it gives.
 *
 * @param state the allocator
 * @param blockOrder the order, 0 to 255
 * @returns 2^order modulo the word, or 0, or 2^(order mod width)
 */
export function bitOfOrder(state: LiteralState, blockOrder: Order): bigint {
  const { wordBits, wideShiftOfLong } = state.arch;
  return shiftLeft(wordBits, 1n, blockOrder, wideShiftOfLong);
}

/** Fills the page states of a run of frames; the count is what `BIT()` gave. */
export function fillPageStates(
  state: LiteralState,
  area: Area,
  index: number,
  count: bigint,
  value: number,
  by: string,
): void {
  if (count === 0n) return;
  state.space.fill(pageStateAddress(state, area, index), count as ByteCount, value, by);
}

/** Tells the listener, if there is one, what happened. */
export function emit(state: LiteralState, event: AllocatorEvent): void {
  state.listener?.(event);
}

/** The size of a block in bytes. */
export function frameBytes(state: LiteralState, blockOrder: Order): bigint {
  return BigInt(pagesOfOrder(blockOrder)) << BigInt(state.pageShift);
}

/** The size of a word in bytes, as a bigint. */
export function wordSize(state: LiteralState): bigint {
  return BigInt(wordBytes(state.space.wordBits));
}

/**
 * Takes the allocator's lock.
 *
 * Ends in undefined behaviour if it is held: the guest would wait for ever.
 *
 * Source: `lib/alloc_page.c`, `lock`, 4a54e8a3.
 *
 * @param state the allocator
 * @param by the function that takes it
 */
export function takeLock(state: LiteralState, by: string): void {
  if (state.lock === "held") {
    stop({
      kind: "undefined-behaviour",
      source: { file: "lib/alloc_page.c", function: by, line: null },
      what: "waits for the allocator's lock, which its own caller holds",
      seen: "arm and arm64 guests hang",
    });
  }
  state.lock = "held";
}

/** Gives the allocator's lock back. */
export function dropLock(state: LiteralState): void {
  state.lock = "free";
}
