import { assert, assertEquals, assertThrows } from "@std/assert";
import { DenseCells, SparseCells } from "../src/metadata_design/cells.ts";
import { PageSet } from "../src/metadata_design/page_set.ts";
import {
  churnTrace,
  designBytesOf,
  DesignRun,
  DESIGNS,
  figuresOf,
  RAM_SIZES,
  sizesOf,
} from "../src/metadata_design/mod.ts";
import { randomNumbers } from "./random_calls.ts";

Deno.test("SparseCells holds what an array holds, in single cells and in rows", () => {
  const random = randomNumbers(11);
  const length = 5000;
  const cells = new SparseCells((size) => new Uint16Array(size));
  const wanted = new Uint16Array(length);
  for (let step = 0; step < 2000; step++) {
    const at = random(length);
    assertEquals(cells.get(at), wanted[at], `step ${step}`);
    if (random(3) > 0) {
      cells.set(at, step);
      wanted[at] = step;
      continue;
    }
    const end = Math.min(length, at + random(random(5) === 0 ? 3000 : 40));
    let changed = 0;
    cells.update(at, end, (old, count) => {
      changed += count;
      return (old + 3) % 0x10000;
    });
    assertEquals(changed, end - at);
    for (let index = at; index < end; index++) wanted[index] = ((wanted[index] ?? 0) + 3) % 0x10000;
  }
  assertEquals(Array.from(wanted, (_, at) => cells.get(at)), [...wanted]);
  cells.clear();
  assert(Array.from(wanted, (_, at) => cells.get(at)).every((value) => value === 0));
});

Deno.test("SparseCells changes 2^34 equal cells at once", () => {
  const cells = new SparseCells((size) => new Uint8Array(size));
  const sizes: number[] = [];
  const add = (first: number, end: number): void =>
    cells.update(first, end, (old, count) => {
      sizes.push(count);
      return old + 1;
    });
  add(0, 2 ** 34);
  add(2 ** 33, 2 ** 34 + 5);
  assert(sizes.length < 400, `${sizes.length} changes`);
  assertEquals(sizes.reduce((sum, size) => sum + size, 0), 2 ** 34 + 2 ** 33 + 5);
  const at = [0, 2 ** 33 - 1, 2 ** 33, 2 ** 34 - 1, 2 ** 34, 2 ** 34 + 4, 2 ** 34 + 5];
  assertEquals(at.map((one) => cells.get(one)), [1, 1, 2, 2, 1, 1, 0]);
  assertThrows(() => cells.set(2 ** 36, 1), RangeError, "Model error");
});

Deno.test("DenseCells are a stride apart, from an offset on", () => {
  const array = new Int32Array(12);
  const cells = new DenseCells(array, 4, 1);
  cells.set(2, 7);
  assertEquals([cells.get(2), array[9], cells.get(3)], [7, 7, 0]);
});

Deno.test("PageSet counts the pages that a set counts", () => {
  const random = randomNumbers(5);
  const pages = new PageSet();
  const wanted = new Set<number>();
  for (let step = 0; step < 300; step++) {
    const first = random(20_000);
    const last = first + random(random(10) === 0 ? 9000 : 3);
    pages.add(first, last);
    for (let page = first; page <= last; page++) wanted.add(page);
    assertEquals(pages.size, wanted.size, `step ${step}`);
  }
  const most = new PageSet();
  most.add(1, 2 ** 28);
  assertEquals(most.size, 2 ** 28);
});

Deno.test("each design runs on 64 TiB, and takes there what its layout says", () => {
  const [{ words } = { words: new Uint32Array() }] = churnTrace(2000).parts;
  const frames = 2 ** 34;
  const ranges = [{ zone: 0, base: 2 ** 34, top: 2 ** 34 + frames }];
  const machine = { arch: "x86_64", wordBytes: 8, pageShift: 12 };
  const given = DESIGNS.map((design) => {
    const run = new DesignRun({ design, ranges, purpose: "counting", ...machine });
    run.handOver(1);
    const seen: number[] = [];
    run.run(words, words.length, (frame) => seen.push(frame));
    const { metadataBytes } = figuresOf(run, ranges);
    const { fixed } = designBytesOf(design, frames, 8);
    // Heads of 35 lists, or a summary, and some nodes: less than a megabyte of 4 GiB to 1 TiB.
    const more = metadataBytes - fixed;
    assert(more > 0 && more < 2 ** 20, `${design.name} takes ${more} bytes more`);
    return { frames: seen, failed: run.counts.failedRequests };
  });
  assertEquals(given[0]?.failed, 0);
  for (const one of given.slice(1, 4)) assertEquals(one, given[0]);
  assertEquals(given[5], given[4]);
});

Deno.test("sizesOf() tells of each design on each size, and c2's worst case alone is more", () => {
  const sizes = sizesOf(DESIGNS);
  assertEquals(sizes.length, RAM_SIZES.length * DESIGNS.length);
  for (const { design, metadataBytes, worstBytes, ram, allocations } of sizes) {
    assertEquals(worstBytes > metadataBytes, design === "c2");
    assert(metadataBytes < ram / 50 && allocations.count > 2500);
  }
});
