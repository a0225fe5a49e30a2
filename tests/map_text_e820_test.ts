import { assertEquals } from "@std/assert";
import { parseMemoryMapText } from "../src/memory/map_text/mod.ts";
import { assertUnreadable, linesWithNote, rangesOf, tellRange } from "./map_text_support.ts";

/** The map that most spellings here describe. */
const SMALL = ["0x0-0x9f800 ram", "0x9f800-0xa0000 reserved", "0x100000-0x8000000 ram"];

Deno.test("parseMemoryMapText() reads e820 of Linux, whose ends are last bytes", () => {
  assertEquals(
    rangesOf(
      "e820",
      `BIOS-provided physical RAM map:
BIOS-e820: [mem 0x0000000000000000-0x000000000009f7ff] usable
BIOS-e820: [mem 0x000000000009f800-0x000000000009ffff] reserved
BIOS-e820: [mem 0x0000000000100000-0x0000000007ffffff] usable`,
    ),
    SMALL,
  );
});

Deno.test("parseMemoryMapText() reads e820 of old Linux, whose ends are first bytes after", () => {
  assertEquals(
    rangesOf(
      "e820",
      ` BIOS-e820: 0000000000000000 - 000000000009f800 (usable)
 BIOS-e820: 000000000009f800 - 00000000000a0000 (reserved)
 BIOS-e820: 0000000000100000 - 0000000008000000 (usable)`,
    ),
    SMALL,
  );
});

Deno.test("parseMemoryMapText() reads e820 of Linux 2.2, whose sizes stand before the starts", () => {
  assertEquals(
    rangesOf(
      "e820",
      ` BIOS-e820: 0009f800 @ 00000000 (usable)
 BIOS-e820: 00000800 @ 0009f800 (reserved)
 BIOS-e820: 07f00000 @ 00100000 (usable)`,
    ),
    SMALL,
  );
});

Deno.test("parseMemoryMapText() reads e820 of Linux since 2025, with gaps and sizes", () => {
  assertEquals(
    rangesOf(
      "e820",
      `BIOS-e820: [mem 0x0000000000000000-0x000000000009f7ff]  638   KB kernel usable RAM
BIOS-e820: [mem 0x000000000009f800-0x000000000009ffff]    2   KB device reserved
BIOS-e820: [gap 0x00000000000a0000-0x00000000000fffff]  384   KB ...
BIOS-e820: [mem 0x0000000000100000-0x0000000007ffffff]  127 MB System RAM`,
    ),
    SMALL,
  );
});

Deno.test("parseMemoryMapText() reads the e820 maps of Xen, SeaBIOS and FreeBSD", () => {
  const xen = `(XEN) Xen-e820 RAM map:
(XEN)  [0000000000000000, 000000000009f7ff] (usable)
(XEN)  [000000000009f800, 000000000009ffff] (reserved)
(XEN)  [0000000000100000, 0000000007ffffff] (usable)`;
  const oldXen = `(XEN)  0000000000000000 - 000000000009f800 (usable)
(XEN)  000000000009f800 - 00000000000a0000 (reserved)
(XEN)  0000000000100000 - 0000000008000000 (usable)`;
  const seaBios = `e820 map has 3 items:
  0: 0000000000000000 - 000000000009f800 = 1 RAM
  1: 000000000009f800 - 00000000000a0000 = 2 RESERVED
  2: 0000000000100000 - 0000000008000000 = 1 RAM`;
  const freeBsd = `SMAP type=01 base=0000000000000000 len=000000000009f800
SMAP type=02 base=000000000009f800 len=0000000000000800
SMAP type=01 base=0000000000100000 len=0000000007f00000 attr=01`;
  for (const text of [xen, oldXen, seaBios, freeBsd]) assertEquals(rangesOf("e820", text), SMALL);
});

Deno.test("parseMemoryMapText() reads e820 lines whatever stands before them", () => {
  const line = "BIOS-e820: [mem 0x0000000000100000-0x00000000001fffff] usable";
  const prefixes = [
    "[    0.000000] ",
    "[    0.000000][    T0] ",
    "<6>[    0.000000] ",
    "[Thu Mar  7 09:01:02 2024] ",
    "[  +0.000002] ",
    "kern  :info  : [    0.000000] ",
    "Mar 07 09:01:02 lab kernel: ",
    "Mar  7 09:01:02 lab kernel: [    0.000000] ",
    "2024-03-07T09:01:02,000000+01:00 lab kernel: ",
    "boot.log:17:",
    "> > [    0.000000] ",
    "\t",
  ];
  for (const prefix of prefixes) {
    assertEquals(rangesOf("e820", prefix + line), ["0x100000-0x200000 ram"], prefix);
  }
  const coloured =
    `\u001b[32m[    0.000000] \u001b[0m\u001b[33mBIOS-e820: \u001b[0m[mem 0x0-0xfff] usable`;
  assertEquals(rangesOf("e820", coloured), ["0x0-0x1000 ram"]);
});

