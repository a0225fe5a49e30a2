/**
 * The tables of docs/designs.md: what the command prints, without times.
 *
 * @module
 */

import type { Comparison, SizeFigures } from "../metadata_design/mod.ts";
import { DESIGNS } from "../metadata_design/mod.ts";
import { HAZARD_LEGEND, policyLines } from "./designs_hazards.ts";
import { tableLines } from "./table.ts";
import { comparisonLines, designLines, LEGEND, sizeLines } from "./designs_text.ts";

/** Where a table stands in the page. */
const PLACE = /^<!-- generated: (.+) -->\n\n```text\n[\s\S]*?^```$/gm;
const COLUMNS = 100;

/** What each design keeps where, one after the other. */
function factLines(): string[] {
  return DESIGNS.flatMap(({ name, encoding, bootstrap, operation }, at) => [
    ...(at === 0 ? [] : [""]),
    ...tableLines([
      [name, "status", encoding.status],
      ["", "order", encoding.order],
      ["", "node, zone", encoding.nodeAndZone],
      ["", "at first", bootstrap],
      ["", "operation", operation],
    ], { indent: 0, columns: COLUMNS }),
  ]);
}

/**
 * Writes the tables of the page anew.
 *
 * @param page the page as it is
 * @param comparisons what its tables may show, by the names of the traces
 * @param sizes the designs on machines of each size
 * @returns the page as it should be
 * @throws {RangeError} if the page wants a table that there is not
 */
export function designsPage(
  page: string,
  comparisons: readonly Comparison[],
  sizes: readonly SizeFigures[],
): string {
  return page.replaceAll(PLACE, (_, name: string) => {
    const lines = linesFor(name, comparisons, sizes);
    return `<!-- generated: ${name} -->\n\n\`\`\`text\n${lines.join("\n")}\n\`\`\``;
  });
}

function linesFor(
  name: string,
  comparisons: readonly Comparison[],
  sizes: readonly SizeFigures[],
): readonly string[] {
  if (name === "designs") return designLines();
  if (name === "facts") return factLines();
  if (name === "sizes") return sizeLines(sizes);
  if (name === "policies") return policyLines();
  if (name === "cells") return HAZARD_LEGEND;
  if (name === "legend") return LEGEND;
  const comparison = comparisons.find((one) => one.name === name);
  if (comparison === undefined) {
    throw new RangeError(`Cannot write the page: there is no table "${name}", name a trace`);
  }
  return comparisonLines({ ...comparison, speeds: comparison.designs.map(() => null) });
}
