/**
 * The free lists of two machines that are alike, whose heads may lie elsewhere: then links to the same
 * head are not the same bytes.
 *
 * @module
 */

import type { Machine } from "../machine.ts";
import type { AreaView } from "../page_allocator.ts";
import { wordBytes } from "../word.ts";
import { AreaHeads, type Links } from "./area_heads.ts";
import type { ByteDifference } from "./memory_difference.ts";

/** More places than links of lists can differ in. */
const MOST_MOVED = 4096;

/** Tells of the links on two machines whether they lead to the same. */
export class LinkedBlocks {
  readonly #left: AreaHeads;
  readonly #right: AreaHeads;
  readonly #layouts: "same" | "different";
  readonly #leftMachine: Machine;
  readonly #pageBytes: bigint;
  readonly #linkBytes: number;
  #slots: readonly number[] = [];
  #members: readonly string[] = [];
  /** The frames of areas, as addresses `[first, end)`. */
  #frames: readonly (readonly [first: bigint, end: bigint])[] = [];
  /** The addresses of listed blocks whose links are other bytes, and the heads to which they lead. */
  readonly #moved = new Map<bigint, readonly number[]>();

  /**
   * Begins without having looked.
   *
   * @param left the one
   * @param right the other, of the same architecture and page size
   */
  constructor(left: Machine, right: Machine) {
    this.#leftMachine = left;
    this.#left = new AreaHeads(left);
    this.#right = new AreaHeads(right);
    const [layout, other] = [this.#left, this.#right].map((heads) => JSON.stringify(heads.layout));
    const isSame = layout === other && left.options.areasAddress === right.options.areasAddress;
    this.#layouts = isSame ? "same" : "different";
    this.#pageBytes = 2n ** BigInt(left.pageShift);
    this.#linkBytes = 2 * wordBytes(left.arch.wordBits);
  }

  /**
   * Looks at all lists.
   *
   * @param areas the areas of both: they do not differ
   * @param bytes all bytes of RAM that differ, those of links included
   * @returns whether all links lead to the same, and nothing else differs
   */
  look(areas: readonly AreaView[], bytes: readonly ByteDifference[]): boolean {
    this.#left.read();
    this.#right.read();
    this.#slots = areas.map(({ area }) => area);
    this.#members = this.#slots.map((slot) => this.#left.membersOf(slot));
    this.#frames = areas.map(({ metadata, top }) => {
      return [BigInt(metadata) * this.#pageBytes, BigInt(top) * this.#pageBytes];
    });
    this.#moved.clear();
    if (!this.#areMembersAlike()) return false;
    if (this.#layouts === "same") {
      return bytes.length === 0 && areEqual(this.#left.bytes, this.#right.bytes);
    }
    for (const head of this.#left.headsOf(this.#slots)) {
      if (!this.#isSamePair(this.#left.linksOf(head), this.#right.linksOf(head))) return false;
    }
    return this.#areMovedAlike(bytes) && this.#areTouchedAlike();
  }

  #areMovedAlike(bytes: readonly ByteDifference[]): boolean {
    if (bytes.length > MOST_MOVED) return false;
    return bytes.every(({ address, count }) => {
      const offset = Number(address % this.#pageBytes);
      return offset + count <= this.#linkBytes && this.#isMoved(address - BigInt(offset));
    });
  }

  /** Whether no link that is the same bytes leads elsewhere, listed or not. */
  #areTouchedAlike(): boolean {
    for (const { first, count } of this.#leftMachine.ram.touchedPages()) {
      const page = Number(first / 4096n);
      if (!this.areLinksAlikeIn(page, page + count)) return false;
    }
    return true;
  }

  #areMembersAlike(): boolean {
    return this.#slots.every((slot, index) => {
      const [one, other] = [this.#left, this.#right].map((heads) => heads.maxOrderOf(slot));
      const members = this.#members[index];
      return members === this.#left.membersOf(slot) && members === this.#right.membersOf(slot) &&
        (one === null || other === null || one === other);
    });
  }

