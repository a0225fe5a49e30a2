/**
 * The list of known defects: each is found where it is and nowhere else, by calls as few as promised.
 */

import { assert, assertEquals, assertLess } from "@std/assert";
import { ARCHS } from "../arch/mod.ts";
import { DEFECTS, fillMatrix, isAsExpected, newMethods, printDefects } from "../src/check/mod.ts";
import type { Defect, DefectCell, MatrixOptions } from "../src/check/mod.ts";
import { EDITIONS, parseScenario, runScenario } from "../mod.ts";
import { edition } from "./support.ts";

/** What the issue of the checker asks for, by the numbers of the list of suspected defects. */
const WANTED = (
  "D1 D2 D2b D3 D4a D4b D4c D5 D6 D7 D8 D9 D10 D12 D13 D17 D20 D21 not-zeroed two-ranges"
).split(" ");

/** The defects whose shortest scenarios must have at most three calls after set-up. */
const SHORT = "D1 D2 D3 D2b D4a D4b D4c D5".split(" ");

const environment = { archs: ARCHS };

function cellsOf(options: Partial<MatrixOptions>): DefectCell[] {
  const [search, explore] = newMethods();
  assert(search !== undefined && explore !== undefined);
  const methods = [search, explore];
  return [
    ...fillMatrix({ defects: DEFECTS, editions: EDITIONS, methods, environment, ...options }),
  ];
}

function describe({ defect, edition: { name }, method, expected, result }: DefectCell): string {
  const found = result.finding === null ? "not found" : "found";
  return `${defect.id} is ${expected} in ${name}, and ${found} by ${method.name}`;
}

function isOfPages({ fuzzed, hunt }: Defect): boolean {
  return fuzzed?.layer === "pages" || hunt.setUp.every((line) => line !== "boot") &&
      !hunt.calls.includes("boot");
}

Deno.test("DEFECTS has every defect that was asked for, each once", () => {
  const ids = DEFECTS.map(({ id }) => id);
  assertEquals(WANTED.filter((id) => !ids.includes(id)), []);
  assertEquals(new Set(ids).size, ids.length);
});

Deno.test("searchShortest() and explore() find the page allocator's defects in each edition that has them and in no other", () => {
  const cells = cellsOf({ defects: DEFECTS.filter(isOfPages) });
  assertEquals(cells.filter((cell) => !isAsExpected(cell)).map(describe), []);
  assert(cells.length > 200, `only ${cells.length} cells`);
});

Deno.test("searchShortest() finds the defects of boot and vmalloc in head, and none in repaired", () => {
  const defects = DEFECTS.filter((defect) => !isOfPages(defect));
  const cells = cellsOf({ defects, editions: [edition("head"), edition("repaired")] });
  assertEquals(cells.filter((cell) => !isAsExpected(cell)).map(describe), []);
  assertEquals(cells.length, 2 * defects.length);
});

Deno.test("the shortest scenarios of the first defects need at most three calls after set-up", () => {
  const cells = cellsOf({ defects: DEFECTS.filter(({ id }) => SHORT.includes(id)) });
  const lengths = cells.map(({ result }) => result.finding?.calls ?? 0);
  assertLess(Math.max(...lengths), 4);
});

Deno.test("the scenario of D12 shows it with the memory map of the examples, too", () => {
  const [cell] = cellsOf({
    defects: DEFECTS.filter(({ id }) => id === "D12"),
    editions: [edition("head")],
  });
  const name = "efi_largest_above_4g.txt";
  const text = Deno.readTextFileSync(new URL(`../examples/maps/${name}`, import.meta.url));
  const { scenario } = parseScenario(cell?.result.finding?.text ?? "");
  const run = runScenario(scenario, {
    archs: ARCHS,
    mapTexts: new Map([[name, text]]),
    watch: "violations",
  });
  const rules = run.steps.flatMap(({ violations }) => violations.map(({ rule }) => rule));
  assert(rules.includes("boot ends in a running machine"), rules.join(", "));
});

Deno.test("docs/defects.md is what printDefects() makes of the list", () => {
  const page = Deno.readTextFileSync(new URL("../docs/defects.md", import.meta.url));
  const wanted = printDefects(DEFECTS, environment);
  assert(page === wanted, "docs/defects.md is out of date: run deno task docs, read what changed");
});
