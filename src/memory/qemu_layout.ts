/**
 * Where QEMU's machines put their RAM, and what the firmware of a PC tells about it.
 *
 * On a PC (`pc`, `q35`) the ranges are the entries of the e820 map that SeaBIOS hands to a multiboot
 * kernel, in its order. Elsewhere there is one range of RAM, which the device tree or the SCLP reports.
 *
 * @module
 */

import { type ByteCount, byteCount, type PhysAddr, physAddr } from "../units.ts";
import { type MemoryMap, memoryMap, type MemoryRange } from "./memory_map.ts";

/** A range that the firmware of a PC reserves whatever the amount of RAM. */
export type ReservedRange = Pick<MemoryRange, "first" | "size">;

/** RAM in one piece. */
export interface FlatLayout {
  /** Tells the layouts apart. */
  readonly kind: "flat";
  /** The first byte of RAM. */
  readonly base: PhysAddr;
}

/** Where RAM above 4 GiB goes instead if it would reach an address. */
export interface Relocation {
  /** The first address that nothing may reach. */
  readonly limit: PhysAddr;
  /** The size of the window for devices that follows RAM, from the next GiB on. */
  readonly deviceWindow: ByteCount;
  /** The new first byte. */
  readonly base: PhysAddr;
}

/** RAM below and above 4 GiB, with the low megabyte, the firmware and the devices of a PC. */
export interface PcLayout {
  /** Tells the layouts apart. */
  readonly kind: "pc";
  /** From this amount of RAM on, a part of it lies above 4 GiB. */
  readonly splitFrom: ByteCount;
  /** The RAM that stays below 4 GiB in that case. */
  readonly lowSize: ByteCount;
  /** What the firmware reserves at the top of low RAM for its tables. */
  readonly tablesSize: ByteCount;
  /** With more RAM than this, the firmware's tables take {@linkcode manyModulesSize} in addition. */
  readonly fewModulesUpTo: ByteCount;
  /** The size of the table of memory modules, if they are many. */
  readonly manyModulesSize: ByteCount;
  /** What else is reserved, in any order. */
  readonly reserved: readonly ReservedRange[];
  /** Where RAM above 4 GiB goes if it is too much; null if it always follows 4 GiB. */
  readonly relocation: Relocation | null;
}

/** Where a machine puts its RAM. */
export type QemuLayout = FlatLayout | PcLayout;

const KIB = 2n ** 10n;
const MIB = 2n ** 20n;
const GIB = 2n ** 30n;
const SMALLEST_PAGE = 4n * KIB;
/** Room for the low megabyte and the firmware's tables. */
const LEAST_PC_RAM = 2n * MIB;

function reservedRange(first: bigint, size: bigint): ReservedRange {
  return { first: physAddr(first), size: byteCount(size) };
}

/** The last 256 KiB below 4 GiB: the firmware's ROM. */
const ROM = reservedRange(0xfffc0000n, 256n * KIB);
/** The HyperTransport window below 1 TiB, which QEMU reserves on CPUs of AMD, its default CPU included. */
const HYPER_TRANSPORT = reservedRange(0xfd00000000n, 12n * GIB);

/**
 * QEMU's `pc` with a CPU of Intel, such as the default CPU of `qemu-system-i386`.
 *
 * Source: QEMU `hw/i386/pc_piix.c`, `pc_init1()`; SeaBIOS `src/fw/smbios.c`, `BUILD_MAX_SMBIOS_FSEG`: the
 * table of memory modules, one for each 16 GiB, leaves the low megabyte with the fifth.
 */
export const QEMU_PC: PcLayout = {
  kind: "pc",
  splitFrom: byteCount(0xe0000000n),
  lowSize: byteCount(3n * GIB),
  tablesSize: byteCount(128n * KIB),
  fewModulesUpTo: byteCount(64n * GIB),
  manyModulesSize: byteCount(4n * KIB),
  reserved: [ROM],
  relocation: null,
};

/**
 * QEMU's `q35` with a CPU of Intel.
 *
 * Source: QEMU `hw/i386/pc_q35.c`, `pc_q35_init()`; SeaBIOS `src/fw/pciinit.c`, `mch_mem_addr_setup()`.
 */
export const QEMU_Q35: PcLayout = {
  ...QEMU_PC,
  splitFrom: byteCount(0xb0000000n),
  lowSize: byteCount(2n * GIB),
  reserved: [
    reservedRange(0xb0000000n, 256n * MIB), // PCI Express configuration space
    reservedRange(0xfed1c000n, 16n * KIB), // root complex registers
    ROM,
  ],
};

/** What a CPU of AMD adds, such as the default CPU of `qemu-system-x86_64`. */
function withAmdCpu(layout: PcLayout, deviceWindow: bigint): PcLayout {
  return {
    ...layout,
    reserved: [...layout.reserved, HYPER_TRANSPORT],
    relocation: {
      limit: HYPER_TRANSPORT.first,
      deviceWindow: byteCount(deviceWindow),
      base: physAddr(2n ** 40n),
    },
  };
}

