/** vmalloc where the authors' promises are kept: unmapping, reuse, an end, and failures without trace. */

import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { ARCHS } from "../arch/mod.ts";
import {
  boot,
  byteCount,
  cloneMachine,
  describeTables,
  free,
  type Machine,
  malloc,
  memalign,
  physAddr,
  type VirtAddr,
  virtAddr,
} from "../mod.ts";
import { allocVpage, allocVpages, allocVpagesAligned, vmap } from "../src/vmalloc/mod.ts";
import { randomNumbers } from "./random_calls.ts";
import { arch, edition, tell } from "./support.ts";

const BY = "the test";

function booted(archName: string): Machine {
  return boot({ arch: arch(archName), edition: edition("repaired") }).machine;
}

const hex = (value: bigint | null): string => value === null ? "null" : `0x${value.toString(16)}`;

function there(block: VirtAddr | null): VirtAddr {
  if (block === null) throw new RangeError("Cannot test: there is no block");
  return block;
}

/** The frames that the page allocator has left. */
function freePages({ pages }: Machine): number {
  return pages.areas().flatMap(({ freeLists }) => freeLists)
    .reduce((sum, { order, forward }) => sum + forward.pfns.length * 2 ** order, 0);
}

/** What is mapped where. */
function mappings({ mmu }: Machine): string {
  assert(mmu.tables !== null);
  return describeTables(mmu.tables).mapped
    .map(({ virtual, physical, sizeBytes }) => `${hex(virtual)} ${hex(physical)} ${sizeBytes}`)
    .join("\n");
}

/** `vfree_top` and the holes above it. */
function room({ vmalloc }: Machine): string {
  const holes = vmalloc.holes.map(({ first, end }) => `${hex(first)}-${hex(end)}`);
  return [hex(vmalloc.vfreeTop), ...holes].join(" ");
}

/** Takes all blocks of more than 2^order frames, so that memory runs out soon. */
function leaveBlocksUpTo(order: number, { pages }: Machine): VirtAddr | null {
  let last: VirtAddr | null = null;
  for (let larger = 16; larger > order; larger--) {
    for (let one = pages.allocPages(larger, 0); one !== null; one = pages.allocPages(larger, 0)) {
      last = one;
    }
  }
  return last;
}

/** Counts the frames that are allocated for page tables from now on. */
function countTablePages(machine: Machine): () => number {
  let frames = 0;
  machine.mmu.listener = (request, _level, table) => {
    if (table === null) return;
    if (request.kind === "memalign") {
      frames += Number(request.size >> BigInt(machine.pageShift)) || 1;
    } else frames += request.kind === "page" ? 1 : 2 ** request.order;
  };
  return () => frames;
}

Deno.test("free() clears the entries of all pages, data and metadata, and leaves the tables", () => {
  for (const { name } of ARCHS) {
    const machine = booted(name);
    const tablePages = countTablePages(machine);
    const [before, left] = [mappings(machine), freePages(machine)];
    const [small, large] = [there(malloc(machine, 8n)), there(malloc(machine, 3n << 16n))];
    assertNotEquals(mappings(machine), before);
    free(machine, small);
    free(machine, large);
    assertEquals(mappings(machine), before, name);
    assertEquals(freePages(machine) + tablePages(), left, name);
    const word = BigInt(machine.arch.wordBits / 8);
    for (const address of [small, large, large - word, large + 0x10000n]) {
      const use = tell(() => machine.space.readByte(virtAddr(address), BY));
      assertEquals(use, `fault: the test reads 1 byte at ${hex(address)}, which is not mapped`);
    }
    const twice = tell(() => free(cloneMachine(machine), large));
    assert(twice.startsWith("fault: vm_free() reads"), twice);
  }
});

Deno.test("on s390x a cleared entry is what a fresh table holds, not zero", () => {
  const machine = booted("s390x");
  const tables: bigint[] = [];
  machine.mmu.listener = (_request, { name }, table) => {
    if (name === "pte" && table !== null) tables.push(table);
  };
  const block = there(malloc(machine, 8n));
  const entry = virtAddr((tables[0] ?? 0n) + 0x7f8n);
  assertNotEquals(machine.space.readWord(entry, BY), 0x400n);
  free(machine, block);
  assertEquals(machine.space.readWord(entry, BY), 0x400n);
});

