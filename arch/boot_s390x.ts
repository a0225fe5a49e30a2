import type { BootFormat } from "../src/arch.ts";
import { byteCount, physAddr, virtAddr } from "../src/units.ts";

const SCLP = "lib/s390x/sclp.c";
const MMU = "lib/s390x/mmu.c";

/** How s390x boots. */
export const S390X_BOOT: BootFormat = {
  family: "s390x",
  steps: {
    "sclp": ["take-sclp-memory", "hand-the-rest-over", "make-cpu-table", "main", "setup-vm"],
  },
  mmuSteps: [
    { step: "root" },
    { step: "map", first: 0n, end: "top" }, // setup_identity, setup_mmu
    { step: "virtual-top" },
    { step: "map", first: 0xfffffffff8000000n, end: 0n }, // the last 128 MiB, until the address wraps
  ],
  virtualTop: virtAddr(0xfffffffff8000000n), // VIRT_MEM_END - 128 MiB, setup_mmu
  earlyAlignment: null,
  area: 0xff, // AREA_ANY_NUMBER, mem_init
  freeEnd: "whole",
  maxDeviceTreeRegions: 0,
  physicalBits: 64,
  freeRegionAssertion: "", // no such list
  holes: "allowed",
  earlyReach: null,
  addressConversions: "casts", // lib/asm-generic/io.h
  pfnConversions: "casts", // lib/asm-generic/page.h
  identityAssertion: null,
  deviceRegions: [],
  virtualBase: null,
  cpuTableElement: 40n, // sizeof(struct cpu), lib/s390x/smp.c
  callers: {
    "early-init": { file: SCLP, function: "mem_init", line: 40 },
    "early-unused": { file: SCLP, function: "mem_init", line: 41 },
    "init-area": { file: SCLP, function: "mem_init", line: 46 },
    "ops-enable": { file: SCLP, function: "mem_init", line: 47 },
    "root": { file: MMU, function: "setup_mmu", line: 339 },
    "virtual-top": { file: MMU, function: "setup_mmu", line: 345 },
  },
  tableCallers: {
    p4d: { file: MMU, function: "get_dat_entry", line: 145 },
    pud: { file: MMU, function: "get_dat_entry", line: 148 },
    pmd: { file: MMU, function: "get_pmd", line: 72 },
    pte: { file: MMU, function: "get_pte", line: 86 },
  },
  defaults: {
    memory: [{ first: physAddr(0n), size: byteCount(0x8000000n), kind: "ram" }],
    qemuMachines: ["s390-ccw-virtio"],
    areasAddress: virtAddr(0x25000n),
    imageEnd: physAddr(0x5c000n), // stacktop
    textEnd: null,
    deviceTreeBytes: byteCount(0n),
    serialPort: null,
    virtio: null,
  },
};
