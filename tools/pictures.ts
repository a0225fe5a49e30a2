/**
 * The pictures of the README, of docs/designs.md and docs/fragmentation.md, drawn from runs.
 *
 * @module
 */

import { ARCHS } from "../arch/mod.ts";
import { parseScenario, type Run, runScenario } from "../mod.ts";
import { churnTrace, compareOn, DESIGNS, sizesOf } from "../src/metadata_design/mod.ts";
import {
  bootVerdictOfRun,
  designsSvg,
  heatMapSvg,
  memoryMapSvg,
  metadataSvg,
} from "../src/report/mod.ts";
import { labPicture } from "./fragmentation_page.ts";

/** Reads a file of the project, by its path in it. */
export type ReadFile = (path: string) => string;

/** A picture. */
export interface DocPicture {
  /** Its path in docs. */
  readonly path: string;
  /** The SVG document. */
  readonly svg: string;
}

/** In this width, in pixels, a row has as many frames as in a page map. */
const SIXTEEN_A_ROW = 400;
const CHURN_STEPS = 300;
const MOST_HELD = 24;

function runOf(text: string, mapTexts: ReadonlyMap<string, string> = new Map()): Run {
  const parsed = parseScenario(text, { archs: ARCHS });
  return runScenario(parsed.scenario, { archs: ARCHS, source: parsed, mapTexts });
}

function metadata(text: string): string {
  const run = runOf(text);
  const last = run.steps.length - 1;
  const machine = run.machineAfter(last);
  const options = { width: SIXTEEN_A_ROW, moment: `after step ${last}` };
  return metadataSvg(machine, machine.pages.areas(), options);
}

/** Blocks are taken and given back at random: the same calls each time. */
function churn(): string {
  let seed = 7;
  const below = (bound: number): number => {
    seed = (seed * 48271) % 2147483647;
    return seed % bound;
  };
  const lines = ["machine x86_64", "area any 0x1000 0x1080"];
  const held: string[] = [];
  for (let step = lines.length; step < CHURN_STEPS; step++) {
    if (held.length > 0 && below(MOST_HELD) < held.length) {
      lines.push(`free_pages ${held.splice(below(held.length), 1)[0]}`);
    } else {
      lines.push(`b${step} = alloc_pages ${below(4) === 0 ? 2 : below(2)}`);
      held.push(`b${step}`);
    }
  }
  return `${lines.join("\n")}\n`;
}

function memory(name: string, map: string): string {
  const text = `machine x86_64 map=${name} edition=head\nboot\n`;
  const verdict = bootVerdictOfRun(runOf(text, new Map([[name, map]])), { name, text: map });
  if (verdict === null) throw new Error("a run that boots has a verdict");
  return memoryMapSvg(verdict);
}

function designs(): string {
  return designsSvg(compareOn(churnTrace()), sizesOf(DESIGNS));
}

/**
 * Draws the pictures.
 *
 * @param read reads a file of the project
 * @returns the pictures
 */
export function docPictures(read: ReadFile): DocPicture[] {
  const map = "examples/maps/vmware_7g.txt";
  return [
    { path: "pictures/metadata.svg", svg: metadata(read("examples/read_a_state.buddy")) },
    { path: "pictures/heat.svg", svg: heatMapSvg(runOf(churn())) },
    { path: "pictures/memory.svg", svg: memory(map, read(map)) },
    { path: "pictures/designs.svg", svg: designs() },
    { path: "pictures/lab.svg", svg: labPicture() },
  ];
}
