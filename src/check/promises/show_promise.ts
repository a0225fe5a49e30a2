/**
 * What a promise's scenario shows: the editions that break it, and how each ends.
 *
 * @module
 */

import type { Arch } from "../../arch.ts";
import { DEFAULT_EDITION, EDITIONS } from "../../edition.ts";
import type { Edition } from "../../edition.ts";
import { formatStopped } from "../../outcome.ts";
import { parseScenario, runScenario, ScenarioError } from "../../scenario/mod.ts";
import type { Run, Step } from "../../scenario/mod.ts";
import type { KeptPromise } from "./kept_promise.ts";

/** What became of a promise's scenario on an edition. */
export interface PromiseShown {
  /** Whether all of its expectations held; or whether the edition lacks a call or a zone of it. */
  readonly end: "kept" | "broken" | "not-possible";
  /** How the run was stopped, or the first expectation that did not hold; empty if all held. */
  readonly line: string;
}

/**
 * Runs the scenario of a promise on an edition.
 *
 * @param promise the promise
 * @param edition the edition
 * @param archs the architectures there are
 * @returns whether it is kept there; null if the promise has no scenario
 */
export function showPromise(
  promise: KeptPromise,
  edition: Edition,
  archs: readonly Arch[],
): PromiseShown | null {
  if (promise.scenario === null) return null;
  const parsed = parseScenario(promise.scenario, { file: `${promise.fact}.buddy`, archs });
  const mapTexts = new Map(Object.entries(promise.maps ?? {}));
  const environment = { archs, edition, mapTexts, source: parsed, record: "outcomes" } as const;
  const run = attempt(() => runScenario(parsed.scenario, environment));
  if (run === null || run.steps.some(isUnknownCall)) return { end: "not-possible", line: "" };
  const failed = run.expectations.find(({ held }) => held === "no");
  if (failed === undefined) return { end: "kept", line: "" };
  const line = run.stoppedAt === null
    ? `expect ${failed.expected}: ${failed.actual}`
    : `stops: ${formatStopped(run.stoppedAt.outcome)}`;
  return { end: "broken", line };
}

function isUnknownCall({ outcome }: Step): boolean {
  return outcome.kind === "not-run" && outcome.why === "no-such-call";
}

/** A run, or null if the edition lacks what the scenario names: a zone. */
function attempt(run: () => Run): Run | null {
  try {
    return run();
  } catch (error) {
    if (error instanceof ScenarioError) return null;
    throw error;
  }
}

/**
 * The newest edition of upstream's code in which a promise is broken.
 *
 * @param promise the promise
 * @returns the edition
 */
export function newestBroken({ fact }: KeptPromise): Edition {
  return EDITIONS.findLast((edition) => edition[fact] !== DEFAULT_EDITION[fact]) ?? DEFAULT_EDITION;
}

/**
 * The first of the editions, without a gap up to the newest in which a promise is broken, on which
 * its scenario fails.
 *
 * @param promise the promise
 * @param archs the architectures there are
 * @returns the edition; null if the promise has no scenario
 */
export function brokenSince(promise: KeptPromise, archs: readonly Arch[]): Edition | null {
  const upTo = EDITIONS.slice(0, EDITIONS.indexOf(newestBroken(promise)) + 1);
  const lastKept = upTo.findLastIndex((edition) =>
    showPromise(promise, edition, archs)?.end !== "broken"
  );
  return promise.scenario === null ? null : upTo[lastKept + 1] ?? null;
}
