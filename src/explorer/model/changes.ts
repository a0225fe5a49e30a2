/**
 * The bytes that a step changed, and why: each changed byte is told with the hand that wrote it.
 *
 * @module
 */

// bits: addresses are bigints.

import type { Machine } from "../../machine.ts";
import type { AllocatorEvent, AreaView } from "../../page_allocator.ts";
import { bareHex, counted, hexAddress } from "../../report/columns.ts";
import { eventPlaceText, placesOfEvents } from "../../report/event_places.ts";
import { bytesText } from "../../report/memory_bytes.ts";
import { differencesOf, type Pair, type PairRun } from "../../report/pairs.ts";
import { stateText } from "../../report/state_text.ts";
import { formatOf } from "../../report/subject.ts";
import { byteCount, physAddr } from "../../units.ts";
import { wordBytes } from "../../word.ts";
import { AllocatorMemory, type MemoryObject } from "./change_places.ts";
import type { ChangeView } from "./state_view.ts";
import { isListWrite, isTableWrite, type Reason, Writers } from "./writers.ts";
import { lastWriters, type StepWrite, type StepWrites } from "./writes.ts";

/** A machine before and after a step, with the areas as they were seen, and what was written. */
export interface Moments {
  /** Before. */
  readonly before: Machine;
  /** Its areas. */
  readonly areasBefore: readonly AreaView[];
  /** After. */
  readonly after: Machine;
  /** Its areas. */
  readonly areasAfter: readonly AreaView[];
  /** The writes of the step. */
  readonly writes: StepWrites;
}

/** A step, as far as it explains writes. */
export interface ChangedStep {
  /** The call that the scenario made. */
  readonly call: string;
  /** What the allocator reported. */
  readonly events: readonly AllocatorEvent[];
}

/** So many changes are told. */
const MOST_CHANGES = 100;

/** Of bytes in a row, so many are shown. */
const MOST_BYTES = 16;

/** Changed bytes that are no farther apart are told together. */
const GAP = 8;

/** The order in which changes are told, by what they are. */
const KINDS = ["states", "node", "max-order", "head", "member", "heads", "bytes"] as const;

/** What writes of these hands are about. */
const SUBJECTS: Readonly<Record<string, string>> = {
  "vm_memalign()": "number of pages and magic of a block of vmalloc",
  "vm_alloc_one_page()": "magic of a block of vmalloc",
  "memalign()": "slack and size of a block of malloc",
  "calloc()": "contents of a block of malloc",
  "the scenario": "memory",
  "bringup_aps()": "start-up code for processors",
  "smp_cpu_setup()": "lowcore of a processor",
};

/** Bytes that one write left behind, inside one object. */
interface Piece {
  readonly first: bigint;
  readonly end: bigint;
  readonly write: StepWrite;
  readonly object: MemoryObject;
}

/** What a byte holds: what lies there since power-on, or nothing, where no memory is. */
type Content = number | "garbage" | "none";

/** A change on its way. */
interface Told extends ChangeView {
  readonly kind: MemoryObject["kind"];
}

/** A change before it is said why. */
type Untold = Omit<Told, "address" | "why" | "source"> & { readonly first: bigint };

/** Finds what a step changed. */
class Changes {
  readonly #moments: Moments;
  readonly #memory: AllocatorMemory;
  readonly #writers: Writers;

  constructor(moments: Moments, { call, events }: ChangedStep) {
    const { after, areasAfter, areasBefore } = moments;
    this.#moments = moments;
    this.#memory = new AllocatorMemory(after, [...areasAfter, ...areasBefore]);
    this.#writers = new Writers({ machine: after, call, events });
  }

