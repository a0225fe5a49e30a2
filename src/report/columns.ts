/**
 * Text in columns: at most 100 of them.
 *
 * @module
 */

/** No line of a report is wider, names from outside excepted. */
export const COLUMNS = 100;

/**
 * The width of a text in columns.
 *
 * @param text a text without colours
 * @returns the number of its characters
 */
export function widthOf(text: string): number {
  return [...text].length;
}

/**
 * Fills a text up with spaces on its right.
 *
 * @param text the text
 * @param width in columns
 * @returns the text, never cut
 */
export function padRight(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - widthOf(text)));
}

/**
 * Lays words out in lines.
 *
 * @param words the words; one wider than a line is broken
 * @param head what stands before the first word; the lines below are indented by as much
 * @param separator what stands between two words of a line
 * @returns the lines, at least one
 */
export function wrapWords(words: readonly string[], head: string, separator = " "): string[] {
  const indent = " ".repeat(widthOf(head));
  const room = COLUMNS - indent.length;
  const lines: string[] = [];
  let line = "";
  for (const piece of words.flatMap((word) => pieces(word, room))) {
    const longer = line === "" ? piece : line + separator + piece;
    if (line !== "" && widthOf(longer) > room) {
      lines.push(line);
      line = piece;
    } else line = longer;
  }
  return [...lines, line].map((text, index) => ((index === 0 ? head : indent) + text).trimEnd());
}

/** A word in pieces that fit. */
function pieces(word: string, room: number): string[] {
  const characters = [...word];
  if (characters.length <= room) return [word];
  const found: string[] = [];
  for (let at = 0; at < characters.length; at += room) {
    found.push(characters.slice(at, at + room).join(""));
  }
  return found;
}

/**
 * Lays prose out in lines, broken at spaces.
 *
 * @param text the text, on one line
 * @param head what stands before it; the lines below are indented by as much
 * @returns the lines, at least one
 */
export function wrapProse(text: string, head: string): string[] {
  return wrapWords(text.split(" "), head);
}

/**
 * Makes lines a text.
 *
 * @param lines the lines
 * @returns the text; each line ends in a newline, and none in a space
 */
export function textOf(lines: readonly string[]): string {
  return lines.map((line) => `${line.trimEnd()}\n`).join("");
}

/**
 * Writes a number in base 16, as reports write pfns: without 0x.
 *
 * @param value the number
 * @returns such as `100001`
 */
export function bareHex(value: number | bigint): string {
  return value.toString(16);
}

/**
 * Writes an address: base 16 with 0x.
 *
 * @param value the address
 * @returns such as `0x100001000`
 */
export function hexAddress(value: bigint): string {
  return `0x${value.toString(16)}`;
}

/**
 * A count with its noun.
 *
 * @param count the count
 * @param noun in the singular; the plural takes an s
 * @returns such as `1 frame` or `2 frames`
 */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
