import { assertEquals } from "@std/assert";
import {
  memoryMapOfText,
  normalizeRanges,
  parseMemoryMapText,
} from "../src/memory/map_text/mod.ts";
import { formatMemoryRange } from "../src/memory/memory_map.ts";
import { tellNotes, tellRange } from "./map_text_support.ts";

function normalized(text: string): string[] {
  return normalizeRanges(parseMemoryMapText(text)).ranges.map(tellRange);
}

Deno.test("normalizeRanges() sorts ranges and joins neighbours of one kind", () => {
  assertEquals(normalized("2M-3M ram\n0-1M ram\n1M-2M ram\n3M-4M nvs\n5M-6M ram"), [
    "0x0-0x300000 ram",
    "0x300000-0x400000 nvs",
    "0x500000-0x600000 ram",
  ]);
});

// addresses   0 1 2 3 4 5 6 7 8 9 a b
// line 1      r r r r r r r r            ram
// line 2          R R                    reserved
// line 3            N N                  nvs
// line 4                    A A A        acpi
// line 5                  r r            ram
// Expect      r r R N N r r r r A A A
Deno.test("normalizeRanges() gives overlaps to the higher type", () => {
  const map = parseMemoryMapText(`0x0000-0x8000 ram
0x2000-0x4000 reserved
0x3000-0x5000 nvs
0x9000-0xc000 acpi
0x8000-0xa000 ram`);
  const { ranges, notes } = normalizeRanges(map);
  assertEquals(ranges.map(tellRange), [
    "0x0-0x2000 ram",
    "0x2000-0x3000 reserved",
    "0x3000-0x5000 nvs",
    "0x5000-0x9000 ram",
    "0x9000-0xc000 acpi",
  ]);
  assertEquals(tellNotes({ notes }), [
    "2 warning: 0x2000-0x3000 is reserved here and ram at line 1; it counts as reserved, the higher type",
    "3 warning: 0x3000-0x4000 is nvs here and ram at line 1; it counts as nvs, the higher type",
    "3 warning: 0x4000-0x5000 is nvs here and ram at line 1; it counts as nvs, the higher type",
    "4 warning: 0x9000-0xa000 is acpi here and ram at line 5; it counts as acpi, the higher type",
  ]);
});

Deno.test("normalizeRanges() says nothing of overlaps of one kind", () => {
  const { ranges, notes } = normalizeRanges(parseMemoryMapText("0-4M ram\n1M-2M ram\n3M-8M ram"));
  assertEquals(ranges.map(tellRange), ["0x0-0x800000 ram"]);
  assertEquals(notes, []);
});

Deno.test("normalizeRanges() reaches the end of the address space", () => {
  assertEquals(normalized("0x0-0xffffffffffffffff ram\n0xfffffffffffff000+0x1000 mmio"), [
    "0x0-0xfffffffffffff000 ram",
    "0xfffffffffffff000-0x10000000000000000 mmio",
  ]);
});

Deno.test("memoryMapOfText() makes whatever is neither RAM nor a device reserved", () => {
  const map = memoryMapOfText(
    parseMemoryMapText("0-1M ram\n1M-2M acpi\n2M-3M nvs\n3M-4M mmio\n4M-5M persistent"),
  );
  assertEquals(map.ranges.map(formatMemoryRange), [
    "0x0-0x100000 ram",
    "0x100000-0x200000 reserved",
    "0x200000-0x300000 reserved",
    "0x300000-0x400000 mmio",
    "0x400000-0x500000 reserved",
  ]);
});
