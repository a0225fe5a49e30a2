/**
 * The descriptors of areas as memory holds them, read so that those of two layouts can be compared.
 *
 * @module
 */

import { descriptorLayout } from "../alloc_page/mod.ts";
import type { DescriptorLayout } from "../alloc_page/mod.ts";
import type { Machine } from "../machine.ts";
import { physAddr } from "../units.ts";
import { wordBytes } from "../word.ts";

/** The two links of a head or of a list node. */
export interface Links {
  /** The link to the one before. */
  readonly previous: bigint;
  /** The link to the one behind. */
  readonly next: bigint;
}

/** The descriptors of a machine, as they were when they were read last. */
export class AreaHeads {
  /** Where the members of a descriptor lie. */
  readonly layout: DescriptorLayout;
  readonly #machine: Machine;
  readonly #word: 4 | 8;
  readonly #isLittle: boolean;
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #before: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #view = new DataView(new ArrayBuffer(0));

  /** Begins without having read anything. */
  constructor(machine: Machine) {
    const { arch, edition, pageShift } = machine;
    this.layout = descriptorLayout(arch, edition, pageShift);
    this.#machine = machine;
    this.#word = wordBytes(arch.wordBits);
    this.#isLittle = machine.options.byteOrder === "little";
  }

  /** Reads them again; of what was read before, the last is kept. */
  read(): void {
    const { ram, options, pages } = this.#machine;
    const slots = 32 - Math.clz32(pages.areasMask);
    const bytes = ram.peekBytes(physAddr(options.areasAddress), slots * this.layout.sizeBytes);
    this.#before = this.#bytes;
    this.#bytes = bytes?.slice() ?? new Uint8Array(0);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** What tells of an area besides its lists: base, top, page states, each in base 16. */
  membersOf(slot: number): string {
    const { base, top, pageStates, pfnBytes } = this.layout;
    const at = slot * this.layout.sizeBytes;
    return [
      this.#number(at + base, pfnBytes),
      this.#number(at + top, pfnBytes),
      this.#number(at + pageStates, this.#word),
    ].map((value) => value.toString(16)).join(" ");
  }

  /** `max_order` of an area; null where the edition keeps none. */
  maxOrderOf(slot: number): number | null {
    const { maxOrder, sizeBytes } = this.layout;
    return maxOrder === null ? null : this.#view.getUint8(slot * sizeBytes + maxOrder);
  }

  #number(offset: number, size: 4 | 8): bigint {
    return size === 8
      ? this.#view.getBigUint64(offset, this.#isLittle)
      : BigInt(this.#view.getUint32(offset, this.#isLittle));
  }

  #offsetOf(head: number): number {
    const { sizeBytes, freeLists, listHeadBytes, listCount } = this.layout;
    const slot = Math.floor(head / listCount);
    return slot * sizeBytes + freeLists + head % listCount * listHeadBytes;
  }

  /** The bytes of the descriptors, up to the last initialised slot. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes;
  }

  /** The heads of some slots, by number. */
  *headsOf(slots: readonly number[]): Generator<number> {
    const { listCount } = this.layout;
    for (const slot of slots) {
      for (let listed = 0; listed < listCount; listed++) yield slot * listCount + listed;
    }
  }

  /** Tells whether a head is not as it was when it was read before. */
  hasChanged(head: number): boolean {
    const offset = this.#offsetOf(head);
    if (this.#before.length !== this.#bytes.length) return true;
    for (let at = offset; at < offset + this.layout.listHeadBytes; at++) {
      if (this.#bytes[at] !== this.#before[at]) return true;
    }
    return false;
  }

  /** The links of a head. */
  linksOf(head: number): Links {
    const offset = this.#offsetOf(head);
    return {
      previous: this.#number(offset, this.#word),
      next: this.#number(offset + this.#word, this.#word),
    };
  }

  /** The two links at an address, as they are; null where there is no memory. */
  linksAt(address: bigint): Links | null {
    const { ram } = this.#machine;
    const previous = ram.peek(physAddr(address), this.#word);
    const next = ram.peek(physAddr(address + BigInt(this.#word)), this.#word);
    return previous === null || next === null ? null : { previous, next };
  }

  /** The number of the head that begins at an address, of an initialised area; -1 if none does. */
  headAt(address: bigint): number {
    const { sizeBytes, freeLists, listHeadBytes, listCount } = this.layout;
    const offset = Number(address - this.#machine.options.areasAddress);
    const slot = Math.floor(offset / sizeBytes);
    if (offset < 0 || offset >= this.#bytes.length) return -1;
    // bits: a mask of at most 16 slots.
    if ((this.#machine.pages.areasMask & (1 << slot)) === 0) return -1;
    const listed = (offset - slot * sizeBytes - freeLists) / listHeadBytes;
    const isHead = Number.isInteger(listed) && listed >= 0 && listed < listCount;
    return isHead ? slot * listCount + listed : -1;
  }
}