Deno.test("freed virtual pages merge, and the highest hole that is large enough is taken", () => {
  const machine = booted("x86_64");
  const start = room(machine);
  const [a, b, c, d] = [1, 2, 3, 4].map(() => there(malloc(machine, 8n)));
  assert(a !== undefined && b !== undefined && c !== undefined && d !== undefined);
  assertEquals(room(machine), "0xffffffffffffb000");
  free(machine, a);
  free(machine, c);
  assertEquals(
    room(machine),
    "0xffffffffffffb000 0xffffffffffffe000-0xfffffffffffff000 0xffffffffffffc000-0xffffffffffffd000",
  );
  free(machine, b);
  assertEquals(room(machine), "0xffffffffffffb000 0xffffffffffffc000-0xfffffffffffff000");
  assertEquals(hex(malloc(machine, 5000n)), "0xffffffffffffd000");
  assertEquals(room(machine), "0xffffffffffffb000");
  free(machine, virtAddr(0xffffffffffffd000n));
  assertEquals(hex(malloc(machine, 0x4000n)), "0xffffffffffff7000");
  free(machine, virtAddr(0xffffffffffff7000n));
  free(machine, d);
  assertEquals(room(machine), start);
});

Deno.test("what an alignment passes over stays free; pages that nobody can free stay taken", () => {
  const machine = booted("x86_64");
  assertEquals(hex(memalign(machine, 0x10000n, 1n)), "0xffffffffffff0000");
  assertEquals(room(machine), "0xfffffffffffef000 0xffffffffffff1000-0xfffffffffffff000");
  assertEquals(hex(allocVpagesAligned(machine, 2n, 1)), "0xffffffffffffc000");
  assertEquals(hex(allocVpage(machine)), "0xffffffffffffe000");
  free(machine, virtAddr(0xffffffffffff0000n));
  assertEquals(room(machine), "0xffffffffffffc000");
  assertEquals(hex(allocVpages(machine, 0n)), "0xffffffffffffc000");
  assertEquals(room(machine), "0xffffffffffffc000");
});

Deno.test("virtual pages end where memory is mapped, or where no address is translated", () => {
  const bottoms = ARCHS.map(({ name }) => `${name} ${hex(booted(name).vmalloc.bottom)}`);
  assertEquals(bottoms, [
    "x86_64 0xffff800000000000",
    "i386 0x80000000",
    "arm 0x48000000",
    "arm64 0x48000000",
    "s390x 0x8000000",
    "ppc64 0x10000000",
    "riscv64 0x88000000",
    "riscv32 0x88000000",
  ]);
});

Deno.test("all virtual pages can be taken, and not one more", () => {
  for (const { name } of ARCHS) {
    const machine = booted(name);
    const { bottom, vfreeTop } = machine.vmalloc;
    const top = vfreeTop === 0n ? 1n << BigInt(machine.arch.wordBits) : vfreeTop;
    const pages = (top - bottom) >> BigInt(machine.pageShift);
    for (const count of [pages + 1n, 1n << 70n]) assertEquals(allocVpages(machine, count), null);
    for (const order of [52, 63, 70]) {
      assertEquals(allocVpagesAligned(machine, 1n, order), null, `${name} ${order}`);
    }
    assertEquals(room(machine), hex(vfreeTop));
    assertEquals(allocVpages(machine, pages), bottom);
    assertEquals([allocVpage(machine), malloc(machine, 8n)], [null, null]);
    assertEquals(vmap(machine, physAddr(0x1000n), byteCount(8n)), null);
    assertEquals(room(machine), hex(bottom));
  }
});

