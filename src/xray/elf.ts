/**
 * The headers of an ELF core: where in the file which physical memory stands.
 *
 * ```text
 *   ELF header         class, byte order, type (4: a core), machine, where the program headers are
 *   section header 0   sh_info: how many program headers there are, if e_phnum is 0xffff
 *   program headers    PT_LOAD: p_offset, p_paddr, p_filesz, p_memsz; PT_NOTE: p_offset, p_filesz;
 *                      all others are passed over
 * ```
 *
 * @module
 */

import type { ByteOrder, WordBits } from "../word.ts";
import { DumpError } from "./errors.ts";
import { readExactly } from "./source.ts";
import type { DumpSource } from "./source.ts";

/** A range of physical memory and where its bytes stand in the file. */
export interface Segment {
  /** The physical address of the first byte. */
  readonly first: bigint;
  /** The size in bytes. */
  readonly size: bigint;
  /** The offset in the file. */
  readonly offset: number;
  /** How many bytes stand in the file; what is missing at the end is 0. */
  readonly stored: number;
}

/** What the headers of an ELF core say. */
export interface ElfCore {
  /** The class. */
  readonly wordBits: WordBits;
  /** The byte order. */
  readonly byteOrder: ByteOrder;
  /** The number of the architecture, `e_machine`. */
  readonly machine: number;
  /** The segments by ascending address. */
  readonly segments: readonly Segment[];
  /** Where notes stand in the file; those that would begin behind its end are left out. */
  readonly notes: ReadonlyArray<{ readonly offset: number; readonly size: number }>;
}

/** The type of a core file. */
export const ET_CORE = 4;
/** The type of a program header of memory. */
export const PT_LOAD = 1;
/** The type of a program header of notes. */
const PT_NOTE = 4;
/** The number of program headers that stands for "see section header 0". */
export const PN_XNUM = 0xffff;

/** The first four bytes of every ELF file. */
export const ELF_MAGIC: readonly number[] = [0x7f, 0x45, 0x4c, 0x46];

/** More program headers than that are no dump of a guest: they would take 56 MiB. */
const MOST_HEADERS = 2 ** 20;
/** A program header has 32 or 56 bytes; the format leaves room for more. */
const LARGEST_HEADER = 64;

/** QEMU writes one segment of notes; more than that are not read. */
const MOST_NOTES = 16;

const TYPES: Readonly<Record<number, string>> = {
  1: "an object file",
  2: "an executable",
  3: "a shared object",
};

/** The offsets of the members that are read, for a class. */
interface Layout {
  readonly headerBytes: number;
  readonly phoff: number;
  readonly shoff: number;
  readonly phentsize: number;
  readonly phnum: number;
  readonly entryBytes: number;
  readonly sectionBytes: number;
  readonly sectionInfo: number;
  readonly offset: number;
  readonly paddr: number;
  readonly filesz: number;
  readonly memsz: number;
}

const LAYOUTS: Readonly<Record<WordBits, Layout>> = {
  32: {
    headerBytes: 52,
    phoff: 28,
    shoff: 32,
    phentsize: 42,
    phnum: 44,
    entryBytes: 32,
    sectionBytes: 40,
    sectionInfo: 28,
    offset: 4,
    paddr: 12,
    filesz: 16,
    memsz: 20,
  },
  64: {
    headerBytes: 64,
    phoff: 32,
    shoff: 40,
    phentsize: 54,
    phnum: 56,
    entryBytes: 56,
    sectionBytes: 64,
    sectionInfo: 44,
    offset: 8,
    paddr: 24,
    filesz: 32,
    memsz: 40,
  },
};

function hex(value: bigint | number): string {
  return `0x${value.toString(16)}`;
}

function refuse(what: string): never {
  throw new DumpError(`Cannot read the ELF core: ${what}`);
}

/** The headers as they are read: class, byte order, and numbers of both. */
class Headers {
  readonly wordBits: WordBits;
  readonly byteOrder: ByteOrder;
  readonly layout: Layout;
  readonly #source: DumpSource;
  readonly #view: DataView;

  constructor(source: DumpSource) {
    const ident = new Uint8Array(16);
    if (source.size < 16) refuse(`the file must not end at ${hex(source.size)}, in its header`);
    readExactly(source, 0, ident);
    const [elfClass, data] = [ident[4] ?? 0, ident[5] ?? 0];
    if (elfClass !== 1 && elfClass !== 2) {
      refuse(`byte 4, the class, must be 1 or 2, it is ${elfClass}`);
    }
    if (data !== 1 && data !== 2) refuse(`byte 5, the byte order, must be 1 or 2, it is ${data}`);
    this.wordBits = elfClass === 1 ? 32 : 64;
    this.byteOrder = data === 1 ? "little" : "big";
    this.layout = LAYOUTS[this.wordBits];
    this.#source = source;
    this.#view = this.read(0, this.layout.headerBytes, "the ELF header");
  }

