import { assert, assertEquals } from "@std/assert";
import { ARM, ARM64, I386, PPC64, RISCV32, RISCV64, S390X, X86_64 } from "../arch/mod.ts";
import type { Arch } from "../src/arch.ts";
import {
  identityMapPages,
  installLargePage,
  installPage,
  walkAsHardware,
} from "../src/memory/page_table/mod.ts";
import { TranslatedSpace, type TranslatedSpaceOptions } from "../src/memory/translated_space.ts";
import { formatStopped, outcomeOf } from "../src/outcome.ts";
import { byteCount, physAddr, virtAddr } from "../src/units.ts";
import { entryBytes, hexBytes, type Tables, tablesOf, type Wanted } from "./page_table_support.ts";

const BY = "a test";
const MIB = 1n << 20n;
const GIB = 1n << 30n;

interface Mapped extends Tables {
  readonly space: TranslatedSpace;
}

/** A space in which nothing is mapped; the tables are edited through it from now on. */
function spaceOf(arch: Arch, wanted: Wanted = {}, options: TranslatedSpaceOptions = {}): Mapped {
  const made = tablesOf(arch, wanted);
  return { ...made, space: new TranslatedSpace(made.tables, options) };
}

function map({ tables }: Tables, virtual: bigint, physical: bigint): void {
  installPage(tables, physAddr(physical), virtAddr(virtual));
}

/** How an access ends, in a line. */
function endOf(action: () => void): string {
  const outcome = outcomeOf(action);
  return outcome.kind === "returned" ? "returned" : formatStopped(outcome);
}

Deno.test("TranslatedSpace reads and writes the memory behind a page, on every architecture", () => {
  for (const arch of [X86_64, I386, ARM, ARM64, S390X, PPC64, RISCV64, RISCV32]) {
    for (const pageShift of arch.pageShifts) {
      const made = spaceOf(arch, { pageShift });
      map(made, 0x5670000n, 0x12340000n);
      made.space.writeWord(virtAddr(0x5670120n), 0x12345678n, BY);
      assertEquals(made.ram.readWord(virtAddr(0x12340120n), BY), 0x12345678n, arch.name);
      made.ram.writeByte(virtAddr(0x12340fffn), 0x5a, BY);
      assertEquals(made.space.readByte(virtAddr(0x5670fffn), BY), 0x5a);
      const order = made.space.byteOrder;
      assertEquals(made.space.read(virtAddr(0x5670ffen), 2, BY), order === "big" ? 0x5an : 0x5a00n);
    }
  }
});

Deno.test("TranslatedSpace faults where nothing is mapped and names the virtual address", () => {
  const made = spaceOf(PPC64);
  identityMapPages(made.tables, physAddr(0x10000n), physAddr(16n * MIB));
  assertEquals(
    endOf(() => made.space.writeWord(virtAddr(8n), 0n, "list_add()")),
    "fault: list_add() writes 8 bytes at 0x8, which is not mapped",
  );
  assertEquals(
    endOf(() => made.space.readByte(virtAddr(16n * MIB), "malloc()")),
    "fault: malloc() reads 1 byte at 0x1000000, which is not mapped",
  );
  assertEquals(
    endOf(() => made.space.readWord(virtAddr(16n * MIB - 4n), BY)),
    "fault: a test reads 8 bytes at 0xfffffc and reaches 0x1000000, which is not mapped",
  );
});

Deno.test("TranslatedSpace faults at addresses that no table covers", () => {
  const rows: readonly [Arch, mapped: bigint, not: bigint][] = [
    [X86_64, 0xffff_8000_0000_0000n, 0x0000_8000_0000_0000n],
    [RISCV64, 0xffff_ffc0_0000_0000n, 0x0000_0040_0000_0000n],
    [ARM64, 0x0000_ffff_ffff_f000n, 0xffff_ffff_ffff_f000n],
    [PPC64, 0x000f_ffff_ffff_0000n, 0x00ff_ffff_ffff_0000n],
  ];
  for (const [arch, mapped, not] of rows) {
    const made = spaceOf(arch);
    map(made, mapped, 0x9000n * 16n);
    assertEquals(endOf(() => made.space.readByte(virtAddr(mapped), BY)), "returned", arch.name);
    const outcome = outcomeOf(() => made.space.readByte(virtAddr(not), BY));
    assertEquals(outcome.kind === "fault" && outcome.reason, "unmapped", arch.name);
  }
});

