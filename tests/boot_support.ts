/**
 * What the tests of boot share: the machines of the recorded guests, by their names.
 *
 * @module
 */

import {
  type BootInputs,
  type BootOptions,
  byteCount,
  type FirmwareRange,
  physAddr,
  QEMU_PC,
  QEMU_PC_AMD,
  QEMU_Q35_AMD,
  type QemuLayout,
  qemuMemoryMap,
} from "../mod.ts";
import { arch, edition } from "./support.ts";

/** A range of RAM. */
export function ram(first: bigint, size: bigint, efiType?: string): FirmwareRange {
  const range = { first: physAddr(first), size: byteCount(size), kind: "ram" } as const;
  return efiType === undefined ? range : { ...range, efiType };
}

/** A size such as `128M`, in bytes. */
export function bytesOf(size: string): bigint {
  return BigInt(parseInt(size)) << (size.endsWith("G") ? 30n : 20n);
}

/** The map of the recorded arm64 EFI guest with 256 MiB: first address, end, type. */
const AAVMF: readonly (readonly [bigint, bigint, string])[] = [
  [0x40000000n, 0x44000000n, "conventional"],
  [0x44000000n, 0x44020000n, "boot-services-data"],
  [0x44020000n, 0x4771a000n, "conventional"],
  [0x4771a000n, 0x48000000n, "boot-services-code"],
  [0x48000000n, 0x4c3d1000n, "conventional"],
  [0x4c3d1000n, 0x4c3d2000n, "loader-data"],
  [0x4c3d2000n, 0x4c440000n, "loader-code"],
  [0x4c440000n, 0x4c730000n, "runtime-services-data"],
  [0x4c730000n, 0x4ebbe000n, "conventional"],
  [0x4ebbe000n, 0x4ebbf000n, "boot-services-data"],
  [0x4ebbf000n, 0x4ec2d000n, "conventional"],
  [0x4ec2d000n, 0x4ec2e000n, "boot-services-data"],
  [0x4ec2e000n, 0x4ec2f000n, "conventional"],
  [0x4ec2f000n, 0x4f624000n, "boot-services-data"],
  [0x4f624000n, 0x4f812000n, "conventional"],
  [0x4f812000n, 0x4ffe0000n, "boot-services-code"],
  [0x4ffe0000n, 0x4ffff000n, "conventional"],
  [0x4ffff000n, 0x50000000n, "boot-services-data"],
  [0x4000000n, 0x8000000n, "mmio"],
  [0x9010000n, 0x9011000n, "mmio"],
];

/** The same map with more memory: what lies at its upper end moves up. */
function aavmfInputs(ramBytes: bigint): Partial<BootInputs> {
  const distance = ramBytes - bytesOf("256M");
  const moved = (address: bigint): bigint => address > 0x48000000n ? address + distance : address;
  const memory = AAVMF.map(([first, end, efiType]): FirmwareRange => ({
    first: physAddr(moved(first)),
    size: byteCount(moved(end) - moved(first)),
    kind: efiType === "mmio" ? "mmio" : "ram",
    efiType,
  }));
  return {
    firmware: "efi",
    memory,
    textEnd: physAddr(moved(0x4c3e7000n)),
    deviceTreeBytes: byteCount(0x101000n),
  };
}

/** OVMF's largest free range ends a fixed distance below the end of low memory. */
function ovmfInputs(size: string): Partial<BootInputs> {
  const lowEnd = bytesOf(size) > bytesOf("3G") ? bytesOf("3G") : bytesOf(size);
  const end = lowEnd - 0x448b000n;
  const high = bytesOf(size) - lowEnd;
  return {
    firmware: "efi",
    memory: [
      ram(0n, 0xa0000n, "conventional"),
      ram(0x1500000n, end - 0x1500000n, "conventional"),
      ram(end, lowEnd - end, "loader-code"),
      ...(high > 0n ? [ram(1n << 32n, high, "conventional")] : []),
    ],
  };
}

function pcInputs(name: string, size: string): Partial<BootInputs> {
  const layout: QemuLayout = name.startsWith("i386")
    ? QEMU_PC
    : name.includes("q35")
    ? QEMU_Q35_AMD
    : QEMU_PC_AMD;
  return {
    memory: qemuMemoryMap(layout, byteCount(bytesOf(size))).ranges,
    memLimitMib: name.includes("memlimit") ? 1048576n : null,
    initrdBytes: byteCount(name.includes("initrd") || name.includes("memlimit") ? 17n : 0n),
  };
}

function flatInputs(name: string, size: string): Partial<BootInputs> {
  const [archName = ""] = name.split("-");
  const { defaults } = arch(archName.replace("be", "")).boot;
  const base = defaults.memory[0]?.first ?? physAddr(0n);
  return {
    memory: [ram(base, bytesOf(size))],
    initrdBytes: byteCount(name.includes("initrd") ? 18n : 0n),
    cpus: name.includes("smp4") ? 4 : 1,
    virtioConsole: name.includes("testdev") ? "present" : "absent",
    powerMmu: name.includes("power8") ? "hash" : "radix",
    ...(name.includes("powernv")
      ? {
        powerPlatform: "powernv" as const,
        memory: [ram(0n, bytesOf(size))],
        imageEnd: physAddr(0x20070100n),
      }
      : {}),
  };
}

function inputsOf(name: string, size: string): Partial<BootInputs> {
  if (name.endsWith("efi")) {
    return name.startsWith("x86") ? ovmfInputs(size) : aavmfInputs(bytesOf(size));
  }
  return /^(?:x86|i386)/.test(name) ? pcInputs(name, size) : flatInputs(name, size);
}

/** The options that boot the guest of a name such as `arm64-128M-16k`. */
export function guestOptions(name: string): BootOptions {
  const [archName = "", size = ""] = name.split("-");
  const kib = /-(\d+)k\b/.exec(name)?.[1];
  const isBig = archName === "ppc64be";
  return {
    arch: arch(isBig ? "ppc64" : archName),
    edition: edition("head"),
    ...(kib === undefined ? {} : { pageShift: Math.log2(Number(kib) * 1024) }),
    ...(isBig ? { byteOrder: "big" as const } : {}),
    inputs: inputsOf(name, size),
  };
}