Deno.test("parseMemoryMapText() reads an e820 line that lost the name before it, and no others", () => {
  assertEquals(
    rangesOf(
      "e820",
      `[    0.000000] [mem 0x00000000-0x0009ffff] usable
[    0.000000] [mem 0x000a0000-0x000fffff] reserved
[    0.000000] [mem 0xc0000000-0xfebfffff] available for PCI devices
[    0.100000] PCI: MMCONFIG at [mem 0xe0000000-0xefffffff] reserved in E820
[    0.100000] ACPI: reserving table memory at [mem 0x7ffe1000-0x7ffe1fff]`,
    ),
    ["0x0-0xa0000 ram", "0xa0000-0x100000 reserved"],
  );
});

Deno.test("parseMemoryMapText() knows all types of e820", () => {
  const types = {
    "usable": "ram",
    "reserved": "reserved",
    "ACPI data": "acpi",
    "ACPI NVS": "nvs",
    "unusable": "unusable",
    "soft reserved": "soft-reserved",
    "persistent (type 7)": "persistent",
    "persistent (type 12)": "persistent",
    "persistent RAM (type 12)": "persistent",
    "type 3": "acpi",
    "type 5": "unusable",
    "type 20": "reserved",
  };
  for (const [word, kind] of Object.entries(types)) {
    const text = `BIOS-e820: [mem 0x0-0xfff] usable\nBIOS-e820: [mem 0x1000-0x1fff] ${word}`;
    assertEquals(rangesOf("e820", text)[1], `0x1000-0x2000 ${kind}`, word);
    const old = `BIOS-e820: 0000 - 1000 (usable)\nBIOS-e820: 1000 - 2000 (${word})`;
    assertEquals(rangesOf("e820", old)[1], `0x1000-0x2000 ${kind}`, word);
  }
});

Deno.test("parseMemoryMapText() ignores comments behind e820 lines", () => {
  for (const comment of ["  # low memory", " // low", " /* low */", "   <-- this one", "\r"]) {
    const text = `BIOS-e820: [mem 0x0-0xfff] usable${comment}`;
    assertEquals(rangesOf("e820", text), ["0x0-0x1000 ram"], comment);
  }
});

Deno.test("parseMemoryMapText() applies e820 updates and removals, in place", () => {
  const map = parseMemoryMapText(`BIOS-e820: [mem 0x00000000-0x0009ffff] usable
BIOS-e820: [mem 0x00100000-0x3fffffff] usable
BIOS-e820: [mem 0x40000000-0x4fffffff] reserved
e820: update [mem 0x00000000-0x00000fff] usable ==> reserved
e820: remove [mem 0x20000000-0x2fffffff] usable
e820: remove [mem 0x4ff00000-0x5fffffff]
last_pfn = 0x40000 max_arch_pfn = 0x400000000`);
  assertEquals(map.ranges.map(tellRange), [
    "0x0-0x1000 reserved",
    "0x1000-0xa0000 ram",
    "0x100000-0x20000000 ram",
    "0x30000000-0x40000000 ram",
    "0x40000000-0x4ff00000 reserved",
  ]);
  assertEquals(map.ranges.map(({ line }) => line), [4, 1, 2, 2, 3]);
});

Deno.test("parseMemoryMapText() applies updates in the old spelling, and none of another type", () => {
  assertEquals(
    rangesOf(
      "e820",
      ` BIOS-e820: 0000000000000000 - 0000000000100000 (usable)
 BIOS-e820: 0000000000100000 - 0000000000200000 (ACPI data)
e820 update range: 0000000000000000 - 0000000000010000 (usable) ==> (reserved)
e820 remove range: 00000000000a0000 - 0000000000180000 (usable)`,
    ),
    ["0x0-0x10000 reserved", "0x10000-0xa0000 ram", "0x100000-0x200000 acpi"],
  );
});

Deno.test("parseMemoryMapText() says which e820 changes change nothing", () => {
  const text = `BIOS-e820: [mem 0x00000000-0x0009ffff] usable
e820: update [mem 0x00001000-0x00001fff] usable ==> usable
e820: update [mem 0x00200000-0x002fffff] usable ==> reserved
e820: remove [mem 0x00002000-0x00001fff] usable`;
  assertEquals(rangesOf("e820", text), ["0x0-0xa0000 ram"]);
  assertEquals(linesWithNote(text, "changes nothing"), [3]);
});

const TABLES = `BIOS-provided physical RAM map:
BIOS-e820: [mem 0x00000000-0x0fffffff] usable
e820: remove [mem 0x00000000-0x00000fff] usable
user-defined physical RAM map:
user: [mem 0x00000000-0x07ffffff] usable`;

Deno.test("parseMemoryMapText() prefers the table that the user defined, and says so", () => {
  assertEquals(rangesOf("e820", TABLES), ["0x0-0x8000000 ram"]);
  assertEquals(linesWithNote(TABLES, "that the user defined at line 5 is used instead"), [2]);
});

