/**
 * What became of a design under a host's policy, in a cell.
 *
 * @module
 */

import type { HazardOutcome } from "../metadata_design/mod.ts";

/** How bad it is: the machine stops; memory or data are lost; a promise is broken; it costs; nothing. */
export type HazardDegree = "stops" | "loses" | "breaks" | "costs" | "nothing";

/** The worst of an outcome. */
export interface HazardCell {
  /** How bad it is. */
  readonly degree: HazardDegree;
  /** What it is, in a word or two; `-` for nothing. */
  readonly text: string;
}

/**
 * The worst that became of a design under a policy.
 *
 * @param outcome the outcome
 * @returns the cell
 */
export function hazardCell(outcome: HazardOutcome): HazardCell {
  const { stopped, operations, lost, handedOutTwice, overwritten } = outcome;
  const { notZero, brokenPoison, refaults } = outcome;
  if (stopped !== null) return { degree: "stops", text: `stops ${operations}` };
  if (handedOutTwice > 0) return { degree: "loses", text: `twice ${handedOutTwice}` };
  if (lost !== null && lost > 0) return { degree: "loses", text: `lost ${lost}` };
  if (overwritten > 0) return { degree: "loses", text: `bytes ${overwritten}` };
  if (notZero > 0) return { degree: "breaks", text: `not 0 ${notZero}` };
  if (brokenPoison > 0) return { degree: "breaks", text: `poison ${brokenPoison}` };
  if (refaults > 0) return { degree: "costs", text: `back ${refaults}` };
  return { degree: "nothing", text: "-" };
}
