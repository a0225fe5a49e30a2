/** vmalloc: virtual addresses, metadata, pages, what it leaves behind. */

import { assert, assertEquals } from "@std/assert";
import {
  boot,
  byteCount,
  cloneMachine,
  free,
  type Machine,
  malloc,
  memalign,
  physAddr,
  type VirtAddr,
  virtAddr,
} from "../mod.ts";
import { ARCHS } from "../arch/mod.ts";
import {
  allocVpage,
  allocVpages,
  allocVpagesAligned,
  initAllocVpage,
  setupVm,
  vmap,
} from "../src/vmalloc/mod.ts";
import { arch, edition, lists, tell } from "./support.ts";

/** A machine that booted up to the test's `main` and beyond. */
function booted(archName: string, editionName = "head"): Machine {
  return boot({ arch: arch(archName), edition: edition(editionName) }).machine;
}

const hex = (value: bigint | null): string => value === null ? "null" : `0x${value.toString(16)}`;

/** Bytes in memory as the modelled code sees it, in hex. */
function bytes(machine: Machine, address: bigint, count: number): string {
  return Array.from({ length: count }, (_, index) => {
    const byte = machine.space.readByte(virtAddr(address + BigInt(index)), "the test");
    return byte.toString(16).padStart(2, "0");
  }).join(" ");
}

function allocated(block: VirtAddr | null): VirtAddr {
  if (block === null) throw new RangeError("Cannot test: there is no block");
  return block;
}

Deno.test("malloc() and memalign() give the addresses of a real x86_64 guest", () => {
  const machine = booted("x86_64");
  const requests: readonly (readonly [bigint, bigint])[] = [
    [8n, 8n],
    [8n, 4088n],
    [8n, 4089n],
    [2048n, 2048n],
    [2048n, 2049n],
    [4096n, 1n],
    [0x100000n, 1n],
    [8n, 8n],
  ];
  assertEquals(requests.map(([align, size]) => hex(memalign(machine, align, size))), [
    "0xffffffffffffe008",
    "0xffffffffffffd008",
    "0xffffffffffffc000",
    "0xffffffffffffa800",
    "0xffffffffffff9000",
    "0xffffffffffff7000",
    "0xfffffffffff00000",
    "0xffffffffffefe008",
  ]);
});

Deno.test("the words in front of a block are those of each architecture", () => {
  const shown = ["arm64", "s390x", "i386", "arm"].map((name) => {
    const machine = booted(name);
    const word = machine.arch.wordBits / 8;
    const small = allocated(malloc(machine, 8n));
    const large = allocated(malloc(machine, 5000n));
    return [
      name,
      bytes(machine, small - BigInt(word), word),
      bytes(machine, large - 2n * BigInt(word), 2 * word),
    ];
  });
  assertEquals(shown, [
    ["arm64", "de c0 57 7e 00 00 00 00", "02 00 00 00 00 00 00 00 de c0 57 7e 00 00 00 00"],
    ["s390x", "00 00 00 00 7e 57 c0 de", "00 00 00 00 00 00 00 02 00 00 00 00 7e 57 c0 de"],
    ["i386", "de c0 57 7e", "02 00 00 00 de c0 57 7e"],
    ["arm", "de c0 57 7e", "02 00 00 00 de c0 57 7e"],
  ]);
});

/** Pages of a real guest: 1049 data, 104a to 104c tables, 104d metadata, 104e and 104f data. */
Deno.test("malloc() takes data page, tables, metadata and data in the order of a real guest", () => {
  const machine = boot({
    arch: arch("x86_64"),
    edition: edition("head"),
    inputs: { imageEnd: physAddr(0x103c000n) },
  }).machine;
  const small = malloc(machine, 8n);
  const large = malloc(machine, 5000n);
  assertEquals([hex(small), hex(large)], ["0xffffffffffffe008", "0xffffffffffffc000"]);
  free(machine, small);
  free(machine, large);
  assertEquals(lists(machine).split(" ")[0], "0:104f,104e,104d,1049");
});

Deno.test("a size that wraps round with its alignment gets one page", () => {
  const machine = booted("x86_64");
  assertEquals(hex(malloc(machine, 2n ** 64n - 1n)), "0xffffffffffffe008");
});

