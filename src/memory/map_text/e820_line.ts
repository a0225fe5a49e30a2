/**
 * Single lines of e820 maps, in all their spellings.
 *
 * | printed by | spelling | its end |
 * | --- | --- | --- |
 * | Linux since 3.5 | `BIOS-e820: [mem 0x0000-0x9fbff] usable` | last byte |
 * | Linux since 2025 | the same, with a size before the type, and `[gap …]` lines | last byte |
 * | Linux before 3.5 | `BIOS-e820: 0000 - 9fc00 (usable)` | first byte after |
 * | Linux 2.2, MIPS | `BIOS-e820: 9fc00 @ 0000 (usable)` | size before start |
 * | Xen | `(XEN)  [0000, 9fbff] (usable)` | last byte |
 * | Xen before 4.14 | `(XEN)  0000 - 9fc00 (usable)` | first byte after |
 * | SeaBIOS | `  0: 0000 - 9fc00 = 1 RAM` | first byte after |
 * | FreeBSD | `SMAP type=01 base=0000 len=9fc00` | size |
 *
 * What stands before (time stamps, host names, mail quotes) and after (comments) does not matter.
 *
 * @module
 */

import { E820_TYPE_ADVICE, kindOfE820Type, readE820Type, type ReadType } from "./range_kind.ts";
import { lineError, type SourceLine } from "./source_line.ts";
import { type AddressSpan, hexSpan } from "./span.ts";
import type { RangeKind } from "./text_range.ts";

/**
 * The tables that Linux prints: the firmware's; with entries that did not fit the boot parameters; cut at
 * what the boot loader passed on; as the user wants it; after repairs.
 */
export type E820Group = "provided" | "extended" | "setup-data" | "user" | "modified";

/** What a line of an e820 map says. */
export type E820Line =
  | { readonly what: "header" }
  | {
    readonly what: "entry";
    readonly group: E820Group;
    readonly span: AddressSpan | null;
    readonly kind: RangeKind;
  }
  | {
    readonly what: "update";
    readonly span: AddressSpan | null;
    readonly from: RangeKind;
    readonly to: RangeKind;
  }
  | {
    readonly what: "remove";
    readonly span: AddressSpan | null;
    readonly from: RangeKind | null;
  };

const RANGE_ADVICE = "expected a range and its type, such as [mem 0x00000000-0x0009fbff] usable";

/** Who printed an entry, right before its range. */
const WHO = /(BIOS-[\w-]{1,16}|user|modified|extended|reserve setup_data|Xen|VMI|lguest): ?$/;
const WHO_LENGTH = 24;
const MEM = /\[mem (?:0x)?([0-9a-f]+)-(?:0x)?([0-9a-f]+)\][ \t]*/iy;
/** All that may stand before an entry which lost the name of who printed it: a time stamp, a host. */
const BARE = /(?:^|\]|kernel:|>)[ \t]*$/;
/** All that may follow where nothing more is expected: a comment. */
const REST = /^\s*(?:$|#|\/\/|\/\*|;|<)/;
/** The size that kernels since 2025 may print between range and type. */
const PRINTED_SIZE = /^\d+(?:\.\d+)?[ \t]+[KMGTP]?B[ \t]+/;

const DASHED =
  /(?:^|[\s\]:>)])(?:(BIOS-[\w-]{1,16}|user|modified|extended|reserve setup_data|Xen|VMI|lguest|memory):|\(XEN\)|\d{1,5}:)\s+([0-9a-f]+) ([-@]) ([0-9a-f]+) ?(?:= (\d{1,10}) )?/i;
const DASHED_CHANGE = /e820 (update|remove) range: ([0-9a-f]+) - ([0-9a-f]+) ?/i;
const XEN_BRACKETS = /\(XEN\)\s+\[([0-9a-f]{8,16}), ([0-9a-f]{8,16})\] ?/i;
const SMAP = /SMAP type=([0-9a-f]{1,8}) base=([0-9a-f]+) len=([0-9a-f]+)/i;

function groupOf(who: string): E820Group {
  switch (who) {
    case "user":
    case "modified":
    case "extended":
      return who;
    case "reserve setup_data":
      return "setup-data";
    default:
      return "provided";
  }
}

/**
 * The table that a line belongs to, by who printed it; for lines that cannot be read.
 *
 * @param source the line
 * @returns the table, or null if nothing names one
 */
export function groupOfBrokenLine(source: SourceLine): E820Group | null {
  const who = /\b(BIOS|user|modified|extended|reserve setup_data)\b/.exec(source.text)?.[1];
  return who === undefined ? null : groupOf(who);
}

function unknownType(source: SourceLine, rest: string): SyntaxError {
  const problem = rest.trim() === "" ? "has no type" : "has a type that is not known";
  return lineError(source, problem, E820_TYPE_ADVICE);
}

/** What follows the old type of an update: an arrow and the new type. */
function readNewType(source: SourceLine, rest: string): RangeKind {
  const arrow = /^\s*==>\s*/.exec(rest);
  const type = arrow === null ? null : readE820Type(rest.slice(arrow[0].length));
  if (type === null) {
    throw lineError(
      source,
      "does not say what the range becomes",
      "expected the old type, an arrow and the new type",
    );
  }
  return type.kind;
}

