import { assertEquals } from "@std/assert";
import { type Extent, Extents } from "../src/memory/extents.ts";
import { FULL, NO_RECORD, PageDirectory, UNIFORM } from "../src/memory/page_directory.ts";
import { type Slab, Slabs } from "../src/memory/slabs.ts";
import { dice } from "./memory_support.ts";

const PAGES = 40;

/** Extents page by page: `4 touched` for a page full of 4. */
function pagesOf(extents: Extents): string[] {
  return Array.from({ length: PAGES }, (_, page) => {
    const { first, end, background, backing } = extents.at(page);
    return first <= page && page < end ? `${background} ${backing}` : "elsewhere";
  });
}

/** The number of stretches of pages that are alike and not untouched. */
function stretchesIn(pages: readonly string[]): number {
  return pages.filter((page, index) => page !== "0 untouched" && page !== pages[index - 1]).length;
}

Deno.test("Extents equals an array of pages, and joins what is alike", () => {
  const roll = dice(1);
  for (let run = 0; run < 50; run++) {
    const extents = new Extents(0);
    const model = Array.from({ length: PAGES }, () => "0 untouched");
    for (let step = 0; step < 40; step++) {
      const first = roll(PAGES);
      const end = first + 1 + roll(PAGES - first);
      const background = roll(2);
      const backing = roll(3) === 0 ? "discarded" : "touched";
      extents.set({ first, end, background, backing });
      model.fill(`${background} ${backing}`, first, end);
      assertEquals(pagesOf(extents), model);
      assertEquals(extents.count, stretchesIn(model));
    }
  }
});

Deno.test("Extents.at() gives the whole stretch", () => {
  const extents = new Extents(7);
  extents.set({ first: 10, end: 20, background: 1, backing: "touched" });
  extents.set({ first: 30, end: 40, background: 1, backing: "touched" });
  const rows: readonly [number, Extent][] = [
    [0, { first: 0, end: 10, background: 7, backing: "untouched" }],
    [19, { first: 10, end: 20, background: 1, backing: "touched" }],
    [20, { first: 20, end: 30, background: 7, backing: "untouched" }],
    [2 ** 51, { first: 40, end: Infinity, background: 7, backing: "untouched" }],
  ];
  for (const [page, extent] of rows) assertEquals(extents.at(page), extent);
});

/** Gives a page a record without bytes. */
function addRecord(directory: PageDirectory, page: number): void {
  const entry = directory.entryFor(page);
  directory.forms[entry] = UNIFORM;
}

/** The pages with a record below a limit, as {@linkcode PageDirectory.next} walks them. */
function recordsOf(directory: PageDirectory, first: number, end: number): number[] {
  const pages: number[] = [];
  for (let page = directory.next(first, end); page < end; page = directory.next(page + 1, end)) {
    pages.push(page);
  }
  return pages;
}

Deno.test("PageDirectory equals a map of pages, over regions that come and go", () => {
  const roll = dice(2);
  let directory = new PageDirectory();
  let model = new Map<number, number>();
  let slot = 0;
  const base = 2 ** 51;
  const limit = 5 * 4096;
  const somewhere = (): number => [roll(limit), roll(6) * 4096, roll(300) * 64][roll(3)] ?? 0;
  for (let step = 0; step < 4000; step++) {
    const page = base + Math.min(somewhere(), limit - 1);
    if (roll(40) === 0) {
      const end = Math.max(page, base + somewhere());
      const released: number[] = [];
      directory.drop(page, end, (_, freed) => released.push(freed));
      const dropped = [...model].filter(([one]) => one >= page && one < end).sort();
      assertEquals(released.sort(), dropped.map(([, one]) => one).sort());
      for (const [one] of dropped) model.delete(one);
    } else if (roll(50) === 0) {
      directory = directory.clone();
      model = new Map(model);
    } else if (!model.has(page)) {
      const entry = directory.entryFor(page);
      directory.forms[entry] = FULL;
      directory.slots[entry] = slot;
      model.set(page, slot++);
    }
    const entry = directory.find(page);
    const form = entry < 0 ? NO_RECORD : directory.forms[entry];
    assertEquals(form, model.has(page) ? FULL : NO_RECORD);
    if (form === FULL) assertEquals(directory.slots[entry], model.get(page));
    if (step % 20 === 0) {
      const expected = [...model.keys()].sort((one, other) => one - other);
      assertEquals(recordsOf(directory, base, base + limit), expected);
      const later = expected.filter((one) => one >= page);
      assertEquals(recordsOf(directory, page, base + limit), later);
    }
  }
});

Deno.test("PageDirectory makes a new region where it dropped the one used last", () => {
  const directory = new PageDirectory();
  for (let round = 0; round < 2; round++) {
    addRecord(directory, 5);
    assertEquals(recordsOf(directory, 0, 8192), [5]);
    assertEquals(directory.forms[directory.find(5)], UNIFORM);
    directory.drop(0, 4096, () => {});
  }
});

Deno.test("PageDirectory.drop() forgets records without bytes, and its room is used again", () => {
  const directory = new PageDirectory();
  const bytes: number[] = [];
  for (let round = 0; round < 20; round++) {
    for (let page = 0; page < 3 * 4096; page++) addRecord(directory, page);
    assertEquals(recordsOf(directory, 0, 3 * 4096).length, 3 * 4096);
    directory.drop(0, 3 * 4096, () => {
      throw new Error("a record without bytes has no slot");
    });
    assertEquals(recordsOf(directory, 0, 3 * 4096), []);
    bytes.push(directory.residentBytes);
  }
  assertEquals(bytes.at(-1), bytes[0]);
});

Deno.test("Slabs share bytes with a copy until one side writes", () => {
  const slabs = new Slabs(64);
  const slots = Array.from({ length: 600 }, () => slabs.allocate());
  const byteOf = (slab: Slab, of: Slabs, slot: number): number | undefined =>
    slab.bytes[of.base(slot)];
  for (const slot of slots) slabs.writable(slot).bytes[slabs.base(slot)] = slot % 251;
  assertEquals(
    slots.map((slot) => byteOf(slabs.readable(slot), slabs, slot)),
    slots.map((slot) => slot % 251),
  );
  const copy = slabs.clone();
  assertEquals(copy.readable(3), slabs.readable(3));
  assertEquals([slabs.isOwn(3), copy.isOwn(3)], [false, false]);
  copy.writable(3).bytes[copy.base(3)] = 99;
  assertEquals([slabs.isOwn(3), copy.isOwn(3), copy.isOwn(599)], [false, true, false]);
  assertEquals(byteOf(slabs.readable(3), slabs, 3), 3);
  assertEquals(byteOf(copy.readable(3), copy, 3), 99);
  assertEquals(byteOf(copy.readable(4), copy, 4), 4);
  slabs.release(5);
  assertEquals([slabs.allocate(), slabs.allocate(), copy.allocate()], [5, 600, 600]);
});
