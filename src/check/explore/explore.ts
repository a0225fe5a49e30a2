/**
 * Exhaustive exploration: every state that small areas can get into, and the rules in each of them.
 *
 * @module
 */

import { ListPageAllocator } from "../../alloc_page_list.ts";
import type { Arch } from "../../arch.ts";
import { areaTableOf } from "../../edition.ts";
import type { Edition } from "../../edition.ts";
import { createMachine } from "../../machine.ts";
import type { Scenario } from "../../scenario/mod.ts";
import { expectedStates } from "./closed_form.ts";
import type { ExpectedStates } from "./closed_form.ts";
import { geometryOf } from "./geometry.ts";
import type { ExploredArea } from "./geometry.ts";
import { foldingOf, keyFormat } from "./key.ts";
import { modelOf } from "./model.ts";
import type { Model } from "./model.ts";
import { callsOf } from "./packed_call.ts";
import type { ExploreOperation } from "./packed_call.ts";
import { bitsOfRules } from "./packed_rules.ts";
import type { ExploredRule } from "./packed_rules.ts";
import { replayPath } from "./replay.ts";
import { search } from "./search.ts";
import type { ExploreProgress, FoundPath, SearchResult, SearchSetting } from "./search.ts";

/**
 * The rules after whose violation an exploration can go on: they leave no doubt who owns what. The last
 * one needs exact lists, because folded ones are made of the usable blocks.
 */
export const TOLERABLE_RULES = [
  "no mergeable buddies are both usable",
  "max order is a bound",
  "a valid request is refused only for want of room",
  "a refused request changes nothing",
  "listed blocks are usable",
] as const satisfies readonly ExploredRule[];

/** One of {@linkcode TOLERABLE_RULES}. */
export type TolerableRule = typeof TOLERABLE_RULES[number];

/** What is explored. What is left out has a default. */
export interface ExploreOptions {
  /** The edition; not the one before the rewrite, which has no blocks. */
  readonly edition: Edition;
  /** The architecture: it says how wide shifts end, and how many areas there can be. */
  readonly arch: Arch;
  /** The areas, 1 to 4, of at most 32 frames in all. */
  readonly areas: readonly ExploredArea[];
  /** What is done; allocation and release by default. */
  readonly operations?: readonly ExploreOperation[];
  /**
   * Whether the order of lists is part of a state. Exact is what the machine does. Folded, the default,
   * counts states that differ in it once, and serves a request from each block of the list.
   */
  readonly lists?: "exact" | "folded";
  /** The most states; 10 million by default. */
  readonly maxStates?: number;
  /** Whether to go on after a violation, for one of each rule; the default. */
  readonly stopAt?: "end" | "first-violation";
  /** The rules after whose violation the state is expanded all the same; none by default. */
  readonly tolerated?: readonly TolerableRule[];
  /** Receives how far it is, every 65,536 calls, and how many states there must be, if that is known. */
  readonly onProgress?: (progress: ExploreProgress, expected: ExpectedStates | null) => void;
}

/** A rule that is broken, and a shortest way to it. */
export interface FoundViolation {
  /** The rule. */
  readonly rule: ExploredRule;
  /** What is the case instead, or why that is not known. */
  readonly sentence: string;
  /** The number of calls. */
  readonly calls: number;
  /** The calls as a scenario. */
  readonly scenario: Scenario;
  /**
   * Whether the literal engine breaks the rule with these calls. It may not where lists were folded and
   * stand in another order, nor where the area is too small to be set up.
   */
  readonly confirmed: "yes" | "no";
  /** Whether it was found with lists folded or, because that was not confirmed, exact. */
  readonly lists: "exact" | "folded";
}

/** What was explored. */
export interface ExploreResult extends ExploreProgress {
  /** Whether all states were seen, or why not. */
  readonly ended: "complete" | "violation" | "max-states";
  /** The number of states that a closed form gives; null if none does. */
  readonly expected: ExpectedStates | null;
  /** Whether the number is as expected; null if nothing is, or rules were broken, or not all was seen. */
  readonly agrees: "yes" | "no" | null;
  /** A shortest way to a violation of each rule that is broken. */
  readonly violations: readonly FoundViolation[];
}

const DEFAULT_MAX_STATES = 10_000_000;

/** A search for what a folded one found and the exact machine does not follow sees so many states. */
const EXACT_MAX_STATES = 1_000_000;

/** A configuration that can be searched. */
interface Configuration {
  readonly options: ExploreOptions;
  readonly operations: ReadonlySet<ExploreOperation>;
  readonly lists: "exact" | "folded";
  readonly maxStates: number;
  readonly model: Model;
}

function configure(options: ExploreOptions): Configuration {
  const { edition, arch, areas, lists = "folded", maxStates = DEFAULT_MAX_STATES } = options;
  const machine = createMachine({ arch, edition });
  if (machine.pages instanceof ListPageAllocator) {
    throw new RangeError(
      `Cannot explore edition ${edition.name}: it must have areas of blocks, later editions do`,
    );
  }
  const slots = areaTableOf(arch, edition).maxAreas;
  if (areas.length > slots) {
    throw new RangeError(
      `Cannot explore ${areas.length} areas: on ${arch.name} there must be at most ${slots}`,
    );
  }
  if (lists === "folded" && options.tolerated?.includes("listed blocks are usable")) {
    throw new RangeError(
      'Cannot tolerate "listed blocks are usable" with folded lists: the lists must be exact',
    );
  }
  const model = modelOf(geometryOf(areas), edition, arch, machine.pageShift);
  const operations = new Set(options.operations ?? ["alloc", "free"] as const);
  return { options, operations, lists, maxStates, model };
}

