/**
 * Reading a line of a kernel's trace, byte by byte: which event it has, which frame, which order.
 *
 * Source: include/trace/events/kmem.h of Linux, from 2.6.32 to 6.x. The event's name stands behind the
 * time; `perf` writes its system before it, and the tracer of functions writes no time.
 *
 * @module
 */

/** There is no event. */
export const NO_EVENT = 0;
/** An event of something else. */
export const OTHER_EVENT = 1;
/** An event of the lists within the allocator. */
export const INNER_EVENT = 2;
/** An allocation. */
export const ALLOC_EVENT = 3;
/** A free. */
export const FREE_EVENT = 4;
/** A free that is told as a part of a batch. */
export const BATCHED_EVENT = 5;

/** The value of a field that is not there, or is no number. */
export const NO_VALUE = -1;
/** The frame of an allocation that failed. */
export const NO_FRAME = -2;

/** Frames are below this. */
const FRAME_LIMIT = 2 ** 52;
/** All ones in 64 bits stand for no frame; added up digit by digit, in a double, they are about this. */
const ALL_ONES = 2 ** 64;
const ROUNDING = 2 ** 14;
/** Too large for a frame, and nothing that stands for none. */
const TOO_LARGE = -3;

/**
 * The events, the frequent ones first. Linux 3.3 called the frees otherwise than those before it.
 *
 * The per-CPU lists take blocks from the free lists, and give them back, between a caller and the lists:
 * `mm_page_alloc_zone_locked` and `mm_page_pcpu_drain` tell of that, and each such page has an
 * `mm_page_alloc` or `mm_page_free` of its own.
 */
const EVENTS: readonly (readonly [string, number])[] = [
  ["mm_page_alloc", ALLOC_EVENT],
  ["mm_page_free", FREE_EVENT],
  ["mm_page_free_batched", BATCHED_EVENT],
  ["mm_page_free_direct", FREE_EVENT],
  ["mm_pagevec_free", BATCHED_EVENT],
  ["mm_page_alloc_zone_locked", INNER_EVENT],
  ["mm_page_pcpu_drain", INNER_EVENT],
  ["mm_page_alloc_extfrag", INNER_EVENT],
];

/** The names of the events. */
export const EVENT_NAMES: readonly string[] = EVENTS.map(([name]) => name);

const NAMES = EVENTS.map(([name, kind]) => ({ bytes: new TextEncoder().encode(name), kind }));

const TAB = 9;
const CARRIAGE_RETURN = 13;
const SPACE = 32;
const PARENTHESIS = 40;
const MINUS = 45;
const ZERO = 48;
const NINE = 57;
const COLON = 58;
const EQUALS = 61;
const LETTER_A = 97;
const LETTER_D = 100;
const LETTER_E = 101;
const LETTER_F = 102;
const LETTER_G = 103;
const LETTER_N = 110;
const LETTER_O = 111;
const LETTER_P = 112;
const LETTER_R = 114;
const LETTER_X = 120;

/** Tells whether a byte ends a word; nothing, behind the line, does too. */
function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === TAB || byte === CARRIAGE_RETURN || byte === undefined;
}

/** Which event's name ends before a colon; {@linkcode NO_EVENT} if none does. */
function kindBefore(bytes: Uint8Array, from: number, colon: number): number {
  const last = bytes[colon - 1];
  for (let index = 0; index < NAMES.length; index++) {
    const name = NAMES[index];
    if (name === undefined) break;
    const length = name.bytes.length;
    const start = colon - length;
    if (last !== name.bytes[length - 1] || start < from) continue;
    let matched = length - 1;
    while (matched > 0 && bytes[start + matched - 1] === name.bytes[matched - 1]) matched--;
    if (matched > 0) continue;
    const before = start === from ? SPACE : bytes[start - 1];
    if (before === COLON || isBlank(before)) return name.kind;
  }
  return NO_EVENT;
}

/** Reads lines; what it found stands in its fields until the next line. */
export class EventLine {
  /** The frame; {@linkcode NO_VALUE}, or {@linkcode NO_FRAME} where the kernel found none. */
  pfn = NO_VALUE;
  /** The order; {@linkcode NO_VALUE} if there is none. */
  order = NO_VALUE;
  /** Where the fields begin. */
  #fields = 0;
  /** Where the number ends that was read. */
  #end = 0;