Deno.test("TranslatedSpace lets code be read, not written", () => {
  for (const arch of [ARM, ARM64, RISCV64, RISCV32]) {
    const made = spaceOf(arch);
    identityMapPages(made.tables, physAddr(0x40000000n), physAddr(0x40001000n), "code");
    assertEquals(made.space.readWord(virtAddr(0x40000000n), BY), 0n, arch.name);
    const outcome = outcomeOf(() => made.space.writeWord(virtAddr(0x40000000n), 1n, BY));
    assertEquals(outcome.kind === "fault" && outcome.reason, "read-only", arch.name);
    const fill = outcomeOf(() => made.space.fill(virtAddr(0x40000000n), byteCount(2n), 1, BY));
    assertEquals(fill.kind === "fault" && fill.reason, "read-only", arch.name);
  }
});

Deno.test("TranslatedSpace obeys write protection above the page on x86 and s390x", () => {
  const x86 = spaceOf(X86_64);
  map(x86, 0x5000n, 0x9000n);
  x86.ram.write(virtAddr(x86.given[1] ?? 0n), 8, (x86.given[2] ?? 0n) | 5n, BY);
  const s390x = spaceOf(S390X);
  map(s390x, 0x5000n, 0x9000n);
  s390x.ram.write(virtAddr(s390x.given[3] ?? 0n), 8, (s390x.given[4] ?? 0n) | 0x200n, BY);
  for (const { space } of [x86, s390x]) {
    assertEquals(space.readWord(virtAddr(0x5000n), BY), 0n);
    const outcome = outcomeOf(() => space.writeWord(virtAddr(0x5000n), 1n, BY));
    assertEquals(outcome.kind === "fault" && outcome.reason, "read-only");
  }
});

Deno.test("TranslatedSpace goes through large pages with the whole offset", () => {
  for (const arch of [X86_64, I386, ARM, ARM64, S390X]) {
    const made = spaceOf(arch);
    installLargePage(made.tables, physAddr(0x20000000n), virtAddr(0x60000000n));
    made.space.writeByte(virtAddr(0x60012345n), 0x5a, BY);
    assertEquals(hexBytes(made.ram, 0x20012345n, 1), "5a", arch.name);
  }
});

Deno.test("TranslatedSpace joins pages that lie apart in a word, in both byte orders", () => {
  for (const arch of [X86_64, S390X]) {
    const made = spaceOf(arch);
    map(made, 0x5000n, 0x9000n);
    map(made, 0x6000n, 0x3000n);
    made.space.write(virtAddr(0x5ffdn), 8, 0x0102030405060708n, BY);
    const little = made.space.byteOrder === "little";
    assertEquals(hexBytes(made.ram, 0x9ffdn, 3), little ? "08 07 06" : "01 02 03");
    assertEquals(hexBytes(made.ram, 0x3000n, 5), little ? "05 04 03 02 01" : "04 05 06 07 08");
    assertEquals(made.space.read(virtAddr(0x5ffdn), 8, BY), 0x0102030405060708n);
  }
});

Deno.test("TranslatedSpace writes nothing of a word whose second page is not there", () => {
  const made = spaceOf(X86_64);
  map(made, 0x5000n, 0x9000n);
  assertEquals(
    endOf(() => made.space.writeWord(virtAddr(0x5ffcn), -1n, BY)),
    "fault: a test writes 8 bytes at 0x5ffc and reaches 0x6000, which is not mapped",
  );
  assertEquals(hexBytes(made.ram, 0x9ffcn, 4), "00 00 00 00");
});

