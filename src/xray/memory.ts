/**
 * The memory of a dump as an observer reads it: by physical address, a few pages at a time.
 *
 * Nothing is loaded whole. Single words come out of a cache of file blocks of a fixed size; long ranges
 * are read piece by piece into a buffer.
 *
 * @module
 */

import type { Observer } from "../alloc_page/mod.ts";
import type { StateRun } from "../page_allocator.ts";
import type { ByteOrder } from "../word.ts";
import type { Segment } from "./elf.ts";
import { readExactly } from "./source.ts";
import type { DumpSource } from "./source.ts";

/** The size of a block of the cache. */
const BLOCK_BYTES = 4096;
/** The number of blocks in the cache: 4 MiB. */
const BLOCKS = 1024;
/** Long ranges are read in pieces: small ones at first, because often they tell enough. */
const FIRST_PIECE_BYTES = 2 ** 12;
const PIECE_BYTES = 2 ** 18;
/** What has more runs is no metadata: in 32 GiB of memory each page would differ from the one before. */
const MOST_RUNS = 2 ** 23;

/** Bytes that stand before those of the dump: a descriptor that was worked out. */
interface Patch {
  readonly first: bigint;
  readonly bytes: Uint8Array;
}

/** The memory of a dump, by physical address. */
export class DumpMemory {
  /** The segments by ascending address. */
  readonly segments: readonly Segment[];
  readonly #source: DumpSource;
  readonly #cache = new Uint8Array(BLOCKS * BLOCK_BYTES);
  readonly #cached = new Float64Array(BLOCKS).fill(-1);
  readonly #cacheView = new DataView(this.#cache.buffer);
  readonly #patches: Patch[] = [];

  /** Makes the memory of a dump. */
  constructor(source: DumpSource, segments: readonly Segment[]) {
    this.#source = source;
    this.segments = segments;
  }

  /** The memory as a page allocator's observer reads it; virtual addresses equal physical ones. */
  observer(byteOrder: ByteOrder): Observer {
    return {
      changes: () => 0,
      isAsItWas: () => true,
      peek: (address, sizeBytes) => this.peek(address, sizeBytes, byteOrder),
      peekBytes: (address, length) => this.peekBytes(address, length),
      peekRuns: (address, length) => this.peekRuns(address, length),
    };
  }

  /** Has bytes read in place of those of the dump, or where the dump has none. */
  patch(first: bigint, bytes: Uint8Array): void {
    this.#patches.push({ first, bytes });
  }

  /** The index of the last segment that begins at or below an address; -1 if none does. */
  #indexAt(address: bigint): number {
    let [low, high] = [0, this.segments.length];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if ((this.segments[middle]?.first ?? 0n) <= address) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** The segment that holds an address; undefined if none does. */
  #segmentAt(address: bigint): Segment | undefined {
    const found = this.segments[this.#indexAt(address)];
    return found !== undefined && address < found.first + found.size ? found : undefined;
  }

  /** Whether the dump holds all of a range. */
  has(address: bigint, length: bigint): boolean {
    return this.#endFrom(address, address + length) === address + length;
  }

  /** Reads a range; what the dump does not hold is 0. */
  readInto(address: bigint, into: Uint8Array): void {
    let done = 0;
    for (const { first, size, offset, stored } of this.#segmentsIn(address, into.length)) {
      const from = address > first ? address : first;
      const within = Number(from - first);
      const at = Number(from - address);
      const room = Math.min(into.length - at, Number(size) - within);
      const count = Math.min(room, stored - within);
      if (count <= 0) continue;
      into.fill(0, done, at);
      done = at + count;
      readExactly(this.#source, offset + within, into.subarray(at, done));
    }
    into.fill(0, done);
    this.#applyPatches(address, into);
  }

  *#segmentsIn(address: bigint, length: number): Generator<Segment> {
    const end = address + BigInt(length);
    for (let index = Math.max(0, this.#indexAt(address));; index++) {
      const segment = this.segments[index];
      if (segment === undefined || segment.first >= end) return;
      if (segment.first + segment.size > address) yield segment;
    }
  }

  #applyPatches(address: bigint, into: Uint8Array): void {
    const end = address + BigInt(into.length);
    for (const { first, bytes } of this.#patches) {
      if (first >= end || first + BigInt(bytes.length) <= address) continue;
      const skipped = first < address ? Number(address - first) : 0;
      const at = first < address ? 0 : Number(first - address);
      into.set(bytes.subarray(skipped, skipped + into.length - at), at);
    }
  }

