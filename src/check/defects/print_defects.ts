/**
 * The page about defects: generated from the list, and from searches for the shortest scenarios.
 *
 * @module
 */

import { EDITIONS } from "../../edition.ts";
import type { Edition } from "../../edition.ts";
import type { ScenarioEnvironment } from "../../scenario/mod.ts";
import { formatViolation } from "../invariants/mod.ts";
import { anchorOf, markdownTable, wrapMarkdown } from "../markdown.ts";
import type { Defect, Hunt } from "./defect.ts";
import { searchShortest } from "./search.ts";

/** The editions that have a defect, oldest first, as runs of neighbours. */
function runsOf(defect: Defect): Edition[][] {
  const runs: Edition[][] = [];
  for (const [index, edition] of EDITIONS.entries()) {
    const before = EDITIONS[index - 1];
    const continues = before !== undefined && defect.isIn(before);
    if (!defect.isIn(edition)) continue;
    if (continues) runs.at(-1)?.push(edition);
    else runs.push([edition]);
  }
  return runs;
}

function rangeText(defect: Defect): string {
  return runsOf(defect).map((run) => {
    const [first, last] = [run[0]?.name ?? "", run.at(-1)?.name ?? ""];
    return first === last ? first : `${first} to ${last}`;
  }).join(", ");
}

function headingOf({ id, title }: Defect): string {
  return `${id}: ${title}`;
}

function overviewOf(defects: readonly Defect[]): string[] {
  const rows = defects.map((defect) => [
    `[${defect.id}](#${anchorOf(headingOf(defect))})`,
    defect.title,
    rangeText(defect),
  ]);
  return markdownTable([["Defect", "What is wrong", "Editions"], ...rows]);
}

function mapLines({ map }: Hunt): string[] {
  if (map === undefined) return [];
  return [...[`The memory map \`${map.name}\`:`, ""], ...[
    "```text",
    map.text.trimEnd(),
    "```",
    "",
  ]];
}

function sectionOf(defect: Defect, environment: ScenarioEnvironment): string[] {
  const newest = runsOf(defect).at(-1)?.at(-1);
  const { hunt, signature, cause, source } = defect;
  const found = newest === undefined
    ? null
    : searchShortest(hunt, signature, newest, environment).found;
  const shown = found === null ? ["No short scenario shows it.", ""] : [
    ...["```buddy", found.text.trimEnd(), "```", ""],
    ...mapLines(hunt),
    ...["```text", ...wrapMarkdown(formatViolation(found.violation)), "```", ""],
  ];
  return [
    ...[`## ${headingOf(defect)}`, ""],
    ...[...wrapMarkdown(cause), ""],
    ...[...wrapMarkdown(`In ${source}. Editions: ${rangeText(defect)}.`), ""],
    ...shown,
  ];
}

/**
 * Writes the page about defects, in Markdown: an overview, and for each defect its cause, the shortest
 * scenario in the newest edition that has it, and the rule that it breaks there.
 *
 * @param defects the defects
 * @param environment the architectures
 * @returns the page
 */
export function printDefects(
  defects: readonly Defect[],
  environment: ScenarioEnvironment,
): string {
  const intro = [
    "What is known to be wrong in the modelled code, and the shortest scenario that shows it: all",
    "sequences of fewer calls were tried. `buddyscope check` runs such a scenario and says more;",
    "`buddyscope defects` finds all of them again from scratch, in each edition, by three methods,",
    "and makes sure that the edition `repaired` has none. `deno task docs` writes this page.",
  ].join(" ");
  return [
    ...["# Defects", ""],
    ...[...wrapMarkdown(intro), ""],
    ...[...overviewOf(defects), ""],
    ...defects.flatMap((defect) => sectionOf(defect, environment)),
  ].join("\n");
}
