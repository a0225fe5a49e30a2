import type { BootFormat } from "../src/arch.ts";
import { byteCount, physAddr, virtAddr } from "../src/units.ts";

const SETUP = "lib/riscv/setup.c";
const MMU = "lib/riscv/mmu.c";

const STEPS = [
  "cut-at-virtual-base",
  "set-virtual-top",
  "hand-memory-over",
  "map-serial-port",
  "read-environment",
  "setup-vm",
  "main",
] as const;

const GET_PTE = { file: MMU, function: "get_pte", line: 47 };

/** How riscv64 boots. */
export const RISCV64_BOOT: BootFormat = {
  family: "riscv",
  steps: {
    "device-tree": ["list-device-tree-regions", ...STEPS],
    "efi": ["list-efi-regions", ...STEPS],
  },
  mmuSteps: [{ step: "root" }, { step: "map-regions" }],
  virtualTop: virtAddr(4n << 30n), // VA_TOP, lib/riscv/setup.c
  earlyAlignment: 4096n, // PAGE_SIZE, mem_allocator_init
  area: 0, // mem_allocator_init
  freeEnd: "whole",
  maxDeviceTreeRegions: 16, // MAX_DT_MEM_REGIONS, lib/riscv/setup.c
  physicalBits: 56,
  freeRegionAssertion: "freemem && !(freemem->flags & (MR_F_IO | MR_F_CODE))",
  holes: "allowed",
  earlyReach: null,
  addressConversions: "walks", // virt_to_phys
  pfnConversions: "casts", // lib/asm-generic/page.h
  identityAssertion: {
    source: { file: MMU, function: "phys_to_virt", line: 216 },
    expression: "virt_to_phys(__va(address)) == address",
  },
  deviceRegions: [],
  virtualBase: 3n << 30n, // VA_BASE, lib/riscv/setup.c
  cpuTableElement: 0n,
  callers: {
    "virtual-top": { file: SETUP, function: "mem_allocator_init", line: 113 },
    "early-init": { file: SETUP, function: "mem_allocator_init", line: 120 },
    "early-alignment": { file: SETUP, function: "mem_allocator_init", line: 121 },
    "early-unused": { file: SETUP, function: "mem_allocator_init", line: 122 },
    "init-area": { file: SETUP, function: "mem_allocator_init", line: 125 },
    "ops-enable": { file: SETUP, function: "mem_allocator_init", line: 126 },
    "ioremap-root": { file: MMU, function: "ioremap", line: 169 },
    "root": { file: MMU, function: "setup_mmu", line: null },
  },
  tableCallers: { pmd: GET_PTE, pte: GET_PTE },
  defaults: {
    memory: [{ first: physAddr(0x80000000n), size: byteCount(0x8000000n), kind: "ram" }],
    qemuMachines: ["virt"],
    areasAddress: virtAddr(0x8020da20n),
    imageEnd: physAddr(0x8024b000n), // stacktop
    textEnd: physAddr(0x8020b000n), // _etext
    deviceTreeBytes: byteCount(5307n),
    serialPort: physAddr(0x10000000n),
    virtio: null,
  },
};

/** How riscv32 boots. */
export const RISCV32_BOOT: BootFormat = {
  ...RISCV64_BOOT,
  steps: { "device-tree": ["list-device-tree-regions", ...STEPS] },
  virtualTop: virtAddr(0n), // VA_TOP in 32 bits
  defaults: {
    ...RISCV64_BOOT.defaults,
    areasAddress: virtAddr(0x8040e590n),
    imageEnd: physAddr(0x80440000n), // stacktop
    textEnd: physAddr(0x8040c000n), // _etext
    deviceTreeBytes: byteCount(8474n),
  },
};
