/**
 * What becomes of designs under each policy of a host, as a table.
 *
 * @module
 */

import { HAZARD_POLICIES } from "../metadata_design/mod.ts";
import type { HazardOutcome } from "../metadata_design/mod.ts";
import { hazardCell } from "../report/mod.ts";
import { tableLines } from "./table.ts";
import { counted, wrapped } from "./words.ts";

const COLUMNS = 100;
const HARMLESS = "-";

interface Row {
  readonly policy: string;
  readonly outcomes: readonly HazardOutcome[];
  readonly cells: readonly string[];
}

function rowsOf(hazards: readonly HazardOutcome[]): Row[] {
  return HAZARD_POLICIES.map(({ name }) => {
    const outcomes = hazards.filter(({ policy }) => policy === name);
    return { policy: name, outcomes, cells: outcomes.map((one) => hazardCell(one).text) };
  });
}

/** Why machines stopped: a line or two for all designs that stopped alike. */
function stopLines(rows: readonly Row[]): string[] {
  return rows.flatMap(({ policy, outcomes }) => {
    const groups = new Map<string, string[]>();
    for (const { design, stopped } of outcomes) {
      if (stopped !== null) groups.set(stopped, [...groups.get(stopped) ?? [], design]);
    }
    return [...groups].flatMap(([text, designs]) =>
      wrapped(`${policy}, ${designs.join(" ")}: ${text}`, 2)
    );
  });
}

/**
 * The table of a trace: a row for each policy that does something to a design.
 *
 * @param hazards the outcomes
 * @returns the lines
 */
export function hazardLines(hazards: readonly HazardOutcome[]): string[] {
  const rows = rowsOf(hazards);
  const shown = rows.filter(({ cells }) => cells.some((cell) => cell !== HARMLESS));
  const harmless = rows.filter((row) => !shown.includes(row)).map(({ policy }) => policy);
  const designs = rows[0]?.outcomes.map(({ design }) => design) ?? [];
  const most = Math.max(0, ...hazards.map(({ operations }) => operations));
  const head = [`host's policy, ${counted(most, "call")}`, ...designs];
  const table = [head, ...shown.map(({ policy, cells }) => [policy, ...cells])];
  return [
    ...(shown.length === 0 ? [] : tableLines(table, { indent: 0, columns: COLUMNS })),
    ...stopLines(shown),
    ...wrapped(`nothing happens: ${harmless.join(", ")}`, 2),
  ];
}

/**
 * The policies: a line or some for each.
 *
 * @returns the lines
 */
export function policyLines(): string[] {
  const rows = HAZARD_POLICIES.map(({ name, title }) => [name, title]);
  return tableLines(rows, { indent: 0, columns: COLUMNS });
}

/** What the cells say. */
export const HAZARD_LEGEND: readonly string[] = [
  "stops N     the machine stops at the Nth call: a fault, or a block that is in no area",
  "twice N     frames handed out while they have an owner",
  "lost N      free frames that nobody can have in the end, because no list leads to them",
  "bytes N     frames that come back from their owner with bytes that he did not write",
  "not 0 N     frames handed out that are not the zeroes that the policy promises",
  "poison N    frames handed out whose poison is broken",
  "back N      pages that the allocator and its hooks make the host bring back; nothing is wrong",
];