Deno.test("parseMemoryMapText() prefers the modified table to all others", () => {
  const text = `${TABLES}
modified physical RAM map:
modified: [mem 0x00000000-0x06ffffff] usable
e820: update [mem 0x06f00000-0x06ffffff] usable ==> reserved`;
  assertEquals(rangesOf("e820", text), ["0x0-0x6f00000 ram", "0x6f00000-0x7000000 reserved"]);
});

Deno.test("parseMemoryMapText() prefers the extended table, but not one that is cut at setup data", () => {
  const provided = "BIOS-e820: [mem 0x00000000-0x0fffffff] usable\n";
  const extended = `extended physical RAM map:
extended: [mem 0x00000000-0x0fffffff] usable
extended: [mem 0x20000000-0x2fffffff] usable\n`;
  const cut = `extended physical RAM map:
reserve setup_data: [mem 0x00000000-0x07654017] usable
reserve setup_data: [mem 0x07654018-0x0fffffff] usable\n`;
  const long = ["0x0-0x10000000 ram", "0x20000000-0x30000000 ram"];
  assertEquals(rangesOf("e820", provided + extended), long);
  assertEquals(rangesOf("e820", provided + extended + cut), long);
  assertEquals(rangesOf("e820", provided + cut), ["0x0-0x10000000 ram"]);
  assertEquals(rangesOf("e820", cut).length, 2);
});

Deno.test("parseMemoryMapText() uses the last boot of a log with several", () => {
  const boot = (end: string): string =>
    `BIOS-provided physical RAM map:\nBIOS-e820: [mem 0x00000000-0x${end}] usable\n`;
  const text = boot("0fffffff") + TABLES + "\n" + boot("1fffffff");
  assertEquals(rangesOf("e820", text), ["0x0-0x20000000 ram"]);
  assertEquals(linesWithNote(text, "the map of another boot"), [2, 4]);
});

Deno.test("parseMemoryMapText() keeps entries as the firmware has them, and says what is odd", () => {
  const text = `BIOS-e820: [mem 0x0000000000100000-0x00000000001fffff] usable
BIOS-e820: [mem 0x0000000000000000-0x000000000009f7ff] usable
BIOS-e820: [mem 0x0000000000180000-0x000000000018ffff] reserved
BIOS-e820: [mem 0x00000000000a0000-0x000000000009ffff] usable`;
  assertEquals(rangesOf("e820", text), [
    "0x100000-0x200000 ram",
    "0x0-0x9f800 ram",
    "0x180000-0x190000 reserved",
  ]);
  assertEquals(linesWithNote(text, "lies below the one before"), [2]);
  assertEquals(linesWithNote(text, "an edge inside a page"), [2]);
  assertEquals(linesWithNote(text, "overlaps line 1, ram, from 0x180000 to 0x190000"), [3]);
  assertEquals(linesWithNote(text, "is empty and left out"), [4]);
});

Deno.test("parseMemoryMapText() names the e820 line that it cannot read", () => {
  const good = "BIOS-e820: [mem 0x0-0xfff] usable\n";
  assertUnreadable(`${good}BIOS-e820: [mem 0x1000-0x`, "line 2 breaks off", "expected a range");
  assertUnreadable(`${good}BIOS-e820: 0000000000001000 - 00`, "line 2 has no type");
  assertUnreadable(`${good}BIOS-e820: 00000000000010`, "line 2 breaks off");
  assertUnreadable(`${good}BIOS-e820: [mem 0x1000-0x1fff]`, "line 2 has no type");
  assertUnreadable(`${good}BIOS-e820: [mem 0x1000-0x1fff] usabel`, "line 2 has a type", "usable,");
  assertUnreadable(`${good}BIOS-e820: [mem 0x2000-0x1000] usable`, "line 2 ends before it begins");
  assertUnreadable(`${good}e820: update [mem 0x0-0xfff] usable`, "line 2 does not say what");
  assertUnreadable(`${good}e820: update [mem 0x0-0xfff] foo`, "line 2 has a type that is not");
  assertUnreadable(`${good}e820: remove [mem 0x0-0xfff] foo`, "line 2 has a type that is not");
  assertUnreadable(`${good}user-defined physical RAM map:\nuser: [mem 0x0-`, "line 3 breaks off");
  assertUnreadable(
    "BIOS-e820: [mem 0x0-0x1ffffffffffffffff] usable",
    "line 1 holds a number of more than 64 bits",
  );
  assertUnreadable(
    "BIOS-e820: fffffffffffff000 @ 0000000000002000 (usable)",
    "line 1 describes a range that wraps round",
  );
});

Deno.test("parseMemoryMapText() says when an e820 map has no RAM", () => {
  assertUnreadable(
    "text\nBIOS-e820: [mem 0x0-0xfff] reserved\nBIOS-e820: [mem 0x1000-0x1fff] ACPI NVS",
    "line 2 begins a map without RAM, which ends at line 3",
  );
});
