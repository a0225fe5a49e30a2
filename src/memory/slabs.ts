/**
 * Storage for pieces of memory of one size, cut from slabs that copies share until one of them writes.
 *
 * @module
 */

import { unreachable } from "../outcome.ts";

/** The size of a slab in bytes: small enough to be copied in a few microseconds. */
export const SLAB_BYTES = 32_768;

/** A slab, seen in the widths in which it is used. */
export interface Slab {
  /** Its bytes. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The same, four at a time, in the byte order of the computer that runs the model. */
  readonly words: Uint32Array<ArrayBuffer>;
  /** The same, in any width and byte order. */
  readonly view: DataView<ArrayBuffer>;
}

/** A slab with the mark of the storage that may write to it. */
interface OwnedSlab extends Slab {
  readonly owner: object;
}

/**
 * Makes a slab.
 *
 * @param bytes its bytes, at the start of their buffer; their number is a multiple of 4
 * @returns the slab
 */
export function slabOf(bytes: Uint8Array<ArrayBuffer>): Slab {
  return { bytes, words: new Uint32Array(bytes.buffer), view: new DataView(bytes.buffer) };
}

/**
 * Slots of one size. A slot is a number; its bytes lie in `readable(slot)` at `base(slot)`.
 *
 * Copies share slabs: the first write to a slab after a copy, by either side, makes that side's own.
 */
export class Slabs {
  /** The size of a slot in bytes. */
  readonly slotBytes: number;
  readonly #slotsPerSlab: number;
  #slabs: OwnedSlab[] = [];
  /** Slots that were given back. */
  #free: number[] = [];
  /** The lowest slot that was never handed out. */
  #next = 0;
  /** The mark of the slabs that no copy shares. */
  #owner: object = {};

  /** Makes an empty storage; the size of a slot divides that of a slab. */
  constructor(slotBytes: number) {
    this.slotBytes = slotBytes;
    this.#slotsPerSlab = SLAB_BYTES / slotBytes;
  }

  /** The memory held, in bytes; what copies share counts in each. */
  get residentBytes(): number {
    return this.#slabs.length * SLAB_BYTES + this.#free.length * 8;
  }

  /** Hands out a slot; its bytes are whatever they are. */
  allocate(): number {
    const given = this.#free.pop();
    if (given !== undefined) return given;
    const slot = this.#next++;
    if (slot === this.#slabs.length * this.#slotsPerSlab) {
      this.#slabs.push({ ...slabOf(new Uint8Array(SLAB_BYTES)), owner: this.#owner });
    }
    return slot;
  }

  /** Takes a slot back. */
  release(slot: number): void {
    this.#free.push(slot);
  }

  #slab(slot: number): OwnedSlab {
    return this.#slabs[Math.floor(slot / this.#slotsPerSlab)] ?? unreachable(`no slot ${slot}`);
  }

  /** The position of a slot's first byte in its slab. */
  base(slot: number): number {
    return slot % this.#slotsPerSlab * this.slotBytes;
  }

  /** The slab of a slot, for reading only. */
  readable(slot: number): Slab {
    return this.#slab(slot);
  }

  /** Tells whether the slab of a slot can be written without being copied first. */
  isOwn(slot: number): boolean {
    return this.#slab(slot).owner === this.#owner;
  }

  /** The slab of a slot, for writing. */
  writable(slot: number): Slab {
    const slab = this.#slab(slot);
    if (slab.owner === this.#owner) return slab;
    const own = { ...slabOf(slab.bytes.slice()), owner: this.#owner };
    this.#slabs[Math.floor(slot / this.#slotsPerSlab)] = own;
    return own;
  }

  /** An independent copy, for the price of one number a slab. */
  clone(): Slabs {
    const copy = new Slabs(this.slotBytes);
    copy.#slabs = this.#slabs.slice();
    copy.#free = this.#free.slice();
    copy.#next = this.#next;
    this.#owner = {};
    return copy;
  }
}
