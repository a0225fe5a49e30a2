/**
 * A machine's memory as a dump: the file that QEMU would write, piece by piece and without what is 0.
 *
 * @module
 */

import type { Machine } from "../machine.ts";
import { endOfRange, isMemory } from "../memory/mod.ts";
import type { MemoryRange } from "../memory/mod.ts";
import { byteCount, physAddr } from "../units.ts";
import { bytesOf } from "./decode.ts";
import { ELF_MAGIC, ET_CORE, PN_XNUM, PT_LOAD } from "./elf.ts";
import { firstRamOf } from "./shapes.ts";

/** The forms in which a dump can be written. */
export const DUMP_FORMS = ["raw", "elf"] as const;

/** A form in which a dump can be written. */
export type DumpForm = typeof DUMP_FORMS[number];

/** Some bytes of a file; what no piece covers is 0. */
export interface DumpPiece {
  /** Where they begin in the file. */
  readonly offset: number;
  /** The bytes; valid until the next piece is taken. */
  readonly bytes: Uint8Array;
}

/** A range of physical memory. */
export interface DumpRange {
  /** The first byte. */
  readonly first: bigint;
  /** The first address after. */
  readonly end: bigint;
}

/** A dump that can be written. */
export interface DumpPlan {
  /** The form. */
  readonly form: DumpForm;
  /** The size of the file in bytes. */
  readonly size: number;
  /** The ranges that it holds, by ascending address. */
  readonly ranges: readonly DumpRange[];
  /** Memory that it does not hold: what a raw dump cannot reach. */
  readonly leftOut: readonly DumpRange[];
  /** Makes the pieces by ascending offset. */
  pieces(): Iterable<DumpPiece>;
}

const PAGE_BYTES = 4096n;
/** Pieces have at most so many bytes. */
const PIECE_BYTES = 2n ** 20n;
/** A raw dump may have so many bytes; a sparse file of that size is nothing that tools handle. */
const MOST_RAW = 2n ** 46n;

/** Whether somebody has written to a range. */
function isTouched({ ram }: Machine, range: MemoryRange): boolean {
  const [from, to] = [range.first / PAGE_BYTES, (endOfRange(range) + PAGE_BYTES - 1n) / PAGE_BYTES];
  return [...ram.touchedPages(Number(from), Number(to))].length > 0;
}

/** All RAM of a machine, and reserved ranges that are in use, neighbouring ones joined. */
function memoryOf(machine: Machine): DumpRange[] {
  const ranges: { first: bigint; end: bigint }[] = [];
  const used = machine.ram.map.ranges.filter((range) =>
    range.kind === "ram" || (isMemory(range) && isTouched(machine, range))
  );
  for (const range of used) {
    const last = ranges.at(-1);
    if (last?.end === range.first) last.end = endOfRange(range);
    else ranges.push({ first: range.first, end: endOfRange(range) });
  }
  return ranges;
}

/** The parts of a range that can be other than 0, by ascending address. */
function* filledParts({ ram, options }: Machine, { first, end }: DumpRange): Generator<DumpRange> {
  if (options.powerOn.kind !== "zero") {
    yield { first, end };
    return;
  }
  const [from, to] = [first / PAGE_BYTES, (end + PAGE_BYTES - 1n) / PAGE_BYTES];
  for (const run of ram.touchedPages(Number(from), Number(to))) {
    if (run.backing !== "touched") continue;
    const last = run.first + BigInt(run.count) * PAGE_BYTES;
    yield { first: run.first > first ? run.first : first, end: last < end ? last : end };
  }
}

/** The bytes of a range as pieces of a file in which it begins at an offset. */
function* piecesOf(machine: Machine, range: DumpRange, offset: number): Generator<DumpPiece> {
  for (const part of filledParts(machine, range)) {
    for (let at = part.first; at < part.end; at += PIECE_BYTES) {
      const left = part.end - at;
      const size = byteCount(left < PIECE_BYTES ? left : PIECE_BYTES);
      const bytes = machine.ram.peekBytes(physAddr(at), Number(size));
      if (bytes !== null) yield { offset: offset + Number(at - range.first), bytes };
    }
  }
}