Deno.test("TranslatedSpace names the virtual address where there is no memory behind it", () => {
  const made = spaceOf(X86_64, { ram: [0x1000000n, 16n * MIB] });
  map(made, 0xffff_ffff_ffff_e000n, 0xfee00000n);
  assertEquals(
    endOf(() => made.space.write(virtAddr(0xffff_ffff_ffff_e0f0n), 4, 1n, "apic_write()")),
    "fault: apic_write() writes 4 bytes at 0xffffffffffffe0f0, where there is no memory",
  );
  assertEquals(
    endOf(() => made.space.fill(virtAddr(0xffff_ffff_ffff_e000n), byteCount(16n), 0, BY)),
    "fault: a test fills 16 bytes from 0xffffffffffffe000 with 0x0, where there is no memory",
  );
});

Deno.test("TranslatedSpace fills in ascending order up to the first page that is not there", () => {
  const made = spaceOf(X86_64);
  map(made, 0x5000n, 0x9000n);
  map(made, 0x6000n, 0x3000n);
  assertEquals(
    endOf(() => made.space.fill(virtAddr(0x5800n), byteCount(0x2000n), 0x15a, "memset()")),
    "fault: memset() fills 8192 bytes from 0x5800 with 0x5a and reaches 0x7000, which is not mapped",
  );
  assertEquals(made.ram.runs(virtAddr(0x9000n), byteCount(0x1000n), BY), [
    { byte: 0, count: 0x800 },
    { byte: 0x5a, count: 0x800 },
  ]);
  assertEquals(made.ram.runs(virtAddr(0x3000n), byteCount(0x1000n), BY), [
    { byte: 0x5a, count: 0x1000 },
  ]);
});

Deno.test("TranslatedSpace reads runs and finds differences over pages that lie apart", () => {
  const made = spaceOf(S390X);
  map(made, 0x5000n, 0x9000n);
  map(made, 0x6000n, 0x3000n);
  made.ram.writeByte(virtAddr(0x3004n), 7, BY);
  const range = [virtAddr(0x5800n), byteCount(0x1000n)] as const;
  assertEquals(made.space.runs(...range, BY), [
    { byte: 0, count: 0x804 },
    { byte: 7, count: 1 },
    { byte: 0, count: 0x7fb },
  ]);
  assertEquals(made.space.firstDifferent(...range, 0, BY), 0x804n);
  assertEquals(made.space.firstDifferent(virtAddr(0x5000n), byteCount(0x1000n), 0, BY), null);
});

Deno.test("TranslatedSpace wraps round at the end of a 32-bit address space", () => {
  const made = spaceOf(RISCV32);
  map(made, 0xfffff000n, 0x9000n);
  map(made, 0n, 0x3000n);
  made.space.write(virtAddr(0xfffffffen), 4, 0x04030201n, BY);
  assertEquals(hexBytes(made.ram, 0x9ffen, 2), "01 02");
  assertEquals(hexBytes(made.ram, 0x3000n, 2), "03 04");
  made.space.fill(virtAddr(0xfffffff0n), byteCount(32n), 9, BY);
  assertEquals(hexBytes(made.ram, 0x300fn, 2), "09 00");
});

Deno.test("TranslatedSpace reaches memory above 4 GiB from a 32-bit machine", () => {
  const made = spaceOf(ARM, { ram: [0n, 8n * GIB] });
  map(made, 0x5000n, 5n * GIB);
  const range = [virtAddr(0x5000n), byteCount(0x1000n)] as const;
  made.space.fill(virtAddr(0x5010n), byteCount(16n), 0x5a, BY);
  made.space.writeWord(virtAddr(0x5018n), 0x01020304n, BY);
  assertEquals(hexBytes(made.ram, 5n * GIB + 0x17n, 6), "5a 04 03 02 01 5a");
  assertEquals(made.space.firstDifferent(...range, 0, BY), 0x10n);
  assertEquals(made.space.runs(...range, BY).length, 8);
});

