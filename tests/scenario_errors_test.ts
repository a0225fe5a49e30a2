import { assert, assertEquals, assertThrows } from "@std/assert";
import { ARCHS } from "../arch/mod.ts";
import { parseScenario, ScenarioError } from "../src/scenario/mod.ts";
import { editDistance, nearestWord, quotedWord, shownText } from "../src/scenario/words.ts";

/** The error of a text that is no scenario. */
function errorOf(...lines: readonly string[]): ScenarioError {
  return assertThrows(
    () => parseScenario(lines.join("\n"), { file: "a.buddy", archs: ARCHS }),
    ScenarioError,
  );
}

/** The first line of the message for one line, in which `p` is bound. */
function messageOf(line: string): string {
  const [first = ""] = errorOf("p = alloc_page", line).message.split("\n");
  return first.replace("a.buddy:2:", "");
}

/** Lines, and the column, word and expectation that their messages give. */
const MESSAGES: ReadonlyArray<readonly [string, string]> = [
  [
    "aloc_pages 3",
    '1: Cannot read "aloc_pages": a statement or a call must stand here; the nearest is "alloc_pages"',
  ],
  [
    "q = freepages p",
    '5: Cannot read "freepages": a statement or a call must stand here; the nearest is "free_pages"',
  ],
  ["xyz", '1: Cannot read "xyz": a statement or a call must stand here'],
  ['"text"', '1: Cannot read ""text"": a statement or a call must stand here'],
  ["= alloc_page", '1: Cannot read "=": a statement or a call must stand here'],
  ["q = ", "5: Cannot read the end of the line: a statement or a call must stand here"],
  ["q = try alloc_page", '5: Cannot read "try": try must stand once, before the name'],
  ["try try alloc_page", '5: Cannot read "try": try must stand once, before the name'],
  ["try show map", '5: Cannot read "show": only a call can stand here'],
  ["q = machine s390x", '5: Cannot read "machine": only a call can stand here'],
  ["machine s390x", '1: Cannot read "machine": a machine statement must be the first statement'],
  [
    "2q = alloc_page",
    '1: Cannot read "2q": a name must be letters, digits and _, and must not begin with a digit',
  ],
  ["last = alloc_page", '1: Cannot read "last": a name must not be a word of the language'],
  ["fresh = alloc_page", '1: Cannot read "fresh": a name must not be a word of the language'],
  [
    "q = free_pages p",
    '1: Cannot read "q": free_pages gives nothing back that a name could be bound to',
  ],
  [
    "alloc_pages",
    '12: Cannot read the end of the line: ORDER must stand here, as in "alloc_pages ORDER"',
  ],
  [
    "write p # 5",
    '9: Cannot read the end of the line: VALUE must stand here, as in "write ADDRESS VALUE [BYTES]"',
  ],
  ["free_pages p 3", '14: Cannot read "3": nothing more may follow "free_pages ADDRESS"'],
  [
    "alloc_page frsh",
    '12: Cannot read "frsh": nothing more may follow "alloc_page"; the nearest is "fresh"',
  ],
  ["alloc_pages 3x", '13: Cannot read "3x": the order must be a number, such as 4096 or 0x1000'],
  ["alloc_pages p", '13: Cannot read "p": the order must be a number, such as 4096 or 0x1000'],
  ["alloc_pages 2K", '13: Cannot read "2K": the order must have no suffix, it is no size'],
  ["alloc_pages -1", '13: Cannot read "-1": the order must fit 32 bits'],
  ["alloc_pages 4294967296", '13: Cannot read "4294967296": the order must fit 32 bits'],
  [
    "memalign_pages 4K 1180591620717411303424",
    '19: Cannot read "1180591620717411303424": the size must fit 64 bits',
  ],
  ["free_pages 16777216T", '12: Cannot read "16777216T": the address must fit 64 bits'],
  ["free_pages pp", '12: Cannot read "pp": no result is bound to this name; the nearest is "p"'],
  ["free_pages zzz", '12: Cannot read "zzz": no result is bound to this name'],
  ["free_pages q+4", '12: Cannot read "q": no result is bound to this name; the nearest is "p"'],
  [
    "free_pages p+x",
    '14: Cannot read "x": the offset must be a number that fits 64 bits, such as 4096 or 0x1000',
  ],
  [
    "free_pages p-18446744073709551616",
    '14: Cannot read "18446744073709551616": the offset must be a number that fits 64 bits, such as 4096 or 0x1000',
  ],
  ["free_pages p + 4", '14: Cannot read "+": nothing more may follow "free_pages ADDRESS"'],
  [
    "reserve_pages p 4503599627370497",
    '17: Cannot read "4503599627370497": the count must lie between 0 and 2^52',
  ],
  ["area ann 0 9", '6: Cannot read "ann": the area must be any or a number; the nearest is "any"'],
  ["area 256 0 9", '6: Cannot read "256": the area must be any or lie between 0 and 254'],
  [
    "area any 0 4503599627370496",
    '12: Cannot read "4503599627370496": the pfn must lie between 0 and 2^52 - 1',
  ],
  ["write p 5 3", '11: Cannot read "3": the number of bytes must be 1, 2, 4 or 8'],
  ["fill p 4K 256", '11: Cannot read "256": the byte must lie between 0 and 0xff'],
  ["alloc_page fresh fresh", '18: Cannot read "fresh": an option must stand once only'],
  ["free_page p fresh", '13: Cannot read "fresh": free_page has no such option'],
  ["alloc_page flags=1 fresh", '20: Cannot read "fresh": flags must be the only option'],
  ["alloc_page flags", '17: Cannot read the end of the line: "=" must stand here'],
  ["alloc_page flags=4294967296", '18: Cannot read "4294967296": the flags must fit 32 bits'],
  ["alloc_page area=3", '17: Cannot read "3": the area must be a name, such as LOW, or areaN'],
  [
    "alloc_page area=LOW|",
    "21: Cannot read the end of the line: the area must be a name, such as LOW, or areaN",
  ],
  [
    "expect",
    "7: Cannot read the end of the line: an address, a name, last, free, bytes, no or nothing must stand here",
  ],
  [
    "expect p bellow 2G",
    '10: Cannot read "bellow": ==, !=, below, at, above, is null, aligned to, in area or has must stand here; the nearest is "below"',
  ],
  ["expect p is nul", '13: Cannot read "nul": "null" must stand here'],
  [
    "expect p == ",
    "13: Cannot read the end of the line: the value must be a number, such as 4096 or 0x1000, or a name",
  ],
  ["expect p == 3 4", '15: Cannot read "4": nothing may follow the expectation'],
  ["expect p aligned to 0", '21: Cannot read "0": the alignment must be 1 or more'],
  ["expect p has size 3", '14: Cannot read "size": the word after has must be order or status'],
  [
    "expect p has status fre",
    '21: Cannot read "fre": the status must be fresh, free, allocated or special; the nearest is "free"',
  ],
  ["expect p has order 64", '20: Cannot read "64": the order must lie between 0 and 63'],
  [
    "expect last return 3",
    '13: Cannot read "return": the word after last must be returns, asserts, faults or is; the nearest is "returns"',
  ],
  [
    "expect last asserts x",
    '21: Cannot read "x": the text must stand in quotation marks: "…"',
  ],
  [
    "expect last is defined",
    '16: Cannot read "defined": "undefined" must stand here',
  ],
  [
    "expect free page == 3",
    '13: Cannot read "page": the word after free must be pages or blocks; the nearest is "pages"',
  ],
  ["expect free blocks == 3", '24: Cannot read the end of the line: "of" must stand here'],
  ["expect bytes p are 5", '20: Cannot read "5": a byte must be two digits of base 16, such as 0f'],
  [
    "show maps",
    '6: Cannot read "maps": the word after show must be map, blocks, lists, fragmentation, buddyinfo, areas, states, trace, touched, vmalloc, tables, host or phys; the nearest is "map"',
  ],
  ["boot late", '6: Cannot read "late": the stage must be early'],
  ["boot 1", '6: Cannot read "1": the stage must be early'],
  ["q = boot", '1: Cannot read "q": boot gives nothing back that a name could be bound to'],
  ["show map p", '10: Cannot read "p": nothing may follow show map'],
  ['expect last asserts "abc', '21: Cannot read ""abc": a quoted text must end in "'],
  [
    'expect last asserts "a\\n"',
    '23: Cannot read "\\n": a backslash must stand before \\ or "',
  ],
  ["alloc_page \x1b[31m", '12: Cannot read "\\u{1b}": a line must not hold control characters'],
];

