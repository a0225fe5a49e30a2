/**
 * Counts in words.
 *
 * @module
 */

/** The width of the text. */
const COLUMNS = 100;

/**
 * A text broken into lines at spaces.
 *
 * @param text the text; what it begins with keeps its spaces
 * @param indent how far the lines after the first are indented
 * @returns the lines
 */
export function wrapped(text: string, indent: number): string[] {
  const lines: string[] = [];
  let rest = text;
  while (rest.length > COLUMNS) {
    const space = rest.lastIndexOf(" ", COLUMNS);
    const at = space > indent ? space : COLUMNS;
    lines.push(rest.slice(0, at).trimEnd());
    rest = " ".repeat(indent) + rest.slice(at).trimStart();
  }
  return [...lines, rest];
}

/**
 * A count with its noun.
 *
 * @param count the count
 * @param noun in the singular; its plural ends in s
 * @returns such as `1 run` or `2 runs`
 */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
