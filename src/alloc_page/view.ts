/**
 * The allocator as an observer sees it. Nothing here touches memory, and nothing here can fail: what
 * cannot be read ends a walk.
 *
 * @module
 */

import { unreachable } from "../outcome.ts";
import type { AreaView, FreeListView, ListEnd, ListWalk, StateRun } from "../page_allocator.ts";
import { areaNumber, order, pfn } from "../units.ts";
import type { AreaNumber, Order, Pfn, VirtAddr } from "../units.ts";
import { wordBytes, wrapToWord } from "../word.ts";
import { initialisedAreas } from "./areas.ts";
import { freeListHead, wordSize } from "./state.ts";
import type { Area, LiteralState } from "./state.ts";

/** Memory as an observer reads it: without touching it, and without faults. */
export interface Observer {
  /** A number that stays the same as long as nothing is written. */
  changes(): number;
  /** Tells whether nobody has written to pages `[first, end)` of 4 KiB since `changes()` was this. */
  isAsItWas(first: number, end: number, changes: number): boolean;
  /** Reads a number of the machine's byte order; null where there is no memory. */
  peek(address: VirtAddr, sizeBytes: 1 | 2 | 4 | 8): bigint | null;
  /** Reads some bytes; null where one of them is no memory. */
  peekBytes(address: VirtAddr, length: number): Uint8Array<ArrayBuffer> | null;
  /** Reads a range as runs of equal bytes; null if a part of it is not there. */
  peekRuns(address: VirtAddr, length: bigint): StateRun[] | null;
}

/** The base-2 logarithm of the size of the pages by which an observer knows of writes. */
const HOST_PAGE_SHIFT = 12;

/** A descriptor as it was read. */
interface Descriptor {
  readonly area: Area;
  readonly bytes: DataView<ArrayBuffer>;
}

/** What the walks of one observation share. */
interface Walker {
  readonly state: LiteralState;
  readonly observer: Observer;
  readonly areas: readonly Area[];
  readonly ranges: ReadonlyArray<{ first: number; top: number }>;
}

/** An area as it was seen, and the bytes of its descriptor then. */
interface SeenArea {
  readonly view: AreaView;
  readonly descriptor: Uint8Array;
  /** Whether all that was looked at besides the descriptor lies in the area. */
  readonly reach: "own-frames" | "beyond";
}

/** What was seen of an allocator at some time. */
export interface Sight {
  /** What the observer's `changes()` was. */
  readonly changes: number;
  /** `areas_mask`. */
  readonly areasMask: number;
  /** The areas, by ascending slot. */
  readonly areas: readonly SeenArea[];
}

/**
 * The initialised areas, by ascending slot. An area to which nobody has written since is not read again:
 * its view is the same object.
 *
 * @param state the allocator
 * @param observer the memory
 * @param earlier what was seen last; null for nothing
 * @returns a view of each, and what is needed to look again
 */
export function viewAreas(state: LiteralState, observer: Observer, earlier: Sight | null): Sight {
  const changes = observer.changes();
  const { areasMask } = state;
  const seen = earlier?.areasMask === areasMask ? earlier : null;
  if (seen?.changes === changes) return seen;
  const areas = initialisedAreas(state);
  const looks = areas.map((area, index) => {
    const descriptor = readDescriptor(state, observer, area);
    const last = seen?.areas[index];
    const isSame = seen !== null && last !== undefined &&
      isAsSeen(state, observer, descriptor, last, seen.changes);
    return isSame ? last : { ...descriptor, ...membersOf(state, descriptor) };
  });
  const ranges = looks.map((look) => {
    const { metadata, top } = "view" in look ? look.view : look;
    return { first: metadata, top };
  });
  const walker = { state, observer, areas, ranges };
  const found = looks.map((look) => "view" in look ? look : seeArea(walker, look));
  return { changes, areasMask, areas: found };
}

function seeArea(walker: Walker, look: Descriptor & Members): SeenArea {
  const view = viewArea(walker, look, look);
  const { buffer, byteOffset, byteLength } = look.bytes;
  const descriptor = new Uint8Array(buffer, byteOffset, byteLength).slice();
  return { view, descriptor, reach: reachOf(view) };
}

