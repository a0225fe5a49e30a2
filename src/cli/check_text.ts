/**
 * What `check` prints below a trace: which rule broke first, where and why.
 *
 * @module
 */

import { CALL_RULES, STATE_RULES } from "../check/invariants/mod.ts";
import type { RuleName } from "../check/invariants/mod.ts";
import { STACK_CALL_RULES, STACK_STATE_RULES } from "../check/stack_rules/mod.ts";
import { escapeText, printFrameMap } from "../report/mod.ts";
import { printStatement } from "../scenario/mod.ts";
import type { BrokenRule, Run } from "../scenario/mod.ts";
import type { Paint } from "./paint.ts";
import { counted, wrapped } from "./words.ts";

/** All rules: what each means. */
export const RULE_MEANINGS: Readonly<Record<RuleName, string>> = {
  ...STATE_RULES,
  ...CALL_RULES,
  ...STACK_STATE_RULES,
  ...STACK_CALL_RULES,
};

/** What the text is made with. */
export interface CheckTextOptions {
  /** The colours. */
  readonly paint: Paint;
  /** Where a statement stands: the file and the line. */
  readonly placeOf: (step: number) => string;
}

/** The page map around the frame of a violation, before and after its step. */
function mapParts(run: Run, { step, violation }: BrokenRule, paint: Paint): string[] {
  const { pfn } = violation;
  if (pfn === null) return [];
  const states = [["before", step - 1], ["after", step]] as const;
  return states.flatMap(([when, at]) => {
    const map = printFrameMap(run, run.machineAfter(at).pages.areas(), pfn, { paint });
    return map === null ? [] : [`${paint.bold(`${when} step ${step}`)}  ${map}`];
  });
}

/** From where on a run is not judged, and why. */
function unjudgedLines({ unjudgedFrom }: Run, indent: string): string[] {
  if (unjudgedFrom === null) return [];
  const { step, why } = unjudgedFrom;
  const text = `${indent}not judged from step ${step} on: ${escapeText(why)}`;
  return wrapped(text, indent === "" ? 7 : indent.length);
}

/**
 * The first rule that a run broke, and from where on it is not judged.
 *
 * @param run the run
 * @param options colours, places
 * @returns the text; it ends in a newline
 */
export function firstViolationText(run: Run, options: CheckTextOptions): string {
  const { paint, placeOf } = options;
  const first = run.firstViolation;
  if (first === null) {
    const end = run.unjudgedFrom?.step ?? Infinity;
    const calls = run.steps.filter(({ index, effect }) => effect !== "none" && index < end).length;
    const lines = [`${paint.held}  no rule was broken in ${counted(calls, "call")}`];
    return `${[...lines, ...unjudgedLines(run, "        ")].join("\n")}\n`;
  }
  const { step, violation } = first;
  const statement = run.steps[step]?.statement;
  const call = statement === undefined ? "" : escapeText(printStatement(statement));
  const lines = [
    paint.bold("first violation"),
    "",
    ...wrapped(`rule   ${violation.rule}`, 7).map(paint.bad),
    ...wrapped(`       ${RULE_MEANINGS[violation.rule]}`, 7).map(paint.dim),
    ...wrapped(`step   ${step}: ${call}  ${placeOf(step)}`, 7),
    ...wrapped(`why    ${escapeText(violation.sentence)}`, 7),
    ...unjudgedLines(run, ""),
  ];
  return [`${lines.join("\n")}\n`, ...mapParts(run, first, paint)].join("\n");
}