Deno.test("allocVpages() only moves the upper end down", () => {
  const machine = booted("x86_64");
  const before = machine.pages.areas();
  assertEquals(hex(allocVpage(machine)), "0xffffffffffffe000");
  assertEquals(hex(allocVpages(machine, 10n)), "0xffffffffffff4000");
  assertEquals(hex(allocVpages(machine, 0n)), "0xffffffffffff4000");
  assertEquals(hex(allocVpagesAligned(machine, 3n, 4)), "0xffffffffffff0000");
  assertEquals(machine.pages.areas(), before);
  const read = tell(() => machine.space.readByte(virtAddr(0xffffffffffff4000n), "the test"));
  assertEquals(read, "fault: the test reads 1 byte at 0xffffffffffff4000, which is not mapped");
});

Deno.test("on a 32-bit machine the addresses wrap round from 0", () => {
  assertEquals(hex(malloc(booted("arm"), 8n)), "0xfffff004");
  assertEquals(hex(malloc(booted("riscv32"), 8n)), "0xfffff004");
});

Deno.test("vmap() drops the offset in the page, and the page behind a boundary", () => {
  const machine = booted("x86_64");
  machine.space.writeWord(virtAddr(0x1800ff8n), 0x1122n, "the test");
  machine.space.writeWord(virtAddr(0x1801000n), 0x3344n, "the test");
  const mapped = allocated(vmap(machine, physAddr(0x1800ffcn), byteCount(8n)));
  assertEquals(hex(mapped), "0xffffffffffffe000");
  assertEquals(machine.space.readWord(virtAddr(mapped + 0xff8n), "the test"), 0x1122n);
  const next = tell(() => machine.space.readWord(virtAddr(mapped + 0x1000n), "the test"));
  assertEquals(next, "fault: the test reads 8 bytes at 0xfffffffffffff000, which is not mapped");
});

Deno.test("vmap() of more pages than a guest could map while somebody waits is an outcome", () => {
  const machine = booted("x86_64");
  const most = 2n ** 28n * 4096n;
  assertEquals(
    tell(() => vmap(machine, physAddr(0n), byteCount(most + 1n))),
    "undefined behaviour: lib/vmalloc.c:?, vmap() maps more than 2^28 pages one by one",
  );
});

Deno.test("free() leaves the page mapped, with its content but for the list node", () => {
  const machine = booted("x86_64");
  const block = allocated(malloc(machine, 100n));
  machine.space.writeWord(virtAddr(block + 16n), 0x5a5an, "the test");
  free(machine, block);
  assertEquals(machine.space.readWord(virtAddr(block + 16n), "the test"), 0x5a5an);
  assertEquals(hex(machine.vmalloc.vfreeTop), "0xffffffffffffe000");
  assertEquals(hex(malloc(machine, 100n)), "0xffffffffffffd008");
});

Deno.test("free() twice fails at the magic of a word, or at the page behind it", () => {
  const twice = (alignment: bigint, size: bigint): string => {
    const machine = booted("arm64");
    const block = memalign(machine, alignment, size);
    free(machine, block);
    return tell(() => free(machine, block));
  };
  assertEquals(twice(8n, 8n), "lib/vmalloc.c:171: assert failed: GET_MAGIC(mem) == VM_MAGIC");
  const page = "lib/alloc_page.c:285: assert failed: IS_ALLOCATED(a->page_states[p])";
  assertEquals(twice(64n, 8n), page);
  assertEquals(twice(8n, 5000n), page);
});

Deno.test("free() of what vmalloc did not make fails at each of its assertions", () => {
  const machine = booted("x86_64");
  const block = allocated(malloc(machine, 5000n));
  const header = virtAddr(block - 16n);
  const failing = (change: (copy: Machine) => void, address: bigint): string => {
    const copy = cloneMachine(machine);
    change(copy);
    return tell(() => free(copy, virtAddr(address)));
  };
  const nothing = (): void => {};
  const count = (value: bigint) => (copy: Machine): void =>
    copy.space.writeWord(header, value, "the test");
  const line = (number: number, text: string): string =>
    `lib/vmalloc.c:${number}: assert failed: ${text}`;
  assertEquals(failing(nothing, block + 8n), line(171, "GET_MAGIC(mem) == VM_MAGIC"));
  assertEquals(failing(nothing, block + 4096n), line(180, "m->magic == VM_MAGIC"));
  assertEquals(failing(count(0n), block), line(181, "m->npages > 0"));
  assertEquals(
    failing(count(2n ** 52n), block),
    line(182, "m->npages < BIT_ULL(BITS_PER_LONG - PAGE_SHIFT)"),
  );
});

