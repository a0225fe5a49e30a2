/**
 * The memory that QEMU's default machine of an architecture has.
 *
 * @module
 */

import type { Arch, FirmwareRange } from "../arch.ts";
import { QEMU_PC, QEMU_PC_AMD, qemuMemoryMap } from "../memory/mod.ts";
import type { QemuLayout } from "../memory/mod.ts";
import type { ByteCount } from "../units.ts";
import { physAddr } from "../units.ts";

/** How the default machine is laid out: a PC where there is multiboot, else RAM in one piece. */
function layoutOf(arch: Arch): QemuLayout {
  if (arch.boot.steps.multiboot !== undefined) return arch.wordBits === 64 ? QEMU_PC_AMD : QEMU_PC;
  const ram = arch.boot.defaults.memory.find(({ kind }) => kind === "ram");
  return { kind: "flat", base: ram?.first ?? physAddr(0n) };
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
  return qemuMemoryMap(layoutOf(arch), ramBytes).ranges;
}
