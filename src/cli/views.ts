/**
 * The views of a run that `show`, `--show` and `--step` ask for, below their titles.
 *
 * @module
 */

import { printBlockTable, printShow, printTrace } from "../report/mod.ts";
import type { TraceOptions } from "../report/mod.ts";
import type { Run, ShowRequest, View } from "../scenario/mod.ts";
import type { Paint } from "./paint.ts";

const TITLES: Readonly<Record<View, string>> = {
  map: "page map",
  blocks: "blocks",
  lists: "free lists",
  fragmentation: "fragmentation",
  buddyinfo: "buddyinfo",
  areas: "areas",
  states: "page states",
  trace: "trace",
  touched: "touched memory",
  vmalloc: "vmalloc",
  tables: "page tables",
  host: "the host",
  phys: "early allocator",
};

/**
 * The trace of a run without its title.
 *
 * @param run the run
 * @param options colours and events
 * @returns the text
 */
export function traceBody(run: Run, options: TraceOptions): string {
  const text = printTrace(run, options);
  return text.slice(text.indexOf("\n") + 1).replace(/^\n/, "");
}

/**
 * A view of the state after a step.
 *
 * @param run the run
 * @param request the step and what is shown
 * @param paint the colours
 * @returns the text
 */
export function viewText(run: Run, request: ShowRequest, paint: Paint): string {
  const { step, view } = request;
  const place = step === run.steps.length - 1 ? "at the end" : `after step ${step}`;
  return `${paint.bold(`${TITLES[view]} ${place}`)}\n\n${printShow(run, request, { paint })}`;
}

/** The lines of a text that another one does not have. */
function linesMissingIn(text: string, other: string): string[] {
  const others = new Set(other.split("\n"));
  return text.split("\n").filter((line) => !others.has(line));
}

function blocksAfter(run: Run, step: number): string {
  const machine = run.machineAfter(step);
  return printBlockTable(machine, machine.pages.areas());
}

/**
 * What a step changed: the lines of the block table that went, and those that came.
 *
 * @param run the run
 * @param step the step
 * @param paint the colours
 * @returns the text
 */
export function changesOf(run: Run, step: number, paint: Paint): string {
  const [before, after] = [blocksAfter(run, step - 1), blocksAfter(run, step)];
  const gone = linesMissingIn(before, after).map((line) => paint.bad(`- ${line}`));
  const came = linesMissingIn(after, before).map((line) => paint.good(`+ ${line}`));
  const lines = [...gone, ...came];
  const title = paint.bold(`changed by step ${step}`);
  return `${[title, "", ...(lines.length === 0 ? ["nothing"] : lines)].join("\n")}\n`;
}
