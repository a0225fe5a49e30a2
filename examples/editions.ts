/**
 * One scenario on all editions: what each does otherwise than the one before.
 *
 *     deno run examples/editions.ts
 *
 * @module
 */
// deno-lint-ignore-file no-console -- an example prints.

import { describeValue, EDITIONS, parseScenario, runScenario } from "@buddyscope/sim";
import type { Run } from "@buddyscope/sim";
import { ARCHS } from "@buddyscope/sim/arch";
import { diffRuns } from "@buddyscope/sim/report";

const { scenario } = parseScenario(`
  machine x86_64 power-on=garbage
  area any 0x1000 0x1040
  a = alloc_page
  b = alloc_page                    # splits a block
  free_pages b                      # joins it again, or not
  c = memalign_pages 64K 4K
  d = alloc_pages 1 fresh dontzero
  reserve_pages 0x1038000 1
`);

/** What the requests gave, in order. */
function results(run: Run): string {
  return run.steps.flatMap(({ statement, outcome }) => {
    if (statement.kind !== "call" || statement.result === null) return [];
    const value = outcome.kind === "returned" ? describeValue(outcome.value) : outcome.kind;
    return [`${statement.result} ${value}`];
  }).join("  ");
}

let before: Run | null = null;
for (const edition of EDITIONS) {
  const run = runScenario(scenario, { archs: ARCHS, edition });
  const difference = before === null ? null : diffRuns(before, run);
  console.log(edition.name.padEnd(18), results(run));
  if (difference !== null) {
    console.log(" ".repeat(18), `differs after step ${difference.step}: ${difference.statement}`);
  }
  before = run;
}
