/**
 * Numbers by position: an array with gaps, or chunks that are made when they are written to.
 *
 * @module
 */

/** A number for each position; 0 where nothing was written. */
export interface Cells {
  /** The number at a position. */
  get(at: number): number;
  /** Changes the number at a position. */
  set(at: number, value: number): void;
}

/** An array of a fixed type. */
export type CellArray = Uint8Array | Uint16Array | Int32Array | Float64Array;

/** Cells in an array: so many elements from one to the next, at an offset. */
export class DenseCells implements Cells {
  readonly #array: CellArray;
  readonly #stride: number;
  readonly #offset: number;

  /** Puts cells into an array. */
  constructor(array: CellArray, stride = 1, offset = 0) {
    this.#array = array;
    this.#stride = stride;
    this.#offset = offset;
  }

  get(at: number): number {
    return this.#array[at * this.#stride + this.#offset] ?? 0;
  }

  set(at: number, value: number): void {
    this.#array[at * this.#stride + this.#offset] = value;
  }

  /** Writes the same number at positions in a row; for cells without gaps. */
  fill(value: number, first: number, end: number): void {
    this.#array.fill(value, first, end);
  }
}

/** Cells of an array, and children of a node. */
const FANOUT = 512;
/** All cells that there can be. */
const WHOLE = FANOUT ** 4;

/** A part of the cells: all the same number, an array of them, or parts of a 512th of the size. */
type Part = number | CellArray | Part[];

/** Cells whose cost follows what was written, whatever their number: a tree whose leaves are arrays. */
export class SparseCells implements Cells {
  readonly #make: (length: number) => CellArray;
  #root: Part = 0;
  /** The array that was used last. */
  #last: CellArray | null = null;
  #lastNumber = -1;

  /**
   * Makes cells, all 0.
   *
   * @param make makes an array
   */
  constructor(make: (length: number) => CellArray) {
    this.#make = make;
  }

  get(at: number): number {
    const number = Math.floor(at / FANOUT);
    if (number === this.#lastNumber && this.#last !== null) return this.#last[at % FANOUT] ?? 0;
    let part = this.#root;
    for (let size = WHOLE / FANOUT; Array.isArray(part); size /= FANOUT) {
      part = part[Math.floor(at / size) % FANOUT] ?? 0;
    }
    if (typeof part === "number") return part;
    this.#remember(number, part);
    return part[at % FANOUT] ?? 0;
  }

  set(at: number, value: number): void {
    const number = Math.floor(at / FANOUT);
    if (number === this.#lastNumber && this.#last !== null) this.#last[at % FANOUT] = value;
    else this.update(at, at + 1, () => value);
  }

  /** Makes all cells 0. */
  clear(): void {
    this.#root = 0;
    this.#last = null;
  }

  /**
   * Changes cells in a row. Equal ones are changed at once as far as they are a part.
   *
   * @param first the first position
   * @param end the position after the last
   * @param change gives a cell's new number, for its old one and how many have that
   */
  update(first: number, end: number, change: (old: number, count: number) => number): void {
    if (end > WHOLE) throw new RangeError(`Model error: there is no cell ${end - 1}`);
    const inside = (part: Part, start: number, size: number): Part => {
      const [from, to] = [Math.max(first, start), Math.min(end, start + size)];
      if (typeof part === "number" && to - from === size) return change(part, size);
      if (size === FANOUT) return this.#changed(part, from, to, change);
      const parts: Part[] = Array.isArray(part)
        ? part
        : new Array<Part>(FANOUT).fill(part as number);
      const each = size / FANOUT;
      for (let at = from; at < to;) {
        const child = Math.floor((at - start) / each);
        const childStart = start + child * each;
        parts[child] = inside(parts[child] ?? 0, childStart, each);
        at = childStart + each;
      }
      return parts;
    };
    this.#root = inside(this.#root, 0, WHOLE);
  }

  #changed(
    part: Part,
    from: number,
    to: number,
    change: (old: number, count: number) => number,
  ): CellArray {
    const array = typeof part === "number" ? this.#make(FANOUT).fill(part) : part as CellArray;
    for (let at = from; at < to; at++) {
      array[at % FANOUT] = change(array[at % FANOUT] ?? 0, 1);
    }
    this.#remember(Math.floor(from / FANOUT), array);
    return array;
  }

  #remember(number: number, array: CellArray): void {
    this.#last = array;
    this.#lastNumber = number;
  }
}
