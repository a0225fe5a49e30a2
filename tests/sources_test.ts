/**
 * The table of upstream's places: against the lines of the assertions, which were recorded apart, and
 * against itself.
 */

import { assert, assertEquals } from "@std/assert";
import { ASSERTION_COLUMNS, SITES } from "../src/assertion_sites.ts";
import { assertionsAt } from "../src/assertions.ts";
import { EDITIONS } from "../mod.ts";
import { FUNCTION_SITES, STATEMENT_SITES } from "../src/source_sites.ts";
import { functionRanges, placeText, statementPlace } from "../src/sources.ts";
import type { SourceStatement } from "../src/sources.ts";

const STATEMENTS = Object.keys(STATEMENT_SITES) as SourceStatement[];

Deno.test("each assertion of a function stands in the range that the table gives", () => {
  let checked = 0;
  for (const column of ASSERTION_COLUMNS) {
    const ranges = functionRanges(column);
    for (const { source } of Object.values(assertionsAt(column))) {
      const { line } = source;
      if (line === null) continue;
      // The assertions have the functions' names of head.
      const head = Object.values(FUNCTION_SITES).find(({ name }) =>
        name === source.function ||
        (typeof name !== "string" && name.at(-1)?.[1] === source.function)
      );
      const inside = ranges.filter(({ first, last }) => line >= first && line <= last);
      assertEquals(inside.length, head === undefined ? 0 : 1, `${column}: ${line}`);
      if (head === undefined) continue;
      const names = typeof head.name === "string" ? [head.name] : head.name.map(([, name]) => name);
      assert(
        names.includes(inside[0]?.function ?? ""),
        `${column}: ${line} in ${inside[0]?.function}`,
      );
      checked++;
    }
  }
  assertEquals(checked, 288);
});

Deno.test("each statement stands in its function, at a line of no assertion, in every column", () => {
  for (const [index, column] of ASSERTION_COLUMNS.entries()) {
    const asserted = new Set(
      Object.values(SITES).map(({ lines }) => lines[index] ?? null).filter((line) => line !== null),
    );
    const ranges = functionRanges(column);
    for (const [name, { in: key, lines }] of Object.entries(STATEMENT_SITES)) {
      const line = lines[index] ?? null;
      if (line === null) continue;
      const { first, last } = FUNCTION_SITES[key];
      assert(line > (first[index] ?? Infinity) && line < (last[index] ?? 0), `${column} ${name}`);
      assert(ranges.some((range) => line > range.first && line < range.last));
      // Two statements are assertions: those that the repaired code does without.
      assertEquals(asserted.has(line), /^initChecks/.test(name), `${column} ${name}`);
    }
  }
});

Deno.test("the functions of a column follow one another", () => {
  for (const column of ASSERTION_COLUMNS) {
    const ranges = functionRanges(column);
    for (const [index, { first }] of ranges.entries()) {
      assert(first > (ranges[index - 1]?.last ?? 0), `${column}: line ${first}`);
    }
  }
});

Deno.test("statements move with the assertions beside them from one commit to the next", () => {
  // Of each statement, an assertion of the same function between which and it no line was added.
  const beside: readonly (readonly [keyof typeof STATEMENT_SITES, keyof typeof SITES, number])[] = [
    ["splitStates", "splitStates", 1],
    ["mergeStates", "coalesceStates", 1],
    ["mergeLinks", "coalesceStates", 4],
    ["mergeCompares", "coalesceArea", 8],
    ["freeStates", "freeStates", 2],
    ["freeLinks", "freeStates", 5],
    ["unreserveStates", "unreserveSpecial", 1],
    ["initDescribes", "initSlot", 14],
    ["initEmptiesLists", "initOverlapStart", 7],
    ["initStates", "initOrderInLists", 2],
    ["initLinks", "initOrderInLists", 3],
  ];
  for (const [statement, assertion, distance] of beside) {
    const lines = STATEMENT_SITES[statement].lines;
    for (const [index, line] of SITES[assertion].lines.entries()) {
      if (line !== null) assertEquals(lines[index], line + distance, `${statement} ${index}`);
    }
  }
});

Deno.test("every edition has a place for every statement; a line only where somebody knows it", () => {
  for (const { sourceLines } of EDITIONS) {
    for (const name of STATEMENTS) {
      const place = statementPlace(sourceLines, name);
      assertEquals(place.file, "lib/alloc_page.c");
      assert(/^_?[a-z]\w+$/.test(place.function), place.function);
      assertEquals(place.lineOf === "nobody", place.line === null);
    }
  }
  const split = EDITIONS.map(({ sourceLines }) =>
    placeText(statementPlace(sourceLines, "splitStates"))
  );
  assertEquals(split, [
    "free_pages(), lib/alloc_page.c:52",
    "split(), lib/alloc_page.c, line 118 at head",
    "split(), lib/alloc_page.c:92",
    "split(), lib/alloc_page.c:92",
    "split(), lib/alloc_page.c:93",
    "split(), lib/alloc_page.c:91",
    "split(), lib/alloc_page.c:105",
    "split(), lib/alloc_page.c:107",
    "split(), lib/alloc_page.c:118",
    "split(), lib/alloc_page.c:118",
    "split(), lib/alloc_page.c:118",
    "split(), lib/alloc_page.c:118",
    "split(), lib/alloc_page.c, line 118 at head",
  ]);
  const reserve = ["34c95065", "01d8952b"] as const;
  assertEquals(reserve.map((text) => statementPlace(text, "reserveStates").function), [
    "_alloc_page_special",
    "_reserve_one_page",
  ]);
  assertEquals(
    placeText(statementPlace("8131e91a", "requestZeroes")),
    "page_memalign_order_area(), lib/alloc_page.c",
  );
});