/** What a search must find. */
interface Goal {
  readonly expected: ExpectedStates | null;
}

/** What is searched, with lists folded or not. */
function settingOf(
  { options, operations, model }: Configuration,
  lists: "exact" | "folded",
): Pick<SearchSetting, "format" | "calls" | "tolerated" | "onProgress"> & Goal {
  const uses = new Set((["fresh", "reserve"] as const).filter((one) => operations.has(one)));
  const reservation = model.behaviour.reservationForm === null ? "none" : "there";
  const format = keyFormat(model, foldingOf(model, lists, uses));
  const expected = expectedStates(model, format.folding, operations);
  return {
    format,
    calls: callsOf({ ...model, reservation }, operations),
    tolerated: bitsOfRules(options.tolerated ?? []),
    onProgress: (progress) => options.onProgress?.(progress, expected),
    expected,
  };
}

/** Ways to the same rules with lists exact, where there are some. */
function exactPaths(
  configuration: Configuration,
  rules: readonly ExploredRule[],
): readonly FoundPath[] {
  const wanted = bitsOfRules(rules);
  const result = search({
    ...settingOf(configuration, "exact"),
    isEnough: (broken) => (broken & wanted) === wanted, // bits: two sets of at most 20 rules
    maxStates: Math.min(configuration.maxStates, EXACT_MAX_STATES),
  });
  return result.found.filter(({ rule }) => rules.includes(rule));
}

/** Replays what was found; what the machine does not follow is looked for with lists exact. */
function judge(configuration: Configuration, found: readonly FoundPath[]): FoundViolation[] {
  const { options: { edition, arch }, model: { geometry }, lists } = configuration;
  const judged = (path: FoundPath, how: "exact" | "folded"): FoundViolation => {
    const replayed = replayPath({ edition, arch, geometry }, path);
    return { rule: path.rule, calls: path.steps.length, lists: how, ...replayed };
  };
  const violations = found.map((path) => judged(path, lists));
  const doubtful = violations.filter(({ confirmed }) => confirmed === "no");
  if (lists === "exact" || doubtful.length === 0) return violations;
  const exact = exactPaths(configuration, doubtful.map(({ rule }) => rule))
    .map((path) => judged(path, "exact"));
  return violations.map((violation) => {
    if (violation.confirmed === "yes") return violation;
    return exact.find(({ rule, confirmed }) => rule === violation.rule && confirmed === "yes") ??
      violation;
  });
}

function agreement(result: SearchResult, expected: ExpectedStates | null): "yes" | "no" | null {
  if (expected === null || result.ended !== "complete" || result.found.length > 0) return null;
  const states = BigInt(result.states);
  const agrees = expected.relation === "exactly"
    ? states === expected.states
    : states <= expected.states;
  return agrees ? "yes" : "no";
}

/**
 * Explores every state that small areas can get into: from the state after they were handed over, makes
 * each call in each state, and checks the rules about states and about calls. A rule that is broken
 * comes with a shortest list of calls, replayed on the literal engine.
 *
 * A state in which a rule is broken is not expanded, unless the rule is tolerated: where it is unsure
 * who owns what, no call is used rightly any more.
 *
 * Not checked are rules about what memory holds: nobody writes to a block that he has.
 *
 * @param options what is explored
 * @returns how many states there are, how many there must be, and what was found
 * @throws {RangeError} if the edition has no blocks, there are too many frames or areas, or a closed form
 * says that there are more states than allowed
 *
 * @example All states of 8 frames
 * ```ts
 * import { editionNamed } from "@buddyscope/sim";
 * import { X86_64 } from "@buddyscope/sim/arch";
 * import { explore } from "@buddyscope/sim/check";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const edition = editionNamed("repaired");
 * assert(edition !== null);
 * const { states, agrees, violations } = explore({ edition, arch: X86_64, areas: [{ frames: 8 }] });
 * assertEquals({ states, agrees, violations }, { states: 677, agrees: "yes", violations: [] });
 * ```
 */
export function explore(options: ExploreOptions): ExploreResult {
  const configuration = configure(options);
  const { model, maxStates, lists } = configuration;
  const { expected, ...setting } = settingOf(configuration, lists);
  if (expected?.relation === "exactly" && expected.states > BigInt(maxStates)) {
    throw new RangeError(
      `Cannot explore ${model.geometry.frames} frames: there are ${expected.states} states and must ` +
        `be at most ${maxStates}, give fewer frames, fewer operations or a larger limit`,
    );
  }
  const isFirst = options.stopAt === "first-violation";
  const result = search({ ...setting, maxStates, isEnough: (broken) => isFirst && broken !== 0 });
  const { found, ...counts } = result;
  return {
    ...counts,
    expected,
    agrees: agreement(result, expected),
    violations: judge(configuration, isFirst ? found.slice(0, 1) : found),
  };
}