for (const [line, message] of MESSAGES) {
  Deno.test(`parseScenario() refuses "${shownText(line)}"`, () => {
    assertEquals(messageOf(line), message);
  });
}

/** First lines, and what their messages say. */
const MACHINE_MESSAGES: ReadonlyArray<readonly [string, string]> = [
  ["machine", "1:8: Cannot read the end of the line: the architecture must stand here"],
  [
    "machine s309x",
    '1:9: Cannot read "s309x": the architecture must be x86_64, i386, arm, arm64, s390x, ppc64, riscv64 or riscv32; the nearest is "s390x"',
  ],
  [
    "machine s390x vcpus=2",
    '1:15: Cannot read "vcpus": the key must be ram, map, edition, page-size, power-on, areas, byte-order, firmware, cpus, memlimit, initrd or engine; the nearest is "cpus"',
  ],
  [
    "machine x86_64 cpus=2",
    '1:21: Cannot read "2": cpus must be left out on x86_64, it changes nothing but s390x',
  ],
  [
    "machine arm memlimit=4096",
    '1:22: Cannot read "4096": memlimit must be left out on arm, it changes nothing but x86_64',
  ],
  [
    "machine s390x initrd=4K",
    '1:22: Cannot read "4K": initrd must be left out on s390x, it changes nothing but arm, arm64, ppc64 and riscv',
  ],
  [
    "machine s390x cpus=0",
    '1:20: Cannot read "0": the number of processors must lie between 1 and 4096',
  ],
  [
    "machine s390x ram=5000",
    '1:19: Cannot read "5000": the amount of RAM must be a multiple of 4K, at least 4K',
  ],
  [
    "machine s390x ram=1G map=a.txt",
    '1:26: Cannot read "a.txt": map must not stand beside ram',
  ],
  [
    'machine s390x map=""',
    '1:19: Cannot read """": the name of the map must not be empty',
  ],
  [
    "machine s390x firmware=multiboot",
    '1:24: Cannot read "multiboot": the firmware of s390x must be sclp',
  ],
  [
    "machine s390x firmware=uefi",
    '1:24: Cannot read "uefi": the firmware must be multiboot, efi, sclp or device-tree; the nearest is "efi"',
  ],
  [
    "machine x86_64 firmware=efi",
    '1:25: Cannot read "efi": the map of an EFI guest must be given, with map=FILE',
  ],
  [
    "machine s390x edtion=head",
    '1:15: Cannot read "edtion": the key must be ram, map, edition, page-size, power-on, areas, byte-order, firmware, cpus, memlimit, initrd or engine; the nearest is "edition"',
  ],
  [
    "machine s390x engine=fast",
    '1:22: Cannot read "fast": the engine must be auto or literal',
  ],
  ["machine s390x edition head", '1:23: Cannot read "head": "=" must stand here'],
  [
    "machine s390x edition=heda",
    '1:23: Cannot read "heda": the edition must be one that `editions` lists, or the commit that made it; the nearest is "head"',
  ],
  [
    "machine s390x edition=head edition=head",
    '1:28: Cannot read "edition": a key must stand once only',
  ],
  [
    "machine x86_64 page-size=5000",
    '1:26: Cannot read "5000": the page size must be a power of two',
  ],
  [
    "machine arm64 page-size=8K",
    '1:25: Cannot read "8K": the page size of arm64 must be 4K, 16K or 64K',
  ],
  [
    "machine s390x byte-order=little",
    '1:26: Cannot read "little": the byte order of s390x must be big',
  ],
  [
    "machine s390x byte-order=bg",
    '1:26: Cannot read "bg": the byte order must be little or big; the nearest is "big"',
  ],
  [
    "machine s390x power-on=garbge",
    '1:24: Cannot read "garbge": the power-on content must be zero, garbage or garbage:SEED; the nearest is "garbage"',
  ],
  [
    "machine s390x power-on=garbage:x",
    '1:32: Cannot read "x": the seed must be a number that fits 32 bits',
  ],
  [
    "machine s390x areas=top",
    '1:21: Cannot read "top": the address must be a number, such as 4096 or 0x1000',
  ],
];

