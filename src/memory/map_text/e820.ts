/**
 * Maps of e820 entries out of the messages of a kernel.
 *
 * A kernel may print several tables. Each begins with a header, and each stands for all that went before
 * it, so the last word counts: `modified`, else `user` (after `mem=` or `memmap=`), else `extended` (more
 * entries than the boot parameters hold), else the table that the firmware provided. The table `reserve
 * setup_data` is the one before it, cut where the boot loader left data; it is used if it stands alone.
 *
 * Lines `e820: update` and `e820: remove` after the table that is used are applied to it, as the kernel
 * applied them. When another table of the firmware begins, another boot begins: the last boot counts.
 *
 * Source: Linux `arch/x86/kernel/e820.c`, `e820__print_table()`, `__e820__range_update()`,
 * `e820__range_remove()`, and `arch/x86/kernel/setup.c` for the order of the tables.
 *
 * @module
 */

import { type E820Group, type E820Line, groupOfBrokenLine, readE820Line } from "./e820_line.ts";
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
  rangeOfLine,
} from "./map_reader.ts";
import { lineError, type SourceLine } from "./source_line.ts";
import { type AddressSpan, formatSpan, spanOf } from "./span.ts";
import { endOfTextRange, MAX_MAP_RANGES, type TextRange } from "./text_range.ts";

type Change = Extract<E820Line, { what: "update" | "remove" }>;

interface SourcedChange {
  readonly source: SourceLine;
  readonly change: Change;
}

interface Table {
  readonly group: E820Group;
  readonly draft: MapDraft;
  /** The changes that were printed after the table began, those after later tables included. */
  readonly changes: SourcedChange[];
}

/** Which table of a boot is used: the first group of this list that was printed. */
const PREFERENCE: readonly E820Group[] = [
  "modified",
  "user",
  "extended",
  "provided",
  "setup-data",
];

const GROUP_NAMES: Readonly<Record<E820Group, string>> = {
  "provided": "the e820 map that the firmware provided",
  "extended": "the extended e820 map",
  "setup-data": "the e820 map cut at the boot loader's data",
  "user": "the e820 map that the user defined",
  "modified": "the e820 map that the kernel modified",
};

/** Changes are few in every real log; the limit keeps their cost in bounds. */
const MAX_CHANGES = 256;

/** The pieces of a range around a span, and the span's part inside, if a change leaves one. */
function piecesOf(made: SourcedChange, range: TextRange, span: AddressSpan): TextRange[] {
  const { source, change } = made;
  const end = endOfTextRange(range);
  const spanEnd = span.first + span.size;
  const from = span.first < range.first ? range.first : span.first;
  const to = spanEnd > end ? end : spanEnd;
  const before = spanOf(source, range.first, from, "first-byte-after");
  const inside = spanOf(source, from, to, "first-byte-after");
  const after = spanOf(source, to, end, "first-byte-after");
  const pieces: TextRange[] = [];
  if (before !== null) pieces.push({ ...range, ...before });
  if (inside !== null && change.what === "update") {
    pieces.push(rangeOfLine(source, inside, { kind: change.to }));
  }
  if (after !== null) pieces.push({ ...range, ...after });
  return pieces;
}

/** Applies an update or a removal; the pieces of a range stay in its place. */
function applyChange(draft: MapDraft, ranges: TextRange[], made: SourcedChange): TextRange[] {
  const { source, change } = made;
  const { span } = change;
  if (span === null || (change.what === "update" && change.from === change.to)) return ranges;
  let isChanged = false;
  const result: TextRange[] = [];
  for (const range of ranges) {
    const isMeant = (change.from === null || range.kind === change.from) &&
      range.first < span.first + span.size && span.first < endOfTextRange(range);
    if (isMeant) result.push(...piecesOf(made, range, span));
    else result.push(range);
    isChanged ||= isMeant;
  }
  const what = change.what === "update" ? `makes ${change.from} ${change.to}` : "takes away";
  const effect = isChanged ? "is applied" : "changes nothing";
  addNote(draft, noteOfLine(source, "note", `the line ${what} ${formatSpan(span)} and ${effect}`));
  if (result.length > MAX_MAP_RANGES) {
    throw lineError(
      source,
      `makes more than the ${MAX_MAP_RANGES} ranges that a map may have`,
      "leave out what is not needed",
    );
  }
  return result;
}

