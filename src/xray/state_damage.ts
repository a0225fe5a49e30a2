/**
 * Which bytes of the metadata are wrong: where the states of a block disagree, the fewer are.
 *
 * @module
 */

import { blocksAt } from "../check/invariants/mod.ts";
import type { Deviation, Stray, Survey } from "../check/invariants/mod.ts";
import type { PageStateFormat } from "../edition.ts";
import { stateCauses } from "./causes.ts";
import type { CorruptByte } from "./corrupt.ts";
import { hexOf } from "./corrupt.ts";

/** More wrong bytes of an area are not listed. */
const MOST_BYTES = 1000;

/** The page states of an area, by frame. */
class States {
  readonly #base: number;
  readonly #runs: ReadonlyArray<{ first: number; end: number; state: number }>;

  constructor({ base, states }: Survey["view"]) {
    this.#base = base;
    let first: number = base;
    this.#runs = states.map(({ state, count }) => {
      const run = { first, end: first + count, state };
      first = run.end;
      return run;
    });
  }

  #indexAt(frame: number): number {
    let [low, high] = [0, this.#runs.length];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if ((this.#runs[middle]?.first ?? 0) <= frame) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  at(frame: number): number | null {
    const run = frame < this.#base ? undefined : this.#runs[this.#indexAt(frame)];
    return run !== undefined && frame < run.end ? run.state : null;
  }

  /** Whether all frames of `[first, end)` have a state. */
  areAll(first: number, end: number, state: number): boolean {
    const run = this.#runs[this.#indexAt(first)];
    return first >= this.#base && run !== undefined && run.state === state && end <= run.end;
  }
}

/** What is wrong with the states of an area. */
export class StateDamage {
  readonly #survey: Survey;
  readonly #states: States;
  readonly #format: PageStateFormat;
  readonly #statesAt: bigint;
  readonly #found = new Map<number, CorruptByte>();

  /**
   * Looks at the states of an area.
   *
   * @param survey the area
   * @param format the encoding of its page states
   * @param statesAt the address of its metadata
   */
  constructor(survey: Survey, format: PageStateFormat, statesAt: bigint) {
    this.#survey = survey;
    this.#states = new States(survey.view);
    this.#format = format;
    this.#statesAt = statesAt;
    for (const stray of survey.strays) this.#explainStray(stray);
    for (const deviation of survey.deviations) this.#explainDeviation(deviation);
    this.#explainListings();
    for (const stray of survey.strays) this.#blame(stray);
  }

  /** The wrong bytes. */
  get bytes(): CorruptByte[] {
    return [...this.#found.values()];
  }

  #add(frame: number, expected: readonly number[], known: readonly string[] = []): void {
    const found = this.#states.at(frame);
    if (found === null || this.#found.has(frame) || this.#found.size >= MOST_BYTES) return;
    const { area, base } = this.#survey.view;
    const address = this.#statesAt + BigInt(frame - base);
    const causes = known.length > 0 ? known : stateCauses(this.#format, found, expected);
    const what = `the page state of ${hexOf(frame)}`;
    this.#found.set(frame, { address, found, expected, what, area, causes });
  }

  #sizeOf(state: number): number {
    return 2 ** (state % 64);
  }

  /** Frames that look like the rest of a block whose first bytes are something else. */
  #explainStray({ frames, state }: Stray): void {
    if (state === null) return;
    const size = this.#sizeOf(state);
    const head = frames.first - frames.first % size;
    const missing = frames.first - head;
    const { base, top } = this.#survey.view;
    if (missing === 0 || head < base || head + size > top || 2 * missing > size) return;
    if (!this.#states.areAll(frames.first, head + size, state)) return;
    for (let frame = head; frame < frames.first; frame++) {
      if (this.#states.at(frame) !== state) this.#add(frame, [state]);
    }
  }

  /** Frames inside a block that disagree with its first; or its first, if most of them do. */
  #explainDeviation({ frames, state, head, wanted }: Deviation): void {
    const own = this.#sizeOf(state);
    const isWholeBlock = head % own === 0 && frames.first === head + 1 && own > 2 &&
      this.#states.areAll(head + 1, head + own, state);
    if (isWholeBlock) {
      this.#add(head, [state]);
      return;
    }
    if (this.#found.has(head)) return;
    for (let frame = frames.first; frame < Math.min(frames.top, frames.first + 64); frame++) {
      this.#add(frame, [wanted]);
    }
  }

  /** A frame in no block, if nothing before explains why. */
  #blame({ frames, state }: Stray): void {
    if (state === null || this.#found.size >= MOST_BYTES) return;
    const head = frames.first - frames.first % this.#sizeOf(state);
    const isExplained = [...this.#found.keys()].some((frame) =>
      frame >= head && frame <= frames.first
    );
    if (!isExplained) this.#add(frames.first, []);
  }

  /** Frames that stand on a list of an order that their state does not have. */
  #explainListings(): void {
    const { freeLists, base, top } = this.#survey.view;
    for (const { order, forward } of freeLists) {
      for (const frame of forward.pfns) {
        if (frame < base || frame >= top) continue;
        const blocks = blocksAt(this.#survey, frame);
        const isListed = blocks?.use === "usable" && blocks.order === order &&
          (frame - blocks.first) % blocks.size === 0;
        const state = this.#states.at(frame);
        if (isListed || state === null) continue;
        const usable = [...new Set([this.#format.fresh, this.#format.free])];
        const { special } = this.#format;
        const isReserved = special !== null && state === special && order === 0;
        this.#add(
          frame,
          usable.map((status) => status + order),
          isReserved ? ["reserve_pages, which marks a page and leaves it on its list"] : [],
        );
      }
    }
  }
}
