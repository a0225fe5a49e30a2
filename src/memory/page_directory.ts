/**
 * Which pages have a record of their own, and what it says.
 *
 * @module
 */

// bits: positions inside a region are below 4096.

/** What the record of a page says. */
export type Form = 0 | 1 | 2 | 3 | 4;

/** The page has no record: the extents tell. */
export const NO_RECORD: Form = 0;
/** The page is touched, and all its bytes hold the background. */
export const UNIFORM: Form = 1;
/** The host took the page away; it reads as the background. */
export const DISCARDED: Form = 2;
/** The first bytes are stored in a slot, the rest holds the background. */
export const HEAD: Form = 3;
/** All bytes are stored in a slot. */
export const FULL: Form = 4;

/** Pages in a leaf, and leaves in a region. */
const FAN = 64;
/** Pages in a region. */
const REGION_PAGES = FAN * FAN;

function enlarged<T extends Uint8Array | Uint16Array | Int32Array | Float64Array>(
  old: T,
  make: (length: number) => T,
): T {
  const result = make(old.length * 2);
  result.set(old);
  return result;
}

/**
 * Records of pages, found by page number and walked in ascending order.
 *
 * ```text
 * regions (sorted)       node: 64 leaves      leaf: 64 records
 * number of 4096 pages -> leaf, leaf, 0 ... -> form, background, slot
 * ```
 *
 * A record is addressed by its *entry*, its position in {@linkcode forms}, {@linkcode backgrounds}
 * and {@linkcode slots}. Entries stay where they are until their leaf is dropped.
 */
export class PageDirectory {
  /** What each record says: a {@linkcode Form}. */
  forms: Uint8Array = new Uint8Array(FAN);
  /** The background of each record. */
  backgrounds: Uint16Array = new Uint16Array(FAN);
  /** Where each record's bytes are stored. */
  slots: Int32Array = new Int32Array(FAN);
  /** The regions' numbers, ascending, and the node of each. */
  #regions: Float64Array = new Float64Array(4);
  #nodeOf: Int32Array = new Int32Array(4);
  #regionCount = 0;
  /** For each node the numbers of its leaves; 0 for none. */
  #nodes: Int32Array = new Int32Array(FAN);
  #nodeCount = 0;
  /** Leaf 0 is never handed out. */
  #leafCount = 1;
  #freeNodes: number[] = [];
  #freeLeaves: number[] = [];
  /** The region found last and its node; -1 for none. */
  #lastRegion = -1;
  #lastNode = 0;

  /** The memory held, in bytes. */
  get residentBytes(): number {
    return this.forms.length * 7 + this.#regions.length * 12 + this.#nodes.length * 4 +
      (this.#freeLeaves.length + this.#freeNodes.length) * 8;
  }

  /** The index of the first region that does not lie below one. */
  #regionIndex(region: number): number {
    let low = 0;
    let high = this.#regionCount;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#regions[middle] ?? 0) < region) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #findNode(region: number): number {
    if (region === this.#lastRegion) return this.#lastNode;
    const index = this.#regionIndex(region);
    if (index === this.#regionCount || this.#regions[index] !== region) return -1;
    this.#lastRegion = region;
    this.#lastNode = this.#nodeOf[index] ?? 0;
    return this.#lastNode;
  }

  /** The entry of a page, or -1 if it has none; the record may still be {@linkcode NO_RECORD}. */
  find(page: number): number {
    const region = Math.floor(page / REGION_PAGES);
    const node = this.#findNode(region);
    if (node < 0) return -1;
    const inside = page - region * REGION_PAGES;
    const leaf = this.#nodes[node * FAN + (inside >>> 6)] ?? 0;
    return leaf === 0 ? -1 : leaf * FAN + (inside & 63);
  }

  /** The entry of a page, made if there is none; that may replace the three arrays by larger ones. */
  entryFor(page: number): number {
    const found = this.find(page);
    if (found >= 0) return found;
    const region = Math.floor(page / REGION_PAGES);
    const inside = page - region * REGION_PAGES;
    let node = this.#findNode(region);
    if (node < 0) node = this.#addRegion(region);
    const leaf = this.#freeLeaves.pop() ?? this.#newLeaf();
    this.#nodes[node * FAN + (inside >>> 6)] = leaf;
    return leaf * FAN + (inside & 63);
  }

  #newLeaf(): number {
    const leaf = this.#leafCount++;
    if (leaf * FAN === this.forms.length) {
      this.forms = enlarged(this.forms, (length) => new Uint8Array(length));
      this.backgrounds = enlarged(this.backgrounds, (length) => new Uint16Array(length));
      this.slots = enlarged(this.slots, (length) => new Int32Array(length));
    }
    return leaf;
  }

  #newNode(): number {
    const node = this.#nodeCount++;
    if (node * FAN === this.#nodes.length) {
      this.#nodes = enlarged(this.#nodes, (length) => new Int32Array(length));
    }
    return node;
  }

