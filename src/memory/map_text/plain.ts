/**
 * Plain lists of ranges, one on a line: `START-END TYPE`.
 *
 * - `START-END`, `START..END`, `START, END` and `START END` all name a range, with or without brackets
 *   around it; `START+SIZE` too.
 * - An odd END is the last byte of the range, an even one the first byte after it, unless a bracket says
 *   so: `[0, 0x1000)`, `[0, 0xfff]`.
 * - Numbers are hex, with or without `0x`; with K, M, G or T behind them they are decimal, in powers of
 *   1024.
 * - Comments begin with `#`, `;` or `//`; empty lines do not matter. A `hole` is left out.
 *
 * @module
 */

import {
  addNote,
  addRange,
  type FoundMap,
  foundOf,
  keepProblem,
  type MapDraft,
  type MapReader,
  newDraft,
  noteOfLine,
} from "./map_reader.ts";
import { kindOfWord, PLAIN_TYPE_ADVICE } from "./range_kind.ts";
import {
  isTooLong,
  lineError,
  longLineError,
  quoteText,
  type SourceLine,
  withoutMailQuotes,
} from "./source_line.ts";
import { type AddressSpan, hexNumber, type SecondNumber, spanOf } from "./span.ts";
import type { RangeKind } from "./text_range.ts";

/** A line whose blanks are single ones. */
const ITEM = /^[[(]? ?([0-9a-z]+) ?(-|–|\.\.|\+|,| ) ?([0-9a-z]+)( ?[\])])? ?[:,=]? ?(.*)$/i;
const COMMENT = /(?:#|;|\/\/)[^]*$/;
const SCALED = /^(?:(0x[0-9a-f]{1,16})|([0-9]{1,20}))([kmgt])(?:i?b)?$/i;
const HEX = /^(?:0x)?[0-9a-f]+$/i;
const RANGE_ADVICE = "expected START-END TYPE, such as 0x100000-0x7ffffff ram";
/** What to say when nothing at all was recognised. */
const FORMATS_ADVICE =
  "expected e820 lines of a kernel log, /proc/iomem, an EFI memory map, a device " +
  "tree with a memory node, or lines START-END TYPE";

const SCALES: Readonly<Record<string, bigint>> = { k: 10n, m: 20n, g: 30n, t: 40n };

/** A bare number that could also have been meant as decimal. */
const AMBIGUOUS = /^[1-9][0-9]{1,6}$/;

interface Item {
  readonly span: AddressSpan | null;
  readonly kind: RangeKind | "hole";
  /** A number that could be meant otherwise; null if there is none. */
  readonly doubtful: string | null;
}

function readNumber(source: SourceLine, text: string): bigint {
  const scaled = SCALED.exec(text);
  if (scaled !== null) {
    const [, hex, decimal = "0", unit = "k"] = scaled;
    const value = BigInt(hex ?? decimal) << (SCALES[unit.toLowerCase()] ?? 0n);
    return hexNumber(source, value.toString(16));
  }
  if (!HEX.test(text)) {
    throw lineError(
      source,
      `has ${quoteText(text)} in place of a number`,
      "expected hex such as 0x9fc00, or a size such as 4G",
    );
  }
  return hexNumber(source, text);
}

function meaningOf(separator: string, close: string, second: bigint): SecondNumber {
  if (separator === "+") return "size";
  if (close === ")") return "first-byte-after";
  if (close === "]") return "last-byte";
  return second % 2n === 0n ? "first-byte-after" : "last-byte";
}

/** The type, with or without parentheses. */
function readKind(source: SourceLine, text: string): RangeKind | "hole" {
  const word = /^\((.*)\)$/.exec(text)?.[1] ?? text;
  const kind = kindOfWord(word);
  if (kind !== null) return kind;
  throw word === ""
    ? lineError(source, "has no type", PLAIN_TYPE_ADVICE)
    : lineError(source, `has the unknown type ${quoteText(word)}`, PLAIN_TYPE_ADVICE);
}

/** Whether a line was meant as a range, to tell a wrong word from text that is no map at all. */
function isMeantAsRange(separator: string, word: string): boolean {
  return separator.trim() !== "" && separator !== "," && /^[a-z0-9(]/i.test(word);
}

function readItem(source: SourceLine, text: string, isFirst: boolean): Item {
  const match = ITEM.exec(text);
  const [, left = "", separator = "", right = "", close = "", word = ""] = match ?? [];
  const isRange = match !== null && (!isFirst || kindOfWord(word) !== null);
  if (!isRange && !isMeantAsRange(separator, word)) {
    throw lineError(
      source,
      "holds no range of memory",
      isFirst ? FORMATS_ADVICE : RANGE_ADVICE,
    );
  }
  const first = readNumber(source, left);
  const second = readNumber(source, right);
  return {
    span: spanOf(source, first, second, meaningOf(separator, close.trim(), second)),
    kind: readKind(source, word),
    doubtful: [left, right].find((number) => AMBIGUOUS.test(number)) ?? null,
  };
}

function takeItem(draft: MapDraft, source: SourceLine, item: Item): void {
  if (item.doubtful !== null) {
    addNote(
      draft,
      noteOfLine(
        source,
        "warning",
        `the number ${item.doubtful} is read as hex; write 0x or a unit to make that clear`,
      ),
    );
  }
  if (item.kind !== "hole") addRange(draft, source, item.span, { kind: item.kind });
}

/**
 * Makes a reader of plain lists. In such a list every line counts, so one that cannot be read is an
 * error.
 *
 * @returns the reader
 */
export function plainReader(): MapReader {
  let draft: MapDraft | null = null;
  return {
    read(source: SourceLine): boolean {
      if (source.length === 0) return false;
      const text = withoutMailQuotes(source).replace(COMMENT, "").trim().replace(/\s+/g, " ");
      if (text === "") return false;
      draft ??= newDraft(source);
      const into = draft;
      keepProblem(into, () => {
        if (isTooLong(source)) throw longLineError(source);
        takeItem(into, source, readItem(source, text, into.ranges.length === 0));
      });
      return true;
    },
    found: (): FoundMap | null => draft === null ? null : foundOf(draft, "plain", "the list"),
  };
}
