/**
 * The ledger: it is told each call and how it ended, and says which rules were broken.
 *
 * @module
 */

import type { Machine } from "../../machine.ts";
import type { WriteJournal } from "../../memory/mod.ts";
import { formatStopped } from "../../outcome.ts";
import type { Outcome } from "../../outcome.ts";
import { areaTableOf } from "../../edition.ts";
import { zoneOf } from "../../page_allocator.ts";
import type { PageCount } from "../../units.ts";
import { askedFor, performCall } from "./calls.ts";
import type { BlockRequest, CallValue, PageCall } from "./calls.ts";
import { checkConserved, checkHandedOver, checkOthersMemory, checkUnchanged } from "./custody.ts";
import { surveyMachine } from "./find_violations.ts";
import { Findings, hexFrame } from "./findings.ts";
import type { CheckOptions } from "./findings.ts";
import { FrameSet } from "../../frame_ranges.ts";
import type { FrameRange } from "../../frame_ranges.ts";
import { checkHandedOut, framesOf, ramFrames } from "./handed_out.ts";
import type { Served } from "./handed_out.ts";
import { Ownership, slicesOf } from "./ownership.ts";
import type { Violation } from "./rules.ts";
import { hasPageStates } from "./survey.ts";
import type { Survey } from "./survey.ts";

/** How a sentence ends that says why nobody judges any more. */
export const NOBODY_KNOWS = "nobody knows who owns what from here on";

/** A call that was made and judged. */
export interface Judged {
  /** How it ended. */
  readonly outcome: Outcome<CallValue>;
  /** The rules about calls that it broke. */
  readonly violations: Violation[];
}

/**
 * Who owns which frames of a machine, and the rules about calls.
 *
 * It judges calls that are used rightly. A call that is misused and returns all the same, such as the
 * release of a block that nobody owns, leaves it without knowledge: from then on it reports nothing, and
 * `whyLost` says why.
 *
 * The rules about what a call changes need the state before it: `before`, or `run`, which does all three
 * things.
 *
 * @example Half of what was asked for
 * ```ts
 * import { createMachine, declareRam, editionNamed, pfn } from "@buddyscope/sim";
 * import { formatViolation, Ledger } from "@buddyscope/sim/check";
 * import { ARM64 } from "@buddyscope/sim/arch";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const edition = editionNamed("head");
 * assert(edition !== null);
 * const machine = createMachine({ arch: ARM64, edition, pageShift: 12 });
 * declareRam(machine, pfn(0x1000), pfn(0x1010));
 * const ledger = new Ledger(machine);
 * ledger.run({ kind: "init-area", area: 0xff, start: pfn(0x1000), top: pfn(0x1010) });
 * const wishes = { areasMask: null, dontZero: true, fresh: true };
 * const { violations } = ledger.run({ kind: "alloc-pages", order: 2, wishes });
 * assertEquals(violations.map(formatViolation)[0],
 *   "a block handed out has the size and alignment asked for: 0x100a has order 1 for order 2");
 * ```
 */
export class Ledger {
  readonly #machine: Machine;
  readonly #ownership: Ownership = new Ownership();
  /** The slots whose areas are known. */
  readonly #slots: Set<number> = new Set();
  #journal: WriteJournal | null = null;
  #whyLost: string | null = null;

  /**
   * Opens a ledger. Blocks that are in use already count as owned, one by one.
   *
   * @param machine the machine
   */
  constructor(machine: Machine) {
    this.#machine = machine;
    for (const survey of surveyMachine(machine)) this.#adopt(survey);
  }

  /** A ledger with the same knowledge, of a copy of the machine as it is now. */
  copyFor(machine: Machine): Ledger {
    const copy = new Ledger(machine);
    copy.#ownership.copyFrom(this.#ownership);
    copy.#whyLost = this.#whyLost;
    return copy;
  }

  /** Whether it still knows who owns what. */
  get knowledge(): "complete" | "lost" {
    return this.#whyLost === null ? "complete" : "lost";
  }

  /** Why it no longer knows who owns what, as a sentence without a full stop; null if it knows. */
  get whyLost(): string | null {
    return this.#whyLost;
  }

