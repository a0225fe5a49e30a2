/**
 * The facts of an edition outside of the page allocator: one minimal case for each, on both sides of the
 * change. Each case is run a third time on the later edition with the one fact flipped back.
 */

import { assertEquals, assertNotEquals } from "@std/assert";
import {
  boot,
  type BootInputs,
  type Edition,
  type Facts,
  free,
  type Machine,
  malloc,
  physAddr,
  smpCpuDestroy,
  smpCpuSetup,
  virtAddr,
} from "../mod.ts";
import {
  earlyMemalign,
  newEarlyAllocator,
  physAllocInit,
  physAllocSetMinimumAlignment,
  stackAssertionOf,
} from "../src/alloc_phys.ts";
import { virtToPhys } from "../src/mmu.ts";
import { ram } from "./boot_support.ts";
import { arch, edition, tell, told } from "./support.ts";

interface FactCase {
  readonly fact: keyof Facts;
  readonly before: string;
  readonly after: string;
  /** What the case shows, in words. */
  readonly shows: string;
  readonly run: (edition: Edition) => string;
  readonly results: readonly [before: string, after: string];
}

function booted(archName: string, of: Edition, inputs: Partial<BootInputs> = {}): Machine {
  return boot({ arch: arch(archName), edition: of, inputs }).machine;
}

const hex = (value: bigint | null): string => value === null ? "null" : `0x${value.toString(16)}`;

/** The event of a purpose, as text. */
function eventText(archName: string, of: Edition, purpose: string, cpus = 1): string {
  const { events } = boot({ arch: arch(archName), edition: of, inputs: { cpus } });
  for (const event of events) {
    if ("purpose" in event && event.purpose === purpose) {
      return event.call === "memalign_pages_flags" ? `${event.size} bytes` : `${event.count}`;
    }
  }
  return "none";
}

