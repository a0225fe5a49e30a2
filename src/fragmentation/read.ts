/**
 * Reading `/proc/buddyinfo`, `/proc/pagetypeinfo`, `extfrag_index` and `unusable_index`, as files or as
 * people paste them: several one behind the other, a reading of every minute, a part.
 *
 * @module
 */

import { WOULD_SUCCEED } from "./indices.ts";
import {
  countsOf,
  found,
  indicesOfWords,
  lineError,
  looksLikeIndex,
  rowOf,
  wordsOf,
} from "./rows.ts";
import type { ProcLine, ProcRow } from "./rows.ts";
import type {
  BlockRow,
  BlockTable,
  CountRow,
  FreeMemoryTable,
  IndexKind,
  IndexRow,
  PageTypeInfo,
  TypeRow,
} from "./tables.ts";

/** A text that has more lines than this is none of these files, or a log that is to be cut. */
const MOST_LINES = 1_000_000;

/** A table while it is read. */
interface Draft {
  /** Takes a line; another table begins there if it does not. */
  readonly take: (line: ProcLine, row: ProcRow | null) => "taken" | "other";
  /** The table, once no more lines of it follow. */
  readonly finish: (last: ProcLine) => FreeMemoryTable;
}

/** Says that all rows must have as many columns, and takes note of their zones. */
class Rows<T extends { readonly node: number; readonly zone: string }> {
  readonly rows: T[] = [];
  readonly #seen = new Set<string>();
  #columns: number | null;
  readonly #what: string;

  constructor(what: string, columns: number | null = null) {
    this.#what = what;
    this.#columns = columns;
  }

  /** Whether a row of this zone was added before: then another reading begins. */
  knows({ node, zone, type }: ProcRow): boolean {
    return this.#seen.has(`${node} ${zone} ${type}`);
  }

  /** Adds a row. */
  add(line: ProcLine, { node, zone, type, words }: ProcRow, row: T): void {
    const wanted = this.#columns ?? words.length;
    if (words.length !== wanted) {
      throw lineError(
        line,
        `a row must have ${wanted} ${this.#what}, as those above it, it has ${words.length}`,
      );
    }
    this.#columns = wanted;
    this.#seen.add(`${node} ${zone} ${type}`);
    this.rows.push(row);
  }
}

function buddyInfoDraft(): Draft {
  const rows = new Rows<CountRow>("counts, one for each order");
  return {
    take(line: ProcLine, row: ProcRow | null): "taken" | "other" {
      const isOther = row === null || row.type !== null || row.words.some(looksLikeIndex);
      if (isOther || rows.knows(row)) return "other";
      const { counts } = countsOf(line, row.words, "exact");
      rows.add(line, row, { node: row.node, zone: row.zone, counts });
      return "taken";
    },
    finish: () => ({ kind: "buddyinfo", rows: rows.rows }),
  };
}

/** Which file a row of indices can be of: at order 0 either any free block will do, or none is free. */
function kindOfIndices(line: ProcLine, indices: readonly number[]): IndexKind | null {
  const [first = 0] = indices;
  if (first === WOULD_SUCCEED) return "extfrag_index";
  if (indices.some((index) => index < 0)) {
    throw lineError(line, "the first index must be -1.000, as there is an index below 0");
  }
  return indices.every((index) => index === 0) ? null : "unusable_index";
}

function indexDraft(named: IndexKind | null): Draft {
  const rows = new Rows<IndexRow>("indices, one for each order");
  let kind: IndexKind | null = null;
  return {
    take(line: ProcLine, row: ProcRow | null): "taken" | "other" {
      const isOther = row === null || row.type !== null || !row.words.some(looksLikeIndex);
      if (isOther || rows.knows(row)) return "other";
      const indices = indicesOfWords(line, row.words);
      const told = kindOfIndices(line, indices);
      if (kind !== null && told !== null && told !== kind) {
        throw lineError(line, `a row must be one of ${kind}, as those above it, not of ${told}`);
      }
      kind ??= told;
      rows.add(line, row, { node: row.node, zone: row.zone, indices });
      return "taken";
    },
    finish(last: ProcLine): FreeMemoryTable {
      const known = kind ?? named;
      if (known !== null) return { kind: known, rows: rows.rows };
      throw lineError(
        last,
        "indices that are all 0.000 must stand in a file called extfrag_index or unusable_index, " +
          "as nothing else tells which they are",
      );
    },
  };
}

const ORDERS_TITLE = "Free pages count per migrate type at order";
const BLOCKS_TITLE = /^Number of (blocks type|mixed blocks)\b(.*)$/;

/** The parts of a `pagetypeinfo` so far. */
class PageTypeDraft implements Draft {
  #blockOrder: number | null = null;
  #rows: Rows<TypeRow> | null = null;
  #blocks: { readonly types: string[]; readonly rows: Rows<BlockRow> } | null = null;
  #mixed: { readonly types: string[]; readonly rows: Rows<BlockRow> } | null = null;

  take(line: ProcLine, row: ProcRow | null): "taken" | "other" {
    if (row === null) return this.#takeHeading(line);
    if (row.words.some(looksLikeIndex)) return "other";
    return row.type === null ? this.#takeBlocks(line, row) : this.#takeFree(line, row, row.type);
  }

