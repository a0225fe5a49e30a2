/**
 * The first look: one page is allocated, a block is split for it, and the page map shows the result.
 *
 *     deno run examples/hello.ts
 *
 * @module
 */
// deno-lint-ignore-file no-console -- an example prints.

import { parseScenario, runScenario } from "@buddyscope/sim";
import { ARCHS } from "@buddyscope/sim/arch";
import { printPageMap, printTrace } from "@buddyscope/sim/report";

const { scenario } = parseScenario(`
  machine x86_64
  area any 0x100000 0x100010  # 16 frames; the first holds the page states
  a = alloc_page              # takes the only block of one page
  b = alloc_page              # has to split a block of two
`);

const run = runScenario(scenario, { archs: ARCHS });
const machine = run.machineAfter(run.steps.length - 1);

console.log(printTrace(run, { events: "shown" }));
console.log(printPageMap(machine, machine.pages.areas()));
