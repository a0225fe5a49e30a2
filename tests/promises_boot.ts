/**
 * The promises of boot: for each the fact that says whether it is kept, and the smallest run that tells
 * the two apart. Used by the tests of editions; the scenarios are in `src/check/promises/`.
 *
 * @module
 */

import {
  boot,
  type Booted,
  type BootOptions,
  byteCount,
  type Edition,
  malloc,
  physAddr,
  qemuMemoryOf,
  virtAddr,
} from "../mod.ts";
import {
  earlyMemalign,
  newEarlyAllocator,
  physAllocGetUnused,
  physAllocInit,
} from "../src/alloc_phys.ts";
import type { EarlyAllocator } from "../src/alloc_phys.ts";
import { virtToPtePhys } from "../src/memory/page_table/mod.ts";
import { ram } from "./boot_support.ts";
import { areaRanges, type PromiseCase } from "./promises.ts";
import { arch, tell, told } from "./support.ts";

/** A machine with an amount of RAM, as QEMU's default machine has it, that booted. */
export function bootWith(
  archName: string,
  ramBytes: bigint,
  of: Edition,
  inputs: BootOptions["inputs"] = {},
): Booted {
  const memory = qemuMemoryOf(arch(archName), byteCount(ramBytes));
  return boot({ arch: arch(archName), edition: of, inputs: { memory, ...inputs } });
}

/** The areas that a boot made, or the begin of what stopped it. */
function endOrAreas({ machine, outcome }: Booted): string {
  return outcome.kind === "returned" ? areaRanges(machine) : told(outcome).slice(0, 60);
}

const GIB = 1n << 30n;

/** A lookup by `virt_to_pte_phys`, after boot of x86_64. */
function lookUp(of: Edition, address: bigint): string {
  const { machine } = boot({ arch: arch("x86_64"), edition: of });
  const { tables } = machine.mmu;
  return tables === null ? "no tables" : tell(() => virtToPtePhys(tables, virtAddr(address)));
}

/** An early allocator with 64 KiB at 1 MiB. */
function early(of: Edition): EarlyAllocator {
  const allocator = newEarlyAllocator(64, of, () => {});
  physAllocInit(allocator, physAddr(0x100000n), 0x10000n);
  return allocator;
}

