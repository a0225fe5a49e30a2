/**
 * Going through a dump once, for what can be the descriptor of an area or the beginning of its metadata.
 *
 * A descriptor is known by its first three members: the metadata begins at a page, the first usable frame
 * comes as many pages behind as the metadata of just so many frames needs, and the last one behind that.
 * Metadata is known by its first bytes: blocks of order k are 2^k equal bytes.
 *
 * Pages of zeroes are passed over: neither can stand in them.
 *
 * @module
 */

import type { DescriptorLayout } from "../alloc_page/mod.ts";
import type { ByteOrder } from "../word.ts";
import type { Segment } from "./elf.ts";
import type { DumpMemory } from "./memory.ts";

/** A way in which descriptors can be written. */
export interface DescriptorForm extends Pick<DescriptorLayout, "pfnBytes" | "top" | "pageStates"> {
  /** The size of a pointer. */
  readonly word: 4 | 8;
  /** The byte order. */
  readonly byteOrder: ByteOrder;
}

/** What can be a descriptor: its place, and what its members say. */
export interface DescriptorTrace {
  /** The address. */
  readonly address: bigint;
  /** How it is written. */
  readonly form: DescriptorForm;
  /** The base-2 logarithm of the page size that makes its members fit. */
  readonly pageShift: number;
  /** The first page of the metadata. */
  readonly metadata: number;
  /** The first usable frame. */
  readonly base: number;
  /** The first frame after. */
  readonly top: number;
}

/** Somebody who is told of what was found. */
export interface ScanListener {
  /** Something that can be a descriptor. */
  onDescriptor(trace: DescriptorTrace): void;
  /** A page of 4 KiB that can be the first of an area's metadata, by its address. */
  onMetadata(address: bigint): void;
  /** Whether nothing more needs to be found. */
  isDone(): boolean;
  /** Where the search goes on: the address given, or one behind memory that needs no search. */
  skip(address: bigint): bigint;
  /** Told how many bytes lie behind the search, which is about to read more; whether it may. */
  mayRead(done: number): boolean;
}

/** Memory is read in pieces of this size, which fit a processor's cache. */
const PIECE_BYTES = 2 ** 18;
/** Segments up to this size are looked at first. */
const SMALL_BYTES = 2n ** 20n;
const PAGE_BYTES = 4096;
/** So many bytes behind a piece are read as well: a descriptor's first members may lie across. */
const OVERLAP_BYTES = 32;
/** The members that are looked at take at most so many bytes. */
const MEMBER_BYTES = 24;
/** Upstream asserts that an area has more than so many frames. */
const FEWEST_FRAMES = 4;

/**
 * The number of pages that the metadata of a range takes.
 *
 * Source: `lib/alloc_page.c`, `_page_alloc_init_area()`, 4a54e8a3.
 *
 * @param frames the number of frames of the range, metadata included
 * @param pageBytes the page size
 * @returns the count
 */
export function metadataPages(frames: number, pageBytes: number): number {
  return Math.floor((frames + pageBytes) / (pageBytes + 1));
}

/**
 * Tells whether three numbers are those of an area.
 *
 * @param metadata the first page of the metadata
 * @param base the first usable frame
 * @param top the first frame after
 * @param pageBytes the page size
 * @returns true if the metadata has the size that the frames need
 */
export function areMembersOfArea(
  metadata: number,
  base: number,
  top: number,
  pageBytes: number,
): boolean {
  return metadata < base && base < top && top - metadata > FEWEST_FRAMES &&
    metadataPages(top - metadata, pageBytes) === base - metadata;
}

/** Whether bytes can be the first page states of an area: 2^k equal ones of order k, and not all 0. */
function canBeStates(bytes: Uint8Array, at: number): boolean {
  const [first, second, third, fourth] = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
  if (first === undefined || second === undefined || third === undefined) return false;
  if (first === 0 && second === 0 && third === 0 && fourth === 0) return false;
  const order = first % 64;
  if (order >= 52 || (order >= 1 && second !== first)) return false;
  return order < 2 || (third === first && fourth === first);
}

/** A piece of memory, as it is looked at: as numbers of a byte order, as halves of words, as bytes. */
interface Piece {
  readonly view: DataView;
  readonly halves: Uint16Array;
  readonly bytes: Uint8Array;
}

/** Told of a place in a piece, of a page size, and of the members that fit it. */
type Tell = (at: number, pageShift: number, members: readonly [number, number, number]) => void;

/** Looks for descriptors of one form in a piece of memory. */
class DescriptorSearch {
  readonly #form: DescriptorForm;
  readonly #shifts: readonly number[];
  readonly #isLittle: boolean;

  constructor(form: DescriptorForm, shifts: readonly number[]) {
    this.#form = form;
    this.#shifts = shifts;
    this.#isLittle = form.byteOrder === "little";
  }

