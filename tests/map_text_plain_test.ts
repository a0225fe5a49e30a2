import { assertEquals } from "@std/assert";
import { assertUnreadable, linesWithNote, rangesOf } from "./map_text_support.ts";

Deno.test("parseMemoryMapText() reads plain lists START-END TYPE", () => {
  assertEquals(
    rangesOf(
      "plain",
      `# a machine of mine
0x00000000-0x0009fbff ram        # low
0x000f0000-0x000fffff reserved

; the rest
0x00100000-0x07ffffff ram        // high
0xfee00000-0xfee00fff mmio`,
    ),
    [
      "0x0-0x9fc00 ram",
      "0xf0000-0x100000 reserved",
      "0x100000-0x8000000 ram",
      "0xfee00000-0xfee01000 mmio",
    ],
  );
});

Deno.test("parseMemoryMapText() reads a range of a plain list in all its spellings", () => {
  const spellings = [
    "0x100000-0x1fffff ram",
    "0x100000-0x200000 ram",
    "0x100000 - 0x200000 (usable)",
    "0x100000..0x200000 ram",
    "0x100000, 0x200000, ram",
    "0x100000 0x200000 ram",
    "[0x100000-0x1fffff] ram",
    "[0x100000, 0x200000) ram",
    "0x100000+0x100000 ram",
    "00100000-001fffff: System RAM",
    "0000000000100000\t0000000000200000\tRAM",
    "1M-2M ram",
    "1M+1024K = ram",
    "1MiB..2MiB RAM",
    "0x1M-0x2M ram",
    "0x100000–0x200000 1",
    "> 0x100000-0x200000 type 1",
  ];
  for (const spelling of spellings) {
    assertEquals(rangesOf("plain", spelling), ["0x100000-0x200000 ram"], spelling);
  }
});

Deno.test("parseMemoryMapText() takes brackets of plain lists at their word", () => {
  assertEquals(rangesOf("plain", "[0, 0x1000] ram"), ["0x0-0x1001 ram"]);
  assertEquals(rangesOf("plain", "[0, 0xfff) ram"), ["0x0-0xfff ram"]);
});

Deno.test("parseMemoryMapText() knows all types of plain lists", () => {
  const types = {
    "ram": "ram",
    "usable": "ram",
    "System RAM": "ram",
    "Conventional Memory": "ram",
    "reserved": "reserved",
    "mmio": "mmio",
    "device": "mmio",
    "ACPI Tables": "acpi",
    "acpi": "acpi",
    "ACPI Non-volatile Storage": "nvs",
    "nvs": "nvs",
    "unusable": "unusable",
    "persistent": "persistent",
    "pmem": "persistent",
    "Soft Reserved": "soft-reserved",
    "2": "reserved",
    "4": "nvs",
    "type 12": "persistent",
    "type 4026531839": "soft-reserved",
  };
  for (const [word, kind] of Object.entries(types)) {
    const text = `0x0-0x1000 ram\n0x1000-0x2000 ${word}`;
    assertEquals(rangesOf("plain", text)[1], `0x1000-0x2000 ${kind}`, word);
  }
});

Deno.test("parseMemoryMapText() leaves holes of plain lists out", () => {
  const text = "0-1M ram\n1M-2M hole\n2M-3M ram\n3M-4M gap";
  assertEquals(rangesOf("plain", text), ["0x0-0x100000 ram", "0x200000-0x300000 ram"]);
});

Deno.test("parseMemoryMapText() reads plain lists up to the end of the address space", () => {
  assertEquals(
    rangesOf("plain", "0-1M ram\n0xfffffffffff00000-0xffffffffffffffff mmio"),
    ["0x0-0x100000 ram", "0xfffffffffff00000-0x10000000000000000 mmio"],
  );
  assertEquals(
    rangesOf("plain", "0x0-0x10000000000000000 ram"),
    ["0x0-0x10000000000000000 ram"],
  );
});

Deno.test("parseMemoryMapText() says when a number of a plain list could be meant as decimal", () => {
  assertEquals(linesWithNote("0-100000 ram\n0x100000-200000 ram", "is read as hex"), [1, 2]);
  assertEquals(linesWithNote("0-9fc00 ram\n00100000-00200000 ram", "is read as hex"), []);
});

Deno.test("parseMemoryMapText() names the line of a plain list that it cannot read", () => {
  const good = "0x0-0x1000 ram\n";
  assertUnreadable(`${good}0x2000-0x1000 ram`, "line 2 ends before it begins", "below 0x2000");
  assertUnreadable(`${good}0x2000-0x3000`, "line 2 has no type", "expected ram,");
  assertUnreadable(`${good}0x2000-0x3000 rma`, 'line 2 has the unknown type "rma"');
  assertUnreadable(`${good}some text`, 'line 2 has "some" in place of a number');
  assertUnreadable(`${good}---`, "line 2 holds no range of memory");
  assertUnreadable(`${good}0xzz-0x3000 ram`, 'line 2 has "0xzz" in place of a number');
  assertUnreadable(`${good}0x2000+0xfffffffffffff000 ram`, "line 2 describes a range that wraps");
  assertUnreadable(
    `${good}0x2000-0x10000000000000001 ram`,
    "line 2 holds a number of more than 64",
  );
  assertUnreadable(`${good}99999999T+1 ram`, "line 2 holds a number of more than 64 bits");
  assertUnreadable("0xg0-0x3000 ram", 'line 1 has "0xg0" in place of a number');
  assertUnreadable("0x0-0x1000 rma", 'line 1 has the unknown type "rma"');
  assertUnreadable("0x0-0x1000 reserved", "line 1 begins a map without RAM");
  assertUnreadable("0x0-0x1000 hole", "from line 1 on has no ranges");
  assertUnreadable("0x0-0x0 ram", "from line 1 on has no ranges");
});