/** QEMU's `pc` with the default CPU of `qemu-system-x86_64` (QEMU `hw/i386/pc.c`, `pc_memory_init()`). */
export const QEMU_PC_AMD: PcLayout = withAmdCpu(QEMU_PC, 2n * GIB);

/** QEMU's `q35` with the default CPU of `qemu-system-x86_64`. */
export const QEMU_Q35_AMD: PcLayout = withAmdCpu(QEMU_Q35, 32n * GIB);

/** QEMU's `virt` for arm and arm64 (QEMU `hw/arm/virt.c`, `VIRT_MEM`). */
export const QEMU_ARM_VIRT: FlatLayout = { kind: "flat", base: physAddr(GIB) };

/** QEMU's `virt` for riscv32 and riscv64 (QEMU `hw/riscv/virt.c`, `VIRT_DRAM`). */
export const QEMU_RISCV_VIRT: FlatLayout = { kind: "flat", base: physAddr(2n * GIB) };

/** Machines whose RAM begins at 0: `s390-ccw-virtio`, `pseries`, `powernv`. */
export const QEMU_FROM_ZERO: FlatLayout = { kind: "flat", base: physAddr(0n) };

function rangeUpTo(first: bigint, end: bigint, kind: MemoryRange["kind"]): MemoryRange {
  return { first: physAddr(first), size: byteCount(end - first), kind };
}

/** The first byte of RAM above 4 GiB. */
function highBase(layout: PcLayout, highSize: bigint): bigint {
  const base = 4n * GIB;
  const { relocation } = layout;
  if (relocation === null) return base;
  const windowFirst = (base + highSize + GIB - 1n) / GIB * GIB;
  return windowFirst + relocation.deviceWindow > relocation.limit ? relocation.base : base;
}

function pcRanges(layout: PcLayout, ramBytes: ByteCount): MemoryRange[] {
  const low = ramBytes < layout.splitFrom ? ramBytes : layout.lowSize;
  const high = ramBytes - low;
  const modules = ramBytes > layout.fewModulesUpTo ? layout.manyModulesSize : 0n;
  const tables = low - layout.tablesSize - modules;
  const ranges = [
    rangeUpTo(0n, 639n * KIB, "ram"),
    rangeUpTo(639n * KIB, 640n * KIB, "reserved"), // extended BIOS data area
    rangeUpTo(960n * KIB, MIB, "reserved"), // the firmware's copy of itself
    rangeUpTo(MIB, tables, "ram"),
    rangeUpTo(tables, low, "reserved"),
    ...layout.reserved.map((range) => ({ ...range, kind: "reserved" as const })),
  ];
  if (high === 0n) return ranges;
  const base = highBase(layout, high);
  return [...ranges, rangeUpTo(base, base + high, "ram")];
}

/**
 * Lays RAM out as a machine of QEMU does.
 *
 * Assumes that the whole RAM is one memory backend, without hot plug. The size of the PC's table of
 * memory modules is exact up to 1 TiB of RAM.
 *
 * Source: QEMU 7.2, as recorded from guests of eight architectures.
 *
 * @param layout the layout of the machine
 * @param ramBytes the amount of RAM in bytes; a multiple of 4 KiB, for a PC 2 MiB or more
 * @returns the map; its order on a PC is that of the firmware's e820 map
 * @throws {RangeError} if the amount is no multiple of 4 KiB, too small, or reaches beyond 2^64
 *
 * @example RAM around the window for devices
 * ```ts
 * import { byteCount, formatMemoryRange, QEMU_PC, qemuMemoryMap } from "@buddyscope/sim";
 * import { assertEquals } from "@std/assert";
 *
 * const { ranges } = qemuMemoryMap(QEMU_PC, byteCount(5n * 2n ** 30n));
 * assertEquals(ranges.filter((range) => range.kind === "ram").map(formatMemoryRange), [
 *   "0x0-0x9fc00 ram",
 *   "0x100000-0xbffe0000 ram",
 *   "0x100000000-0x180000000 ram",
 * ]);
 * ```
 */
export function qemuMemoryMap(layout: QemuLayout, ramBytes: ByteCount): MemoryMap {
  const least = layout.kind === "pc" ? LEAST_PC_RAM : SMALLEST_PAGE;
  if (ramBytes < least || ramBytes % SMALLEST_PAGE !== 0n) {
    throw new RangeError(
      `Cannot lay out 0x${
        ramBytes.toString(16)
      } bytes of RAM: the size must be a multiple of 0x1000, ` +
        `and at least 0x${least.toString(16)}`,
    );
  }
  if (layout.kind === "pc") return memoryMap(pcRanges(layout, ramBytes));
  return memoryMap([rangeUpTo(layout.base, layout.base + ramBytes, "ram")]);
}
