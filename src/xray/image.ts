/**
 * What kind of file a dump is, and which physical memory it holds.
 *
 * @module
 */

import { DumpError } from "./errors.ts";
import { ELF_MAGIC, readElfCore } from "./elf.ts";
import type { ElfCore, Segment } from "./elf.ts";
import type { DumpSource } from "./source.ts";

/** A dump that was recognised. */
export interface DumpImage {
  /** The file. */
  readonly source: DumpSource;
  /** The headers of an ELF core; null for raw memory. */
  readonly elf: ElfCore | null;
}

/** Files that hold a dump in a form that is not read: how they begin, and what to do instead. */
const OTHER_FORMS: ReadonlyArray<{ begin: string; what: string; instead: string }> = [
  {
    begin: "KDUMP   ",
    what: "a compressed kdump",
    instead: "`dump-guest-memory FILE` without -z, -l or -s writes an ELF core",
  },
  {
    begin: "DISKDUMP",
    what: "a compressed diskdump",
    instead: "`dump-guest-memory FILE` without -z, -l or -s writes an ELF core",
  },
  {
    begin: "makedumpfile",
    what: "a flattened kdump",
    instead: "`dump-guest-memory FILE` without -z, -l or -s writes an ELF core",
  },
  {
    begin: "PAGEDU64",
    what: "a Windows dump",
    instead: "`dump-guest-memory FILE` without -w writes an ELF core",
  },
];

function beginsWith(bytes: Uint8Array, text: string): boolean {
  return [...text].every((letter, index) => bytes[index] === letter.charCodeAt(0));
}

/**
 * Recognises a dump: an ELF core by its first bytes; anything else is raw memory.
 *
 * @param source the file
 * @returns the dump
 * @throws {DumpError} if the file is empty, or a form of dump that is not read, or a broken ELF core
 */
export function openDump(source: DumpSource): DumpImage {
  if (source.size === 0) {
    throw new DumpError("Cannot read the dump: the file must not be empty");
  }
  const begin = new Uint8Array(Math.min(16, source.size));
  source.read(0, begin);
  if (ELF_MAGIC.every((byte, index) => begin[index] === byte)) {
    return { source, elf: readElfCore(source) };
  }
  const other = OTHER_FORMS.find((form) => beginsWith(begin, form.begin));
  if (other !== undefined) {
    throw new DumpError(`Cannot read ${other.what}: the memory must be plain; ${other.instead}`);
  }
  return { source, elf: null };
}

/**
 * The memory that a dump holds.
 *
 * @param image the dump
 * @param ramBase the physical address of the first byte of a raw dump
 * @returns the segments by ascending address
 * @throws {DumpError} if a raw dump would end beyond 2^64
 */
export function segmentsOf({ source, elf }: DumpImage, ramBase: bigint): readonly Segment[] {
  if (elf !== null) return elf.segments;
  const size = BigInt(source.size);
  if (ramBase + size > 1n << 64n) {
    throw new DumpError(
      `Cannot read ${source.size} bytes of memory at 0x${ramBase.toString(16)}: ` +
        "they must end at or below 2^64, choose another --ram-base",
    );
  }
  return [{ first: ramBase, size, offset: 0, stored: source.size }];
}
