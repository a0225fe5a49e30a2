/**
 * Places in upstream's code by the edition that runs.
 *
 * @module
 */

import { ASSERTION_COLUMNS } from "./assertion_sites.ts";
import type { AssertionColumn, Lines } from "./assertion_sites.ts";
import { assertionsAt } from "./assertions.ts";
import type { AssertionTable } from "./assertions.ts";
import type { SourceLine } from "./outcome.ts";
import { FUNCTION_SITES, LIST_STATEMENT_SITES, LIST_STORES } from "./source_sites.ts";
import { STATEMENT_SITES, VMALLOC_STATEMENT_SITES } from "./source_sites.ts";
import type {
  FunctionKey,
  FunctionSite,
  ListStatementName,
  StatementName,
  VmallocStatementName,
} from "./source_sites.ts";

export type { Assertion, AssertionName, AssertionTable } from "./assertions.ts";

/**
 * Whose lines hold in an edition: those of a commit; nobody knows them; or there is no text, only what
 * departs from that of a commit.
 */
export type SourceText =
  | "3f6fee0d^"
  | "8131e91a"
  | "34c95065"
  | "322cdd64"
  | "01d8952b"
  | "bcffccfc"
  | "dbad82e3"
  | "550b4683"
  | "0f4f39bd"
  | "4a54e8a3"
  | "not-known"
  | "departs-from-4a54e8a3";

/** A place in upstream's source, with whose line it is. */
export interface SourcePlace extends SourceLine {
  /**
   * Whose line that is: the edition's own; that of head, because the edition has no text or nobody knows
   * its lines; or nobody's, where there is no line.
   */
  readonly lineOf: "this-edition" | "head" | "nobody";
}

/** Any statement of the tables. */
export type SourceStatement = StatementName | ListStatementName | VmallocStatementName;

/** What an edition knows of its own text. */
export interface EditionText {
  /** The page allocator's assertions: text and line. */
  readonly assertions: AssertionTable;
  /** Whose lines its statements have. */
  readonly sourceLines: SourceText;
}

/**
 * What an edition knows of its own text.
 *
 * @param column the commit whose assertions hold
 * @param sourceLines whose lines hold: if not those of the commit, those of the assertions are not known
 * @returns the assertions and whose lines hold
 */
export function textAt(column: AssertionColumn, sourceLines: SourceText = column): EditionText {
  const known = sourceLines === column ? "known" : "unknown";
  return { assertions: assertionsAt(column, known), sourceLines };
}

const HEAD = ASSERTION_COLUMNS.length - 1;

/** The column whose lines are cited: head's where an edition has none of its own. */
function columnOf(text: SourceText): number {
  const column = ASSERTION_COLUMNS.findIndex((one) => one === text);
  return column < 0 ? HEAD : column;
}

function isOwn(text: SourceText): boolean {
  return text !== "not-known" && text !== "departs-from-4a54e8a3";
}

function nameAt({ name }: FunctionSite, column: number): string {
  if (typeof name === "string") return name;
  const held = name.filter(([from]) => ASSERTION_COLUMNS.indexOf(from) <= column);
  return held.at(-1)?.[1] ?? "";
}

function placed(file: string, name: string, line: number | null, text: SourceText): SourcePlace {
  const lineOf = line === null ? "nobody" : isOwn(text) ? "this-edition" : "head";
  return { file, function: name, line, lineOf };
}

/** What the allocator before the rewrite does in place of a function. */
const BEFORE_THE_REWRITE: Readonly<Record<FunctionKey, ListStatementName>> = {
  init: "listGives",
  take: "listUnlinks",
  request: "listZeroes",
  free: "listLinks",
  split: "listLinks",
  merge: "listLinks",
  reserve: "listLinks",
  unreserve: "listLinks",
};

function lineAt(lines: Lines, column: number): number | null {
  return lines[column] ?? null;
}

/**
 * Finds where upstream does something.
 *
 * @param text whose lines hold
 * @param name the statement
 * @returns the place; its line is null where the edition has no such statement
 */
export function statementPlace(text: SourceText, name: SourceStatement): SourcePlace {
  if (text === "3f6fee0d^" && name in STATEMENT_SITES) {
    const { in: key } = STATEMENT_SITES[name as StatementName];
    return statementPlace(text, BEFORE_THE_REWRITE[key]);
  }
  if (name in LIST_STATEMENT_SITES) {
    const site = LIST_STATEMENT_SITES[name as ListStatementName];
    return placed("lib/alloc_page.c", site.function, site.line, text);
  }
  if (name in VMALLOC_STATEMENT_SITES) {
    const site = VMALLOC_STATEMENT_SITES[name as VmallocStatementName];
    return placed("lib/vmalloc.c", site.function, site.line, text);
  }
  const site = STATEMENT_SITES[name as StatementName];
  const column = columnOf(text);
  const inside = nameAt(FUNCTION_SITES[site.in], column);
  return placed("lib/alloc_page.c", inside, lineAt(site.lines, column), text);
}

/**
 * Finds where a function of lists stores its first word.
 *
 * @param name the function
 * @returns the place, which is the same in all editions that have the function
 */
export function listStorePlace(name: keyof typeof LIST_STORES): SourcePlace {
  return { file: "lib/list.h", function: name, line: LIST_STORES[name], lineOf: "this-edition" };
}

/** A function at one commit. */
export interface FunctionRange {
  /** Its name. */
  readonly function: string;
  /** Its first line. */
  readonly first: number;
  /** Its last line. */
  readonly last: number;
}

/**
 * The functions of the page allocator that change something, at one commit.
 *
 * @param column the commit
 * @returns those that it has, by ascending line
 */
export function functionRanges(column: AssertionColumn): FunctionRange[] {
  const index = ASSERTION_COLUMNS.indexOf(column);
  return Object.values(FUNCTION_SITES).flatMap((site) => {
    const [first, last] = [lineAt(site.first, index), lineAt(site.last, index)];
    return first === null || last === null ? [] : [{ function: nameAt(site, index), first, last }];
  }).toSorted((one, other) => one.first - other.first);
}

/**
 * A place in words.
 *
 * @param place the place
 * @returns such as `split(), lib/alloc_page.c:118`, or `split(), lib/alloc_page.c, line 118 at head`
 */
export function placeText(place: SourcePlace): string {
  const { file, line, lineOf } = place;
  const where = line === null
    ? file
    : lineOf === "head"
    ? `${file}, line ${line} at head`
    : `${file}:${line}`;
  return `${place.function}(), ${where}`;
}