  /**
   * Tells whether the descriptors say the same, after a call.
   *
   * @returns false also if areas are no longer where they were
   */
  areHeadsAlike(): boolean {
    this.#left.read();
    this.#right.read();
    if (!this.#areMembersAlike()) return false;
    if (this.#layouts === "same") return areEqual(this.#left.bytes, this.#right.bytes);
    const changed = new Set<number>();
    for (const head of this.#left.headsOf(this.#slots)) {
      if (!this.#left.hasChanged(head) && !this.#right.hasChanged(head)) continue;
      if (!this.#isSamePair(this.#left.linksOf(head), this.#right.linksOf(head))) return false;
      changed.add(head);
    }
    for (const [address, heads] of this.#moved) {
      if (!heads.some((head) => changed.has(head))) continue;
      if (this.#areEqualLinks(address)) this.#moved.delete(address);
      else if (!this.#isMoved(address)) return false;
    }
    return true;
  }

  /** Whether the links of a block are the same bytes. */
  #areEqualLinks(address: bigint): boolean {
    const [one, other] = [this.#left.linksAt(address), this.#right.linksAt(address)];
    return one?.previous === other?.previous && one?.next === other?.next;
  }

  /**
   * Tells whether a page holds the same on both, after a call.
   *
   * @param address the address of the page, of 4 KiB
   * @param differing the first and the last place in which its bytes differ; null if none does
   * @returns false also if that cannot be told from the page alone
   */
  arePagesAlike(
    address: bigint,
    differing: readonly [first: number, last: number] | null,
  ): boolean {
    if (this.#layouts === "same" || address % this.#pageBytes !== 0n) return differing === null;
    if (differing !== null) return differing[1] < this.#linkBytes && this.#isMoved(address);
    this.#moved.delete(address);
    return this.#areSameLinks(address);
  }

  /**
   * Tells whether links of the same bytes lead to the same.
   *
   * @param first the first page of 4 KiB
   * @param end the first page after
   * @returns false if one does not
   */
  areLinksAlikeIn(first: number, end: number): boolean {
    if (this.#layouts === "same") return true;
    const pages = Number(this.#pageBytes / 4096n);
    for (let page = Math.ceil(first / pages) * pages; page < end; page += pages) {
      const address = BigInt(page) * 4096n;
      if (!this.#moved.has(address) && !this.#areSameLinks(address)) return false;
    }
    return true;
  }

  #areSameLinks(address: bigint): boolean {
    if (!this.#frames.some(([first, end]) => address >= first && address < end)) return true;
    const [one, other] = [this.#left.linksAt(address), this.#right.linksAt(address)];
    return one !== null && other !== null && this.#isSamePair(one, other);
  }

  /** Whether a block is listed, first or last, and its links lead to the same; if so, that is kept. */
  #isMoved(address: bigint): boolean {
    const [one, other] = [this.#left.linksAt(address), this.#right.linksAt(address)];
    if (one === null || other === null || !this.#isSamePair(one, other)) return false;
    if (!this.#frames.some(([first, end]) => address >= first && address < end)) return false;
    const heads = [one.previous, one.next].map((link) => this.#left.headAt(link))
      .filter((head) => head >= 0);
    const isListed = heads.some((head) => {
      return [this.#left, this.#right].every((machine) => {
        const { previous, next } = machine.linksOf(head);
        return previous === address || next === address;
      });
    });
    if (isListed) this.#moved.set(address, heads);
    return isListed;
  }

  #isSamePair(one: Links, other: Links): boolean {
    return this.#isSameLink(one.previous, other.previous) && this.#isSameLink(one.next, other.next);
  }

  #isSameLink(one: bigint, other: bigint): boolean {
    const [head, second] = [this.#left.headAt(one), this.#right.headAt(other)];
    return head === second && (head >= 0 || one === other);
  }
}

function areEqual(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false;
  return true;
}