  /** Tells of what begins in `[from, end)` of a piece of memory. */
  search({ view, halves, bytes }: Piece, from: number, end: number, tell: Tell): void {
    const { pfnBytes, word, top, pageStates } = this.#form;
    // What is 0 in every descriptor is looked at first, because that costs little: the lowest 12 bits of
    // the pointer, and the upper 16 bits of wide frame numbers, which no physical address reaches.
    const [lowest, second] = this.#isLittle ? [0, 1] : [word - 1, word - 2];
    const high = this.#isLittle ? 6 : 0;
    const step = Math.min(word, pfnBytes);
    const last = Math.min(end, view.byteLength - MEMBER_BYTES + 1);
    for (let at = from; at < last; at += step) {
      const pointer = at + pageStates;
      if (bytes[pointer + lowest] !== 0 || (bytes[pointer + second] ?? 0) % 16 !== 0) continue;
      if (pfnBytes === 8) {
        if (halves[(at + high) / 2] !== 0 || halves[(at + top + high) / 2] !== 0) continue;
      }
      this.#look(view, at, tell);
    }
  }

  #look(view: DataView, at: number, tell: Tell): void {
    const { pfnBytes, word, top: topAt, pageStates } = this.#form;
    const base = this.#numberAt(view, at, pfnBytes);
    const top = base === 0 ? 0 : this.#numberAt(view, at + topAt, pfnBytes);
    if (top <= base) return;
    const states = this.#numberAt(view, at + pageStates, word);
    if (states % PAGE_BYTES !== 0) return;
    for (const shift of this.#shifts) {
      const pageBytes = 2 ** shift;
      const metadata = states / pageBytes;
      if (!Number.isInteger(metadata)) continue;
      if (areMembersOfArea(metadata, base, top, pageBytes)) {
        tell(at, shift, [metadata, base, top]);
      }
    }
  }

  /** A number; of 8 bytes it may lose its last bits, which no frame number has. */
  #numberAt(view: DataView, at: number, size: 4 | 8): number {
    const isLittle = this.#isLittle;
    if (size === 4) return view.getUint32(at, isLittle);
    const [low, high] = isLittle ? [at, at + 4] : [at + 4, at];
    return view.getUint32(high, isLittle) * 2 ** 32 + view.getUint32(low, isLittle);
  }
}

/** Whether a page holds nothing but zeroes; four words at a time, because most of memory does. */
// bits: a word of 32 bits is not 0 if one of its bits is set.
function isZero(words: Int32Array, first: number, end: number): boolean {
  const word = (at: number): number => words[at] ?? 0;
  for (let at = first; at < end; at += 4) {
    if ((word(at) | word(at + 1) | word(at + 2) | word(at + 3)) !== 0) return false;
  }
  return true;
}

/** Stored memory in whole pages, from the first address to the first one after. */
interface Span {
  readonly first: bigint;
  end: bigint;
}

/**
 * The stored memory of segments: whole pages, each once. Small spans come first: where descriptors have a
 * segment of their own, nothing else needs to be read. The others ascend, because images lie low.
 */
function spansOf(segments: readonly Segment[]): Span[] {
  const page = BigInt(PAGE_BYTES);
  const spans: Span[] = [];
  for (const { first, stored } of segments) {
    const from = first - first % page;
    const end = (first + BigInt(stored) + page - 1n) / page * page;
    const last = spans.at(-1);
    if (last !== undefined && from <= last.end) last.end = end > last.end ? end : last.end;
    else spans.push({ first: from, end });
  }
  const isSmall = ({ first, end }: Span): boolean => end - first <= SMALL_BYTES;
  return [...spans.filter(isSmall), ...spans.filter((span) => !isSmall(span))];
}

/**
 * Goes through all memory that the dump stores.
 *
 * @param memory the dump
 * @param forms the ways in which descriptors can be written
 * @param pageShifts the page sizes that there can be
 * @param listener told of what is found
 */
export function scanMemory(
  memory: DumpMemory,
  forms: readonly DescriptorForm[],
  pageShifts: readonly number[],
  listener: ScanListener,
): void {
  const searches = forms.map((form) => ({ form, search: new DescriptorSearch(form, pageShifts) }));
  const buffer = new Uint8Array(PIECE_BYTES + OVERLAP_BYTES);
  const view = new DataView(buffer.buffer);
  const words = new Int32Array(buffer.buffer);
  const piece = { view, halves: new Uint16Array(buffer.buffer), bytes: buffer };
  let done = 0;
  const lookAtPage = (address: bigint, at: number): void => {
    for (const { form, search } of searches) {
      search.search(piece, at, at + PAGE_BYTES, (found, pageShift, [metadata, base, top]) => {
        const place = address + BigInt(found - at);
        listener.onDescriptor({ address: place, form, pageShift, metadata, base, top });
      });
    }
    if (canBeStates(buffer, at)) listener.onMetadata(address);
  };
  for (const { first, end } of spansOf(memory.segments)) {
    let at = first;
    while (at < end && !listener.isDone()) {
      const next = listener.skip(at);
      if (next > at) {
        at = next - next % BigInt(PAGE_BYTES);
        if (next > at) at += BigInt(PAGE_BYTES);
        continue;
      }
      if (!listener.mayRead(done)) return;
      const left = end - at;
      const count = left < BigInt(PIECE_BYTES) ? Number(left) : PIECE_BYTES;
      memory.readInto(at, buffer.subarray(0, count + OVERLAP_BYTES));
      done += count;
      for (let page = 0; page < count; page += PAGE_BYTES) {
        const address = at + BigInt(page);
        if (listener.isDone()) return;
        if (isZero(words, page / 4, (page + PAGE_BYTES) / 4)) continue;
        if (listener.skip(address) === address) lookAtPage(address, page);
      }
      at += BigInt(count);
    }
  }
}
