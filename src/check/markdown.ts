/**
 * Pieces of Markdown pages that are generated, as `deno fmt` would write them.
 *
 * @module
 */

/** The width of a page. */
export const PAGE_COLUMNS = 100;

/** A word; code between backquotes is one, and is not broken. */
const WORD = /(?:`[^`]*`|[^\s`])+/g;

/**
 * Breaks a paragraph into lines.
 *
 * @param text the paragraph
 * @param columns the width
 * @returns the lines
 */
export function wrapMarkdown(text: string, columns: number = PAGE_COLUMNS): string[] {
  const lines: string[] = [];
  let line = "";
  for (const [word] of text.matchAll(WORD)) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (longer.length <= columns) line = longer;
    else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line];
}

/**
 * The anchor that a heading gets.
 *
 * @param title the heading
 * @returns what stands behind # in a link
 */
export function anchorOf(title: string): string {
  return title.toLowerCase().replaceAll(/[^a-z0-9 _-]/g, "").replaceAll(" ", "-");
}

/**
 * A table.
 *
 * @param rows the rows; the first is the head
 * @returns the lines
 */
export function markdownTable(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]?.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0))) ??
    [];
  const [head = "", ...body] = rows.map((row) =>
    `| ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(" | ")} |`
  );
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return [head, rule, ...body];
}