  /** Reads some bytes through the cache; null where one of them is not in the dump. */
  peekBytes(address: bigint, length: number): Uint8Array<ArrayBuffer> | null {
    const bytes = new Uint8Array(length);
    const patch = this.#patches.find(({ first, bytes: own }) =>
      first <= address && address + BigInt(length) <= first + BigInt(own.length)
    );
    if (patch === undefined) return this.#fetch(address, bytes) ? bytes : null;
    const at = Number(address - patch.first);
    bytes.set(patch.bytes.subarray(at, at + length));
    return bytes;
  }

  #fetch(address: bigint, into: Uint8Array): boolean {
    for (let done = 0; done < into.length;) {
      const at = address + BigInt(done);
      const segment = this.#segmentAt(at);
      if (segment === undefined) return false;
      const within = Number(at - segment.first);
      const room = Math.min(into.length - done, Number(segment.size) - within);
      const stored = Math.max(0, Math.min(room, segment.stored - within));
      this.#fromFile(segment.offset + within, into.subarray(done, done + stored));
      into.fill(0, done + stored, done + room);
      done += room;
    }
    this.#applyPatches(address, into);
    return true;
  }

  #fromFile(offset: number, into: Uint8Array): void {
    for (let done = 0; done < into.length;) {
      const block = Math.floor((offset + done) / BLOCK_BYTES);
      const within = offset + done - block * BLOCK_BYTES;
      const count = Math.min(into.length - done, BLOCK_BYTES - within);
      const base = this.#blockAt(block);
      into.set(this.#cache.subarray(base + within, base + within + count), done);
      done += count;
    }
  }

  /** Where in the cache a block of the file stands; it is read if it does not. */
  #blockAt(block: number): number {
    const slot = block % BLOCKS;
    const base = slot * BLOCK_BYTES;
    if (this.#cached[slot] === block) return base;
    const first = block * BLOCK_BYTES;
    const count = Math.min(BLOCK_BYTES, this.#source.size - first);
    this.#cached[slot] = -1;
    readExactly(this.#source, first, this.#cache.subarray(base, base + count));
    this.#cached[slot] = block;
    return base;
  }

  /** Reads a number; null where it is not in the dump. */
  peek(address: bigint, sizeBytes: 1 | 2 | 4 | 8, byteOrder: ByteOrder): bigint | null {
    const isLittle = byteOrder === "little";
    const at = this.#cachedAt(address, sizeBytes);
    if (at !== null) return numberAt(this.#cacheView, at, sizeBytes, isLittle);
    const bytes = this.peekBytes(address, sizeBytes);
    return bytes === null ? null : numberAt(new DataView(bytes.buffer), 0, sizeBytes, isLittle);
  }

  /** Where in the cache some bytes stand, once they are read; null if they lie across or are patched. */
  #cachedAt(address: bigint, length: number): number | null {
    const segment = this.#patches.length > 0 ? undefined : this.#segmentAt(address);
    if (segment === undefined) return null;
    const within = Number(address - segment.first);
    const at = (segment.offset + within) % BLOCK_BYTES;
    if (within + length > segment.stored || at + length > BLOCK_BYTES) return null;
    return this.#blockAt(Math.floor((segment.offset + within) / BLOCK_BYTES)) + at;
  }

  /** Reads a range as runs of equal bytes; null if a part is not in the dump, or they are too many. */
  peekRuns(address: bigint, length: bigint): StateRun[] | null {
    if (!this.has(address, length)) return null;
    const runs: StateRun[] = [];
    for (const run of this.runsFrom(address, length)) {
      if (runs.length === MOST_RUNS) return null;
      runs.push(run);
    }
    return runs;
  }

  /** Reads a range as runs of equal bytes, piece by piece; it ends where the dump does. */
  *runsFrom(address: bigint, length: bigint): Generator<StateRun> {
    const buffer = new Uint8Array(Number(length < BigInt(PIECE_BYTES) ? length : PIECE_BYTES));
    let run = { state: -1, count: 0 };
    let size = Math.min(FIRST_PIECE_BYTES, buffer.length);
    for (let at = 0n; at < length;) {
      const left = length - at;
      const wanted = left < BigInt(size) ? Number(left) : size;
      const room = Number(
        this.#endFrom(address + at, address + at + BigInt(wanted)) - address - at,
      );
      const piece = buffer.subarray(0, room);
      this.readInto(address + at, piece);
      for (let index = 0; index < room;) {
        const state = piece[index] ?? 0;
        const end = endOfEqual(piece, index);
        if (state === run.state) run = { state, count: run.count + end - index };
        else {
          if (run.count > 0) yield run;
          run = { state, count: end - index };
        }
        index = end;
      }
      if (room < wanted) break;
      at += BigInt(wanted);
      size = Math.min(4 * size, buffer.length);
    }
    if (run.count > 0) yield run;
  }

  /** How many bytes from an address on the dump holds without a gap. */
  roomFrom(address: bigint): bigint {
    return this.#endFrom(address, 1n << 64n) - address;
  }

  #endFrom(address: bigint, limit: bigint): bigint {
    let at = address;
    while (at < limit) {
      const segment = this.#segmentAt(at);
      if (segment === undefined) break;
      at = segment.first + segment.size;
    }
    return at < limit ? at : limit;
  }
}

/** A number in a view. */
function numberAt(view: DataView, at: number, size: 1 | 2 | 4 | 8, isLittle: boolean): bigint {
  if (size === 8) return view.getBigUint64(at, isLittle);
  if (size === 4) return BigInt(view.getUint32(at, isLittle));
  return BigInt(size === 2 ? view.getUint16(at, isLittle) : view.getUint8(at));
}

/** The first index behind one whose byte differs from the one there. */
function endOfEqual(bytes: Uint8Array, index: number): number {
  const byte = bytes[index];
  let end = index + 1;
  while (end < bytes.length && bytes[end] === byte) end++;
  return end;
}
