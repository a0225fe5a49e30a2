/**
 * Which block a handle stands for, of blocks in use.
 *
 * @module
 */

// bits: a hash has 32 bits, of which the upper ones are a place.

const NOBODY = -1;
const FIRST_BITS = 6;
/** 2^32 divided by the golden ratio: handles that follow one another are spread evenly. */
const SPREAD = 0x9e3779b1;

/**
 * Blocks by handle, in a table of open places: 12 bytes for each place, and at most four places for each of
 * the most blocks that were in use at once, however many handles there were.
 */
export class LiveBlocks {
  #bits = FIRST_BITS;
  #handles = new Int32Array(2 ** FIRST_BITS).fill(NOBODY);
  #frames = new Float64Array(2 ** FIRST_BITS);
  #size = 0;

  /** The memory that the table takes, in bytes. */
  get residentBytes(): number {
    return this.#handles.byteLength + this.#frames.byteLength;
  }

  /**
   * Adds a block.
   *
   * @param handle its handle, below 2^31, which no block has
   * @param frame its first frame
   */
  add(handle: number, frame: number): void {
    if (2 * (this.#size + 1) > this.#handles.length) this.#grow();
    this.#put(handle, frame);
    this.#size++;
  }

  /**
   * Takes a block out.
   *
   * @param handle its handle
   * @returns its first frame; -1 if no block has that handle
   */
  take(handle: number): number {
    const mask = this.#handles.length - 1;
    let place = this.#homeOf(handle);
    while (this.#handles[place] !== handle) {
      if (this.#handles[place] === NOBODY) return -1;
      place = (place + 1) & mask;
    }
    const frame = this.#frames[place] ?? -1;
    this.#close(place, mask);
    this.#size--;
    return frame;
  }

  #homeOf(handle: number): number {
    return Math.imul(handle, SPREAD) >>> (32 - this.#bits);
  }

  #put(handle: number, frame: number): void {
    const mask = this.#handles.length - 1;
    let place = this.#homeOf(handle);
    while (this.#handles[place] !== NOBODY) place = (place + 1) & mask;
    this.#handles[place] = handle;
    this.#frames[place] = frame;
  }

  /** Moves into a gap what stands behind it and belongs before, so that no search ends at the gap. */
  #close(gap: number, mask: number): void {
    let open = gap;
    for (let place = (gap + 1) & mask;; place = (place + 1) & mask) {
      const handle = this.#handles[place] ?? NOBODY;
      if (handle === NOBODY) break;
      const home = this.#homeOf(handle);
      if (((place - home) & mask) < ((place - open) & mask)) continue;
      this.#handles[open] = handle;
      this.#frames[open] = this.#frames[place] ?? -1;
      open = place;
    }
    this.#handles[open] = NOBODY;
  }

  #grow(): void {
    const [handles, frames] = [this.#handles, this.#frames];
    this.#bits++;
    this.#handles = new Int32Array(2 ** this.#bits).fill(NOBODY);
    this.#frames = new Float64Array(2 ** this.#bits);
    for (const [place, handle] of handles.entries()) {
      if (handle !== NOBODY) this.#put(handle, frames[place] ?? -1);
    }
  }
}
