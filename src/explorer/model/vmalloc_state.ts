/**
 * vmalloc for views.
 *
 * @module
 */

import type { Machine } from "../../machine.ts";
import { hexAddress } from "../../report/columns.ts";
import { type Taken, takenOf, takenRangeOf } from "../../report/vmalloc_blocks.ts";
import type { VirtualRunView, VmallocView } from "./state_view.ts";

const MOST_RUNS = 40;

/** Who serves `malloc`, in words. */
const SERVED_BY = {
  early: "the early allocator",
  page: "the page allocator",
  vmalloc: "vmalloc",
} as const;

function textOf(taken: Taken): string {
  switch (taken.kind) {
    case "block":
      return `block of ${taken.pages} pages behind its metadata page, ${taken.use}`;
    case "one-page":
      return `block in one page, ${taken.use}`;
    case "mapped":
      return `mapped, no block, frames ${taken.use}`;
    case "unmapped":
      return "not mapped";
  }
}

function runView(taken: Taken): VirtualRunView {
  const pages = taken.runs.reduce((sum, run) => sum + run.pages, 0n);
  const first = taken.runs[0]?.virtual ?? 0n;
  return { first: hexAddress(first), pages: Number(pages), text: textOf(taken) };
}

/**
 * Makes vmalloc fit for views.
 *
 * @param machine the machine
 * @returns plain data; null before vmalloc is set up
 */
export function vmallocView(machine: Machine): VmallocView | null {
  if (machine.vmalloc.pageRoot === 0n) return null;
  const { first, end } = takenRangeOf(machine);
  return {
    freeTop: hexAddress(first),
    end: hexAddress(end),
    servedBy: SERVED_BY[machine.ops.current],
    runs: first === end ? [] : takenOf(machine, MOST_RUNS).map(runView),
  };
}
