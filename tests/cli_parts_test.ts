import { assertEquals, assertStringIncludes } from "@std/assert";
import { shownLines } from "../src/cli/escape.ts";
import { excerptOf } from "../src/cli/excerpt.ts";
import { EXIT, worstOf } from "../src/cli/exit.ts";
import { jsonPieces } from "../src/cli/json_text.ts";
import { tableLines, wrapText } from "../src/cli/table.ts";

Deno.test("excerptOf() shows short texts whole", () => {
  const excerpt = { left: '"0x1000"', right: "null", marker: "^", at: 0 };
  assertEquals(excerptOf('"0x1000"', "null", 40), excerpt);
});

Deno.test("excerptOf() cuts both texts at the same places, and marks the first difference", () => {
  const [left, right] = ["ab".repeat(50) + "1" + "cd".repeat(50), "ab".repeat(50) + "2"];
  const { left: one, right: other, marker, at } = excerptOf(left, right, 30);
  assertEquals(at, 100);
  assertEquals([one.length, one[0], other[0]], [30, "…", "…"]);
  assertEquals([one.at(-1), other.at(-1)], ["…", "2"]);
  assertEquals([one[marker.length - 1], other[marker.length - 1]], ["1", "2"]);
});

Deno.test("excerptOf() marks the end where one text goes on", () => {
  assertEquals(excerptOf("abc", "abcd", 40).marker, "   ^");
});

Deno.test("excerptOf() escapes control characters before it counts", () => {
  const { left, right, at } = excerptOf("\x1b[1m", "\x1b[2m", 40);
  assertEquals([left, right, at], ["\\u{1b}[1m", "\\u{1b}[2m", 7]);
});

Deno.test("tableLines() aligns columns and wraps the last one", () => {
  const rows = [["a", "one two three four five six seven"], ["long", "x"]];
  assertEquals(tableLines(rows, { columns: 34 }), [
    "  a     one two three four five",
    "        six seven",
    "  long  x",
  ]);
});

Deno.test("tableLines() of no rows is empty", () => {
  assertEquals(tableLines([]), []);
});

Deno.test("wrapText() leaves a word alone that is too long", () => {
  assertEquals(wrapText("a loooong b", 4), ["a", "loooong", "b"]);
});

Deno.test("shownLines() keeps the ends of lines and nothing else that is invisible", () => {
  assertEquals(shownLines("a\x00b\ncd\u2028e"), "a\\u{0}b\ncd\\u{2028}e");
});

Deno.test("worstOf() is the largest code, 0 for none", () => {
  assertEquals(worstOf([]), EXIT.held);
  assertEquals(worstOf([EXIT.failed, EXIT.modelError, EXIT.wrongUse]), EXIT.modelError);
});

Deno.test("jsonPieces() joined is the JSON of the value, with bigints as texts", () => {
  const value = {
    empty: {},
    none: [],
    left: undefined,
    text: 'a"b',
    runs: [{ file: "x", steps: [{ index: 0, args: [16n] }, { index: 1, args: [] }] }, null],
  };
  const text = [...jsonPieces(value)].join("");
  assertEquals(JSON.parse(text), {
    empty: {},
    none: [],
    text: 'a"b',
    runs: [{ file: "x", steps: [{ index: 0, args: ["0x10"] }, { index: 1, args: [] }] }, null],
  });
  assertStringIncludes(text, '\n        {"index":0,"args":["0x10"]},\n');
});
