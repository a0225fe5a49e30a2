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
import { wrapToWord } from "../word.ts";
import { initialisedAreas } from "./areas.ts";
import { freeListHead, wordSize } from "./state.ts";
import type { Area, LiteralState } from "./state.ts";

/** Memory as an observer reads it: without touching it, and without faults. */
export interface Observer {
  /** Reads a number of the machine's byte order; null where there is no memory. */
  peek(address: VirtAddr, sizeBytes: 1 | 2 | 4 | 8): bigint | null;
  /** Reads a range as runs of equal bytes; null if a part of it is not there. */
  peekRuns(address: VirtAddr, length: bigint): StateRun[] | null;
}

/** What the walks of one observation share. */
interface Walker {
  readonly state: LiteralState;
  readonly observer: Observer;
  readonly headsByAddress: ReadonlyMap<bigint, { area: Area; order: Order }>;
  readonly ranges: ReadonlyArray<{ first: number; top: number }>;
}

/**
 * The initialised areas, by ascending slot.
 *
 * @param state the allocator
 * @param observer the memory
 * @returns a view of each
 */
export function viewAreas(state: LiteralState, observer: Observer): AreaView[] {
  const areas = initialisedAreas(state);
  const walker = newWalker(state, observer, areas);
  return areas.map((area) => viewArea(walker, area));
}

interface Members {
  readonly metadata: Pfn;
  readonly base: Pfn;
  readonly top: Pfn;
  readonly maxOrder: Order | null;
  readonly zone: AreaNumber;
  readonly pageStates: VirtAddr;
}

function peekMember(
  walker: Pick<Walker, "state" | "observer">,
  area: Area,
  offset: number,
  size: 1 | 4 | 8,
): bigint {
  const value = walker.observer.peek(area.descriptor + BigInt(offset) as VirtAddr, size);
  return value ?? unreachable("the area descriptors lie outside of memory");
}

function members(walker: Pick<Walker, "state" | "observer">, area: Area): Members {
  const { layout, space, pageShift } = walker.state;
  const word = space.wordBits === 64 ? 8 : 4;
  const pageStates = peekMember(walker, area, layout.pageStates, word);
  const { maxOrder, zone } = layout;
  return {
    metadata: Number(pageStates >> BigInt(pageShift)) as Pfn,
    base: Number(peekMember(walker, area, layout.base, layout.pfnBytes)) as Pfn,
    top: Number(peekMember(walker, area, layout.top, layout.pfnBytes)) as Pfn,
    maxOrder: maxOrder === null ? null : order(Number(peekMember(walker, area, maxOrder, 1))),
    zone: zone === null ? area.number : areaNumber(Number(peekMember(walker, area, zone, 1)) % 32),
    pageStates: pageStates as VirtAddr,
  };
}

function newWalker(state: LiteralState, observer: Observer, areas: readonly Area[]): Walker {
  const headsByAddress = new Map<bigint, { area: Area; order: Order }>();
  const ranges: { first: number; top: number }[] = [];
  for (const area of areas) {
    for (let listed = 0; listed < state.layout.listCount; listed++) {
      headsByAddress.set(freeListHead(state, area, listed), { area, order: order(listed) });
    }
    const { metadata, top } = members({ state, observer }, area);
    ranges.push({ first: metadata, top });
  }
  return { state, observer, headsByAddress, ranges };
}

function viewArea(walker: Walker, area: Area): AreaView {
  const { metadata, base, top, maxOrder, zone, pageStates } = members(walker, area);
  const states = viewStates(walker, pageStates, top - base);
  const freeLists: FreeListView[] = [];
  for (let listed = 0; listed < walker.state.layout.listCount; listed++) {
    const view = viewFreeList(walker, area, order(listed));
    if (view !== null) freeLists.push(view);
  }
  const view = { area: area.number, metadata, base, top, maxOrder, states, freeLists };
  return zone === area.number ? view : { ...view, zone };
}

/** The page states; none if so many cannot be there. */
function viewStates(walker: Walker, first: VirtAddr, count: number): StateRun[] {
  if (!Number.isSafeInteger(count) || count <= 0) return [];
  const length = BigInt(count);
  if (first + length > 1n << BigInt(walker.state.space.wordBits)) return [];
  return walker.observer.peekRuns(first, length) ?? [];
}

function viewFreeList(walker: Walker, area: Area, blockOrder: Order): FreeListView | null {
  const forward = walk(walker, area, blockOrder, "next");
  const backward = walk(walker, area, blockOrder, "previous");
  const mirror = backward.end.kind === "own-head" && forward.end.kind === "own-head" &&
    backward.pfns.length === forward.pfns.length &&
    backward.pfns.every((frame, index) => frame === forward.pfns[forward.pfns.length - 1 - index]);
  if (mirror && forward.pfns.length === 0) return null;
  return { order: blockOrder, forward, backward: mirror ? null : backward };
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
  const head = walker.headsByAddress.get(node);
  if (head !== undefined) return { kind: "other-head", area: head.area.number, order: head.order };
  const shift = BigInt(walker.state.pageShift);
  const frame = Number(node >> shift);
  const aligned = node % (1n << shift) === 0n;
  const inArea = walker.ranges.some(({ first, top }) => frame >= first && frame < top);
  if (!aligned || !inArea) return { kind: "wild", address: node as VirtAddr };
  return met.has(frame) ? { kind: "cycle", pfn: pfn(frame) } : null;
}
