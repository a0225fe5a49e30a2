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
import type { NodeReader } from "./nodes.ts";

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

/**
 * The frames that stand on the lists of an area. Where a link leads astray, the list ends: to a frame
 * that is no node, or to a node of another list, which its own neighbours lead to.
 */
function listedFrames(
  { view: { freeLists } }: Survey,
  reader: NodeReader,
  heads: bigint,
): Map<number, number> {
  const listed = new Map<number, number>();
  for (const { order, forward } of freeLists) {
    let before = heads + BigInt(order * 2 * reader.word);
    for (const frame of forward.pfns) {
      const address = reader.addressOf(frame);
      const links = reader.linksAt(address);
      if (links === null) break;
      if (links.prev !== before) {
        const isElsewhere = reader.linksAt(links.prev)?.next === address;
        if (isElsewhere || reader.linksAt(links.next)?.prev !== address) break;
      }
      listed.set(frame, order);
      before = address;
    }
  }
  return listed;
}

/** What is wrong with the states of an area. */
export class StateDamage {
  readonly #survey: Survey;
  readonly #states: States;
  readonly #format: PageStateFormat;
  readonly #statesAt: bigint;
  /** The frames that stand on lists, and the order of the list. */
  readonly #listed: ReadonlyMap<number, number>;
  readonly #found = new Map<number, CorruptByte>();

  /**
   * Looks at the states of an area.
   *
   * @param survey the area
   * @param format the encoding of its page states
   * @param reader reads list nodes
   * @param heads the address of the list head of order 0
   */
  constructor(survey: Survey, format: PageStateFormat, reader: NodeReader, heads: bigint) {
    this.#survey = survey;
    this.#listed = listedFrames(survey, reader, heads);
    this.#states = new States(survey.view);
    this.#format = format;
    this.#statesAt = reader.addressOf(survey.view.metadata);
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
    // One frame against one: if either is listed as a block of its own, the second is wrong.
    if (size === 2 && (this.#listed.has(frames.first) || this.#listed.get(head) === 0)) return;
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
    if (isExplained) return;
    // A frame alone between whole blocks, and on no list, is in use.
    const { allocated, special } = this.#format;
    const isAlone = frames.top - frames.first === 1;
    this.#add(frames.first, isAlone ? [allocated, ...(special === null ? [] : [special])] : []);
  }

  /** Frames that stand on a list of an order that their state does not have. */
  #explainListings(): void {
    const { base, top } = this.#survey.view;
    for (const [frame, order] of this.#listed) {
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