const CASES: readonly FactCase[] = [
  {
    fact: "earlyMinimumAlignment",
    before: "pfn-2021-01",
    after: "max-order-2021-01",
    shows: "the second of two bytes, with a minimum alignment of 64",
    run: (of) => {
      const early = newEarlyAllocator(64, of, () => {});
      physAllocInit(early, physAddr(0x1000n), 0x1000n);
      physAllocSetMinimumAlignment(early, 64n);
      earlyMemalign(early, 1n, 1n);
      return hex(earlyMemalign(early, 1n, 1n));
    },
    results: ["0x1001", "0x1040"],
  },
  {
    fact: "mallocHeader",
    before: "buddy-2020-10",
    after: "malloc-2020-10",
    shows: "the first block: behind two words in a page, or behind the magic",
    run: (of) => hex(malloc(booted("s390x", of), 8n)),
    results: ["0xfffffffff7fff010", "0xfffffffff7fff008"],
  },
  {
    fact: "vmallocMetadata",
    before: "list-2020",
    after: "rfc-2020-08",
    shows: "virtual pages for two pages of data",
    run: (of) => {
      const machine = booted("i386", of);
      malloc(machine, 5000n);
      return hex(machine.vmalloc.vfreeTop);
    },
    results: ["0xbfffe000", "0xbfffd000"],
  },
  {
    fact: "vmallocChecks",
    before: "reserve-2020-10",
    after: "areas-2021-01",
    shows: "free(NULL)",
    run: (of) => {
      const machine = booted("riscv64", of);
      return tell(() => free(machine, null));
    },
    results: [
      "fault: vm_free() reads 8 bytes at 0xfffffffffffffff8, which is not mapped",
      "void",
    ],
  },
  {
    fact: "pointerConversions",
    before: "areas-2021-01",
    after: "pfn-2021-01",
    shows: "free_pages() of a virtual page: its own frame, or the one behind it",
    run: (of) => {
      const machine = booted("arm64", of);
      const block = malloc(machine, 8192n) ?? virtAddr(0n);
      return tell(() => machine.pages.freePages(block));
    },
    results: [
      "lib/alloc_page.c:223: assert failed: a: memory does not belong to any area: 0xffffe000",
      "void",
    ],
  },
  {
    fact: "x86VirtualTop",
    before: "zero-2021-01",
    after: "fresh-2021-01",
    shows: "the first virtual page",
    run: (of) => hex(malloc(booted("x86_64", of), 8n)),
    results: ["0xfffffffffffff008", "0xffffffffffffe008"],
  },
  {
    fact: "x86ImageBegin",
    before: "zero-2021-01",
    after: "fresh-2021-01",
    shows: "whether memory above 4 GiB becomes an area",
    run: (of) => {
      const memory = [ram(0x100000n, 0x3fee0000n), ram(1n << 32n, 1n << 30n)];
      const machine = booted("x86_64", of, { memory, imageEnd: physAddr(0x1000000n) });
      return machine.pages.areas().map(({ area }) => area).join(" ");
    },
    results: ["1 2", "2"],
  },
  {
    fact: "armMapping",
    before: "zero-2021-01",
    after: "fresh-2021-01",
    shows: "the tables for devices: all at once, or as they are mapped",
    run: (of) => eventText("arm", of, "pmd table"),
    results: ["2", "1"],
  },
  {
    fact: "armLookupMiss",
    before: "zero-2021-01",
    after: "fresh-2021-01",
    shows: "the physical address of a page that is not mapped",
    run: (of) => hex(virtToPhys(booted("arm64", of).mmu, virtAddr(0x140000010n))),
    results: ["0x10", "0x140000010"],
  },
  {
    fact: "ppcAllocators",
    before: "zero-2021-01",
    after: "fresh-2021-01",
    shows: "the allocator that serves malloc after boot",
    run: (of) => booted("ppc64", of).ops.current,
    results: ["early", "vmalloc"],
  },
  {
    fact: "s390xCpuTable",
    before: "zero-2021-01",
    after: "fresh-2021-01",
    shows: "the size of the table of five processors",
    run: (of) => eventText("s390x", of, "table of processors", 5),
    results: ["40 bytes", "200 bytes"],
  },
  {
    fact: "s390xLowcore",
    before: "buddy-2020-10",
    after: "fresh-2021-01",
    shows: "a lowcore that was used before, if the allocator does not clear",
    run: (of) => {
      const machine = booted("s390x", { ...of, zeroesByDefault: "no" });
      const cpu = smpCpuSetup(machine);
      const last = virtAddr((cpu.lowcore ?? 0n) + 0x1ff8n);
      machine.space.write(last, 8, 5n, "the test");
      smpCpuDestroy(machine, cpu);
      smpCpuSetup(machine);
      return hex(machine.space.read(last, 8, "the test"));
    },
    results: ["0x0", "0x5"],
  },
  {
    fact: "riscvPort",
    before: "zero-2021-01",
    after: "fresh-2021-01",
    shows: "what people are told",
    run: (of) => boot({ arch: arch("riscv64"), edition: of }).notes.join(),
    results: ["this edition has no port to riscv: it boots as that of June 2026 does", ""],
  },
  {
    fact: "archSourceLines",
    before: "zero-2021-01",
    after: "fresh-2021-01",
    shows: "the line of the first call of boot",
    run: (of) => String(boot({ arch: arch("arm"), edition: of }).events[0]?.by.line),
    results: ["null", "147"],
  },
  {
    fact: "stackAssertions",
    before: "zero-2021-01",
    after: "fresh-2021-01",
    shows: "setup_vm where there is no virtual memory",
    run: (of) => {
      const options = { arch: arch("ppc64"), edition: { ...of, ppcAllocators: "all" as const } };
      return told(boot({ ...options, inputs: { powerMmu: "hash" } }).outcome).slice(0, 24);
    },
    results: ["void", "lib/vmalloc.c:218: asser"],
  },
];

for (const { fact, before, after, shows, run, results } of CASES) {
  Deno.test(`${fact}, ${before} to ${after}: ${shows}`, () => {
    const older = edition(before);
    const newer = edition(after);
    assertEquals([run(older), run(newer)], [...results]);
    assertNotEquals(run({ ...newer, [fact]: older[fact] }), run(newer));
  });
}

Deno.test("the assertions of vmalloc stand where each edition has them", () => {
  const lines = (name: string): string =>
    ([
      "onePageRoomForMagic",
      "vmallocHasPage",
      "freeOnePageMagic",
      "freeMagic",
      "freeMapped",
      "virtualTopBeforeVmalloc",
      "setupHasMemory",
      "setupOnce",
    ] as const).map((one) => stackAssertionOf(edition(name), one).source.line ?? "-").join(" ");
  assertEquals(lines("list-2020"), "- - - - - - - -");
  assertEquals(lines("buddy-2020-10"), "107 153 169 177 - 201 214 236");
  assertEquals(lines("areas-2021-01"), "107 153 171 180 187 205 218 240");
  assertEquals(lines("zero-2021-01"), "107 153 171 180 187 204 217 239");
  assertEquals(lines("head"), "107 153 171 180 187 204 224 246");
});
