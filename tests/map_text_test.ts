import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  e820TypeOfKind,
  MAX_MAP_LINE_LENGTH,
  MAX_MAP_RANGES,
  MAX_MAP_TEXT_LENGTH,
  parseMemoryMapText,
} from "../src/memory/map_text/mod.ts";
import { assertUnreadable, linesWithNote, rangesOf, tellRange } from "./map_text_support.ts";

const E820 = "BIOS-e820: [mem 0x00000000-0x0009ffff] usable\n";
const EFI = "efi: mem00: [Conventional|WB] range=[0x0-0x1fff] (0MB)\n";
const IOMEM = "00001000-00002fff : System RAM\n";
const NODES = "  node   0: [mem 0x00000000-0x00003fff]\n";

Deno.test("parseMemoryMapText() prefers e820 to EFI, /proc/iomem and node ranges, in this order", () => {
  const all = NODES + IOMEM + EFI + E820;
  assertEquals(rangesOf("e820", all), ["0x0-0xa0000 ram"]);
  assertEquals(rangesOf("efi", NODES + IOMEM + EFI), ["0x0-0x2000 ram"]);
  assertEquals(rangesOf("iomem", NODES + IOMEM), ["0x1000-0x3000 ram"]);
  assertEquals(rangesOf("device-tree", NODES), ["0x0-0x4000 ram"]);
  assertEquals(linesWithNote(all, "goes first"), [1, 2, 3]);
});

Deno.test("parseMemoryMapText() reads the format that is asked for", () => {
  const all = NODES + IOMEM + EFI + E820;
  const first = (format: "e820" | "efi" | "iomem" | "device-tree"): string | undefined =>
    parseMemoryMapText(all, format).ranges.map(tellRange)[0];
  assertEquals(first("e820"), "0x0-0xa0000 ram");
  assertEquals(first("efi"), "0x0-0x2000 ram");
  assertEquals(first("iomem"), "0x1000-0x3000 ram");
  assertEquals(first("device-tree"), "0x0-0x4000 ram");
  assertEquals(parseMemoryMapText("0-1M ram", "plain").format, "plain");
  assertEquals(parseMemoryMapText("memory { reg = <0 0x1000>; };", "device-tree").ranges.length, 1);
  const { message } = assertThrows(() => parseMemoryMapText(E820, "efi"), SyntaxError);
  assert(message.includes("the text holds no memory map of the format efi"), message);
});

Deno.test("parseMemoryMapText() does not mind what is wrong with a map that it does not use", () => {
  assertEquals(rangesOf("e820", E820 + "efi: mem00: [Boot"), ["0x0-0xa0000 ram"]);
});

Deno.test("parseMemoryMapText() keeps the line of each range, without the blanks around it", () => {
  const map = parseMemoryMapText(`\ufeffnoise\r\n\r\n  ${E820}`);
  assertEquals(map.ranges.map(({ line, text }) => [line, text]), [[3, E820.trim()]]);
});

Deno.test("parseMemoryMapText() says what it expects of a text without a map", () => {
  assertUnreadable("", "no memory map from line 1 on", "expected e820 lines");
  assertUnreadable("\n\n# a comment\n", "no memory map from line 1 on");
  assertUnreadable("# a comment\nPage block order: 9", "line 2 holds no range of memory");
  assertUnreadable("Mar 07 09:01:02 lab kernel: Linux", "line 1 holds no range of memory");
  assertUnreadable("\u0000\u0001\u0002\u001b[31m", "line 1", '"\\u0000\\u0001\\u0002\\u001b[31m"');
});

Deno.test("parseMemoryMapText() quotes lines shortened and escaped", () => {
  const nasty = '<b>&"\\\u001b[2J\u202e' + String.fromCharCode(0xd800) + "\u{1f600}";
  const { message } = assertThrows(() => parseMemoryMapText(nasty), SyntaxError);
  const quoted = '"\\u003cb\\u003e\\u0026\\"\\\\\\u001b[2J\\u202e\\ud800\u{1f600}"';
  assert(message.includes(quoted), message);
  const long = assertThrows(() => parseMemoryMapText("q".repeat(200)), SyntaxError).message;
  assert(long.includes(`"${"q".repeat(80)}…"`), long);
  const [note] = parseMemoryMapText(`${E820}BIOS-e820: [mem 0x1-0x0] usable <i>`).notes;
  assert(note?.text.endsWith('usable \\u003ci\\u003e"'), note?.text);
});

