import { assert, assertEquals } from "@std/assert";
import { ARCHS, ARM64, I386, S390X, X86_64 } from "../arch/mod.ts";
import { type Edition, EDITIONS } from "../mod.ts";
import { escapeText, printArchTable, printEditionTable, printTitle } from "../src/report/mod.ts";
import { edition } from "./support.ts";

function widest(text: string): number {
  return Math.max(...text.split("\n").map((line) => [...line].length));
}

Deno.test("printArchTable() puts architectures side by side", () => {
  const lines = printArchTable([X86_64, I386, S390X], edition("head")).split("\n");
  assertEquals(lines.slice(0, 6), [
    "architectures  descriptors of fresh-2021-01",
    "",
    "                   x86_64  i386    s390x",
    "word bits          64      32      64",
    "byte order         little  little  big",
    "page size          4K      4K      4K",
  ]);
  assertEquals(lines.slice(lines.indexOf("areas per-architecture")), [
    "areas per-architecture",
    "  name        step    area  mask    from pfn  from  aliases",
    "x86_64 i386 (4 slots)",
    "  HIGH        high       1   0x2      100000  4G    PAE36",
    "  NORMAL      normal     0   0x1     1000000  64G",
    "  LOW         low        2   0x4        1000  16M   DMA32 PAE36",
    "  LOWEST      lowest     3   0x8           0  0     DMA24 DMA32 PAE36",
    "s390x (2 slots)",
    "  NORMAL      normal     0   0x1       80000  2G",
    "  LOW         low        1   0x2           0  0     DMA31",
    "",
  ]);
});

Deno.test("printArchTable() has a line for each page size where it matters", () => {
  const lines = printArchTable([ARM64], edition("head")).split("\n");
  const at = lines.findIndex((line) => line.startsWith("free lists"));
  assertEquals(lines.slice(at, at + 3).map((line) => line.trim()), [
    "free lists         52",
    "50",
    "48",
  ]);
});

Deno.test("printArchTable() shows the descriptors of the edition", () => {
  const rowOf = (name: string, row: string): string => {
    const lines = printArchTable([I386], edition(name)).split("\n");
    return lines.find((line) => line.startsWith(row))?.slice(row.length).trim() ?? "";
  };
  assertEquals(rowOf("areas-2021-01", "descriptor bytes"), "172");
  assertEquals(rowOf("pfn-2021-01", "descriptor bytes"), "180");
  assertEquals(rowOf("max-order-2021-01", "descriptor bytes"), "184");
  assertEquals(rowOf("pfn-2021-01", " max_order at"), "-");
});

Deno.test("printEditionTable() shows where each fact changes", () => {
  const first = {
    ...edition("head"),
    name: "one",
    aliases: [],
    commit: null,
    summary: "the first",
  };
  const second: Edition = { ...first, name: "two", aliases: ["last"], zeroesByDefault: "no" };
  const lines = printEditionTable([first, second, second]).split("\n");
  assertEquals(lines.slice(0, 7), [
    "editions  oldest first",
    "",
    " 1  one  -  the first",
    " 2  two  -  the first (also: last)",
    " 3  two  -  the first (also: last)",
    "",
    "facts  by number of the edition; a point: as in the edition before",
  ]);
  const changed = lines.slice(9).filter((line) => / {2}b {2}\./.test(line));
  assertEquals(changed.map((line) => line.replace(/ +/, " ")), [
    "zeroesByDefault a  b  .   a yes   b no",
  ]);
});

Deno.test("printEditionTable() has each fact of each edition once", () => {
  const text = printEditionTable();
  const facts = new Set(EDITIONS.flatMap((one) => Object.keys(one)));
  for (const name of ["name", "aliases", "commit", "summary"]) facts.delete(name);
  const named = text.split("\n").map((line) => line.split(" ")[0] ?? "").filter((word) =>
    facts.has(word)
  );
  assertEquals(named, [...facts]);
  assert(!text.includes("[object"));
  for (const { name } of EDITIONS) assert(text.includes(name));
});

Deno.test("the tables have at most 100 columns", () => {
  assert(widest(printEditionTable()) <= 100);
  for (const one of EDITIONS) assert(widest(printArchTable(ARCHS, one)) <= 100);
  assert(widest(printArchTable([...ARCHS, ...ARCHS])) <= 100);
});

Deno.test("printTitle() names architecture and edition", () => {
  const subject = { arch: S390X, edition: edition("head") };
  assertEquals(printTitle("block table", subject), "block table  s390x  fresh-2021-01\n");
});

Deno.test("escapeText() makes texts of others harmless", () => {
  assertEquals(escapeText("plain, ümläut 漢字 …"), "plain, ümläut 漢字 …");
  assertEquals(escapeText("\u001b]0;x\u0007"), "\\u{1b}]0;x\\u{7}");
  assertEquals(escapeText("a\r\nb\tc"), "a\\u{d}\\u{a}b\\u{9}c");
  assertEquals(
    escapeText("\u202egnp.exe\u200b\u00a0\ud800"),
    "\\u{202e}gnp.exe\\u{200b}\\u{a0}\\u{d800}",
  );
});