Deno.test("sizes that cannot be had give NULL and leave no trace", () => {
  for (const { name } of ARCHS) {
    const machine = booted(name);
    leaveBlocksUpTo(7, machine);
    const tablePages = countTablePages(machine);
    const [left, mapped, before] = [freePages(machine), mappings(machine), room(machine)];
    const word = 1n << BigInt(machine.arch.wordBits);
    const requests: readonly (readonly [bigint, bigint])[] = [
      [8n, word - 1n],
      [8n, word - 8n],
      [8n, word - 0xffffn],
      [word / 2n, word / 2n],
      [8n, word / 2n],
      [8n, 0x4000000n],
    ];
    for (const [align, size] of requests) {
      assertEquals(memalign(machine, align, size), null, `${name}: ${align} ${size}`);
    }
    assertEquals(freePages(machine) + tablePages(), left, name);
    assertEquals([mappings(machine), room(machine)], [mapped, before], name);
  }
});

Deno.test("vmap() without memory for page tables gives NULL and unmaps what it mapped", () => {
  const machine = booted("riscv32");
  const { pages } = machine;
  leaveBlocksUpTo(1, machine);
  const [page, other] = [there(pages.allocPages(0, 0)), there(pages.allocPages(0, 0))];
  leaveBlocksUpTo(-1, machine);
  pages.freePages(page);
  const [mapped, before] = [mappings(machine), room(machine)];
  // One table covers 4 MiB: the second half of the range finds no memory for its own.
  assertEquals(vmap(machine, physAddr(0x80000000n), byteCount(0x800000n)), null);
  assertEquals([mappings(machine), room(machine), freePages(machine)], [mapped, before, 0]);
  assertEquals(vmap(machine, physAddr(0x80000000n), byteCount(0x1000n)), null);
  pages.freePages(other);
  assertEquals(hex(vmap(machine, physAddr(0x80000000n), byteCount(0x1000n))), "0xfffff000");
});

Deno.test("the holes of a copied machine are its own", () => {
  const machine = booted("i386");
  const [first] = [there(malloc(machine, 8n)), malloc(machine, 8n)];
  free(machine, first);
  const before = room(machine);
  const copy = cloneMachine(machine);
  assertEquals(room(copy), before);
  assertEquals(malloc(copy, 8n), first);
  assertEquals([room(machine), room(copy)], [before, "0xbfffe000"]);
});

/** A block or a mapping that is there. */
interface Live {
  readonly kind: "block" | "mapping";
  /** What `malloc` or `vmap` gave. */
  readonly address: VirtAddr;
  /** All its pages, the metadata too, `[first, end)`. */
  readonly first: bigint;
  readonly end: bigint;
  /** What stands in its first and in its last word. */
  readonly mark: bigint;
  readonly last: bigint;
}

/** Random requests on a machine that has little room, memory and addresses, and what is to hold after. */
class RandomRun {
  readonly machine: Machine;
  readonly live: Live[] = [];
  readonly log: string[] = [];
  readonly #random: (bound: number) => number;
  readonly #tablePages: () => number;
  readonly #pagesLeft: number;
  readonly #top: bigint;
  readonly #pageBytes: bigint;