Deno.test("parseMemoryMapText() reads as many ranges as are allowed, and not one more", () => {
  const lines = Array.from({ length: MAX_MAP_RANGES }, (_, index) => {
    const first = (index * 0x2000).toString(16);
    return `BIOS-e820: [mem 0x${first}-0x${first.replace(/0{3}$/, "fff")}] usable`;
  });
  const text = lines.join("\n");
  assertEquals(parseMemoryMapText(text).ranges.length, MAX_MAP_RANGES);
  assertUnreadable(`${text}\n${E820}`, `line ${MAX_MAP_RANGES + 1} is one range more than`);
  const plain = "0-4K ram\n".repeat(MAX_MAP_RANGES + 1);
  assertUnreadable(plain, `line ${MAX_MAP_RANGES + 1} is one range more than`);
  const reg = "1 1 ".repeat(2 * MAX_MAP_RANGES + 1);
  assertUnreadable(`memory {\n reg = <${reg}>; };`, "line 2 lists more than the 65536 ranges");
  const nodes = Array.from({ length: MAX_MAP_RANGES }, (_, index) =>
    `memory@${index} {
    device_type = "memory"; reg = <0 ${index} 0 1>; };`);
  const tree = `/ { #address-cells = <2>; #size-cells = <2>;\n${nodes.join("\n")}\n};`;
  assertUnreadable(tree, "brings the nodes beyond the 65536 ranges that a map may have");
});

Deno.test("parseMemoryMapText() holds an e820 map to a number of changes", () => {
  const change = "e820: update [mem 0x0-0xfff] usable ==> reserved\n";
  assertEquals(parseMemoryMapText(E820 + change.repeat(256)).ranges.length, 2);
  assertUnreadable(E820 + change.repeat(257), "line 258 is one change more than the 256");
});

Deno.test("parseMemoryMapText() refuses long lines of a map, and skips those of a log", () => {
  const long = "x".repeat(MAX_MAP_LINE_LENGTH + 1);
  assertEquals(rangesOf("e820", `${long}\n${E820}`), ["0x0-0xa0000 ram"]);
  assertUnreadable(`${E820}${E820.trim()} ${long}`, "line 2 has 4143 characters", "at most 4096");
  assertUnreadable(`0-1M ram\n1M-2M ram ${long}`, "line 2 has 4107 characters");
});

Deno.test("parseMemoryMapText() refuses texts of more than 64 Mi characters", () => {
  const text = "x".repeat(MAX_MAP_TEXT_LENGTH + 1);
  assertUnreadable(text, "from line 1 on has 67108865 characters", "expected at most 67108864");
});

Deno.test("parseMemoryMapText() keeps notes to a sensible number", () => {
  const overlapping = "0-4K ram\n".repeat(1000);
  const notes = parseMemoryMapText(overlapping).notes.filter(({ severity }) =>
    severity === "warning"
  );
  assertEquals(notes.length, 65);
  assertEquals(notes.at(-1)?.text, "there is more to say about this and later lines");
});

Deno.test("e820TypeOfKind() gives RAM the type 1 and everything else another", () => {
  assertEquals(e820TypeOfKind("ram"), 1);
  assertEquals(e820TypeOfKind("reserved"), 2);
  assertEquals(e820TypeOfKind("mmio"), 2);
  assertEquals(e820TypeOfKind("acpi"), 3);
  assertEquals(e820TypeOfKind("nvs"), 4);
  assertEquals(e820TypeOfKind("unusable"), 5);
  assertEquals(e820TypeOfKind("persistent"), 7);
  assertEquals(e820TypeOfKind("soft-reserved"), 0xefffffff);
});
