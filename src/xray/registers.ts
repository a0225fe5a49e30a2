/**
 * Where page tables begin, by the registers that an ELF core keeps of each CPU. QEMU writes notes of its
 * own: on x86 one with the control registers, on s390x the one that Linux has for them. Notes of other
 * architectures do not have the register.
 *
 * ```text
 *   note        size of the name, of the contents, type; name and contents, each to a multiple of 4
 * ```
 *
 * @module
 */

// bits: addresses are bigints.

import type { Arch, ElfRootNote } from "../arch.ts";
import type { DumpImage } from "./image.ts";
import { readExactly } from "./source.ts";

/** More notes are not read: a CPU's take some KiB. */
const MOST_BYTES = 2 ** 24;
const HEADER_BYTES = 12;

/** The bits of the register that are no address. */
const FLAGS = 0xfffn;

function padded(size: number): number {
  return Math.ceil(size / 4) * 4;
}

function nameAt(view: DataView, at: number, size: number): string {
  const bytes = new Uint8Array(view.buffer, at, size);
  return String.fromCharCode(...bytes.filter((byte) => byte !== 0));
}

/** The registers in some notes; what is cut off or damaged has none. */
function rootsIn(view: DataView, note: ElfRootNote, isLittle: boolean): bigint[] {
  const roots: bigint[] = [];
  for (let at = 0; at + HEADER_BYTES <= view.byteLength;) {
    const nameSize = view.getUint32(at, isLittle);
    const size = view.getUint32(at + 4, isLittle);
    const contents = at + HEADER_BYTES + padded(nameSize);
    if (contents + size > view.byteLength) break;
    const isNote = view.getUint32(at + 8, isLittle) === note.type && size >= note.offset + 8 &&
      (note.name === null || nameAt(view, at + HEADER_BYTES, nameSize) === note.name);
    if (isNote) roots.push(view.getBigUint64(contents + note.offset, isLittle) & ~FLAGS);
    at = contents + padded(size);
  }
  return roots;
}

/**
 * The addresses of roots of page tables that a dump's notes have.
 *
 * Source: QEMU, `target/i386/arch_dump.c`, `QEMUCPUState`; `target/s390x/arch_dump.c`,
 * `s390x_write_elf64_ctrs()`.
 *
 * @param image the dump
 * @param arch its architecture
 * @returns the physical addresses, each once, CPU by CPU; none for raw memory
 */
export function rootsOfRegisters(
  { elf, source }: DumpImage,
  { elfRootNote: note }: Arch,
): bigint[] {
  if (elf === null || note === null) return [];
  const roots = elf.notes.flatMap(({ offset, size }) => {
    const bytes = new Uint8Array(Math.min(size, source.size - offset, MOST_BYTES));
    readExactly(source, offset, bytes);
    return rootsIn(new DataView(bytes.buffer), note, elf.byteOrder === "little");
  });
  return [...new Set(roots)];
}