  /** The changes, by what they are. */
  all(): Told[] {
    const written = this.#moments.writes.writes.filter((one) => !this.#writers.wipesFrames(one));
    const pieces = this.#piecesBy(written);
    // Of a node that somebody wrote over, how it left its list is told too.
    const ofLists = this.#piecesBy(written.filter(isListWrite));
    return [
      ...this.#ofObjects([...ofLists, ...pieces]),
      ...pieces.flatMap((piece) => this.#ofRun(piece)),
    ]
      .toSorted((one, other) => KINDS.indexOf(one.kind) - KINDS.indexOf(other.kind));
  }

  /** What writes left behind, cut at the ends of objects. */
  #piecesBy(writes: readonly StepWrite[]): Piece[] {
    return lastWriters(writes).flatMap((bytes) => this.#piecesOf(bytes));
  }

  /** Cuts written bytes at the ends of objects. */
  #piecesOf({ first, end, write }: Omit<Piece, "object">): Piece[] {
    const pieces: Piece[] = [];
    for (let at = first; at < end;) {
      const object = this.#memory.objectAt(at, write.by);
      const to = object.end === null || object.end > end ? end : object.end;
      pieces.push({ first: at, end: to, write, object });
      at = to;
    }
    return pieces;
  }

  /** Of a list node, a list's head or a member of an area, all bytes are told if one changed. */
  #ofObjects(pieces: readonly Piece[]): Told[] {
    const objects = new Map<bigint, Piece[]>();
    for (const piece of pieces) {
      if (isRun(piece.object)) continue;
      const known = objects.get(piece.object.first);
      if (known === undefined) objects.set(piece.object.first, [piece]);
      else known.push(piece);
    }
    return [...objects.values()].flatMap((some) => {
      const [piece] = some;
      return piece === undefined ? [] : this.#ofObject(piece.object, some);
    });
  }

  #ofObject(object: MemoryObject, pieces: readonly Piece[]): Told[] {
    const { first, kind, frame } = object;
    const size = Number((object.end ?? first) - first);
    const [before, after] = [this.#moments.before, this.#moments.after]
      .map((machine) => this.#words(machine, first, size));
    if (before === undefined || after === undefined || before === after) return [];
    const what = frame === null ? object.what : `list node of ${bareHex(frame)}`;
    const reasons = pieces.toSorted((one, other) => one.write.event - other.write.event)
      .map(({ write }) => this.#writers.reasonOf(write, kind, frame));
    return [this.#told({ first, count: size, what, before, after, kind }, reasons)];
  }

  #words(machine: Machine, first: bigint, size: number): string {
    const word = wordBytes(machine.arch.wordBits);
    if (size !== 2 * word) return bytesText(machine, first, size);
    return [first, first + BigInt(word)].map((at) => bytesText(machine, at, word)).join(" | ");
  }

  /** Of page states and other bytes, those that changed are told. */
  #ofRun(piece: Piece): Told[] {
    const { kind } = piece.object;
    if (!isRun(piece.object)) return [];
    const pairs = differencesOf(
      this.#runs(this.#moments.before, piece),
      this.#runs(this.#moments.after, piece),
      (one, other) => one === other,
    );
    const reason = this.#writers.reasonOf(piece.write, kind, null);
    return kind === "states"
      ? pairs.map((pair) => this.#ofStates(piece, pair, reason))
      : spansOf(pairs).map((span) => this.#ofBytes(piece, span, reason));
  }

  #runs({ ram }: Machine, { first, end }: Piece): PairRun<Content>[] {
    return ram.peekRuns(physAddr(first), byteCount(end - first))
      .map(({ byte, count }) => ({ value: byte ?? "none", count }));
  }

  #ofStates(piece: Piece, { first, count, left, right }: BytePair, reason: Reason): Told {
    const frame = (piece.object.frame ?? 0) + first;
    const format = formatOf(this.#moments.after);
    const [was, is] = [left, right].map((byte) =>
      typeof byte === "number" ? stateText(format, byte) : "none"
    );
    const change = {
      first: piece.first + BigInt(first),
      count,
      what: `page states of ${bareHex(frame)}, ${counted(count, "frame")}`,
      before: byteText(left),
      after: byteText(right),
      kind: piece.object.kind,
    };
    const why = `${was} becomes ${is}${reason.why === "" ? "" : `: ${reason.why}`}`;
    return this.#told(change, [{ ...reason, why }]);
  }

  #ofBytes(piece: Piece, { from, to }: Span, reason: Reason): Told {
    const { before, after } = this.#moments;
    const part = { ...piece, first: piece.first + BigInt(from), end: piece.first + BigInt(to) };
    const frame = bareHex(Number(part.first >> BigInt(after.pageShift)));
    const { by } = piece.write;
    const anonymous = isTableWrite(piece.write) ? "entries of the page table in" : "contents of";
    const subject = piece.object.what === "" ? SUBJECTS[by] ?? anonymous : piece.object.what;
    const change = {
      first: part.first,
      count: to - from,
      what: subject === anonymous ? `${subject} ${frame}` : subject,
      before: this.#text(before, part),
      after: this.#text(after, part),
      kind: piece.object.kind,
    };
    return this.#told(change, [reason]);
  }

  /** Some bytes: all of a few, one of many that are equal, the first of any others. */
  #text(machine: Machine, piece: Piece): string {
    const size = Number(piece.end - piece.first);
    if (size <= MOST_BYTES) return this.#words(machine, piece.first, size);
    const runs = this.#runs(machine, piece);
    const [only] = runs;
    if (runs.length === 1 && only !== undefined) return `${byteText(only.value)} × ${size}`;
    return `${bytesText(machine, piece.first, MOST_BYTES)} …`;
  }

  #told({ first, ...rest }: Untold, reasons: readonly Reason[]): Told {
    return {
      ...rest,
      address: hexAddress(first),
      why: together(reasons.map(({ why }) => why)),
      source: together(reasons.map(({ source }) => source)),
    };
  }
}