/** A raw dump: from the architecture's first RAM, or the machine's, to the end of its RAM. */
function planRaw(machine: Machine): DumpPlan {
  const ram = machine.ram.map.ranges.filter(({ kind }) => kind === "ram");
  const usual = firstRamOf(machine.arch);
  const first = ram.reduce((low, range) => range.first < low ? range.first : low, usual as bigint);
  const end = ram.reduce((high, range) => endOfRange(range) > high ? endOfRange(range) : high, 0n);
  if (end <= first) {
    throw new RangeError("Cannot dump the machine's memory: it must have RAM");
  }
  if (end - first > MOST_RAW) {
    throw new RangeError(
      `Cannot dump 0x${(end - first).toString(16)} bytes as raw memory: ` +
        `a raw dump must have at most 0x${MOST_RAW.toString(16)}, choose an ELF core`,
    );
  }
  const all = memoryOf(machine);
  const within = all.filter((range) => range.first < end && range.end > first);
  return {
    form: "raw",
    size: Number(end - first),
    ranges: [{ first, end }],
    leftOut: all.filter((range) => !within.includes(range)),
    *pieces(): Generator<DumpPiece> {
      for (const range of within) {
        const from = range.first > first ? range.first : first;
        const cut = { first: from, end: range.end < end ? range.end : end };
        yield* piecesOf(machine, cut, Number(from - first));
      }
    },
  };
}

/** A segment as it will stand in the file. */
interface PlannedSegment extends DumpRange {
  readonly offset: number;
}

/** The headers of an ELF core. */
function elfHeaders({ arch, options }: Machine, segments: readonly PlannedSegment[]): Uint8Array {
  const is64 = arch.wordBits === 64;
  const { byteOrder } = options;
  const bytes: number[] = [...ELF_MAGIC, is64 ? 2 : 1, byteOrder === "little" ? 1 : 2, 1];
  bytes.push(...new Array(16 - bytes.length).fill(0));
  const half = (value: number): void => {
    bytes.push(...(byteOrder === "little" ? [value % 256, value >> 8] : [value >> 8, value % 256])); // bits: 16 bits wide.
  };
  const int = (value: number): void => void bytes.push(...bytesOf(BigInt(value), 4, byteOrder));
  const wide = (value: bigint | number): void =>
    void bytes.push(...bytesOf(BigInt(value), is64 ? 8 : 4, byteOrder));
  const [headerBytes, entryBytes] = is64 ? [64, 56] : [52, 32];
  half(ET_CORE);
  half(arch.elfMachine);
  int(1);
  wide(0); // e_entry
  wide(headerBytes); // e_phoff
  wide(0); // e_shoff
  int(0); // e_flags
  for (const value of [headerBytes, entryBytes, segments.length, 0, 0, 0]) half(value);
  for (const { first, end, offset } of segments) {
    int(PT_LOAD);
    if (is64) int(0); // p_flags
    for (const value of [offset, 0, first, end - first, end - first]) wide(value);
    if (!is64) int(0); // p_flags
    wide(0); // p_align
  }
  return Uint8Array.from(bytes);
}

/** An ELF core: a segment for each range of memory, the place of the area descriptors included. */
function planElf(machine: Machine): DumpPlan {
  const ranges = memoryOf(machine);
  const [headerBytes, entryBytes] = machine.arch.wordBits === 64 ? [64, 56] : [52, 32];
  if (ranges.length >= PN_XNUM) {
    throw new RangeError(
      `Cannot dump ${ranges.length} ranges of memory: there must be fewer than ${PN_XNUM}`,
    );
  }
  const page = Number(PAGE_BYTES);
  let offset = Math.ceil((headerBytes + entryBytes * ranges.length) / page) * page;
  const segments = ranges.map((range) => {
    const segment = { ...range, offset };
    offset += Math.ceil(Number(range.end - range.first) / page) * page;
    return segment;
  });
  if (machine.arch.wordBits === 32 && offset > 2 ** 32) {
    throw new RangeError(
      `Cannot dump 0x${offset.toString(16)} bytes as an ELF core of 32 bits: ` +
        "its offsets must be below 2^32, choose a raw dump",
    );
  }
  return {
    form: "elf",
    size: offset,
    ranges,
    leftOut: [],
    *pieces(): Generator<DumpPiece> {
      yield { offset: 0, bytes: elfHeaders(machine, segments) };
      for (const segment of segments) yield* piecesOf(machine, segment, segment.offset);
    },
  };
}

/**
 * Plans a dump of a machine's memory.
 *
 * A raw dump is what `pmemsave` writes: bytes from the first RAM on. A machine that did not boot keeps
 * its area descriptors far above all RAM, where a raw dump does not reach. An ELF core is what
 * `dump-guest-memory` writes, and has a segment for them.
 *
 * @param machine the machine; it is not changed
 * @param form the form
 * @returns the plan
 * @throws {RangeError} if the machine has no RAM, or too much for the form
 */
export function planDump(machine: Machine, form: DumpForm): DumpPlan {
  return form === "raw" ? planRaw(machine) : planElf(machine);
}

/**
 * Writes a dump into memory: for small machines.
 *
 * @param plan the dump
 * @returns the whole file
 */
export function dumpToBytes(plan: DumpPlan): Uint8Array {
  const file = new Uint8Array(plan.size);
  for (const { offset, bytes } of plan.pieces()) file.set(bytes, offset);
  return file;
}
