/**
 * The assertions of the page allocator in each edition of `lib/alloc_page.c`.
 *
 * @module
 */

import { ASSERTION_COLUMNS, SITES } from "./assertion_sites.ts";
import type { AssertionColumn, AssertionName, Site } from "./assertion_sites.ts";
import type { SourceLine } from "./outcome.ts";

export type { AssertionName };

const FILE = "lib/alloc_page.c";

/** An assertion of one edition: where it stands and what it prints. */
export interface Assertion {
  /** Where it stands. */
  readonly source: SourceLine;
  /** The condition's text, exactly as upstream prints it. */
  readonly expression: string;
}

/** The assertions of one edition, by name. */
export type AssertionTable = Readonly<Record<AssertionName, Assertion>>;

function textAt(site: Site, column: number): string {
  if (typeof site.text === "string") return site.text;
  let text = site.text[0]?.[1] ?? "";
  for (const [from, candidate] of site.text) {
    if (ASSERTION_COLUMNS.indexOf(from) <= column) text = candidate;
  }
  return text;
}

/**
 * The assertions of one edition.
 *
 * @param column the commit whose text runs
 * @param lineNumbers whether that edition's line numbers are known
 * @returns each assertion by name; one that the edition lacks has no line
 */
export function assertionsAt(
  column: AssertionColumn,
  lineNumbers: "known" | "unknown" = "known",
): AssertionTable {
  const index = ASSERTION_COLUMNS.indexOf(column);
  const table = Object.entries(SITES).map(([name, site]: [string, Site]) => {
    const line = lineNumbers === "known" ? site.lines[index] ?? null : null;
    const source = { file: FILE, function: site.function, line };
    return [name, { source, expression: textAt(site, index) }];
  });
  return Object.fromEntries(table) as AssertionTable;
}
