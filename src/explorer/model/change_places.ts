/**
 * What bytes of memory are to the page allocator: page states, a member of an area, a list's head, a
 * list node, or none of its own.
 *
 * @module
 */

// bits: addresses are bigints.

import { descriptorLayout } from "../../alloc_page/mod.ts";
import type { Machine } from "../../machine.ts";
import type { AreaView } from "../../page_allocator.ts";
import { bareHex } from "../../report/columns.ts";
import { wordBytes } from "../../word.ts";
import type { WrittenKind } from "./writers.ts";

/** Something that lies in bytes `[first, end)`. */
export interface MemoryObject {
  /** The address of its first byte. */
  readonly first: bigint;
  /** The address behind its last byte; null for what goes on as far as it was written. */
  readonly end: bigint | null;
  /** What it is. */
  readonly kind: WrittenKind;
  /** What it is, in words; empty for page states and for bytes that are none of the allocator's. */
  readonly what: string;
  /** The frame that a list node lies in, or the first that page states are about; null for others. */
  readonly frame: number | null;
}

/** Members of a descriptor: upstream's name, offset and size. */
type Member = readonly [name: string, offset: number, size: number];

/** The hands that write list nodes, and those words alone. */
const NODE_WRITERS: ReadonlySet<string> = new Set([
  "list_add()",
  "list_remove()",
  "free_pages()",
  "alloc_pages()",
]);

/** The hand that makes the lists of an area. */
const EMPTIER = "_page_alloc_init_area()";

/** Where the page allocator keeps what. */
export class AllocatorMemory {
  readonly #machine: Machine;
  readonly #areas: readonly AreaView[];
  readonly #layout: ReturnType<typeof descriptorLayout>;
  readonly #members: readonly Member[];

  /**
   * Begins with a machine.
   *
   * @param machine the machine
   * @param areas the areas that it has, and those that it had
   */
  constructor(machine: Machine, areas: readonly AreaView[]) {
    const { arch, edition, pageShift } = machine;
    this.#machine = machine;
    this.#areas = areas;
    this.#layout = descriptorLayout(arch, edition, pageShift);
    const { base, top, pageStates, pfnBytes, maxOrder, zone } = this.#layout;
    this.#members = [
      ["base", base, pfnBytes],
      ["top", top, pfnBytes],
      ["page_states", pageStates, wordBytes(arch.wordBits)],
      ...(maxOrder === null ? [] : [["max_order", maxOrder, 1]] satisfies Member[]),
      ...(zone === null ? [] : [["the zone", zone, 1]] satisfies Member[]),
    ];
  }

  /**
   * Finds what lies at an address.
   *
   * @param address the address
   * @param by who wrote there
   * @returns the object, or the bytes from the address on
   */
  objectAt(address: bigint, by: string): MemoryObject {
    return this.#inDescriptors(address, by) ?? this.#inStates(address) ??
      this.#inNode(address, by) ??
      { first: address, end: this.#nextOwn(address), kind: "bytes", what: "", frame: null };
  }

  #inDescriptors(address: bigint, by: string): MemoryObject | null {
    const { slots, sizeBytes, freeLists, listHeadBytes, listCount } = this.#layout;
    const { areasAddress } = this.#machine.options;
    const offset = Number(address - areasAddress);
    if (offset < 0 || offset >= slots * sizeBytes) return null;
    const area = Math.floor(offset / sizeBytes);
    const inside = offset % sizeBytes;
    const first = areasAddress + BigInt(area * sizeBytes);
    const order = Math.floor((inside - freeLists) / listHeadBytes);
    if (inside >= freeLists && order < listCount && by === EMPTIER) {
      // All heads of an area are made in one go: they are told together.
      const end = first + BigInt(freeLists + listCount * listHeadBytes);
      const what = `heads of empty lists from order ${order} on, area ${area}`;
      return { first: address, end, kind: "heads", what, frame: null };
    }
    if (inside >= freeLists && order < listCount) {
      const at = first + BigInt(freeLists + order * listHeadBytes);
      const what = `head of the list of order ${order}, area ${area}`;
      return { first: at, end: at + BigInt(listHeadBytes), kind: "head", what, frame: null };
    }
    const member = this.#members.find(([, at, size]) => inside >= at && inside < at + size);
    if (member === undefined) {
      const what = `padding of area ${area}`;
      return { first: address, end: address + 1n, kind: "member", what, frame: null };
    }
    const [name, at, size] = member;
    const kind = name === "max_order" ? "max-order" : "member";
    const start = first + BigInt(at);
    return {
      first: start,
      end: start + BigInt(size),
      kind,
      what: `${name} of area ${area}`,
      frame: null,
    };
  }

  #addressOf(frame: number): bigint {
    return BigInt(frame) << BigInt(this.#machine.pageShift);
  }

  #inStates(address: bigint): MemoryObject | null {
    const area = this.#areas.find(({ metadata, base }) => {
      return address >= this.#addressOf(metadata) && address < this.#addressOf(base);
    });
    if (area === undefined) return null;
    const frame = area.base + Number(address - this.#addressOf(area.metadata));
    const shared = { first: address, end: this.#addressOf(area.base), what: "" };
    return { ...shared, kind: "states", frame };
  }

  #inNode(address: bigint, by: string): MemoryObject | null {
    const { pageShift, arch } = this.#machine;
    const frame = Number(address >> BigInt(pageShift));
    const first = this.#addressOf(frame);
    // Before the rewrite a page on the list had a link to the next one only.
    const words = by === "free_pages()" || by === "alloc_pages()" ? 1 : 2;
    const end = first + BigInt(words * wordBytes(arch.wordBits));
    if (address >= end) return null;
    if (!NODE_WRITERS.has(by) && !this.#isListed(frame)) return null;
    return { first, end, kind: "node", what: `list node of ${bareHex(frame)}`, frame };
  }

  #isListed(frame: number): boolean {
    return this.#areas.some(({ base, top, freeLists }) =>
      frame >= base && frame < top &&
      freeLists.some(({ forward }) => forward.pfns.some((listed) => listed === frame))
    );
  }

  /** The address behind some bytes at which something of the allocator's own begins; null for none. */
  #nextOwn(address: bigint): bigint | null {
    const starts = [
      this.#machine.options.areasAddress,
      ...this.#areas.filter(({ metadata, base }) => metadata < base)
        .map(({ metadata }) => this.#addressOf(metadata)),
    ].filter((start) => start > address);
    return starts.length === 0 ? null : starts.reduce((one, other) => one < other ? one : other);
  }
}