  /** The frames of live allocations, by ascending number of the first. */
  get holdings(): FrameRange[] {
    return [...this.#ownership.holdings].map(([first, count]) => ({ first, top: first + count }))
      .toSorted((one, other) => one.first - other.first);
  }

  /** The frames that are reserved. */
  get reserved(): readonly FrameRange[] {
    return this.#ownership.reserved.ranges;
  }

  /**
   * Is told that the caller has written to memory. A write to what was handed over and is not his, such
   * as a free block or the metadata, leaves the ledger without knowledge.
   *
   * @param first the physical address of the first byte
   * @param size how many bytes
   */
  noteWrite(first: bigint, size: bigint): void {
    const shift = BigInt(this.#machine.pageShift);
    const top = Number((first + size + (1n << shift) - 1n) >> shift); // bits: bigints.
    const foreign = new FrameSet();
    const { given, live, reserved } = this.#ownership;
    for (const range of given) foreign.add(range);
    for (const range of [...live.ranges, ...reserved.ranges]) foreign.remove(range);
    if (size === 0n || foreign.firstIn({ first: Number(first >> shift), top }) === null) return;
    this.#whyLost ??= `memory at 0x${first.toString(16)} was written, which is not the caller's: ` +
      NOBODY_KNOWS;
  }

  /** Begins to keep what is written, for the rules about changes. To be called before a call. */
  before(): void {
    this.#journal = this.#machine.ram.beginJournal();
  }

  /** Makes a call and judges it. */
  run(call: PageCall, options: CheckOptions = {}): Judged {
    this.before();
    const outcome = performCall(this.#machine, call);
    return { outcome, violations: this.after(call, outcome, options) };
  }

  /**
   * Judges a call that was made.
   *
   * @param call the call
   * @param outcome how it ended
   * @param options the rules to check, the frames to leave out, how many violations are enough
   * @returns the rules about calls that it broke; empty if all is well, or it was misused
   */
  after(call: PageCall, outcome: Outcome<CallValue>, options: CheckOptions = {}): Violation[] {
    const findings = new Findings(options);
    const journal = this.#journal;
    this.#journal = null;
    if (journal !== null) this.#machine.ram.endJournal();
    if (this.#whyLost !== null) return [];
    const isValid = this.#isValid(call);
    if (outcome.kind !== "returned") {
      const sentence = `${call.kind} ends in ${formatStopped(outcome)}`;
      const rule = "a valid call returns";
      if (isValid) findings.add({ rule, area: null, frames: null, sentence });
    } else if (isValid) {
      const surveys = surveyMachine(this.#machine);
      const made: Made = { call, value: outcome.value, surveys, journal };
      const given = this.#settle(made, findings);
      if (journal !== null) {
        if (isRefusal(made)) checkUnchanged(this.#machine, journal, surveys, findings);
        checkOthersMemory(this.#machine, this.#ownership, journal, given, findings);
      }
      checkConserved(surveys, this.#ownership, findings);
    } else this.#whyLost = `${nameOf(call)} was used wrongly: ${NOBODY_KNOWS}`;
    return findings.violations;
  }

  /** Takes over an area that was there before. */
  #adopt({ view, blocks }: Survey): void {
    this.#slots.add(view.area);
    this.#ownership.given.push({ first: view.metadata, top: view.top, zone: zoneOf(view) });
    for (const { first, count, size, status, use } of blocks) {
      const all = { first, top: first + count * size };
      if (use === "usable") this.#ownership.usable.add(all);
      else if (status === "special") this.#ownership.reserve(all);
      else {
        for (let at = first; at < all.top; at += size) {
          this.#ownership.take({ first: at, top: at + size });
        }
      }
    }
  }

  #isValid(call: PageCall): boolean {
    const pageBytes = 1n << BigInt(this.#machine.pageShift);
    switch (call.kind) {
      case "init-area":
        return this.#canBeGiven(call.area, { first: call.start, top: call.top });
      case "alloc-pages":
      case "memalign-pages":
        return askedFor(this.#machine, call) !== null;
      case "free-pages": {
        if (call.address === 0n) return true;
        const first = Number(call.address / pageBytes);
        return call.address % pageBytes === 0n && this.#ownership.holdings.has(first);
      }
      case "reserve-pages":
        return call.address % pageBytes === 0n;
      case "unreserve-pages":
        return call.address % pageBytes === 0n &&
          this.#ownership.reserved.firstMissing(this.#frames(call)) === null;
    }
  }

  /** Whether a range is RAM that no area has, and there is such a zone. */
  #canBeGiven(area: number, range: FrameRange): boolean {
    const { arch, edition, pageShift } = this.#machine;
    const exists = area === 0xff || area < areaTableOf(arch, edition).maxAreas;
    const fits = range.first < range.top && range.top < 2 ** (arch.wordBits - pageShift);
    const taken = new FrameSet();
    for (const given of this.#ownership.given) taken.add(given);
    return exists && fits && ramFrames(this.#machine).firstMissing(range) === null &&
      taken.firstIn(range) === null;
  }

  #frames({ address, count }: { address: bigint; count: PageCount }): FrameRange {
    const first = Number(address >> BigInt(this.#machine.pageShift));
    return { first, top: first + count };
  }

  /** Enters a call that returned; gives the frames that its caller has now, if it got any. */
  #settle(made: Made, findings: Findings): FrameRange | null {
    const { call } = made;
    switch (call.kind) {
      case "init-area": {
        this.#enterRange(call.area, { first: call.start, top: call.top }, made.surveys, findings);
        return null;
      }
      case "alloc-pages":
      case "memalign-pages":
        return this.#enterRequest(call, made, findings);
      case "free-pages":
        this.#ownership.giveBack(Number(call.address >> BigInt(this.#machine.pageShift)));
        return null;
      case "reserve-pages":
        return this.#enterReservation(this.#frames(call), made.value, findings);
      case "unreserve-pages":
        this.#ownership.unreserve(this.#frames(call));
        return null;
    }
  }

  #enterRange(
    area: number,
    range: FrameRange,
    surveys: readonly Survey[],
    findings: Findings,
  ): void {
    const { arch, edition } = this.#machine;
    const slices = slicesOf(areaTableOf(arch, edition), range, area);
    this.#ownership.given.push(...slices);
    for (const { view } of surveys) {
      if (!hasPageStates(view)) this.#ownership.usable.add(range);
      else if (!this.#slots.has(view.area)) {
        this.#ownership.usable.add({ first: view.base, top: view.top });
      }
      this.#slots.add(view.area);
    }
    checkHandedOver(slices, surveys, findings);
  }

  #enterRequest(call: BlockRequest, made: Made, findings: Findings): FrameRange | null {
    const asked = askedFor(this.#machine, call);
    if (asked === null) return null;
    if (typeof made.value !== "bigint") {
      // Frames that were never touched may have run out although there is room.
      const room = asked.fresh === "yes"
        ? null
        : this.#ownership.roomFor(Math.max(asked.alignOrder, asked.sizeOrder), asked.zones);
      if (room === null) return null;
      const sentence = `${call.kind} gave NULL, but the ${room.top - room.first} frames from ` +
        `${hexFrame(room.first)} on are usable`;
      const rule = "a valid request is refused only for want of room";
      findings.add({ rule, area: null, frames: room, sentence });
      return null;
    }
    const served: Served = {
      machine: this.#machine,
      surveys: made.surveys,
      ownership: this.#ownership,
      journal: made.journal,
      asked,
      address: made.value,
    };
    checkHandedOut(served, findings);
    const frames = framesOf(served);
    this.#ownership.take(frames);
    return frames;
  }

  #enterReservation(frames: FrameRange, value: CallValue, findings: Findings): FrameRange | null {
    const missing = this.#ownership.usable.firstMissing(frames);
    if (value === -1 || value === null) {
      if (missing !== null) return null;
      const sentence = `the reservation of ${frames.top - frames.first} frames from ` +
        `${hexFrame(frames.first)} on failed, but all are usable`;
      const rule = "a valid request is refused only for want of room";
      findings.add({ rule, area: null, frames, sentence });
      return null;
    }
    if (missing !== null) {
      const isOwned = this.#ownership.live.firstIn({ first: missing, top: missing + 1 }) !== null ||
        this.#ownership.reserved.firstIn({ first: missing, top: missing + 1 }) !== null;
      findings.add({
        rule: isOwned ? "no two live allocations overlap" : "nothing outside RAM is handed out",
        area: null,
        frames: { first: missing, top: missing + 1 },
        sentence: `${hexFrame(missing)} was reserved, but ${
          isOwned ? "belongs to somebody already" : "is no usable frame of an area"
        }`,
      });
    }
    this.#ownership.reserve(frames);
    return frames;
  }
}

/** Upstream's name of a call. */
function nameOf({ kind }: PageCall): string {
  return kind === "init-area" ? "page_alloc_init_area" : kind.replaceAll("-", "_");
}

/** A call that returned, as it is entered. */
interface Made {
  readonly call: PageCall;
  readonly value: CallValue;
  readonly surveys: readonly Survey[];
  readonly journal: WriteJournal | null;
}

/** Tells whether a call returned NULL or -1. */
function isRefusal({ value }: Made): boolean {
  return value === null || value === -1;
}
