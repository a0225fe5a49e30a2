/**
 * What a scenario asks to be shown.
 *
 * @module
 */

import type { Machine } from "../machine.ts";
import type { Run, ShowRequest, View } from "../scenario/mod.ts";
import { printAreas } from "./areas.ts";
import { printBlockTable } from "./block_table.ts";
import { printBuddyInfo, printFragmentation } from "./fragmentation.ts";
import { printFreeLists } from "./free_lists.ts";
import { printHost } from "./host_view.ts";
import { printPageMap } from "./page_map.ts";
import type { PaintOptions } from "./paint.ts";
import { printPhys } from "./phys_view.ts";
import { printStates } from "./states.ts";
import { printTables } from "./tables_view.ts";
import { printTouched } from "./touched.ts";
import { printTrace } from "./trace.ts";
import { printVmalloc } from "./vmalloc_view.ts";

/**
 * Writes a view of a machine's state.
 *
 * @param machine the machine
 * @param view which view; `trace` is no view of a state, see {@linkcode printShow}
 * @param options colours
 * @returns the text
 */
export function printView(
  machine: Machine,
  view: Exclude<View, "trace">,
  options: PaintOptions = {},
): string {
  switch (view) {
    case "map":
      return printPageMap(machine, machine.pages.areas(), options);
    case "blocks":
      return printBlockTable(machine, machine.pages.areas(), options);
    case "lists":
      return printFreeLists(machine, machine.pages.areas(), options);
    case "fragmentation":
      return printFragmentation(machine, machine.pages.areas(), options);
    case "buddyinfo":
      return printBuddyInfo(machine, machine.pages.areas());
    case "areas":
      return printAreas(machine, options);
    case "states":
      return printStates(machine, machine.pages.areas(), options);
    case "touched":
      return printTouched(machine, options);
    case "vmalloc":
      return printVmalloc(machine, options);
    case "tables":
      return printTables(machine, options);
    case "host":
      return printHost(machine, options);
    case "phys":
      return printPhys(machine, options);
  }
}

/**
 * Writes what a `show` of a run asks for: the state after its step, or the trace up to it.
 *
 * @param run the run
 * @param request the `show`
 * @param options colours
 * @returns the text
 */
export function printShow(run: Run, request: ShowRequest, options: PaintOptions = {}): string {
  const { step, view } = request;
  if (view !== "trace") return printView(run.machineAfter(step), view, options);
  return printTrace({ ...run, steps: run.steps.slice(0, step + 1) }, options);
}
