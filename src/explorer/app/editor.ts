/**
 * The scenario's text, with what is wrong in it marked in place.
 *
 * @module
 */

import type { ProblemView } from "../model/mod.ts";
import { make } from "../page/mod.ts";
import type { PageDocument, PageElement } from "../page/mod.ts";

/** A part of a text that a problem is about, `[start, end)` in characters. */
export interface Span {
  /** Its first character. */
  readonly start: number;
  /** The first character after. */
  readonly end: number;
}

/**
 * Finds the part of a text that a problem is about.
 *
 * @param text the text
 * @param problem the problem
 * @returns the word, or the whole line; at the end of a line, the character before
 */
export function spanOf(text: string, { line, column, length }: ProblemView): Span {
  const lines = text.split("\n");
  const before = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  const width = lines[line - 1]?.length ?? 0;
  if (column === null) return { start: before, end: before + width };
  const start = before + Math.min(column - 1, Math.max(0, width - 1));
  return { start, end: Math.min(before + width, start + Math.max(1, length)) };
}

/** The text as elements, with marks around what is wrong. */
function underlayOf(page: PageDocument, text: string, spans: readonly Span[]): (
  | PageElement
  | string
)[] {
  const parts: (PageElement | string)[] = [];
  let at = 0;
  for (const { start, end } of spans.toSorted((one, other) => one.start - other.start)) {
    if (start < at || end <= start) continue;
    parts.push(text.slice(at, start), make(page, "mark", {}, [text.slice(start, end)]));
    at = end;
  }
  return [...parts, `${text.slice(at)}\n`];
}

/**
 * Shows what is wrong with the text, in place and as a list of which each item leads to its place.
 *
 * @param page the document
 * @param text the text
 * @param problems what is wrong; empty for nothing
 */
export function showProblems(
  page: PageDocument,
  text: string,
  problems: readonly ProblemView[],
): void {
  const spans = problems.map((problem) => spanOf(text, problem));
  page.getElementById("underlay")?.replaceChildren(...underlayOf(page, text, spans));
  const editor = page.getElementById("text");
  editor?.setAttribute("aria-invalid", problems.length === 0 ? "false" : "true");
  const items = problems.map(({ line, column, message }, index) => {
    const at = column === null ? `line ${line}` : `line ${line}, column ${column}`;
    const button = make(page, "button", { "type": "button" }, [`${at}: ${message}`]);
    button.addEventListener("click", () => {
      const span = spans[index];
      editor?.focus();
      if (span !== undefined) editor?.setSelectionRange(span.start, span.end);
    });
    return make(page, "li", {}, [button]);
  });
  page.getElementById("problems")?.replaceChildren(...items);
}
