/**
 * Text in columns.
 *
 * @module
 */

/** How a table is laid out. */
export interface TableOptions {
  /** Spaces before each line; 2 by default. */
  readonly indent?: number;
  /** The width of the whole; lines of the last column are broken to fit. 80 by default. */
  readonly columns?: number;
}

const GAP = 2;

/** The last column is not made narrower than this, however narrow the terminal is. */
const NARROWEST = 24;

function widthOf(text: string): number {
  return [...text].length;
}

/**
 * Breaks a text at spaces.
 *
 * @param text the text
 * @param width the greatest width of a line; a longer word stands alone
 * @returns the lines, at least one
 */
export function wrapText(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && widthOf(line) + 1 + widthOf(word) > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

/**
 * Lays rows out in columns of equal width; the last column is wrapped.
 *
 * @param rows the rows, each with the same number of cells
 * @param options the indentation and the width of the whole
 * @returns the lines, without spaces at their ends
 */
export function tableLines(
  rows: readonly (readonly string[])[],
  options: TableOptions = {},
): string[] {
  const { indent = 2, columns = 80 } = options;
  const count = rows[0]?.length ?? 0;
  const widths = Array.from({ length: Math.max(0, count - 1) }, (_, column) => {
    return Math.max(...rows.map((row) => widthOf(row[column] ?? "")));
  });
  const start = indent + widths.reduce((sum, width) => sum + width + GAP, 0);
  return rows.flatMap((row) => {
    const cells = widths.map((width, column) => {
      const cell = row[column] ?? "";
      return cell + " ".repeat(width - widthOf(cell) + GAP);
    });
    const [first = "", ...rest] = wrapText(row.at(-1) ?? "", Math.max(NARROWEST, columns - start));
    const head = " ".repeat(indent) + cells.join("") + first;
    return [head, ...rest.map((line) => " ".repeat(start) + line)].map((line) => line.trimEnd());
  });
}
