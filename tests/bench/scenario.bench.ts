/**
 * Scenarios and reports: reading, running, stepping back, drawing.
 */

import { ARCHS } from "../../arch/mod.ts";
import { parseScenario, runScenario } from "../../mod.ts";
import { printPageMap } from "../../src/report/mod.ts";
import { bareMachine, edition } from "../support.ts";

function longText(pairs: number): string {
  const lines = Array.from({ length: pairs }, (_, index) => {
    const name = `p${index % 1000}`;
    return `${name} = alloc_pages ${index % 4} dontzero\nfree_pages ${name}`;
  });
  return ["machine x86_64 edition=head", "area any 0x1000 0x9000", ...lines].join("\n");
}

const text = longText(10_000);
const { scenario } = parseScenario(text);

Deno.bench({ name: "20,000 lines read", group: "scenario" }, () => {
  parseScenario(text);
});
Deno.bench({ name: "20,000 steps run, outcomes only", group: "scenario" }, () => {
  runScenario(scenario, { archs: ARCHS, record: "outcomes" });
});
Deno.bench({ name: "20,000 steps run, everything recorded", group: "scenario" }, () => {
  runScenario(scenario, { archs: ARCHS });
});

const run = runScenario(scenario, { archs: ARCHS });
let step = 1;
Deno.bench({ name: "any step of 20,000 shown", group: "step back" }, () => {
  step = (step * 7919) % 20_000;
  run.machineAfter(step).pages.areas();
});
Deno.bench({ name: "the next step shown", group: "step back" }, () => {
  step = (step + 1) % 20_000;
  run.machineAfter(step).pages.areas();
});

const large = bareMachine(0x100000, 0x100000 + 4_194_304);
Deno.bench({ name: "the page map of 4,194,304 frames", group: "report" }, () => {
  printPageMap({ arch: large.arch, edition: edition("head") }, large.pages.areas());
});