  #takeHeading(line: ProcLine): "taken" | "other" {
    const { text } = line;
    const [, order] = /^Page block order:\s*(\d{1,2})$/.exec(text) ?? [];
    if (order !== undefined) {
      if (this.#blockOrder !== null || this.#rows !== null) return "other";
      this.#blockOrder = Number(order);
      return "taken";
    }
    const [, pages] = /^Pages per block:\s*(\d{1,15})$/.exec(text) ?? [];
    if (pages !== undefined) return this.#takePages(line, Number(pages));
    if (text.startsWith(ORDERS_TITLE)) return this.#takeOrders(line);
    const [, title, types] = BLOCKS_TITLE.exec(text) ?? [];
    if (types === undefined) return "other";
    const table = { types: wordsOf(types), rows: blockRows(line, types) };
    if (title === "mixed blocks") this.#mixed = table;
    else if (this.#blocks !== null) return "other";
    else this.#blocks = table;
    return "taken";
  }

  #takePages(line: ProcLine, pages: number): "taken" | "other" {
    const order = this.#blockOrder;
    if (order === null || this.#rows !== null) return "other";
    if (pages === 2 ** order) return "taken";
    throw lineError(
      line,
      `a page block of order ${order} must have ${2 ** order} pages, not ${pages}`,
    );
  }

  #takeOrders(line: ProcLine): "taken" | "other" {
    if (this.#rows !== null) return "other";
    const orders = wordsOf(line.text.slice(ORDERS_TITLE.length));
    const wrong = orders.findIndex((word, at) => word !== String(at));
    if (orders.length === 0 || wrong >= 0) {
      const is = orders.length === 0 ? "there are none" : `at place ${wrong} is ${orders[wrong]}`;
      throw lineError(line, `the orders must be 0, 1, 2 and so on, ${is}`);
    }
    this.#rows = new Rows("counts, one for each order", orders.length);
    return "taken";
  }

  #takeFree(line: ProcLine, row: ProcRow, type: string): "taken" | "other" {
    if (this.#blocks !== null || this.#mixed !== null) return "other";
    this.#rows ??= new Rows("counts, one for each order");
    if (this.#rows.knows(row)) return "other";
    const { node, zone, words } = row;
    this.#rows.add(line, row, { node, zone, type, ...countsOf(line, words, "lower-bounds") });
    return "taken";
  }

  #takeBlocks(line: ProcLine, row: ProcRow): "taken" | "other" {
    const table = this.#mixed ?? this.#blocks;
    if (table === null || table.rows.knows(row)) return "other";
    const { counts } = countsOf(line, row.words, "exact");
    table.rows.add(line, row, { node: row.node, zone: row.zone, blocks: counts });
    return "taken";
  }

  finish(last: ProcLine): PageTypeInfo {
    const isCut = [this.#rows, this.#blocks?.rows, this.#mixed?.rows]
      .some((part) => part?.rows.length === 0);
    if (isCut || (this.#rows === null && this.#blockOrder !== null)) {
      throw lineError(
        last,
        "below a heading of pagetypeinfo there must be rows, the file ends here",
      );
    }
    return {
      kind: "pagetypeinfo",
      blockOrder: this.#blockOrder,
      rows: this.#rows?.rows ?? [],
      blocks: tableOf(this.#blocks),
      mixed: tableOf(this.#mixed),
    };
  }
}

function tableOf(
  draft: { readonly types: string[]; readonly rows: Rows<BlockRow> } | null,
): BlockTable | null {
  return draft === null ? null : { types: draft.types, rows: draft.rows.rows };
}

function blockRows(line: ProcLine, types: string): Rows<BlockRow> {
  const count = wordsOf(types).length;
  if (count > 0) return new Rows("counts, one for each migrate type", count);
  throw lineError(line, "behind the heading there must be migrate types, there are none");
}

/** The table that begins at a line. */
function draftAt(line: ProcLine, row: ProcRow | null, named: IndexKind | null): Draft {
  const isIndex = row !== null && row.words.some(looksLikeIndex);
  const draft = isIndex
    ? indexDraft(named)
    : row !== null && row.type === null
    ? buddyInfoDraft()
    : new PageTypeDraft();
  if (draft.take(line, row) === "taken") return draft;
  throw lineError(
    line,
    'it must be a row such as "Node 0, zone Normal 1 2 3", or a heading of pagetypeinfo, it is ' +
      found(line.text),
  );
}

/** Which index a file's name stands for; null if for none. */
function kindOfName(name: string): IndexKind | null {
  if (name.includes("extfrag_index")) return "extfrag_index";
  return name.includes("unusable_index") ? "unusable_index" : null;
}

/**
 * Reads tables about free memory. Empty lines and those that begin with `#` are left out; where a zone comes
 * again, the next reading begins.
 *
 * @param text the text of one or several of the files
 * @param name the name of the file, which tells two indices apart where all are 0
 * @returns the tables, at least one, in the order of the text
 * @throws {SyntaxError} if a line is none of such a file, or one is cut off; it names the line
 */
export function readFreeMemory(text: string, name = ""): FreeMemoryTable[] {
  const named = kindOfName(name);
  const tables: FreeMemoryTable[] = [];
  let draft: Draft | null = null;
  let last: ProcLine = { number: 1, text: "" };
  for (const [index, raw] of text.split("\n").entries()) {
    const line = { number: index + 1, text: raw.trim() };
    if (line.number > MOST_LINES) {
      throw lineError(line, `there must be at most ${MOST_LINES} lines: cut the log in parts`);
    }
    if (line.text === "" || line.text.startsWith("#")) continue;
    const row = rowOf(line);
    if (draft === null || draft.take(line, row) === "other") {
      if (draft !== null) tables.push(draft.finish(last));
      draft = draftAt(line, row, named);
    }
    last = line;
  }
  if (draft === null) {
    throw lineError(last, 'there must be a row such as "Node 0, zone Normal 1 2 3", there is none');
  }
  return [...tables, draft.finish(last)];
}