/** The promises of boot that the newest edition of the page allocator does not keep. */
export const BOOT_PROMISES: readonly PromiseCase[] = [
  {
    fact: "rangesHandedOver",
    promise: "boot hands over every range of RAM that it can map",
    run: (of) => endOrAreas(bootWith("x86_64", 5n * GIB, of, { memLimitMib: 1048576n })),
    results: ["2:111d-bfee0", "1:100080-180000 2:111d-bffe0"],
  },
  {
    fact: "vmallocWindow",
    promise: "memory that vmalloc's addresses cover is not handed out",
    run: (of) => {
      const { machine } = bootWith("arm64", 3n * GIB, of);
      const object = malloc(machine, 100n);
      if (object === null) return "no object";
      machine.space.write(object, 4, 0x5a5a5a5an, "the test");
      for (let order = 19; order > 16; order--) machine.pages.allocPages(order, 0);
      return tell(() => machine.space.read(object, 4, "the test"));
    },
    results: ["0x0", "0x5a5a5a5a"],
  },
  {
    fact: "vmallocWindow",
    promise: "i386 hands out no memory where it maps nothing",
    run: (of) => {
      const { machine } = bootWith("i386", 3n * GIB, of);
      return tell(() => machine.pages.allocPages(17, 0));
    },
    results: [
      "fault: is_list_empty() reads 4 bytes at 0x80000004, which is not mapped",
      "0x20000000",
    ],
  },
  {
    fact: "memoryMapped",
    promise: "ppc64 maps all memory that it hands out",
    run: (of) => {
      const memory = [ram(0n, 40n * GIB)];
      const { machine } = boot({
        arch: arch("ppc64"),
        edition: of,
        pageShift: 16,
        inputs: { memory },
      });
      return tell(() => machine.space.writeWord(virtAddr(36n * GIB), 1n, "the test"));
    },
    results: ["fault: the test writes 8 bytes at 0x900000000, which is not mapped", "void"],
  },
  {
    fact: "unusedRegions",
    promise: "memory that is set aside takes no page tables",
    run: (of) => {
      const { machine } = bootWith("riscv64", 3n * GIB, of);
      return tell(() => machine.space.readWord(virtAddr(0xd0000000n), "the test"));
    },
    results: ["0x0", "fault: the test reads 8 bytes at 0xd0000000, which is not mapped"],
  },
  {
    fact: "x86LowMemoryEnd",
    promise: "x86 uses low memory up to its end",
    run: (of) => endOrAreas(boot({ arch: arch("x86_64"), edition: of })),
    results: ["2:1065-7ee0", "2:1065-7fe0"],
  },
  {
    fact: "x86HighMemoryLimit",
    promise: "without MEMLIMIT nothing limits memory above 4 GiB",
    run: (of) => endOrAreas(bootWith("x86_64", 8n * GIB, of)),
    results: ["2:111d-bfee0", "1:100140-240000 2:111d-bffe0"],
  },
  {
    fact: "efiFirstRange",
    promise: "after boot by EFI memory is handed over that can be reached",
    run: (of) => {
      const memory = [
        ram(0x1500000n, 0x7b00000n, "conventional"),
        ram(0x9000000n, 0x1000000n, "loader-code"),
        ram(4n * GIB, GIB, "conventional"),
      ];
      return endOrAreas(boot({
        arch: arch("x86_64"),
        edition: of,
        inputs: { firmware: "efi", memory },
      }));
    },
    results: [
      "fault: _page_alloc_init_area() fills 64 bytes from 0x1000000",
      "1:100040-140000 2:1508-9000",
    ],
  },
  {
    fact: "armMemoryEnd",
    promise: "arm boots with RAM up to 4 GiB",
    run: (of) => endOrAreas(bootWith("arm", 3n * GIB, of)),
    results: ["lib/alloc_page.c:447: assert failed: page_alloc_initialized(", "0:401e0-c0000"],
  },
  {
    fact: "lastFrameOfWord",
    promise: "a 32-bit machine boots with RAM up to the end of its addresses and beyond",
    run: (of) => {
      const memory = [ram(0n, 5n * GIB)];
      return endOrAreas(boot({ arch: arch("i386"), edition: of, inputs: { memory } }));
    },
    results: [
      "lib/alloc_page.c:479: assert failed: top_pfn < BIT_ULL(sizeo",
      "2:10d6-80000 4:c0040-fffff",
    ],
  },
  {
    fact: "lookupAddresses",
    promise: "virt_to_pte_phys() gives the physical address, in a large page too",
    run: (of) => lookUp(of, 0x1234567n),
    results: ["0x1200567", "0x1234567"],
  },
  {
    fact: "x86LookupMiss",
    promise: "virt_to_pte_phys() gives nothing for an address that is not mapped",
    run: (of) => lookUp(of, 0x8000000000n),
    results: ["0x1c88366c02000", "0x0"],
  },
  {
    fact: "earlyLogOfTheRest",
    promise: "the early allocator's log keeps to its 256 entries",
    run: (of) => {
      const allocator = early(of);
      for (let count = 0; count < 256; count++) earlyMemalign(allocator, 8n, 8n);
      physAllocGetUnused(allocator);
      return `${allocator.regions.length} entries`;
    },
    results: ["257 entries", "256 entries"],
  },
  {
    fact: "earlyExhaustion",
    promise: "malloc returns NULL when early memory is used up",
    run: (of) => {
      const allocator = early(of);
      earlyMemalign(allocator, 8n, 0x10000n);
      return tell(() => earlyMemalign(allocator, 8n, 8n));
    },
    results: ["lib/alloc_phys.c:84: assert failed: base < top_safe", "null"],
  },
  {
    fact: "earlyDefaultAlignment",
    promise: "early memory comes at multiples of 32 bytes where nobody says otherwise",
    run: (of) => {
      const allocator = early(of);
      earlyMemalign(allocator, 8n, 8n);
      return tell(() => earlyMemalign(allocator, 8n, 8n));
    },
    results: ["0x100008", "0x100020"],
  },
];
