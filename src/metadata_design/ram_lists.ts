/**
 * Free blocks on lists whose nodes are bytes of modelled memory: in the free pages, in the map, or beside it.
 *
 * The lists are those of kvm-unit-tests, whatever the design: what a host does to their nodes is done to
 * bytes that the next operation reads.
 *
 * @module
 */

import {
  addToFront,
  isListEmpty,
  makeEmptyList,
  readNext,
  removeFromList,
} from "../linked_list.ts";
import type { AddressSpace } from "../memory/mod.ts";
import { stop } from "../outcome.ts";
import { virtAddr } from "../units.ts";
import type { VirtAddr } from "../units.ts";
import { entryBytesOf, EXTERNAL_NODE_WORDS } from "./design.ts";
import type { MetadataDesign } from "./design.ts";
import { LISTS_PER_RANGE, NO_BLOCK } from "./free_set.ts";
import type { FreeSet } from "./free_set.ts";
import type { PlacedRange } from "./ranges.ts";

/** Where lists and nodes lie. */
export interface RamListsOptions {
  /** The design; its links are in free pages, in the map, or external. */
  readonly design: MetadataDesign;
  /** Memory. */
  readonly space: AddressSpace;
  /** The base-2 logarithm of the size of a frame. */
  readonly pageShift: number;
  /** The ranges of frames. */
  readonly ranges: readonly PlacedRange[];
  /** Where the heads of the lists begin; the map or the nodes lie behind them. */
  readonly metadata: bigint;
}

const WHO = "the allocator";
const TAKE = { file: "lib/alloc_page.c", function: "_page_memalign_order", line: null };

/** Lists in modelled memory. */
export class RamLists implements FreeSet {
  readonly #options: RamListsOptions;
  readonly #wordBytes: number;
  readonly #nodesAt: bigint;
  /** The external node of a block, by frame. */
  readonly #nodeOf = new Map<number, number>();
  readonly #spare: number[] = [];
  #madeNodes = 0;
  /** The node that was found and is to be removed: its address need not be that of a frame. */
  #found: { readonly frame: number; readonly address: VirtAddr } | null = null;

  /**
   * Makes empty lists.
   *
   * @param options where they lie
   */
  constructor(options: RamListsOptions) {
    this.#options = options;
    const { space, ranges, metadata } = options;
    this.#wordBytes = space.wordBits / 8;
    const lists = ranges.length * LISTS_PER_RANGE;
    this.#nodesAt = metadata + BigInt(lists * 2 * this.#wordBytes);
    for (let list = 0; list < lists; list++) makeEmptyList(space, this.#headAt(list), WHO);
  }

  add(list: number, frame: number): void {
    addToFront(this.#options.space, this.#headAt(list), this.#nodeFor(list, frame));
  }

  remove(list: number, frame: number): void {
    const { design, space } = this.#options;
    removeFromList(space, this.#addressOf(list, frame));
    const node = this.#nodeOf.get(frame);
    if (design.links === "external" && node !== undefined) {
      this.#nodeOf.delete(frame);
      this.#spare.push(node);
    }
    const at = (this.#found?.address ?? 0n).toString(16);
    this.#found = null;
    const { base, top, shift } = this.#rangeOf(list);
    if (frame >= base - shift && frame < top - shift) return;
    stop({
      kind: "undefined-behaviour",
      source: TAKE,
      what: `takes a block at 0x${at}, which is in no area`,
      seen: "",
    });
  }

  next(list: number): number {
    const { space } = this.#options;
    const address = readNext(space, this.#headAt(list), WHO);
    if (isListEmpty(space, address)) return NO_BLOCK;
    const frame = this.#frameAt(list, address);
    this.#found = { frame, address };
    return frame;
  }

  #rangeOf(list: number): PlacedRange {
    const range = this.#options.ranges[Math.floor(list / LISTS_PER_RANGE)];
    if (range === undefined) throw new RangeError(`Model error: there is no list ${list}`);
    return range;
  }

  #headAt(list: number): VirtAddr {
    return virtAddr(this.#options.metadata + BigInt(list * 2 * this.#wordBytes));
  }

  #nodeFor(list: number, frame: number): VirtAddr {
    const { design, space } = this.#options;
    if (design.links !== "external") return this.#addressOf(list, frame);
    this.#nodeOf.set(frame, this.#spare.pop() ?? this.#madeNodes++);
    const address = this.#addressOf(list, frame);
    space.writeWord(virtAddr(address + BigInt(2 * this.#wordBytes)), BigInt(frame), WHO);
    return address;
  }

  #addressOf(list: number, frame: number): VirtAddr {
    if (frame === this.#found?.frame) return this.#found.address;
    const { design, pageShift } = this.#options;
    if (design.links === "free-page") {
      return virtAddr(BigInt(frame + this.#rangeOf(list).shift) << BigInt(pageShift));
    }
    return virtAddr(
      this.#nodesAt + BigInt(
        design.links === "external"
          ? (this.#nodeOf.get(frame) ?? 0) * EXTERNAL_NODE_WORDS * this.#wordBytes
          : frame * entryBytesOf(design, this.#wordBytes) + this.#wordBytes,
      ),
    );
  }

  #frameAt(list: number, address: VirtAddr): number {
    const { design, space, pageShift } = this.#options;
    if (design.links === "free-page") {
      return Number(address >> BigInt(pageShift)) - this.#rangeOf(list).shift;
    }
    if (design.links === "external") {
      return Number(space.readWord(virtAddr(address + BigInt(2 * this.#wordBytes)), WHO));
    }
    const offset = Number(address - this.#nodesAt);
    return Math.floor(offset / entryBytesOf(design, this.#wordBytes));
  }
}