  /** Reads a piece of the file that has to be there. */
  read(offset: number, length: number, what: string): DataView {
    if (offset + length > this.#source.size) {
      refuse(
        `${what} at offset ${hex(offset)} must end inside the file, which has ${
          hex(this.#source.size)
        } bytes; it may be cut off`,
      );
    }
    const bytes = new Uint8Array(length);
    readExactly(this.#source, offset, bytes);
    return new DataView(bytes.buffer);
  }

  half(at: number, view: DataView = this.#view): number {
    return view.getUint16(at, this.byteOrder === "little");
  }

  int(at: number, view: DataView = this.#view): number {
    return view.getUint32(at, this.byteOrder === "little");
  }

  /** A number as wide as the class. */
  wide(at: number, view: DataView = this.#view): bigint {
    return this.wordBits === 64
      ? view.getBigUint64(at, this.byteOrder === "little")
      : BigInt(this.int(at, view));
  }

  /** An offset in the file, which has to lie in it. */
  place(at: number, what: string): number {
    const value = this.wide(at);
    if (value > BigInt(this.#source.size)) {
      refuse(
        `${what} at ${hex(value)} must lie inside the file, which has ${
          hex(this.#source.size)
        } bytes; it may be cut off`,
      );
    }
    return Number(value);
  }
}

/** The number of program headers; where 16 bits do not hold it, section header 0 does. */
function headerCount(headers: Headers): number {
  const { layout } = headers;
  const count = headers.half(layout.phnum);
  if (count !== PN_XNUM) return count;
  const at = headers.place(layout.shoff, "section header 0");
  if (at === 0) refuse("e_phnum is 0xffff, so section header 0 must be there and hold the number");
  const section = headers.read(at, layout.sectionBytes, "section header 0");
  return headers.int(layout.sectionInfo, section);
}

/** A segment with the place of its header, for messages. */
interface Placed extends Segment {
  readonly header: number;
}

function segmentOf(headers: Headers, table: DataView, at: number, header: number): Placed | null {
  const { layout } = headers;
  if (headers.int(at, table) !== PT_LOAD) return null;
  const [offset, first, stored, size] = [layout.offset, layout.paddr, layout.filesz, layout.memsz]
    .map((member) => headers.wide(at + member, table));
  if (offset === undefined || first === undefined || stored === undefined) return null;
  if (size === undefined || size === 0n) return null;
  if (stored > size) {
    refuse(
      `the program header at ${hex(header)} has ${hex(stored)} bytes in the file, ` +
        `which must not exceed the ${hex(size)} in memory`,
    );
  }
  if (first + size > 1n << 64n) {
    refuse(
      `the memory of the program header at ${hex(header)}, ${hex(size)} bytes at ${hex(first)}, ` +
        "must end at or below 2^64",
    );
  }
  return { first, size, offset: Number(offset), stored: Number(stored), header };
}

function checkInFile({ offset, stored, header }: Placed, fileSize: number): void {
  if (offset + stored <= fileSize) return;
  refuse(
    `the bytes of the program header at ${hex(header)}, ${hex(stored)} at offset ${hex(offset)}, ` +
      `must end inside the file, which has ${hex(fileSize)}; it may be cut off`,
  );
}

function checkDisjoint(sorted: readonly Placed[]): void {
  for (const [index, segment] of sorted.entries()) {
    const next = sorted[index + 1];
    if (next === undefined || segment.first + segment.size <= next.first) continue;
    refuse(
      `the memory of the program headers at ${hex(segment.header)} and ${hex(next.header)} ` +
        `must not overlap at ${hex(next.first)}; make the dump without -p`,
    );
  }
}

/**
 * Reads the headers of an ELF core.
 *
 * @param source the file, which begins with {@linkcode ELF_MAGIC}
 * @returns what they say
 * @throws {DumpError} if it is no core, or a header is cut off, or its memory overlaps or lies beyond
 * the end of the file; the message names the offset
 */
export function readElfCore(source: DumpSource): ElfCore {
  const headers = new Headers(source);
  const { layout, wordBits, byteOrder } = headers;
  const type = headers.half(16);
  if (type !== ET_CORE) {
    const name = TYPES[type] ?? "something else";
    refuse(`the type at offset 0x10 must be 4, a core, it is ${type}, ${name}`);
  }
  const entryBytes = headers.half(layout.phentsize);
  const count = headerCount(headers);
  if (count > 0 && (entryBytes < layout.entryBytes || entryBytes > LARGEST_HEADER)) {
    refuse(
      `a program header must have ${layout.entryBytes} to ${LARGEST_HEADER} bytes, it has ${entryBytes}`,
    );
  }
  if (count > MOST_HEADERS) refuse(`there must be at most ${MOST_HEADERS} segments, not ${count}`);
  const at = headers.place(layout.phoff, "the program headers");
  const table = headers.read(at, count * entryBytes, `${count} program headers`);
  const segments: Placed[] = [];
  const notes: { offset: number; size: number }[] = [];
  for (let index = 0; index < count; index++) {
    const entry = index * entryBytes;
    if (headers.int(entry, table) === PT_NOTE && notes.length < MOST_NOTES) {
      const offset = Number(headers.wide(entry + layout.offset, table));
      const size = Number(headers.wide(entry + layout.filesz, table));
      if (offset < source.size) notes.push({ offset, size });
    }
    const segment = segmentOf(headers, table, entry, at + entry);
    if (segment === null) continue;
    checkInFile(segment, source.size);
    segments.push(segment);
  }
  if (segments.length === 0) refuse("it must have a segment with memory");
  segments.sort((one, other) => one.first < other.first ? -1 : 1);
  checkDisjoint(segments);
  return { wordBits, byteOrder, machine: headers.half(18), segments, notes };
}