Deno.test("TranslatedSpace sees at once what the functions of the tables change", () => {
  const made = spaceOf(X86_64);
  map(made, 0x5000n, 0x9000n);
  made.space.writeByte(virtAddr(0x5000n), 1, BY);
  map(made, 0x5000n, 0x3000n);
  made.space.writeByte(virtAddr(0x5000n), 2, BY);
  assertEquals([hexBytes(made.ram, 0x9000n, 1), hexBytes(made.ram, 0x3000n, 1)], ["01", "02"]);
});

Deno.test("TranslatedSpace sees at once what is written through it to a table", () => {
  const made = spaceOf(X86_64);
  identityMapPages(made.tables, physAddr(0n), physAddr(64n * MIB));
  map(made, 0xffff_ffff_ffff_e000n, 0x9000n);
  made.space.writeByte(virtAddr(0xffff_ffff_ffff_e000n), 1, BY);
  const leaves = virtAddr(made.given.at(-1) ?? 0n);
  made.space.write(virtAddr(leaves + 8n * 510n), 8, 0x3007n, BY);
  made.space.writeByte(virtAddr(0xffff_ffff_ffff_e000n), 2, BY);
  assertEquals([hexBytes(made.ram, 0x9000n, 1), hexBytes(made.ram, 0x3000n, 1)], ["01", "02"]);
  made.space.fill(leaves, byteCount(0x1000n), 0, "alloc_page()");
  assertEquals(
    endOf(() => made.space.readByte(virtAddr(0xffff_ffff_ffff_e000n), BY)),
    "fault: a test reads 1 byte at 0xffffffffffffe000, which is not mapped",
  );
});

Deno.test("TranslatedSpace sees what others change in memory once it is flushed", () => {
  const made = spaceOf(X86_64);
  map(made, 0x5000n, 0x9000n);
  assertEquals(made.space.readByte(virtAddr(0x5000n), BY), 0);
  made.ram.fill(virtAddr(made.given.at(-1) ?? 0n), byteCount(0x1000n), 0, BY);
  assertEquals(made.space.readByte(virtAddr(0x5000n), BY), 0);
  made.space.flush();
  const outcome = outcomeOf(() => made.space.readByte(virtAddr(0x5000n), BY));
  assertEquals(outcome.kind === "fault" && outcome.reason, "unmapped");
});

Deno.test("TranslatedSpace sees at once that the host took a table away", () => {
  const made = spaceOf(X86_64);
  map(made, 0x5000n, 0x9000n);
  assertEquals(made.space.readByte(virtAddr(0x5000n), BY), 0);
  made.ram.discard(physAddr(made.given.at(-1) ?? 0n), byteCount(0x1000n));
  const outcome = outcomeOf(() => made.space.readByte(virtAddr(0x5000n), BY));
  assertEquals(outcome.kind === "fault" && outcome.reason, "unmapped");
});

Deno.test("IdentityWatch knows what is mapped onto itself until a table on the way is written", () => {
  const made = spaceOf(X86_64);
  identityMapPages(made.tables, physAddr(0n), physAddr(64n * MIB));
  made.tables.memory = made.space;
  const watch = made.space.identity;
  assert(watch !== null);
  const below = { first: 0, end: 0x4000 };
  assertEquals([watch.look([below], 10), watch.holds], [false, false], "too many entries");
  assert(watch.look([below], 1e6) && watch.holds);
  assert(!watch.look([{ first: 0x3fff, end: 0x4001 }], 1e6), "not mapped");
  assert(watch.look([below], 1e6));
  // Elsewhere, below a table of its own.
  map(made, 0xffff_ffff_ffff_e000n, 0x9000n);
  map(made, 0xffff_ffff_ffff_f000n, 0x9000n);
  assertEquals([watch.look([below], 1e6), watch.holds], [true, true]);
  map(made, 0xffff_ffff_ffff_d000n, 0x9000n);
  assert(watch.holds, "the table that was written maps nothing of it");
  const { steps } = walkAsHardware(made.tables, virtAddr(0x5000n));
  const last = steps.at(-1);
  assert(last !== undefined);
  const at = virtAddr((BigInt(last.slot.page) << 12n) + BigInt(last.slot.offset));
  made.space.write(at, 8, last.entry, BY);
  assertEquals([watch.holds, watch.look([below], 1e6)], [false, true], "written as it was");
  made.space.write(at, 8, last.entry + 0x20_0000n, BY);
  assertEquals([watch.holds, watch.look([below], 1e6)], [false, false], "mapped elsewhere");
  made.space.write(at, 8, last.entry - 2n, BY);
  assertEquals([watch.holds, watch.look([below], 1e6)], [false, false], "mapped as read-only");
  made.space.write(at, 8, last.entry, BY);
  assert(watch.look([below], 1e6));
  made.ram.discard(physAddr(0x100000n), byteCount(0x1000n));
  assert(!watch.holds, "the host took memory away");
  assertEquals(spaceOf(X86_64, {}, { usageBits: "marked" }).space.identity, null);
});

