/** `buddyscope defects`: table, JSON, exit codes. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { runCli } from "./cli_host.ts";

Deno.test("defects shows where each was found, and the shortest scenario", async () => {
  const { code, out, err } = await runCli([
    "defects",
    "--defect=D1,D21",
    "--edition=01d8952b,head,repaired",
    "--method=search,explore",
  ]);
  assertEquals([code, err], [0, ""]);
  const lines = out.split("\n");
  assertEquals(lines.slice(0, 7), [
    "           7    12   13",
    "D1         .    se   .",
    "D21        s    s    .",
    "",
    "editions: 7 pfn-2021-01, 12 fresh-2021-01, 13 repaired",
    "s found by search, e found by explore, . not there, - there and not found",
    "",
  ]);
  assertStringIncludes(out, "    a = alloc_pages 0\n    free_pages a\n");
  assertStringIncludes(out, "each defect was found where it is, and nowhere else");
  assert(lines.every((line) => [...line].length <= 100), out);
});

Deno.test("defects --json gives a row for each defect, with a cell for each edition and method", async () => {
  const { code, out } = await runCli(["defects", "--defect=D4a", "--method=search", "--json"]);
  assertEquals(code, 0);
  const { defects: [row], asExpected } = JSON.parse(out);
  assert(asExpected);
  assertEquals([row.id, row.editions, row.calls], ["D4a", ["fresh-2021-01"], 1]);
  assertStringIncludes(row.scenario, "alloc_pages 2 dontzero fresh");
  assertEquals(row.cells.length, 13);
  const kinds = row.cells.map((cell: { expected: string; found: boolean }) =>
    `${cell.expected} ${cell.found}`
  );
  assertEquals(new Set(kinds), new Set(["absent false", "present true"]));
});

Deno.test("defects by random calls finds what it names, and nothing in the repaired edition", async () => {
  const { code, out } = await runCli([
    "defects",
    "--defect=D1,D2,D20",
    "--edition=head,repaired",
    "--method=fuzz",
  ]);
  assertEquals(code, 0, out);
  assertStringIncludes(out, "D1         f    .\nD2         f    .\nD20        f    .\n");
});

Deno.test("defects refuses an unknown defect or method with the nearest one", async () => {
  const defect = await runCli(["defects", "--defect=D4"]);
  assertEquals([defect.code, defect.out], [2, ""]);
  assertStringIncludes(defect.err, 'Unknown defect "D4"');
  const method = await runCli(["defects", "--method=serach"]);
  assertEquals([method.code, method.out], [2, ""]);
  assertStringIncludes(method.err, '"search"');
});
