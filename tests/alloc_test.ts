/** malloc and its like over the early allocator, the page allocator and vmalloc. */

import { assert, assertEquals } from "@std/assert";
import {
  boot,
  type BootEnd,
  byteCount,
  calloc,
  cloneMachine,
  free,
  type Machine,
  malloc,
  memalign,
  physAddr,
  setUpVm,
  type VirtAddr,
  virtAddr,
} from "../mod.ts";
import { allocVpage } from "../src/vmalloc/mod.ts";
import { ram } from "./boot_support.ts";
import { arch, edition, tell } from "./support.ts";

function machineOf(archName: string, until: BootEnd = "end", editionName = "head"): Machine {
  return boot({ arch: arch(archName), edition: edition(editionName), until }).machine;
}

const hex = (value: bigint | null): string => value === null ? "null" : `0x${value.toString(16)}`;

function allocated(block: VirtAddr | null): VirtAddr {
  if (block === null) throw new RangeError("Cannot test: there is no block");
  return block;
}

Deno.test("malloc() changes hands while a machine boots", () => {
  const early = machineOf("x86_64", "main");
  assertEquals([early.ops.current, hex(malloc(early, 100n))], ["early", "0x105e000"]);
  setUpVm(early);
  assertEquals([early.ops.current, hex(malloc(early, 100n))], ["vmalloc", "0xffffffffffffe008"]);
  const page = machineOf("ppc64", "main");
  assertEquals([page.ops.current, hex(malloc(page, 100n))], ["page", "0x490000"]);
});

Deno.test("memalign() gives nothing for a size of 0, whatever the alignment", () => {
  for (const until of ["main", "end"] as const) {
    const machine = machineOf("s390x", until);
    assertEquals(memalign(machine, 3n, 0n), null);
    assertEquals(calloc(machine, 0n, 5n), null);
    assertEquals(malloc(machine, 2n ** 64n), null);
  }
});

Deno.test("memalign() fails its assertions: alignment, and memory", () => {
  const machine = machineOf("s390x", "main");
  const failed = tell(() => memalign(machine, 24n, 1n));
  assertEquals(failed, "lib/alloc.c:36: assert failed: is_power_of_2(alignment)");
  const old = machineOf("s390x", "main", "buddy-2020-10");
  assertEquals(
    tell(() => memalign(old, 4n, 1n)),
    "lib/alloc.c:88: assert failed: alignment >= sizeof(void *) && is_power_of_2(alignment)",
  );
  const full = tell(() => malloc(machine, 1n << 30n));
  assertEquals(full, "lib/alloc.c:40: assert failed: p");
});

Deno.test("malloc() of more than early memory prints why, then fails", () => {
  const machine = machineOf("x86_64", "main");
  assertEquals(tell(() => malloc(machine, 1n << 30n)), "lib/alloc.c:40: assert failed: p");
  assertEquals(machine.printed.length, 1);
  assert(machine.printed[0]?.startsWith("phys_alloc: requested=0x40000000"));
});

Deno.test("calloc() clears, and fails if the size does not fit a word", () => {
  const machine = machineOf("i386", "main");
  machine.ram.fill(virtAddr(0x1057000n), byteCount(0x1000n), 0x5a, "the test");
  const block = allocated(calloc(machine, 3n, 4n));
  assertEquals(machine.space.read(block, 8, "the test"), 0n);
  assertEquals(machine.space.readByte(virtAddr(block + 12n), "the test"), 0x5a);
  const failed = tell(() => calloc(machine, 0x10000n, 0x10000n));
  assertEquals(failed, "lib/alloc.c:16: assert failed: !check_mul_overflow(nmemb, size)");
  const old = tell(() => calloc(machineOf("i386", "main", "zero-2021-01"), 65536n, 65536n));
  assertEquals(old, "lib/alloc.c:?: assert failed: !mult_overflow(nmemb, size)");
});

Deno.test("free() by the early allocator does nothing", () => {
  const machine = machineOf("x86_64", "main");
  const block = malloc(machine, 100n);
  free(machine, block);
  free(machine, null);
  free(machine, virtAddr(0x123n));
  assertEquals(hex(malloc(machine, 1n)), "0x105e068");
});