  #addRegion(region: number): number {
    if (this.#regionCount === this.#regions.length) {
      this.#regions = enlarged(this.#regions, (length) => new Float64Array(length));
      this.#nodeOf = enlarged(this.#nodeOf, (length) => new Int32Array(length));
    }
    const index = this.#regionIndex(region);
    this.#regions.copyWithin(index + 1, index, this.#regionCount);
    this.#nodeOf.copyWithin(index + 1, index, this.#regionCount);
    const node = this.#freeNodes.pop() ?? this.#newNode();
    this.#regions[index] = region;
    this.#nodeOf[index] = node;
    this.#regionCount++;
    return node;
  }

  /** The first page from `page` on, below `end`, that has a record; `end` if there is none. */
  next(page: number, end: number): number {
    let at = page;
    while (at < end) {
      const index = this.#regionIndex(Math.floor(at / REGION_PAGES));
      if (index === this.#regionCount) return end;
      const start = (this.#regions[index] ?? 0) * REGION_PAGES;
      const stop = Math.min(end, start + REGION_PAGES);
      at = this.#nextInRegion(Math.max(at, start), stop, start, this.#nodeOf[index] ?? 0);
      if (at < stop) return at;
    }
    return end;
  }

  #nextInRegion(page: number, end: number, start: number, node: number): number {
    let inside = page - start;
    while (inside < end - start) {
      const leaf = this.#nodes[node * FAN + (inside >>> 6)] ?? 0;
      if (leaf === 0) {
        inside = (inside | 63) + 1;
        continue;
      }
      const stop = Math.min((inside | 63) + 1, end - start);
      for (; inside < stop; inside++) {
        if (this.forms[leaf * FAN + (inside & 63)] !== NO_RECORD) return start + inside;
      }
    }
    return end;
  }

  /** Forgets the records of `[first, end)`; `release` takes each slot that held bytes. */
  drop(first: number, end: number, release: (form: number, slot: number) => void): void {
    const from = this.#regionIndex(Math.floor(first / REGION_PAGES));
    let kept = from;
    let index = from;
    for (; index < this.#regionCount; index++) {
      const start = (this.#regions[index] ?? 0) * REGION_PAGES;
      const node = this.#nodeOf[index] ?? 0;
      if (start >= end) break;
      const low = Math.max(first - start, 0);
      const high = Math.min(end - start, REGION_PAGES);
      this.#dropInNode(node, low, high, release);
      if (high - low === REGION_PAGES) {
        this.#freeNodes.push(node);
      } else {
        this.#regions[kept] = this.#regions[index] ?? 0;
        this.#nodeOf[kept++] = node;
      }
    }
    this.#regions.copyWithin(kept, index, this.#regionCount);
    this.#nodeOf.copyWithin(kept, index, this.#regionCount);
    this.#regionCount -= index - kept;
    this.#lastRegion = -1;
  }

  #dropInNode(
    node: number,
    low: number,
    high: number,
    release: (form: number, slot: number) => void,
  ): void {
    for (let start = low - low % FAN; start < high; start += FAN) {
      const leaf = this.#nodes[node * FAN + (start >>> 6)] ?? 0;
      if (leaf === 0) continue;
      const from = Math.max(low - start, 0);
      const to = Math.min(high - start, FAN);
      for (let entry = leaf * FAN + from; entry < leaf * FAN + to; entry++) {
        const form = this.forms[entry] ?? NO_RECORD;
        if (form >= HEAD) release(form, this.slots[entry] ?? 0);
        this.forms[entry] = NO_RECORD;
      }
      if (to - from < FAN) continue;
      this.#nodes[node * FAN + (start >>> 6)] = 0;
      this.#freeLeaves.push(leaf);
    }
  }

  /** An independent copy. */
  clone(): PageDirectory {
    const copy = new PageDirectory();
    copy.forms = this.forms.slice();
    copy.backgrounds = this.backgrounds.slice();
    copy.slots = this.slots.slice();
    copy.#regions = this.#regions.slice();
    copy.#nodeOf = this.#nodeOf.slice();
    copy.#regionCount = this.#regionCount;
    copy.#nodes = this.#nodes.slice();
    copy.#nodeCount = this.#nodeCount;
    copy.#leafCount = this.#leafCount;
    copy.#freeNodes = this.#freeNodes.slice();
    copy.#freeLeaves = this.#freeLeaves.slice();
    return copy;
  }
}
