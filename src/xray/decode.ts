/**
 * The areas of a dump as an observer of a running machine sees them. What the dump does not hold of a
 * descriptor is put in its place, worked out from the metadata and the list nodes.
 *
 * @module
 */

import { areasInMemory } from "../alloc_page/mod.ts";
import { surveyViews } from "../check/invariants/mod.ts";
import { memoryMap, Ram } from "../memory/mod.ts";
import type { AreaView } from "../page_allocator.ts";
import { areaNumber, pfn, virtAddr } from "../units.ts";
import type { ByteOrder } from "../word.ts";
import { topByStates } from "./metadata.ts";
import { NodeReader } from "./nodes.ts";
import type { Links, NodeBlock } from "./nodes.ts";
import { shownEdition, wordOf } from "./shapes.ts";
import type { DescriptorTable, PlacedArea } from "./table.ts";

/** A member of a descriptor that is not what the metadata says. */
export interface WrongMember {
  /** The area. */
  readonly area: number;
  /** The member's name. */
  readonly name: string;
  /** Its address. */
  readonly address: bigint;
  /** The bytes that stand there. */
  readonly found: Uint8Array;
  /** The bytes that should. */
  readonly wanted: Uint8Array;
}

/** The areas, and what was wrong with their descriptors. */
export interface DecodedAreas {
  /** The areas by ascending slot. */
  readonly views: readonly AreaView[];
  /** The areas as they are placed, with what is known of them now. */
  readonly areas: readonly PlacedArea[];
  /** Members that were damaged. */
  readonly wrong: readonly WrongMember[];
}

/** A number as bytes. */
export function bytesOf(value: bigint, size: 1 | 4 | 8, byteOrder: ByteOrder): Uint8Array {
  const view = new DataView(new ArrayBuffer(8));
  const isLittle = byteOrder === "little";
  view.setBigUint64(0, BigInt.asUintN(8 * size, value), isLittle);
  return new Uint8Array(view.buffer).slice(isLittle ? 0 : 8 - size, isLittle ? size : 8);
}

/** The members of a descriptor that say where the area lies. */
function membersOf(table: DescriptorTable, area: PlacedArea): Omit<WrongMember, "found">[] {
  const { shape, family: { layout } } = table;
  const states = BigInt(area.metadata) << BigInt(shape.pageShift);
  const member = (
    name: string,
    offset: number,
    size: 4 | 8,
    value: bigint,
  ): Omit<WrongMember, "found"> => ({
    area: area.slot,
    name,
    address: area.descriptor + BigInt(offset),
    wanted: bytesOf(value, size, shape.byteOrder),
  });
  return [
    member("base", layout.base, layout.pfnBytes, BigInt(area.base)),
    member("top", layout.top, layout.pfnBytes, BigInt(area.top)),
    member("page_states", layout.pageStates, wordOf(shape), states),
  ];
}

/** Puts right what is wrong with the members of a damaged descriptor, and tells what that was. */
function mendMembers(table: DescriptorTable, area: PlacedArea): WrongMember[] {
  const { memory } = table;
  return membersOf(table, area).flatMap((member) => {
    const found = memory.peekBytes(member.address, member.wanted.length);
    if (found === null || found.every((byte, index) => byte === member.wanted[index])) return [];
    memory.patch(member.address, member.wanted);
    return [{ ...member, found }];
  });
}

/** Whether a list head of a descriptor leads to one of some frames. */
function leadsInto(table: DescriptorTable, area: PlacedArea, first: number, end: number): boolean {
  const { memory, shape, family: { layout } } = table;
  const reader = new NodeReader(memory, shape);
  return Array.from({ length: layout.listCount }, (_, order) => order).some((order) => {
    const head = area.descriptor + BigInt(layout.freeLists + order * layout.listHeadBytes);
    const links = reader.linksAt(head);
    return links !== null && [links.prev, links.next].some((link) => {
      const frame = reader.frameAt(link);
      return frame !== null && frame >= first && frame < end;
    });
  });
}

/** Whether a frame stands on the list of an order above 0: its block goes on behind it. */
function isHeadOfMore(table: DescriptorTable, area: PlacedArea, frame: number): boolean {
  const { memory, shape, family: { layout } } = table;
  const reader = new NodeReader(memory, shape);
  const links = reader.linksAt(reader.addressOf(frame));
  const first = area.descriptor + BigInt(layout.freeLists + layout.listHeadBytes);
  const end = area.descriptor + BigInt(layout.sizeBytes);
  return links !== null && [links.prev, links.next].some((link) => link >= first && link < end);
}

/**
 * An area with the top that its page states and lists say. A wrong top goes with as many pages of metadata
 * as the right one often; but then states are read that nobody wrote, or blocks lie beyond.
 */
function withTrueTop(table: DescriptorTable, area: PlacedArea): PlacedArea {
  const { memory, shape, family: { layout } } = table;
  if (area.held !== "all" || area.top <= area.base || !Number.isSafeInteger(area.top)) return area;
  const least = area.base + (area.base - area.metadata - 1) * 2 ** shape.pageShift;
  if (area.metadata >= area.base || area.top < least) return area;
  const top = topByStates(memory, shape, area, area.descriptor + BigInt(layout.freeLists));
  const [low, high] = [Math.min(top, area.top), Math.max(top, area.top)];
  if (low === high || leadsInto(table, area, low, high) !== top > area.top) return area;
  if (top < area.top && isHeadOfMore(table, area, top - 1)) return area;
  return { ...area, top, held: "heads" };
}