Deno.test("free() goes to the allocator of now, not to that of the block", () => {
  const early = machineOf("x86_64", "main");
  const one = malloc(early, 8192n);
  setUpVm(early);
  assertEquals(
    tell(() => free(early, one)),
    "lib/vmalloc.c:180: assert failed: m->magic == VM_MAGIC",
  );
  const page = machineOf("s390x", "main");
  const two = malloc(page, 8192n);
  const ofNobody = tell(() => free(cloneMachine(page), virtAddr(0x1000n)));
  assertEquals(
    ofNobody,
    "lib/alloc_page.c:279: assert failed: a: memory does not belong to any area: 0x1000",
  );
  setUpVm(page);
  const late = tell(() => free(page, two));
  assertEquals(late, "lib/vmalloc.c:180: assert failed: m->magic == VM_MAGIC");
});

Deno.test("free_pages() of a vmalloc pointer: rejected where pfns are shifts, taken where they walk", () => {
  const onX86 = machineOf("x86_64");
  const block = allocated(malloc(onX86, 8192n));
  assert(
    tell(() => onX86.pages.freePages(block)).startsWith("lib/alloc_page.c:279: assert failed"),
  );
  const onArm = machineOf("arm64");
  const alias = allocated(malloc(onArm, 8192n));
  onArm.pages.freePages(alias);
  assertEquals(hex(onArm.pages.allocPages(0, 0)), hex(alias));
});

Deno.test("free_pages(NULL) waits for ever where the lookup needs a table, and maps page 0 elsewhere", () => {
  for (const [name, pageShift] of [["arm64", 12], ["arm64", 14], ["arm", 12]] as const) {
    const { machine } = boot({ arch: arch(name), edition: edition("head"), pageShift });
    const told = tell(() => machine.pages.freePages(virtAddr(0n)));
    assert(told.includes("waits for the allocator's lock"), name);
  }
  for (const [name, pageShift] of [["arm64", 16], ["ppc64", 16]] as const) {
    const { machine } = boot({ arch: arch(name), edition: edition("head"), pageShift });
    const read = (): string => tell(() => machine.space.readByte(virtAddr(0x10n), "the test"));
    assert(read().includes("which is not mapped"), name);
    machine.pages.freePages(virtAddr(0n));
    assert(!read().includes("which is not mapped"), name);
  }
});

Deno.test("before f90ddba3 two words in front of a block say how far it is off, and how large", () => {
  const machine = machineOf("x86_64", "main", "buddy-2020-10");
  const words = (block: bigint): string[] =>
    [16n, 8n].map((distance) =>
      hex(machine.space.readWord(virtAddr(block - distance), "the test"))
    );
  const first = allocated(malloc(machine, 100n));
  assertEquals([hex(first), ...words(first)], ["0x61e010", "0x10", "0x80"]);
  const aligned = allocated(memalign(machine, 256n, 100n));
  assertEquals([hex(aligned), ...words(aligned)], ["0x61e200", "0x100", "0x180"]);
  setUpVm(machine);
  const last = allocated(malloc(machine, 8n));
  assertEquals([hex(last), ...words(last)], ["0xfffffffffffff010", "0x10", "0x1000"]);
  assertEquals(tell(() => free(machine, last)), "void");
});

Deno.test("on arm64 vmalloc's addresses meet RAM: zeroing a block wipes what malloc gave", () => {
  const { machine } = boot({
    arch: arch("arm64"),
    edition: edition("head"),
    inputs: { memory: [ram(0x40000000n, 3n << 30n)] },
  });
  const block = allocated(malloc(machine, 100n));
  machine.space.writeWord(block, 0x5a5a5a5an, "the test");
  assertEquals(hex(machine.pages.allocPages(19, 0)), "0x80000000");
  assertEquals(machine.space.readWord(block, "the test"), 0n);
  const failed = tell(() => free(machine, block));
  assertEquals(failed, "lib/vmalloc.c:171: assert failed: GET_MAGIC(mem) == VM_MAGIC");
});

Deno.test("on s390x virt_to_phys() of a virtual page is the virtual address", () => {
  const machine = machineOf("s390x");
  assertEquals(hex(allocVpage(machine)), "0xfffffffff7fff000");
  assertEquals(hex(malloc(machine, 8n)), "0xfffffffff7ffe008");
});

Deno.test("malloc() of a copy of a machine leaves the original alone", () => {
  const machine = machineOf("riscv64");
  const copy = cloneMachine(machine);
  const block = allocated(malloc(copy, 8n));
  copy.space.writeWord(block, 0x1234n, "the test");
  assertEquals(hex(malloc(machine, 8n)), hex(block));
  assertEquals(machine.space.readWord(block, "the test"), 0n);
  assertEquals(machine.ram.peek(physAddr(0n), 8), copy.ram.peek(physAddr(0n), 8));
});