  constructor(archName: string, seed: number) {
    this.machine = booted(archName);
    this.#random = randomNumbers(seed);
    const { vmalloc, pageShift } = this.machine;
    this.#pageBytes = 1n << BigInt(pageShift);
    const end = vmalloc.vfreeTop === 0n
      ? 1n << BigInt(this.machine.arch.wordBits)
      : vmalloc.vfreeTop;
    // All but 250 virtual pages are taken for good, and all blocks of more than 64 pages.
    const rest = (end - vmalloc.bottom) / this.#pageBytes - 250n;
    vmalloc.bottom = virtAddr(vmalloc.bottom + rest * this.#pageBytes);
    leaveBlocksUpTo(6, this.machine);
    this.#top = end;
    this.#tablePages = countTablePages(this.machine);
    this.#pagesLeft = freePages(this.machine);
    this.log.push(`machine ${archName} edition=repaired`, "boot", `# ${rest} pages less`);
  }

  step(): void {
    const choice = this.#random(10);
    const one = this.live[this.#random(Math.max(this.live.length, 1))];
    if (choice < 4 && one?.kind === "block") return this.free(one);
    const size = BigInt(1 + this.#random(choice === 9 ? 90 : 12)) * this.#pageBytes / 3n;
    if (choice === 8 && this.live.length < 6) return this.map(size);
    const align = 8n << BigInt(this.#random(4) === 0 ? this.#random(16) : 0);
    this.log.push(`memalign ${align} ${size}`);
    const before = room(this.machine);
    const address = memalign(this.machine, align, size);
    if (address === null) {
      assertEquals(room(this.machine), before, this.told());
      return;
    }
    assertEquals(address % align, 0n, this.told());
    const isOne = address % this.#pageBytes !== 0n;
    const first = address - (isOne ? address % this.#pageBytes : this.#pageBytes);
    const pages = isOne ? 1n : (size + this.#pageBytes - 1n) / this.#pageBytes + 1n;
    const last = address + size - 8n;
    this.add("block", address, { first, end: first + pages * this.#pageBytes, last });
  }

  map(size: bigint): void {
    const phys = physAddr(0x123n);
    this.log.push(`vmap ${phys} ${size}`);
    const address = vmap(this.machine, phys, byteCount(size));
    if (address === null) return;
    const bytes = (size + phys + this.#pageBytes - 1n) / this.#pageBytes * this.#pageBytes;
    this.live.push({
      kind: "mapping",
      address,
      first: address,
      end: address + bytes,
      mark: 0n,
      last: 0n,
    });
  }

  add(kind: Live["kind"], address: VirtAddr, place: Pick<Live, "first" | "end" | "last">): void {
    const mark = BigInt(this.log.length);
    const { space } = this.machine;
    space.write(address, 4, mark, BY);
    if (place.last > address) space.write(virtAddr(place.last + 4n), 4, mark, BY);
    this.live.push({ kind, address, mark, ...place });
  }

  free(one: Live): void {
    this.log.push(`free ${hex(one.address)}`);
    this.checkContent(one);
    free(this.machine, one.address);
    this.live.splice(this.live.indexOf(one), 1);
  }

  checkContent({ address, mark, last }: Live): void {
    const { space } = this.machine;
    assertEquals(space.read(address, 4, BY), mark, this.told());
    if (last > address) assertEquals(space.read(virtAddr(last + 4n), 4, BY), mark, this.told());
  }

  /** Blocks, holes and what was never taken lie next to each other and fill the window. */
  checkRoom(): void {
    const { bottom, vfreeTop, holes } = this.machine.vmalloc;
    const end = vfreeTop === 0n ? this.#top : vfreeTop;
    const parts = [{ first: bottom, end }, ...holes, ...this.live]
      .filter(({ first, end }) => first < end).toSorted((a, b) => a.first < b.first ? -1 : 1);
    let at: bigint = bottom;
    for (const part of parts) {
      assertEquals(hex(part.first), hex(at), this.told());
      at = part.end;
    }
    assertEquals(hex(at), hex(this.#top), this.told());
  }

  /** Each page is free, behind a block, or a table. */
  checkPages(): void {
    const used = this.live.filter(({ kind }) => kind === "block")
      .reduce((sum, { first, end }) => sum + Number((end - first) / this.#pageBytes), 0);
    const { machine } = this;
    assertEquals(freePages(machine) + used + this.#tablePages(), this.#pagesLeft, this.told());
  }

  told(): string {
    return this.log.join("\n");
  }
}

for (const { name } of ARCHS) {
  Deno.test(`random requests on ${name} never overlap, and failures leave nothing behind`, () => {
    const run = new RandomRun(name, 7);
    const mapped = mappings(run.machine);
    for (let step = 0; step < 400; step++) {
      run.step();
      run.checkRoom();
      run.checkPages();
    }
    for (const one of run.live.filter(({ kind }) => kind === "block")) run.free(one);
    run.checkRoom();
    run.checkPages();
    if (run.live.length === 0) assertEquals(mappings(run.machine), mapped);
  });
}
