/**
 * What a scenario runs in.
 *
 * @module
 */

import type { Arch } from "../arch.ts";
import type { RuleName } from "../check/invariants/mod.ts";
import type { Edition } from "../edition.ts";

/** What a scenario runs in. */
export interface ScenarioEnvironment {
  /** The architectures there are. */
  readonly archs: readonly Arch[];
  /** The edition that runs, whatever the scenario says; by default what it says. */
  readonly edition?: Edition;
  /** The texts of memory maps, by the names that `map=` gives them. */
  readonly mapTexts?: ReadonlyMap<string, string>;
  /** Where the statements stand, for messages; a parsed scenario fits. */
  readonly source?: ScenarioSource;
  /**
   * What is recorded: everything, or outcomes only. Without copies of the machine and events a long
   * run needs less room, the fast engine may run, and a step back replays from the start.
   */
  readonly record?: "everything" | "outcomes";
  /**
   * Whether each call is judged by the rules of a sound allocator; by default if the scenario holds an
   * `expect no violations`.
   */
  readonly watch?: "violations" | "off";
  /** The rules that a watched run checks; all by default. */
  readonly rules?: readonly RuleName[];
}

/** Where the statements of a scenario stand. */
export interface ScenarioSource {
  /** The name of the file. */
  readonly file: string;
  /** The line of each statement, from 1. */
  readonly lines: ArrayLike<number>;
}