for (const [line, message] of MACHINE_MESSAGES) {
  Deno.test(`parseScenario() refuses "${line}"`, () => {
    assertEquals(errorOf(line).message.split("\n")[0], `a.buddy:${message}`);
  });
}

Deno.test("ScenarioError shows the line and marks the word", () => {
  assertEquals(
    errorOf("# text", "  lc0 = aloc_pages 1  # lowcore").message,
    [
      'a.buddy:2:9: Cannot read "aloc_pages": a statement or a call must stand here; the nearest is "alloc_pages"',
      "    lc0 = aloc_pages 1  # lowcore",
      "          ^^^^^^^^^^",
    ].join("\n"),
  );
});

Deno.test("ScenarioError has every problem, by line", () => {
  const error = errorOf("p = aloc_page", "free_pages p", "show maps", "free_pages q");
  assertEquals(error.problems.map(({ line, column, word }) => [line, column, word]), [
    [1, 5, "aloc_page"],
    [3, 6, "maps"],
    [4, 12, "q"],
  ]);
  assertEquals([error.line, error.column, error.file, error.name], [
    1,
    5,
    "a.buddy",
    "ScenarioError",
  ]);
  assert(error instanceof SyntaxError);
});

Deno.test("ScenarioError stops at 20 problems", () => {
  const error = errorOf(...Array(100).fill("show maps"));
  assertEquals(error.problems.length, 20);
  assertEquals(error.message.split("\n").at(-1), "There may be more problems below");
});

