/**
 * A small block with a large alignment: the buddy allocator wastes nothing; the allocator before it
 * ignored the alignment, and to get it a caller had to take a whole aligned block.
 *
 *     deno run examples/small_block_large_alignment.ts
 *
 * @module
 */
// deno-lint-ignore-file no-console -- an example prints.

import { DEFAULT_EDITION, EDITIONS, parseScenario, runScenario } from "@buddyscope/sim";
import type { Edition } from "@buddyscope/sim";
import { ARCHS } from "@buddyscope/sim/arch";
import { printTrace } from "@buddyscope/sim/report";
import text from "./small_block_large_alignment.buddy" with { type: "text" };

/** Runs the scenario on an edition. */
function show(title: string, source: string, edition: Edition): void {
  const { scenario } = parseScenario(source);
  console.log(`${title}\n`);
  console.log(printTrace(runScenario(scenario, { archs: ARCHS, edition })));
}

const [BEFORE_THE_REWRITE = DEFAULT_EDITION] = EDITIONS;

show("One page on a boundary of 1 MiB costs one page.", text, DEFAULT_EDITION);
show("Before the rewrite the alignment is ignored.", text, BEFORE_THE_REWRITE);
show(
  "Who needed it had to take an aligned block: 256 pages.",
  text.replace("memalign_pages 1M 4K", "alloc_pages 8"),
  BEFORE_THE_REWRITE,
);