/** Whether an area is as it was seen: its frames were not written, and its descriptor is the same. */
function isAsSeen(
  state: LiteralState,
  observer: Observer,
  { bytes }: Descriptor,
  { view, descriptor: earlier, reach }: SeenArea,
  changes: number,
): boolean {
  if (reach === "beyond") return false;
  const pages = 2 ** (state.pageShift - HOST_PAGE_SHIFT);
  if (!observer.isAsItWas(view.metadata * pages, view.top * pages, changes)) return false;
  for (let at = 0; at < earlier.length; at++) if (bytes.getUint8(at) !== earlier[at]) return false;
  return true;
}

/** Whether all that a view was made of, besides the descriptor, lies in the area's own frames. */
function reachOf({ metadata, base, top, freeLists }: AreaView): SeenArea["reach"] {
  const isOrdered = metadata < base && base <= top;
  const areOwn = freeLists.every(({ forward, backward }) =>
    backward === null && forward.end.kind === "own-head" &&
    forward.pfns.every((frame) => frame >= base && frame < top)
  );
  return isOrdered && areOwn ? "own-frames" : "beyond";
}

function readDescriptor(state: LiteralState, observer: Observer, area: Area): Descriptor {
  const bytes = observer.peekBytes(area.descriptor, state.layout.sizeBytes) ??
    unreachable("the area descriptors lie outside of memory");
  return { area, bytes: new DataView(bytes.buffer, bytes.byteOffset, bytes.length) };
}

interface Members {
  readonly metadata: Pfn;
  readonly base: Pfn;
  readonly top: Pfn;
  readonly maxOrder: Order | null;
  readonly zone: AreaNumber;
  readonly pageStates: VirtAddr;
}

function membersOf(state: LiteralState, { area, bytes }: Descriptor): Members {
  const { layout, space, pageShift } = state;
  const isLittle = space.byteOrder === "little";
  const read = (offset: number, size: 4 | 8): bigint =>
    size === 8 ? bytes.getBigUint64(offset, isLittle) : BigInt(bytes.getUint32(offset, isLittle));
  const pageStates = read(layout.pageStates, wordBytes(space.wordBits));
  const { maxOrder, zone } = layout;
  return {
    metadata: Number(pageStates >> BigInt(pageShift)) as Pfn,
    base: Number(read(layout.base, layout.pfnBytes)) as Pfn,
    top: Number(read(layout.top, layout.pfnBytes)) as Pfn,
    maxOrder: maxOrder === null ? null : order(bytes.getUint8(maxOrder)),
    zone: zone === null ? area.number : areaNumber(bytes.getUint8(zone) % 32),
    pageStates: pageStates as VirtAddr,
  };
}

function viewArea(walker: Walker, descriptor: Descriptor, members: Members): AreaView {
  const { area } = descriptor;
  const { metadata, base, top, maxOrder, zone, pageStates } = members;
  const states = viewStates(walker, pageStates, top - base);
  const freeLists = listedOrders(walker, descriptor)
    .map((listed) => viewFreeList(walker, area, listed));
  const view = { area: area.number, metadata, base, top, maxOrder, states, freeLists };
  return zone === area.number ? view : { ...view, zone };
}

/**
 * The orders of an area whose lists are not empty: one of the two links does not lead to its own head.
 * Words are compared in halves, because most lists are empty and bigints are slow.
 */
function listedOrders({ state }: Walker, { area, bytes }: Descriptor): Order[] {
  const isLittle = state.space.byteOrder === "little";
  const { freeLists, listHeadBytes, listCount } = state.layout;
  const word = wordBytes(state.space.wordBits);
  const [lowAt, highAt] = isLittle ? [0, word - 4] : [word - 4, 0];
  const first = Number(BigInt.asUintN(32, area.descriptor)) + freeLists;
  const high = Number(area.descriptor >> 32n);
  const orders: Order[] = [];
  for (let listed = 0; listed < listCount; listed++) {
    const low = first + listed * listHeadBytes;
    const wantedLow = low < 2 ** 32 ? low : low - 2 ** 32;
    const wantedHigh = word === 4 ? wantedLow : low < 2 ** 32 ? high : high + 1;
    const at = freeLists + listed * listHeadBytes;
    const isEmpty = bytes.getUint32(at + lowAt, isLittle) === wantedLow &&
      bytes.getUint32(at + highAt, isLittle) === wantedHigh &&
      bytes.getUint32(at + word + lowAt, isLittle) === wantedLow &&
      bytes.getUint32(at + word + highAt, isLittle) === wantedHigh;
    if (!isEmpty) orders.push(order(listed));
  }
  return orders;
}

