/**
 * Running a trace on several editions at once.
 *
 * @module
 */

import { archNamed, ARCHS } from "../../arch/mod.ts";
import type { Arch } from "../arch.ts";
import { DEFAULT_EDITION, editionNamed, EDITIONS } from "../edition.ts";
import type { Edition } from "../edition.ts";
import { Replayer } from "../replay/mod.ts";
import type { ReplayOptions, TraceHeader } from "../replay/mod.ts";
import { nearestWord } from "../scenario/mod.ts";
import { quoted } from "./escape.ts";

/** What is done with the operations of a trace while it is read. */
export interface TraceTaker {
  /** Takes the header, once and before the operations. */
  begin(header: TraceHeader): void;
  /** Takes operations: whole ones, in words of which the first `length` count. */
  run(words: Uint32Array, length: number, placeOf: (index: number) => string): void;
  /** How many operations were dealt with. */
  readonly operations: number;
  /** Whether the rest of the trace does not matter. */
  readonly areDone: boolean;
}

/** A replay on an edition. */
export interface EditionReplay {
  /** The architecture. */
  readonly arch: Arch;
  /** The edition. */
  readonly edition: Edition;
  /** The replay. */
  readonly replayer: Replayer;
  /** Where the operation stands that ended it, or the last that was run; null before the first. */
  place: string | null;
}

/** What the command line says of the replays. */
export interface ReplayWishes {
  /** The editions; those of the trace if there are none. */
  readonly editions: readonly Edition[];
  /** The engine. */
  readonly engine: "fast" | "literal";
  /** What happens at failures. */
  readonly failures: "stop" | "count";
  /** After how many operations to stop; null for the end of the trace. */
  readonly step: number | null;
}

function unknown(what: string, word: string, names: readonly string[]): never {
  const nearest = nearestWord(word, names);
  const hint = nearest === null ? "" : `; the nearest is ${quoted(nearest)}`;
  throw new SyntaxError(
    `Cannot replay the trace: its ${what} must be one there is, it is ${quoted(word)}${hint}`,
  );
}

/**
 * The architecture that a trace names.
 *
 * @param header its header
 * @returns the architecture
 * @throws {SyntaxError} if there is no such
 */
export function archOf({ arch }: TraceHeader): Arch {
  return archNamed(arch) ?? unknown("architecture", arch, ARCHS.map(({ name }) => name));
}

/**
 * The edition that a trace names.
 *
 * @param header its header
 * @returns the edition, the default one if it names none
 * @throws {SyntaxError} if there is no such
 */
export function editionOf({ edition }: TraceHeader): Edition {
  if (edition === null) return DEFAULT_EDITION;
  const names = EDITIONS.flatMap(({ name, aliases }) => [name, ...aliases]);
  return editionNamed(edition) ?? unknown("edition", edition, names);
}

/** The replays of a trace, side by side. */
export class ReplayRuns implements TraceTaker {
  readonly #wishes: ReplayWishes;
  /** The replays, once the header is known. */
  runs: readonly EditionReplay[] = [];

  /** Makes no replay yet. */
  constructor(wishes: ReplayWishes) {
    this.#wishes = wishes;
  }

  /**
   * Makes the replays.
   *
   * @param header the machine of the trace
   * @throws {SyntaxError} if there is no such architecture or edition
   * @throws {RangeError} if the machine cannot be made
   */
  begin(header: TraceHeader): void {
    const { editions, engine, failures } = this.#wishes;
    const arch = archOf(header);
    const chosen = editions.length === 0 ? [editionOf(header)] : editions;
    const { pageShift, areas } = header;
    this.runs = chosen.map((edition) => {
      const options: ReplayOptions = { arch, edition, pageShift, areas, engine, failures };
      return { arch, edition, replayer: new Replayer(options), place: null };
    });
  }

  /** The number of operations that were run where most of them were. */
  get operations(): number {
    return Math.max(0, ...this.runs.map(({ replayer }) => replayer.counts.operations));
  }

  /** Whether none of the replays goes on. */
  get areDone(): boolean {
    const { step } = this.#wishes;
    return this.runs.length > 0 &&
      this.runs.every(({ replayer }) =>
        replayer.end !== null || replayer.counts.operations === step
      );
  }

  /**
   * Runs operations.
   *
   * @param words the operations
   * @param length how many words
   * @param placeOf tells where an operation stands in the file
   */
  run(words: Uint32Array, length: number, placeOf: (index: number) => string): void {
    const { step } = this.#wishes;
    for (const run of this.runs) {
      const { replayer } = run;
      if (replayer.end !== null) continue;
      const before = replayer.counts.operations;
      replayer.run(words, 0, length, step === null ? Infinity : step - before);
      const last = this.#endOf(replayer) ?? replayer.counts.operations;
      if (last > before) run.place = placeOf(last - before - 1);
    }
  }

  #endOf({ end }: Replayer): number | null {
    return end === null ? null : end.operation;
  }
}
