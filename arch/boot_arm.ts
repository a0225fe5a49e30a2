import type { BootFormat } from "../src/arch.ts";
import { byteCount, physAddr, virtAddr } from "../src/units.ts";

const SETUP = "lib/arm/setup.c";
const MMU = "lib/arm/mmu.c";

const STEPS = [
  "hand-memory-over",
  "map-serial-port",
  "probe-virtio",
  "read-environment",
  "setup-vm",
  "main",
] as const;

const VIRTIO = {
  first: physAddr(0xa000000n),
  count: 32,
  slotBytes: byteCount(0x200n),
} as const;

/** How arm boots. */
export const ARM_BOOT: BootFormat = {
  family: "arm",
  steps: { "device-tree": ["list-device-tree-regions", ...STEPS] },
  mmuSteps: [{ step: "root" }, { step: "map-regions" }],
  virtualTop: null,
  earlyAlignment: 64n, // SMP_CACHE_BYTES, lib/arm/asm/setup.h
  area: 0, // mem_allocator_init
  freeEnd: "cut-to-a-word",
  maxDeviceTreeRegions: 16, // MAX_DT_MEM_REGIONS, lib/arm/setup.c
  physicalBits: 40, // PHYS_MASK_SHIFT
  freeRegionAssertion: "freemem && !(freemem->flags & (MR_F_IO | MR_F_CODE))",
  holes: "asserted-absent",
  earlyReach: null,
  addressConversions: "walks", // __virt_to_phys
  pfnConversions: "walks", // virt_to_pfn, lib/arm/asm/page.h
  identityAssertion: {
    source: { file: MMU, function: "__phys_to_virt", line: 279 },
    expression: "!mmu_enabled() || __virt_to_phys(addr) == addr",
  },
  deviceRegions: [{ first: 0n, end: 1n << 30n }], // arm_mem_regions, lib/arm/setup.c
  virtualBase: null,
  cpuTableElement: 0n,
  callers: {
    "early-init": { file: SETUP, function: "mem_allocator_init", line: 147 },
    "early-alignment": { file: SETUP, function: "mem_allocator_init", line: 148 },
    "early-unused": { file: SETUP, function: "mem_allocator_init", line: 150 },
    "init-area": { file: SETUP, function: "mem_allocator_init", line: 156 },
    "ops-enable": { file: SETUP, function: "mem_allocator_init", line: 157 },
    "ioremap-root": { file: MMU, function: "__ioremap", line: 253 },
    "root": { file: MMU, function: "setup_mmu", line: null },
    "virtual-top": { file: MMU, function: "setup_mmu", line: 214 },
    "virtio-queue": { file: "lib/virtio-mmio.c", function: "vm_setup_vq", line: 58 },
  },
  tableCallers: {
    pud: { file: MMU, function: "get_pte", line: 84 },
    pmd: { file: MMU, function: "get_pte", line: 85 },
    pte: { file: MMU, function: "get_pte", line: 86 },
  },
  defaults: {
    memory: [{ first: physAddr(0x40000000n), size: byteCount(0x8000000n), kind: "ram" }],
    qemuMachines: ["virt"],
    areasAddress: virtAddr(0x400233f0n),
    imageEnd: physAddr(0x40060000n), // stacktop
    textEnd: physAddr(0x40020000n), // _etext
    deviceTreeBytes: byteCount(0x100000n),
    serialPort: physAddr(0x9000000n),
    virtio: { ...VIRTIO, structures: null },
  },
};

/** How arm64 boots. */
export const ARM64_BOOT: BootFormat = {
  ...ARM_BOOT,
  steps: {
    "device-tree": ["list-device-tree-regions", ...STEPS],
    "efi": ["list-efi-regions", ...STEPS],
  },
  mmuSteps: [{ step: "virtual-top" }, { step: "root" }, { step: "map-regions" }],
  virtualTop: virtAddr(4n << 30n), // setup_mmu
  physicalBits: 48, // PHYS_MASK_SHIFT
  deviceRegions: [
    { first: 0n, end: 1n << 30n },
    { first: 1n << 38n, end: (1n << 38n) + (1n << 29n) },
    { first: 1n << 39n, end: 1n << 40n },
  ], // arm_mem_regions, lib/arm/setup.c
  defaults: {
    ...ARM_BOOT.defaults,
    areasAddress: virtAddr(0x400973b0n),
    imageEnd: physAddr(0x400e0000n), // stacktop
    textEnd: physAddr(0x40090000n), // _etext
    deviceTreeBytesEfi: byteCount(0x101000n),
    virtio: { ...VIRTIO, structures: { device: 24n, queue: 96n } },
  },
};
