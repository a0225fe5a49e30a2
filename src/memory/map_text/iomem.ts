/**
 * `/proc/iomem`: lines `START-END : NAME` in hex, the end being the last byte, nested by indentation.
 *
 * The outermost lines make the map. What is nested in RAM (kernel code, say) is RAM; RAM that is nested
 * in something else (persistent memory or device memory used as RAM) is cut out of it.
 *
 * Source: Linux `kernel/resource.c`, `r_show()`.
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
  type RangeFacts,
} from "./map_reader.ts";
import { lineError, type SourceLine, withoutMailQuotes } from "./source_line.ts";
import { type AddressSpan, hexSpan, spanOf } from "./span.ts";
import type { RangeKind } from "./text_range.ts";

const LINE = /^(\s*)([0-9a-f]{4,})-([0-9a-f]{4,}) : ([^]*)$/i;
/** A line that was meant to be one, but is not. */
const BROKEN_LINE = /^\s*[0-9a-f]{4,}\s*-\s*\S/i;

/** The names of what is not a device, by their beginnings in lower case. */
const NAMES: ReadonlyArray<readonly [string, RangeKind]> = [
  ["system ram", "ram"],
  ["persistent memory", "persistent"],
  ["acpi tables", "acpi"],
  ["acpi non-volatile storage", "nvs"],
  ["unusable memory", "unusable"],
  ["soft reserved", "soft-reserved"],
  ["reserved", "reserved"],
  ["unknown e820 type", "reserved"],
  ["system rom", "reserved"],
  ["video rom", "reserved"],
  ["adapter rom", "reserved"],
  ["ram buffer", "reserved"],
];

function kindOfName(name: string): RangeKind {
  const plain = name.trim().toLowerCase();
  return NAMES.find(([start]) => plain.startsWith(start))?.[1] ?? "mmio";
}

interface Entry {
  readonly source: SourceLine;
  readonly indent: number;
  readonly span: AddressSpan;
  readonly kind: RangeKind;
  /** RAM nested in it, by ascending address as the kernel prints it. */
  readonly ram: Entry[];
}

function readEntry(source: SourceLine): Entry | null {
  const text = withoutMailQuotes(source);
  const match = LINE.exec(text);
  if (match === null) return null;
  const [, blanks = "", first = "", last = "", name = ""] = match;
  const span = hexSpan(source, first, last, "last-byte");
  if (span === null) {
    throw lineError(source, "ends before it begins", "expected a first and a last byte");
  }
  return { source, indent: blanks.length, span, kind: kindOfName(name), ram: [] };
}

/** The error of a line that looks as if it were one of `/proc/iomem`; null for other lines. */
function brokenLine(source: SourceLine): SyntaxError | null {
  if (!BROKEN_LINE.test(withoutMailQuotes(source))) return null;
  return lineError(
    source,
    "is not a line of /proc/iomem",
    "expected START-END : NAME in hex, such as 00100000-7fffffff : System RAM",
  );
}

function isInside(inner: AddressSpan, outer: AddressSpan): boolean {
  return inner.first >= outer.first && inner.first + inner.size <= outer.first + outer.size;
}

/** The outermost entries that enclose the next line, and what they make up so far. */
interface Nest {
  readonly draft: MapDraft;
  /** The outermost entry that the next line may be nested in. */
  outer: Entry | null;
  /** Whether an address other than 0 was seen. */
  hasAddresses: boolean;
  readonly firstSource: SourceLine;
}

/** Adds an outermost entry: its RAM, and what is left of it. */
function addEntry(draft: MapDraft, entry: Entry): void {
  const facts: RangeFacts = { kind: entry.kind };
  let next: bigint = entry.span.first;
  const addUpTo = (end: bigint): void => {
    const span = end > next ? spanOf(entry.source, next, end, "first-byte-after") : null;
    if (span !== null) addRange(draft, entry.source, span, facts);
  };
  for (const inner of entry.ram) {
    if (inner.span.first < next) continue;
    addUpTo(inner.span.first);
    addRange(draft, inner.source, inner.span, { kind: "ram" });
    next = inner.span.first + inner.span.size;
  }
  addUpTo(entry.span.first + entry.span.size);
}

function closeOuter(nest: Nest): void {
  const { draft, outer } = nest;
  nest.outer = null;
  if (outer !== null) keepProblem(draft, () => addEntry(draft, outer));
}

function takeEntry(nest: Nest, entry: Entry): void {
  if (entry.span.first !== 0n || entry.span.size !== 1n) nest.hasAddresses = true;
  const { outer } = nest;
  if (outer === null || entry.indent <= outer.indent) {
    closeOuter(nest);
    nest.outer = entry;
    return;
  }
  if (!isInside(entry.span, outer.span)) {
    addNote(
      nest.draft,
      noteOfLine(
        entry.source,
        "warning",
        `the line is nested in line ${outer.source.number}, but reaches out of it; it is left out`,
      ),
    );
  } else if (entry.kind === "ram" && outer.kind !== "ram") outer.ram.push(entry);
}

function zeroesError(source: SourceLine): SyntaxError {
  return lineError(
    source,
    "and all others hold zeroes in place of addresses",
    "/proc/iomem shows addresses to root only; read it with sudo",
  );
}

/**
 * Makes a reader of `/proc/iomem`.
 *
 * @returns the reader
 */
export function iomemReader(): MapReader {
  let nest: Nest | null = null;
  /** A broken line counts only if other lines are of this format. */
  let broken: SyntaxError | null = null;
  const nestFor = (source: SourceLine): Nest => {
    nest ??= { draft: newDraft(source), outer: null, hasAddresses: false, firstSource: source };
    return nest;
  };
  return {
    read(source: SourceLine): boolean {
      try {
        const entry = readEntry(source);
        if (entry === null) {
          broken ??= brokenLine(source);
          return false;
        }
        takeEntry(nestFor(source), entry);
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
        nestFor(source).draft.problem ??= error;
      }
      return true;
    },
    found(): FoundMap | null {
      if (nest === null) return null;
      closeOuter(nest);
      const { draft, hasAddresses, firstSource } = nest;
      draft.problem ??= broken;
      if (!hasAddresses) draft.problem ??= zeroesError(firstSource);
      return foundOf(draft, "iomem", "/proc/iomem");
    },
  };
}
