import type { BootFormat, FirmwareRange } from "../src/arch.ts";
import { byteCount, physAddr, virtAddr } from "../src/units.ts";

/** The part of QEMU's e820 map that both have, with 128 MiB of RAM. */
const MEMORY_128M: readonly FirmwareRange[] = [
  { first: physAddr(0n), size: byteCount(0x9fc00n), kind: "ram" },
  { first: physAddr(0x9fc00n), size: byteCount(0x400n), kind: "reserved" },
  { first: physAddr(0xf0000n), size: byteCount(0x10000n), kind: "reserved" },
  { first: physAddr(0x100000n), size: byteCount(0x7ee0000n), kind: "ram" },
  { first: physAddr(0x7fe0000n), size: byteCount(0x20000n), kind: "reserved" },
  { first: physAddr(0xfffc0000n), size: byteCount(0x40000n), kind: "reserved" },
];

/** The inputs that both take the same from. */
const NO_DEVICES = {
  textEnd: null,
  deviceTreeBytes: byteCount(0n),
  serialPort: null,
  virtio: null,
} as const;

const SETUP = "lib/x86/setup.c";
const VM = "lib/x86/vm.c";
const INSTALL_PTE = { file: VM, function: "install_pte", line: 24 };

/** How x86_64 boots. */
export const X86_64_BOOT: BootFormat = {
  family: "x86",
  steps: {
    "multiboot": ["write-trampoline", "take-multiboot-memory", "main", "setup-vm"],
    "efi": ["write-trampoline", "take-largest-efi-range", "main", "setup-vm"],
  },
  mmuSteps: [
    { step: "root" },
    { step: "map", first: 0n, end: "top", atLeast: 1n << 32n }, // setup_mmu
    { step: "virtual-top" },
  ],
  virtualTop: virtAddr(0xfffffffffffff000n), // ~(PAGE_SIZE - 1), setup_mmu
  earlyAlignment: null,
  area: 0xff, // AREA_ANY_NUMBER, setup_vm
  freeEnd: "whole",
  maxDeviceTreeRegions: 0,
  physicalBits: 52,
  freeRegionAssertion: "", // no such list
  holes: "allowed",
  earlyReach: byteCount(1n << 32n), // ptl2, x86/cstart64.S; setup_page_table, lib/x86/setup.c
  addressConversions: "casts", // lib/x86/asm/io.h
  pfnConversions: "casts", // lib/asm-generic/page.h
  identityAssertion: null,
  deviceRegions: [],
  virtualBase: null,
  cpuTableElement: 0n,
  callers: {
    "early-init": { file: SETUP, function: "setup_multiboot", line: 163 },
    "early-init-efi": { file: SETUP, function: "setup_memory_allocator", line: 240 },
    "find-highmem": { file: SETUP, function: "find_highmem", line: 106 },
    "root": { file: VM, function: "setup_mmu", line: 178 },
    "virtual-top": { file: VM, function: "setup_mmu", line: 195 },
  },
  tableCallers: { pud: INSTALL_PTE, pmd: INSTALL_PTE, pte: INSTALL_PTE },
  defaults: {
    qemuMachines: ["pc", "q35"],
    memory: [
      ...MEMORY_128M,
      { first: physAddr(0xfd00000000n), size: byteCount(0x300000000n), kind: "reserved" },
    ],
    areasAddress: virtAddr(0x42a4a0n),
    imageEnd: physAddr(0x105e000n), // edata
    imageEnd2020: physAddr(0x61e000n), // edata, 8131e91a
    ...NO_DEVICES,
  },
};

/** How i386 boots: without high memory, with a window that stays unmapped. */
export const I386_BOOT: BootFormat = {
  ...X86_64_BOOT,
  steps: {
    "multiboot": ["write-trampoline", "take-multiboot-memory", "main", "setup-vm"],
  },
  mmuSteps: [
    { step: "root" },
    { step: "map", first: 0n, end: 2n << 30n }, // setup_mmu
    { step: "map", first: 3n << 30n, end: 4n << 30n },
    { step: "virtual-top" },
  ],
  virtualTop: virtAddr(3n << 30n), // setup_mmu
  earlyReach: null,
  callers: {
    "early-init": { file: SETUP, function: "setup_multiboot", line: 163 },
    "root": { file: VM, function: "setup_mmu", line: 178 },
    "virtual-top": { file: VM, function: "setup_mmu", line: 199 },
  },
  tableCallers: { pte: INSTALL_PTE },
  defaults: {
    qemuMachines: ["pc", "q35"],
    memory: MEMORY_128M,
    areasAddress: virtAddr(0x4253a0n),
    imageEnd: physAddr(0x1057000n), // edata
    ...NO_DEVICES,
  },
};
