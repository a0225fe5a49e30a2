/**
 * Conformance: recordings of the real code, replayed on the model.
 *
 * @module
 */

import type { Arch } from "../../arch.ts";
import type { Engine } from "../../page_engines.ts";

/** What conformance needs from outside: the architectures are given, never imported. */
export interface ConformEnvironment {
  /** Finds an architecture by its name. */
  archNamed(name: string): Arch | null;
  /** Which engine runs the page allocator; auto by default. */
  readonly engine?: Engine;
}

/** The first place at which model and recording differ. */
export interface Mismatch {
  /** The step's index in the recording, counted from 0. */
  readonly step: number;
  /** What was done. */
  readonly operation: string;
  /** What was compared, such as `result` or `area 0 freelists`. */
  readonly what: string;
  /** What the recording says. */
  readonly recorded: string;
  /** What the model says. */
  readonly modelled: string;
}

/** The result of replaying one recording. */
export interface ConformResult {
  /** The kind of recording, told by its content. */
  readonly kind: "vector" | "guest";
  /** What was recorded: edition and layout, or the guest's name. */
  readonly title: string;
  /** The number of steps compared. */
  readonly steps: number;
  /** The first difference, or null. */
  readonly mismatch: Mismatch | null;
}

/** A recording that cannot be read: cut off, no JSON, or of no known kind. */
export class RecordingError extends SyntaxError {
  /** The error's name. */
  override name = "RecordingError";
}