function readChange(
  source: SourceLine,
  verb: string,
  span: AddressSpan | null,
  rest: string,
): E820Line {
  const type = readE820Type(rest);
  if (verb === "remove" && type === null && REST.test(rest)) {
    return { what: "remove", span, from: null };
  }
  if (type === null) throw unknownType(source, rest);
  if (verb === "remove") return { what: "remove", span, from: type.kind };
  return {
    what: "update",
    span,
    from: type.kind,
    to: readNewType(source, rest.slice(type.length)),
  };
}

/** Lines with `[mem …]`; null for those about something else, such as zones and PCI windows. */
function readBracketed(source: SourceLine, at: number): E820Line | null {
  const before = source.text.slice(Math.max(0, at - WHO_LENGTH), at);
  const who = WHO.exec(before)?.[1];
  const change = /e820: (update|remove) $/.exec(before)?.[1];
  MEM.lastIndex = at;
  const match = MEM.exec(source.text);
  const [all = "", first = "", last = ""] = match ?? [];
  if (match === null) {
    if (who === undefined && change === undefined) return null;
    throw lineError(source, "breaks off or holds no range", RANGE_ADVICE);
  }
  const rest = source.text.slice(at + all.length).replace(PRINTED_SIZE, "");
  if (change !== undefined) {
    return readChange(source, change, hexSpan(source, first, last, "last-byte"), rest);
  }
  const type = readE820Type(rest);
  if (who === undefined) {
    const isEntry = type !== null && BARE.test(before) && REST.test(rest.slice(type.length));
    if (!isEntry) return null;
  }
  if (type === null) throw unknownType(source, rest);
  return {
    what: "entry",
    group: groupOf(who ?? ""),
    span: hexSpan(source, first, last, "last-byte"),
    kind: type.kind,
  };
}

/** The type of an entry in the old spelling: a number of SeaBIOS, or words in parentheses. */
function dashedType(
  source: SourceLine,
  who: string,
  number: string | undefined,
  rest: string,
): ReadType | null {
  if (number !== undefined) return { kind: kindOfE820Type(Number(number)), length: 0 };
  const type = readE820Type(rest);
  if (type === null && who !== "" && who !== "memory") throw unknownType(source, rest);
  return type;
}

/** Lines with ` - ` or ` @ ` between two numbers. */
function readDashed(source: SourceLine): E820Line | null {
  const change = DASHED_CHANGE.exec(source.text);
  if (change !== null) {
    const [all, verb = "", first = "", end = ""] = change;
    const rest = source.text.slice(change.index + all.length);
    return readChange(
      source,
      verb.toLowerCase(),
      hexSpan(source, first, end, "first-byte-after"),
      rest,
    );
  }
  const match = DASHED.exec(source.text);
  if (match === null) return null;
  const [all, who = "", left = "", between, right = "", number] = match;
  const type = dashedType(source, who, number, source.text.slice(match.index + all.length));
  if (type === null) return null;
  const span = between === "@"
    ? hexSpan(source, right, left, "size")
    : hexSpan(source, left, right, "first-byte-after");
  return { what: "entry", group: groupOf(who), span, kind: type.kind };
}

function readXen(source: SourceLine): E820Line | null {
  const match = XEN_BRACKETS.exec(source.text);
  if (match === null) return null;
  const [all, first = "", last = ""] = match;
  const type = readE820Type(source.text.slice(match.index + all.length));
  if (type === null) return null;
  const span = hexSpan(source, first, last, "last-byte");
  return { what: "entry", group: "provided", span, kind: type.kind };
}

function readSmap(source: SourceLine): E820Line | null {
  const match = SMAP.exec(source.text);
  if (match === null) return null;
  const [, type = "", base = "", length = ""] = match;
  return {
    what: "entry",
    group: "provided",
    span: hexSpan(source, base, length, "size"),
    kind: kindOfE820Type(Number(`0x${type}`)),
  };
}

/**
 * Reads a line of an e820 map.
 *
 * @param source the line
 * @returns what it says, or null if it belongs to no e820 map
 * @throws {SyntaxError} if it belongs to one and cannot be read
 */
export function readE820Line(source: SourceLine): E820Line | null {
  const { text } = source;
  if (text.includes("RAM map:") || text.includes("e820 map has ")) return { what: "header" };
  const at = text.indexOf("[mem ");
  const line = at >= 0
    ? readBracketed(source, at)
    : text.includes(" - ") || text.includes(" @ ")
    ? readDashed(source)
    : text.includes("(XEN)")
    ? readXen(source)
    : text.includes("SMAP ")
    ? readSmap(source)
    : null;
  if (line === null && at < 0 && text.includes("BIOS-e820: ") && !text.includes("[gap ")) {
    throw lineError(source, "breaks off or holds no range", RANGE_ADVICE);
  }
  return line;
}