Deno.test("TranslatedSpace stops where a fill wipes the tables that it goes through", () => {
  const made = spaceOf(ARM64, { pool: 0x40180000n });
  identityMapPages(made.tables, physAddr(0x40000000n), physAddr(0x40400000n));
  // The root, at 0x40180000, is the first table that the fill meets; its page is filled to the end.
  assertEquals(
    endOf(() => made.space.fill(virtAddr(0x40000000n), byteCount(0x400000n), 0, BY)),
    "fault: a test fills 0x400000 bytes from 0x40000000 with 0x0 and reaches 0x40181000, " +
      "which is not mapped",
  );
});

Deno.test("TranslatedSpace can edit its own tables once they map themselves", () => {
  const made = spaceOf(X86_64);
  identityMapPages(made.tables, physAddr(0n), physAddr(64n * MIB));
  made.tables.memory = made.space;
  map(made, 0xffff_ffff_ffff_e000n, 0x9000n);
  made.space.writeByte(virtAddr(0xffff_ffff_ffff_e000n), 1, BY);
  assertEquals(hexBytes(made.ram, 0x9000n, 1), "01");
  assertEquals(made.requests.length, 6);
});

Deno.test("TranslatedSpace leaves entries alone, or marks the accessed and the dirty", () => {
  const alone = spaceOf(X86_64);
  map(alone, 0x5000n, 0x9000n);
  alone.space.writeByte(virtAddr(0x5000n), 1, BY);
  assertEquals(entryBytes(alone, 0x5000n).map((bytes) => bytes.slice(0, 2)), [
    "07",
    "07",
    "07",
    "07",
  ]);

  const marked = spaceOf(X86_64, {}, { usageBits: "marked" });
  const flags = (virtual: bigint) => entryBytes(marked, virtual).map((bytes) => bytes.slice(0, 2));
  map(marked, 0x5000n, 0x9000n);
  installLargePage(marked.tables, physAddr(0x200000n), virtAddr(0x200000n));
  marked.space.readByte(virtAddr(0x5000n), BY);
  assertEquals(flags(0x5000n), ["27", "27", "27", "27"]);
  marked.space.writeByte(virtAddr(0x5001n), 1, BY);
  assertEquals(flags(0x5000n), ["27", "27", "27", "67"]);
  marked.space.fill(virtAddr(0x200000n), byteCount(0x2000n), 1, BY);
  assertEquals(flags(0x200000n), ["27", "27", "e7"]);
});

Deno.test("TranslatedSpace fills a gibibyte through pages of 4 KiB in one go for each table", () => {
  const made = spaceOf(ARM64);
  identityMapPages(made.tables, physAddr(GIB), physAddr(3n * GIB));
  made.space.fill(virtAddr(2n * GIB), byteCount(GIB), 0x5a, BY);
  assertEquals(made.space.runs(virtAddr(2n * GIB - 1n), byteCount(GIB + 1n), BY), [
    { byte: 0, count: 1 },
    { byte: 0x5a, count: 2 ** 30 },
  ]);
  assertEquals(made.space.firstDifferent(virtAddr(2n * GIB), byteCount(GIB), 0x5a, BY), null);
});