/** The page states; none if so many cannot be there. */
function viewStates(walker: Walker, first: VirtAddr, count: number): StateRun[] {
  if (!Number.isSafeInteger(count) || count <= 0) return [];
  const length = BigInt(count);
  if (first + length > 1n << BigInt(walker.state.space.wordBits)) return [];
  return walker.observer.peekRuns(first, length) ?? [];
}

function viewFreeList(walker: Walker, area: Area, blockOrder: Order): FreeListView {
  const forward = walk(walker, area, blockOrder, "next");
  const backward = isMirrored(walker, area, blockOrder, forward)
    ? null
    : walk(walker, area, blockOrder, "previous");
  return { order: blockOrder, forward, backward };
}

/** Whether the previous links lead back along a walk that came to its own head. */
function isMirrored(
  walker: Walker,
  area: Area,
  blockOrder: Order,
  { pfns, end }: ListWalk,
): boolean {
  if (end.kind !== "own-head") return false;
  const { state, observer } = walker;
  const size = wordBytes(state.space.wordBits);
  const shift = BigInt(state.pageShift);
  const ownHead = freeListHead(state, area, blockOrder);
  let previous: bigint = ownHead;
  for (const frame of pfns) {
    const node = BigInt(frame) << shift;
    if (observer.peek(node as VirtAddr, size) !== previous) return false;
    previous = node;
  }
  return observer.peek(ownHead, size) === previous;
}

/** The head of a list that begins at an address; null if none does. */
function headAt({ state, areas }: Walker, address: bigint): { area: Area; order: Order } | null {
  const { sizeBytes, freeLists, listHeadBytes, listCount } = state.layout;
  for (const area of areas) {
    const offset = address - area.descriptor;
    if (offset < 0n || offset >= BigInt(sizeBytes)) continue;
    const listed = (Number(offset) - freeLists) / listHeadBytes;
    const isHead = Number.isInteger(listed) && listed >= 0 && listed < listCount;
    return isHead ? { area, order: order(listed) } : null;
  }
  return null;
}

function walk(
  walker: Walker,
  area: Area,
  blockOrder: Order,
  along: "next" | "previous",
): ListWalk {
  const { space } = walker.state;
  const word = wordSize(walker.state);
  const offset = along === "next" ? word : 0n;
  const ownHead = freeListHead(walker.state, area, blockOrder);
  const pfns: Pfn[] = [];
  const met = new Set<number>();
  let node: bigint = ownHead;
  while (true) {
    const link = wrapToWord(space.wordBits, node + offset) as VirtAddr;
    const next = walker.observer.peek(link, word === 8n ? 8 : 4);
    if (next === null) return { pfns, end: { kind: "wild", address: node as VirtAddr } };
    const end = listEnd(walker, ownHead, next, met);
    if (end !== null) return { pfns, end };
    const frame = pfn(Number(next >> BigInt(walker.state.pageShift)));
    met.add(frame);
    pfns.push(frame);
    node = next;
  }
}

function listEnd(
  walker: Walker,
  ownHead: bigint,
  node: bigint,
  met: ReadonlySet<number>,
): ListEnd | null {
  if (node === ownHead) return { kind: "own-head" };
  if (node === 0n) return { kind: "null" };
  const head = headAt(walker, node);
  if (head !== null) return { kind: "other-head", area: head.area.number, order: head.order };
  const shift = BigInt(walker.state.pageShift);
  const frame = Number(node >> shift);
  const aligned = node % (1n << shift) === 0n;
  const inArea = walker.ranges.some(({ first, top }) => frame >= first && frame < top);
  if (!aligned || !inArea) return { kind: "wild", address: node as VirtAddr };
  return met.has(frame) ? { kind: "cycle", pfn: pfn(frame) } : null;
}
