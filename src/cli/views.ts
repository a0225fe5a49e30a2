/**
 * The views of a run that `show`, `--show` and `--step` ask for.
 *
 * @module
 */

import type { Machine } from "../machine.ts";
import {
  printAreas,
  printBlockTable,
  printFreeLists,
  printPageMap,
  printStates,
  printTouched,
  printTrace,
} from "../report/mod.ts";
import type { TraceOptions } from "../report/mod.ts";
import type { Run, View } from "../scenario/mod.ts";
import type { Paint } from "./paint.ts";

/** A state of a run, as it is shown. */
interface Shown {
  /** The run up to the step. */
  readonly run: Run;
  /** The machine after the step. */
  readonly machine: Machine;
  /** The colours. */
  readonly paint: Paint;
}

/** What a view is called, and how it is made. */
interface ViewRow {
  readonly title: string;
  readonly print: (shown: Shown) => string;
}

const VIEW_ROWS: Readonly<Record<View, ViewRow>> = {
  map: {
    title: "page map",
    print: ({ machine, paint }) => printPageMap(machine, machine.pages.areas(), { paint }),
  },
  blocks: {
    title: "blocks",
    print: ({ machine, paint }) => printBlockTable(machine, machine.pages.areas(), { paint }),
  },
  lists: {
    title: "free lists",
    print: ({ machine, paint }) => printFreeLists(machine, machine.pages.areas(), { paint }),
  },
  areas: { title: "areas", print: ({ machine, paint }) => printAreas(machine, { paint }) },
  states: {
    title: "page states",
    print: ({ machine, paint }) => printStates(machine, machine.pages.areas(), { paint }),
  },
  trace: { title: "trace", print: ({ run, paint }) => traceBody(run, { paint }) },
  touched: {
    title: "touched memory",
    print: ({ machine, paint }) => printTouched(machine, { paint }),
  },
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

/** The place of a step in words. */
function placeOf(run: Run, step: number): string {
  return step === run.steps.length - 1 ? "at the end" : `after step ${step}`;
}

/**
 * A view of the state after a step, below its title.
 *
 * @param run the run
 * @param step the step; -1 stands for the start
 * @param view what is shown
 * @param paint the colours
 * @returns the text
 */
export function viewAfter(run: Run, step: number, view: View, paint: Paint): string {
  const { title, print } = VIEW_ROWS[view];
  const until = { ...run, steps: run.steps.slice(0, step + 1) };
  const text = print({ run: until, machine: run.machineAfter(step), paint });
  return `${paint.bold(`${title} ${placeOf(run, step)}`)}\n\n${text}`;
}

/** The lines of a text that another one does not have. */
function linesMissingIn(text: string, other: string): string[] {
  const others = new Set(other.split("\n"));
  return text.split("\n").filter((line) => !others.has(line));
}

/**
 * What a step changed: the lines of the block table that went, and those that came.
 *
 * @param run the run
 * @param step the step
 * @param paint the colours
 * @returns the text, below its title
 */
export function changesOf(run: Run, step: number, paint: Paint): string {
  const [before, after] = [step - 1, step].map((index) => {
    const machine = run.machineAfter(index);
    return printBlockTable(machine, machine.pages.areas());
  });
  const gone = linesMissingIn(before ?? "", after ?? "").map((line) => paint.bad(`- ${line}`));
  const came = linesMissingIn(after ?? "", before ?? "").map((line) => paint.good(`+ ${line}`));
  const lines = [...gone, ...came];
  const body = lines.length === 0 ? ["nothing"] : lines;
  return `${[paint.bold(`blocks changed by step ${step}`), "", ...body].join("\n")}\n`;
}