  /**
   * Tells which event a line has.
   *
   * @param bytes the line is among these
   * @param from where it begins
   * @param end where it ends, before its newline
   * @returns the kind of event
   */
  kindOf(bytes: Uint8Array, from: number, end: number): number {
    let found = NO_EVENT;
    for (let at = from + 1; at < end; at++) {
      if (bytes[at] !== COLON) continue;
      const before = bytes[at - 1] ?? 0;
      const endsWord = at + 1 === end || isBlank(bytes[at + 1]);
      if (before >= ZERO && before <= NINE) {
        // A time ends in digits; what was read before it was the name of a process.
        if (endsWord) found = OTHER_EVENT;
        continue;
      }
      const kind = kindBefore(bytes, from, at);
      this.#fields = at + 1;
      if (kind !== NO_EVENT) return kind;
      // The name of another event: what follows is its own, whatever it looks like.
      if (endsWord && found === OTHER_EVENT) return OTHER_EVENT;
    }
    this.#fields = end;
    return found;
  }

  /** Whether the line has a name of an event; where it only has a time, it may tell of lost events. */
  isNamed(end: number): boolean {
    return this.#fields < end;
  }

  /**
   * Reads the frame and the order of the line whose event was found.
   *
   * @param bytes the line is among these
   * @param end where it ends, before its newline
   */
  readFields(bytes: Uint8Array, end: number): void {
    this.pfn = this.order = NO_VALUE;
    let hasPage = 1;
    let at = this.#fields;
    while (at < end) {
      const byte = bytes[at];
      if (byte === LETTER_P) {
        if (isPfn(bytes, at)) {
          this.pfn = this.#number(bytes, at + 4, end);
          at = this.#end;
        } else if (isPage(bytes, at) && bytes[at + 5] === PARENTHESIS) hasPage = 0;
      } else if (byte === PARENTHESIS) hasPage = 0; // (null), behind spaces.
      else if (byte === LETTER_O && isOrder(bytes, at)) {
        this.order = this.#number(bytes, at + 6, end);
        at = this.#end;
        if (this.pfn !== NO_VALUE) break;
      }
      while (at < end && bytes[at] !== SPACE) at++;
      at++;
    }
    if (hasPage === 0 && this.pfn !== NO_VALUE) this.pfn = NO_FRAME;
    if (this.pfn === TOO_LARGE) this.pfn = NO_VALUE;
  }

  /**
   * Reads a number, decimal or 0x and hex; {@linkcode NO_FRAME} for all ones. What is larger than any frame
   * counts only where there is no page, from which old kernels reckoned a frame nevertheless.
   */
  #number(bytes: Uint8Array, from: number, end: number): number {
    let at = from;
    const isNegative = bytes[at] === MINUS;
    if (isNegative) at++;
    const isHex = bytes[at] === ZERO && bytes[at + 1] === LETTER_X;
    if (isHex) at += 2;
    const first = at;
    let value = 0;
    for (; at < end; at++) {
      const byte = bytes[at] ?? 0;
      if (byte >= ZERO && byte <= NINE) value = value * (isHex ? 16 : 10) + byte - ZERO;
      else if (isHex && byte >= LETTER_A && byte <= LETTER_F) {
        value = value * 16 + byte - LETTER_A + 10;
      } else break;
    }
    this.#end = at;
    if (at === first || (at < end && !isBlank(bytes[at]))) return NO_VALUE;
    if (isNegative) return value === 1 ? NO_FRAME : TOO_LARGE;
    if (value < FRAME_LIMIT) return value;
    return Math.abs(value - ALL_ONES) < ROUNDING ? NO_FRAME : TOO_LARGE;
  }
}

function isPfn(bytes: Uint8Array, at: number): boolean {
  return bytes[at + 1] === LETTER_F && bytes[at + 2] === LETTER_N && bytes[at + 3] === EQUALS;
}

function isPage(bytes: Uint8Array, at: number): boolean {
  return bytes[at + 1] === LETTER_A && bytes[at + 2] === LETTER_G && bytes[at + 3] === LETTER_E &&
    bytes[at + 4] === EQUALS;
}

function isOrder(bytes: Uint8Array, at: number): boolean {
  return bytes[at + 1] === LETTER_R && bytes[at + 2] === LETTER_D && bytes[at + 3] === LETTER_E &&
    bytes[at + 4] === LETTER_R && bytes[at + 5] === EQUALS;
}