/** More blocks of an area are not looked at to work out where its lists begin. */
const MOST_BLOCKS = 2 ** 20;

/** The blocks of an area that may be handed out, by what its page states say. */
function usableBlocks(table: DescriptorTable, { slot, ...frames }: PlacedArea): NodeBlock[] {
  const { memory, shape, family } = table;
  const shift = BigInt(shape.pageShift);
  const length = BigInt(frames.top - frames.base);
  const view: AreaView = {
    area: areaNumber(slot),
    metadata: pfn(frames.metadata),
    base: pfn(frames.base),
    top: pfn(frames.top),
    maxOrder: null,
    states: memory.peekRuns(BigInt(frames.metadata) << shift, length) ?? [],
    freeLists: [],
  };
  const subject = { arch: shape.arch, edition: shownEdition(family), pageShift: shape.pageShift };
  const nodes: NodeBlock[] = [];
  for (const { blocks } of surveyViews(subject, [view])) {
    for (const { first, count, order, size, use } of blocks) {
      for (let index = 0; use === "usable" && index < count; index++) {
        if (nodes.length < MOST_BLOCKS) nodes.push({ frame: first + index * size, order });
      }
    }
  }
  return nodes;
}

/** The links of a list's head, worked out from the nodes at the list's ends. */
function headLinks(reader: NodeReader, head: bigint, nodes: readonly bigint[]): [bigint, bigint] {
  if (nodes.length === 0) return [head, head];
  const links = nodes.map((address) => ({ address, links: reader.linksAt(address) }));
  const nexts = new Set(links.map((node) => node.links?.next));
  const prevs = new Set(links.map((node) => node.links?.prev));
  const front = links.find((node) => node.links?.prev === head)?.address ??
    nodes.find((address) => !nexts.has(address)) ?? head;
  const back = links.find((node) => node.links?.next === head)?.address ??
    nodes.find((address) => !prevs.has(address)) ?? head;
  return [lastOf(reader, back, "next", head), lastOf(reader, front, "prev", head)];
}

/** More blocks of a list whose states are wrong are not looked for. */
const MOST_FOLLOWED = 1024;

/** The last node in a direction, as far as each leads back: its block need not look usable. */
function lastOf(reader: NodeReader, node: bigint, way: keyof Links, head: bigint): bigint {
  const back = way === "next" ? "prev" : "next";
  let last = node;
  for (let count = 0; count < MOST_FOLLOWED; count++) {
    const beyond = reader.linksAt(last)?.[way];
    if (beyond === undefined || beyond === head || reader.frameAt(beyond) === null) return last;
    if (reader.linksAt(beyond)?.[back] !== last) return last;
    last = beyond;
  }
  return node;
}

/** Makes a descriptor that the dump does not hold. */
function makeDescriptor(table: DescriptorTable, area: PlacedArea): void {
  const { memory, shape, family: { layout } } = table;
  const bytes = new Uint8Array(layout.sizeBytes);
  const word = wordOf(shape);
  for (const { address, wanted } of membersOf(table, area)) {
    bytes.set(wanted, Number(address - area.descriptor));
  }
  if (layout.zone !== null) bytes[layout.zone] = area.slot;
  const reader = new NodeReader(memory, shape);
  const usable = usableBlocks(table, area);
  for (let order = 0; order < layout.listCount; order++) {
    const offset = layout.freeLists + order * layout.listHeadBytes;
    const nodes = usable.filter((block) => block.order === order)
      .map(({ frame }) => reader.addressOf(frame));
    const [prev, next] = headLinks(reader, area.descriptor + BigInt(offset), nodes);
    bytes.set(bytesOf(prev, word, shape.byteOrder), offset);
    bytes.set(bytesOf(next, word, shape.byteOrder), offset + word);
  }
  memory.patch(area.descriptor, bytes);
}

/**
 * Decodes the areas of a table.
 *
 * @param table the array of descriptors
 * @returns the areas, and what was wrong with their descriptors
 */
export function decodeAreas(table: DescriptorTable): DecodedAreas {
  const { memory, shape, family, address } = table;
  const { arch, byteOrder, pageShift } = shape;
  const areas = table.areas.map((area) => withTrueTop(table, area));
  const wrong = areas.filter(({ held }) => held === "heads")
    .flatMap((area) => mendMembers(table, area));
  for (const area of areas) if (area.held === "nothing") makeDescriptor(table, area);
  const nowhere = { map: memoryMap([]), wordBits: arch.wordBits, byteOrder };
  const options = {
    space: new Ram({ ...nowhere, powerOn: { kind: "zero" } }),
    arch,
    edition: shownEdition(family),
    pageShift,
    descriptors: virtAddr(address),
  };
  const mask = areas.reduce((sum, { slot }) => sum + 2 ** slot, 0);
  const held = new Map<number, PlacedArea["held"]>(areas.map((area) => [area.slot, area.held]));
  const views = areasInMemory(options, mask, memory.observer(byteOrder)).map((view) =>
    held.get(view.area) === "nothing" ? { ...view, maxOrder: null } : view
  );
  return { views, areas, wrong };
}