Deno.test("ScenarioError shows nothing of a line that a terminal or a page would act on", () => {
  const error = errorOf('x\u202e<script>alert("1&2")</script>');
  assertEquals(error.message.split("\n"), [
    'a.buddy:1:1: Cannot read "x\\u{202e}\\u{3c}script>alert(": a statement or a call must stand here',
    '  x\\u{202e}\\u{3c}script>alert("1&2")\\u{3c}/script>',
    `  ${"^".repeat(28)}`,
  ]);
});

Deno.test("ScenarioError shows a part of a long line", () => {
  const error = errorOf(`${" ".repeat(500)}${"x".repeat(400)}`);
  const [first = "", line = "", carets = ""] = error.message.split("\n");
  assertEquals(
    first,
    `a.buddy:1:501: Cannot read "${"x".repeat(60)}…": a statement or a call must stand here`,
  );
  assertEquals(line, `  …${" ".repeat(50)}${"x".repeat(40)}…`);
  assertEquals(carets, `   ${" ".repeat(50)}${"^".repeat(40)}`);
});

Deno.test("shownText() and quotedWord() make texts harmless", () => {
  assertEquals(shownText("a b\tü\u00a0\u200b\ud800"), "a b\\u{9}ü\\u{a0}\\u{200b}\\u{d800}");
  assertEquals(shownText("<a </a <! &lt; <"), "\\u{3c}a \\u{3c}/a \\u{3c}! \\u{26}lt; \\u{3c}");
  assertEquals(shownText("a < b && c > d & 1"), "a < b && c > d & 1");
  assertEquals(quotedWord("x".repeat(61)), `"${"x".repeat(60)}…"`);
});

Deno.test("editDistance() counts inserts, deletions, replacements and swaps", () => {
  assertEquals(editDistance("", ""), 0);
  assertEquals(editDistance("abc", ""), 3);
  assertEquals(editDistance("", "abc"), 3);
  assertEquals(editDistance("abc", "abd"), 1);
  assertEquals(editDistance("abc", "acb"), 1);
  assertEquals(editDistance("kitten", "sitting"), 3);
});

Deno.test("nearestWord() finds near words only, the first among equals", () => {
  assertEquals(nearestWord("s309x", ["s390x", "x86_64"]), "s390x");
  assertEquals(nearestWord("MAP", ["map"]), "map");
  assertEquals(nearestWord("aa", ["ab", "ac"]), "ab");
  assertEquals(nearestWord("zzz", ["map", "lists"]), null);
  assertEquals(nearestWord("x".repeat(41), ["x".repeat(41)]), null);
});