Deno.test("free() of a pointer whose page is not mapped fails on riscv, which translates to 0", () => {
  const machine = booted("riscv64");
  const block = allocated(malloc(machine, 5000n));
  machine.space.writeWord(virtAddr(block - 16n), 3n, "the test");
  const below = machine.vmalloc.vfreeTop + 4n * 4096n;
  assert(below > 0xffffffffn);
  assertEquals(
    tell(() => free(machine, block)),
    "lib/vmalloc.c:187: assert failed: page",
  );
});

Deno.test("free(NULL) reads the header before address 0 until 12513346", () => {
  const outcome = (name: string): string => {
    const machine = booted("s390x", name);
    return tell(() => free(machine, null));
  };
  assertEquals(outcome("areas-2021-01"), "void");
  assertEquals(
    outcome("reserve-2020-10"),
    "fault: vm_free() reads 8 bytes at 0xfffffffffffffff8, where there is no memory",
  );
});

Deno.test("before 3f6fee0d there is no metadata: pages come and go by size", () => {
  const machine = booted("i386", "list-2020");
  const block = allocated(malloc(machine, 5000n));
  assertEquals([hex(block), hex(machine.vmalloc.vfreeTop)], ["0xbfffe008", "0xbfffe000"]);
  const before = machine.pages.areas()[0]?.freeLists[0]?.forward.pfns.length ?? 0;
  free(machine, block);
  const after = machine.pages.areas()[0]?.freeLists[0]?.forward.pfns.length ?? 0;
  assertEquals(after - before, 2);
});

Deno.test("initAllocVpage() is too late once vmalloc serves malloc", () => {
  const machine = booted("x86_64");
  const failed = tell(() => initAllocVpage(machine, virtAddr(0n)));
  assertEquals(failed, "lib/vmalloc.c:204: assert failed: alloc_ops != &vmalloc_ops");
});

Deno.test("setupVm() does nothing the second time, and fails without memory or processor", () => {
  const hooks = {
    vmAvailable: () => true,
    giveFurtherMemory: () => {},
    findHighmem: () => {},
    setupMmu: () => physAddr(0n),
    note: () => {},
  };
  const machine = booted("s390x");
  const before = machine.pages.areas();
  setupVm(machine, hooks);
  assertEquals(machine.pages.areas(), before);
  const { machine: bare } = boot({
    arch: arch("x86_64"),
    edition: edition("head"),
    until: "main",
  });
  bare.early.base = bare.early.top;
  assertEquals(
    tell(() => setupVm(bare, hooks)),
    "lib/vmalloc.c:224: assert failed: base != top || page_alloc_initialized()",
  );
  assertEquals(
    tell(() => setupVm(bare, { ...hooks, vmAvailable: () => false })),
    "lib/vmalloc.c:218: assert failed: vm_available(): Virtual memory not available. " +
      "Must check vm_available() before calling setup_vm()",
  );
});

Deno.test("without memory the one-page form writes to physical address 0", () => {
  const machine = booted("i386");
  const flags = 0;
  for (let order = 19; order >= 0; order--) {
    while (machine.pages.allocPages(order, flags) !== null);
  }
  const block = allocated(malloc(machine, 8n));
  assertEquals(machine.ram.peek(physAddr(0n), 4), 0x7e57c0den);
  assertEquals(machine.space.readWord(virtAddr(block - 4n), "the test"), 0x7e57c0den);
});

Deno.test("every architecture gives every byte of a block back as it was written", () => {
  for (const one of ARCHS) {
    const { machine } = boot({ arch: one, edition: edition("head") });
    const size = 3n << BigInt(machine.pageShift);
    const block = allocated(malloc(machine, size));
    machine.space.fill(block, byteCount(size), 0x5a, "the test");
    const runs = machine.space.runs(block, byteCount(size), "the test");
    assert(runs.every(({ byte }) => byte === 0x5a), one.name);
    assertEquals(tell(() => free(machine, block)), "void", one.name);
  }
});
