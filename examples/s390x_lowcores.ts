/**
 * s390x: the lowcores of the CPUs come from below 2 GiB, while all other pages come from above.
 *
 *     deno run examples/s390x_lowcores.ts
 *
 * @module
 */
// deno-lint-ignore-file no-console -- an example prints.

import { parseScenario, runScenario } from "@buddyscope/sim";
import { ARCHS } from "@buddyscope/sim/arch";
import { printTrace } from "@buddyscope/sim/report";
import text from "./s390x_lowcores.buddy" with { type: "text" };

const { scenario } = parseScenario(text);
const run = runScenario(scenario, { archs: ARCHS });

console.log(printTrace(run));
for (const { expected, held, actual } of run.expectations) {
  console.log(held === "yes" ? "holds " : "fails ", expected.padEnd(30), actual);
}