function applyChanges(table: Table): FoundMap {
  const { draft } = table;
  let ranges: TextRange[] = draft.ranges;
  keepProblem(draft, () => {
    for (const made of table.changes) ranges = applyChange(draft, ranges, made);
  });
  return { ...foundOf(draft, "e820", GROUP_NAMES[table.group]), ranges };
}

function choose(tables: readonly Table[]): Table | undefined {
  for (const group of PREFERENCE) {
    const chosen = tables.findLast((table) => table.group === group);
    if (chosen !== undefined) return chosen;
  }
  return undefined;
}

function noteOthers(chosen: Table, tables: readonly Table[]): void {
  for (const table of tables) {
    if (table === chosen) continue;
    addNote(chosen.draft, {
      line: table.draft.line,
      severity: "note",
      text: `${GROUP_NAMES[table.group]} begins here; ` +
        `${GROUP_NAMES[chosen.group]} at line ${chosen.draft.line} is used instead`,
    });
  }
}

/** The most tables of one boot that are kept; a kernel prints five at most. */
const MAX_TABLES = 16;

interface Log {
  tables: Table[];
  /** The first lines of the boots before the last. */
  readonly earlier: number[];
  isNewTable: boolean;
}

function tableFor(log: Log, source: SourceLine, group: E820Group): Table {
  const last = log.tables.at(-1);
  if (last !== undefined && last.group === group && !log.isNewTable) return last;
  if (group === "provided" && last !== undefined) {
    log.earlier.push(log.tables[0]?.draft.line ?? source.number);
    log.tables = [];
  }
  const table: Table = { group, draft: newDraft(source), changes: [] };
  log.tables = [...log.tables.slice(1 - MAX_TABLES), table];
  log.isNewTable = false;
  return table;
}

function addChange(log: Log, source: SourceLine, change: Change): void {
  for (const table of log.tables) {
    keepProblem(table.draft, () => {
      if (table.changes.length >= MAX_CHANGES) {
        throw lineError(
          source,
          `is one change more than the ${MAX_CHANGES} that a map may have`,
          "give the map as it is after the changes",
        );
      }
      table.changes.push({ source, change });
    });
  }
}

function take(log: Log, source: SourceLine, line: E820Line): void {
  switch (line.what) {
    case "header":
      log.isNewTable = true;
      return;
    case "entry": {
      const { draft } = tableFor(log, source, line.group);
      keepProblem(draft, () => addRange(draft, source, line.span, { kind: line.kind }));
      return;
    }
    case "update":
    case "remove":
      addChange(log, source, line);
  }
}

/** An entry that cannot be read spoils the table that it stands in. */
function takeProblem(log: Log, source: SourceLine, problem: SyntaxError): void {
  const group = groupOfBrokenLine(source) ?? log.tables.at(-1)?.group ?? "provided";
  const { draft } = tableFor(log, source, group);
  draft.problem ??= problem;
}

/**
 * Makes a reader of e820 entries.
 *
 * @returns the reader
 */
export function e820Reader(): MapReader {
  const log: Log = { tables: [], earlier: [], isNewTable: false };
  return {
    read(source: SourceLine): boolean {
      try {
        const line = readE820Line(source);
        if (line === null) return false;
        take(log, source, line);
        return line.what !== "header";
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
        takeProblem(log, source, error);
        return true;
      }
    },
    found(): FoundMap | null {
      const chosen = choose(log.tables);
      if (chosen === undefined) return null;
      for (const line of log.earlier) {
        addNote(chosen.draft, {
          line,
          severity: "warning",
          text: "the map of another boot begins here and is left out; the last boot is used",
        });
      }
      noteOthers(chosen, log.tables);
      return applyChanges(chosen);
    },
  };
}
