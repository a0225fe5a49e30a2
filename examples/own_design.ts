/**
 * A design of one's own, beside kvm-unit-tests' and Linux's: a flat bitmap for each order, searched from
 * its start.
 *
 *     deno run examples/own_design.ts
 */

// deno-lint-ignore-file no-console -- an example prints.
import type { FreeSet, FreeSetRoom, MetadataDesign } from "@buddyscope/sim/designs";
import { churnTrace, compareOn, DESIGNS, LISTS_PER_RANGE, NO_BLOCK } from "@buddyscope/sim/designs";

/** Free blocks by list; each list's bits lie behind those of the list before. */
function bitmaps({ ranges, touch }: FreeSetRoom): FreeSet {
  let bytes = 0;
  const lists = ranges.flatMap(({ start, frames }) =>
    Array.from({ length: LISTS_PER_RANGE }, (_, order) => {
      const size = 2 ** order;
      const list = { at: bytes, first: Math.floor(start / size), size, free: new Set<number>() };
      bytes += Math.ceil(frames / size / 8);
      return list;
    })
  );
  const bit = (index: number, frame: number, access: "read" | "write"): Set<number> => {
    const { at, first, size, free } = lists[index] ?? { at: 0, first: 0, size: 1, free: new Set() };
    touch(at + Math.floor((frame / size - first) / 8), 1, access);
    return free;
  };
  return {
    bytes,
    add: (list, frame) => void bit(list, frame, "write").add(frame),
    remove: (list, frame) => void bit(list, frame, "write").delete(frame),
    holds: (list, frame) => bit(list, frame, "read").has(frame),
    next: (index) => {
      const list = lists[index];
      const frame = list === undefined ? Infinity : Math.min(...list.free);
      if (list === undefined || frame === Infinity) return NO_BLOCK;
      touch(list.at, Math.floor((frame / list.size - list.first) / 8) + 1, "read");
      return frame;
    },
  };
}

const FLAT: MetadataDesign = {
  name: "flat",
  title: "two words per page, no lists: a flat bitmap per order",
  entry: { words: 2 },
  written: "first-page",
  links: "own",
  freeSet: bitmaps,
  encoding: { status: "a bit", order: "in the entry", nodeAndZone: "in the entry" },
  bootstrap: "the map and the bitmaps",
  operation: "writes bits; reads the bitmap up to the first bit that is set",
};

const { designs } = compareOn(churnTrace(20_000), [...DESIGNS, FLAT]);
for (const { design, metadataBytes, allocations } of designs) {
  const lines = (allocations.lines / allocations.count).toFixed(2);
  console.log(`${design.padEnd(6)}${metadataBytes} bytes, ${lines} lines an allocation`);
}
