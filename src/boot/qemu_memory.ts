/**
 * The memory that QEMU's default machine of an architecture has.
 *
 * @module
 */

import type { Arch, FirmwareRange } from "../arch.ts";
import { QEMU_PC, QEMU_PC_AMD, QEMU_Q35, QEMU_Q35_AMD, qemuMemoryMap } from "../memory/mod.ts";
import type { QemuLayout } from "../memory/mod.ts";
import type { ByteCount } from "../units.ts";
import { physAddr } from "../units.ts";

/** A machine of QEMU. */
export interface QemuMachine {
  /** Its name, as `-machine` takes it. */
  readonly name: string;
  /** How it lays RAM out. */
  readonly layout: QemuLayout;
}

function layoutOf(arch: Arch, name: string): QemuLayout {
  const isWide = arch.wordBits === 64;
  if (name === "pc") return isWide ? QEMU_PC_AMD : QEMU_PC;
  if (name === "q35") return isWide ? QEMU_Q35_AMD : QEMU_Q35;
  const ram = arch.boot.defaults.memory.find(({ kind }) => kind === "ram");
  return { kind: "flat", base: ram?.first ?? physAddr(0n) };
}

/**
 * The machines of QEMU that lay RAM out in ways of their own.
 *
 * @param arch the architecture
 * @returns the machines, the default one first
 */
export function qemuMachinesOf(arch: Arch): readonly [QemuMachine, ...QemuMachine[]] {
  const [first, ...more] = arch.boot.defaults.qemuMachines;
  const machine = (name: string): QemuMachine => ({ name, layout: layoutOf(arch, name) });
  return [machine(first), ...more.map(machine)];
}

/**
 * The memory that the firmware of QEMU's default machine lists.
 *
 * @param arch the architecture
 * @param ramBytes the amount of RAM in bytes; a multiple of 4 KiB, for a PC 2 MiB or more
 * @returns the ranges, in the order of the firmware
 * @throws {RangeError} if there cannot be so much or so little RAM
 */
export function qemuMemoryOf(arch: Arch, ramBytes: ByteCount): readonly FirmwareRange[] {
  return qemuMemoryMap(qemuMachinesOf(arch)[0].layout, ramBytes).ranges;
}
