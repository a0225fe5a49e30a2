import type { BootFormat } from "../src/arch.ts";
import { byteCount, physAddr, virtAddr } from "../src/units.ts";

const SETUP = "lib/powerpc/setup.c";
const MMU = "lib/ppc64/mmu.c";

/** How ppc64 boots. */
export const PPC64_BOOT: BootFormat = {
  family: "ppc64",
  steps: {
    "device-tree": [
      "list-device-tree-regions",
      "hand-memory-over",
      "read-environment",
      "main",
      "setup-vm",
    ],
  },
  mmuSteps: [
    { step: "virtual-top" },
    { step: "process-table" },
    { step: "root" },
    { step: "partition-table" },
    { step: "map", first: "page", end: "top", atMost: 31n << 30n }, // setup_mmu
  ],
  virtualTop: virtAddr(32n << 30n), // setup_mmu
  earlyAlignment: 128n, // __icache_bytes, __dcache_bytes, from the device tree
  area: 0, // mem_init
  freeEnd: "whole",
  maxDeviceTreeRegions: 8, // NR_MEM_REGIONS, lib/powerpc/asm/setup.h
  physicalBits: 48,
  freeRegionAssertion: "primary.end != 0",
  holes: "allowed",
  earlyReach: null,
  addressConversions: "walks", // __virt_to_phys
  pfnConversions: "walks", // virt_to_pfn, lib/ppc64/asm/page.h
  identityAssertion: {
    source: { file: MMU, function: "__phys_to_virt", line: 258 },
    expression: "!mmu_enabled() || __virt_to_phys(addr) == addr",
  },
  deviceRegions: [],
  virtualBase: null,
  cpuTableElement: 0n,
  callers: {
    "early-init": { file: SETUP, function: "mem_init", line: 187 },
    "early-alignment": { file: SETUP, function: "mem_init", line: 188 },
    "early-unused": { file: SETUP, function: "mem_init", line: 191 },
    "init-area": { file: SETUP, function: "mem_init", line: 194 },
    "ops-enable": { file: SETUP, function: "mem_init", line: 195 },
    "virtual-top": { file: MMU, function: "setup_mmu", line: 185 },
    "process-table": { file: MMU, function: "setup_mmu", line: 187 },
    "root": { file: MMU, function: "setup_mmu", line: 190 },
    "partition-table": { file: MMU, function: "setup_mmu", line: null },
  },
  tableCallers: {
    pud: { file: MMU, function: "get_pte", line: 62 },
    pmd: { file: MMU, function: "get_pte", line: 63 },
    pte: { file: MMU, function: "get_pte", line: 64 },
  },
  defaults: {
    memory: [{ first: physAddr(0n), size: byteCount(0x10000000n), kind: "ram" }],
    qemuMachines: ["pseries"],
    areasAddress: virtAddr(0x42a090n),
    imageEnd: physAddr(0x470000n), // stacktop
    textEnd: null,
    deviceTreeBytes: byteCount(14274n),
    serialPort: null,
    virtio: null,
  },
};
