/**
 * All rules about a state, over a machine.
 *
 * @module
 */

import { descriptorLayout, pageStateFormatOf } from "../../alloc_page/mod.ts";
import type { Machine } from "../../machine.ts";
import type { AreaView } from "../../page_allocator.ts";
import { checkAreasDisjoint, checkBlocks, checkBuddies } from "./block_rules.ts";
import { Findings, isWithinDefault } from "./findings.ts";
import type { CheckOptions } from "./findings.ts";
import { checkFresh } from "./fresh_rule.ts";
import { checkLinks, checkListings } from "./list_rules.ts";
import type { Violation } from "./rules.ts";
import { surveyArea } from "./survey.ts";
import type { Survey } from "./survey.ts";

/**
 * Reads the page states of all areas of a machine.
 *
 * @param machine the machine
 * @returns a survey of each area, by ascending slot
 */
export function surveyMachine(machine: Machine): Survey[] {
  return surveyViews(machine, machine.pages.areas());
}

/** What page states mean: on an architecture, in an edition, with a page size. A machine is one. */
export type StatesSubject = Pick<Machine, "arch" | "edition" | "pageShift">;

/**
 * Reads the page states of areas.
 *
 * @param subject the architecture, the edition and the page size
 * @param views the areas
 * @returns a survey of each
 */
export function surveyViews(
  { arch, edition, pageShift }: StatesSubject,
  views: readonly AreaView[],
): Survey[] {
  const { listCount } = descriptorLayout(arch, edition, pageShift);
  const encoding = { format: pageStateFormatOf(edition), listCount };
  return views.map((view) => surveyArea(view, encoding));
}

/**
 * Checks the rules about a state. Nothing is touched, and nothing here fails: what cannot be read is a
 * violation too.
 *
 * Between the steps of an operation the rules hold for all frames but those that the operation has in
 * hand; name these in `except`. An edition that does not keep a rule by design is checked with the
 * others in `rules`.
 *
 * The cost follows the runs of equal page states, the listed blocks and the touched pages, not the
 * size of the areas.
 *
 * @param machine the machine, stopped or not
 * @param options the rules to check, the frames to leave out, how many violations are enough
 * @returns the violations; empty if all is well
 *
 * @example A page that was reserved, and stands on its list
 * ```ts
 * import { createMachine, declareRam, editionNamed, pageCount, pfn, physAddr } from "@buddyscope/sim";
 * import { findViolations, formatViolation } from "@buddyscope/sim/check";
 * import { ARM64 } from "@buddyscope/sim/arch";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const edition = editionNamed("head");
 * assert(edition !== null);
 * const machine = createMachine({ arch: ARM64, edition, pageShift: 12 });
 * declareRam(machine, pfn(0x1000), pfn(0x1010));
 * machine.pages.initArea(0xff, pfn(0x1000), pfn(0x1010));
 * assertEquals(findViolations(machine), []);
 *
 * machine.pages.reservePages(physAddr(0x1001000n), pageCount(1));
 * assertEquals(findViolations(machine).map(formatViolation), [
 *   "listed blocks are usable: 0x1001 is special and stands on the list of order 0 of area 0",
 * ]);
 * ```
 */
export function findViolations(machine: Machine, options: CheckOptions = {}): Violation[] {
  const findings = new Findings(options);
  const surveys = surveyMachine(machine);
  checkSurveys(surveys, findings, options);
  if (findings.wants("a fresh frame was never touched")) {
    for (const survey of surveys) checkFresh(machine, survey, findings);
  }
  return findings.violations;
}

/**
 * Checks the rules that areas keep by what can be seen of them alone: all but *a fresh frame was never
 * touched*, of which only the host knows.
 *
 * @param subject the architecture, the edition and the page size
 * @param views the areas
 * @param options the rules to check, the frames to leave out, how many violations are enough
 * @returns the violations; empty if all is well
 */
export function findAreaViolations(
  subject: StatesSubject,
  views: readonly AreaView[],
  options: CheckOptions = {},
): Violation[] {
  const findings = new Findings(options);
  checkSurveys(surveyViews(subject, views), findings, options);
  return findings.violations;
}

function checkSurveys(
  surveys: readonly Survey[],
  findings: Findings,
  options: CheckOptions,
): void {
  checkAreasDisjoint(surveys.map(({ view }) => view), findings);
  const known = isWithinDefault(options) ? surveys.map(knownOf) : [];
  for (const [index, survey] of surveys.entries()) {
    const found = known[index];
    if (found === undefined || found.reach === "too-many") checkAlone(survey, findings);
    else findings.addKnown(found.violations);
  }
  if (!known.every(({ listings }) => listings === "sound") || known.length === 0) {
    checkListings(surveys, findings);
  }
}

/** The rules that an area's states and lists decide alone. */
function checkAlone(survey: Survey, findings: Findings): void {
  checkBlocks(survey, findings);
  checkLinks(survey, findings);
  checkBuddies(survey, findings);
}

/** What is known of an area by its states and lists. */
interface Known {
  readonly violations: readonly Violation[];
  /** Whether that is all, or there were more than anybody looks at. */
  readonly reach: "all" | "too-many";
  /** Whether its lists hold its own usable blocks, all of them, and nothing else. */
  readonly listings: "sound" | "unsound";
}

/** What was found before: an area to which nobody has written since has the same survey. */
const KNOWN = new WeakMap<Survey, Known>();

function knownOf(survey: Survey): Known {
  const before = KNOWN.get(survey);
  if (before !== undefined) return before;
  const [alone, listings] = [new Findings({}), new Findings({ limit: 1 })];
  checkAlone(survey, alone);
  checkListings([survey], listings);
  const known: Known = {
    violations: alone.violations,
    reach: alone.isFull ? "too-many" : "all",
    listings: listings.isFull ? "unsound" : "sound",
  };
  KNOWN.set(survey, known);
  return known;
}