type BytePair = Pair<Content>;

/** Tells whether of an object only what changed is told. */
function isRun({ kind }: MemoryObject): boolean {
  return kind === "states" || kind === "heads" || kind === "bytes";
}

/** Offsets `[from, to)`. */
interface Span {
  readonly from: number;
  readonly to: number;
}

/** Changed bytes with small gaps between them, as one. */
function spansOf(pairs: readonly BytePair[]): Span[] {
  const spans: Span[] = [];
  for (const { first, count } of pairs) {
    const last = spans.at(-1);
    if (last !== undefined && first - last.to < GAP) {
      spans[spans.length - 1] = { from: last.from, to: first + count };
    } else spans.push({ from: first, to: first + count });
  }
  return spans;
}

function byteText(byte: Content | null): string {
  if (typeof byte !== "number") return byte ?? "none";
  return bareHex(byte).padStart(2, "0");
}

/** Texts one after the other, each once. */
function together(texts: readonly string[]): string {
  return [...new Set(texts.filter((text) => text !== ""))].join("; ");
}

/** The frames that were wiped before they were handed out, whatever they held. */
function wipedFrames({ after }: Moments, { call, events }: ChangedStep): ChangeView[] {
  const places = placesOfEvents(events, { edition: after.edition, call });
  return events.flatMap((event, index) => {
    if (event.kind !== "zero") return [];
    const { pfn, count } = event;
    const place = places[index];
    return [{
      what: `contents of ${bareHex(pfn)}, ${counted(count, "frame")}`,
      address: hexAddress(BigInt(pfn) << BigInt(after.pageShift)),
      count: count * 2 ** after.pageShift,
      before: "any",
      after: "00",
      why: "the block is zeroed before it is handed out",
      source: place === undefined ? "" : eventPlaceText(place),
    }];
  });
}

/**
 * Finds the bytes that a step changed: page states, list nodes, list heads, members of areas, frames that
 * were zeroed, and what vmalloc, malloc, page tables, the host and the scenario itself wrote.
 *
 * @param moments before and after, and what was written in between
 * @param step the step
 * @returns the changes; of more than 100, the first ones, and a line that says how many are left out
 */
export function changesOf(moments: Moments, step: ChangedStep): ChangeView[] {
  const found = new Changes(moments, step).all();
  const changes: ChangeView[] = [
    ...found.map(({ kind: _kind, ...change }) => change),
    ...wipedFrames(moments, step),
  ];
  const untold = moments.writes.untold;
  if (changes.length <= MOST_CHANGES && untold === 0) return changes;
  const rest = Math.max(0, changes.length - MOST_CHANGES);
  const more = [
    ...(rest === 0 ? [] : [`${counted(rest, "change")} more`]),
    ...(untold === 0 ? [] : [`${counted(untold, "write")} not followed`]),
  ];
  const shown = { address: "", count: rest, before: "", after: "", why: "", source: "" };
  return [...changes.slice(0, MOST_CHANGES), { what: `… ${more.join(", ")}`, ...shown }];
}
