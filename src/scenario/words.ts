/**
 * Words in messages: the nearest valid one, and what is shown of a text that somebody else wrote.
 *
 * @module
 */

/** Candidates longer than this are not compared: no word of the language is. */
const LONGEST_COMPARED = 40;

/**
 * The number of single-character edits (insert, delete, replace, swap of neighbours) between two words.
 *
 * @param a a word
 * @param b another
 * @returns 0 if they are equal
 */
export function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = a[row - 1] === b[column - 1] ? 0 : 1;
      const edits = [
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (previous[column - 1] ?? 0) + replaced,
      ];
      if (a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        edits.push((beforePrevious[column - 2] ?? row) + 1);
      }
      current.push(Math.min(...edits));
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[b.length] ?? 0;
}

/**
 * The valid word that somebody probably meant.
 *
 * @param word what was written
 * @param candidates the valid words
 * @returns the nearest one, the first among equals; null if none is near
 */
export function nearestWord(word: string, candidates: Iterable<string>): string | null {
  if (word === "" || word.length > LONGEST_COMPARED) return null;
  const lower = word.toLowerCase();
  let nearest: string | null = null;
  let least = Math.floor(Math.max(word.length, 3) / 3) + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) >= least) continue;
    const distance = editDistance(lower, candidate.toLowerCase());
    if (distance < least) {
      nearest = candidate;
      least = distance;
    }
  }
  return nearest;
}

/** What is not shown as it is: control and invisible characters, and the beginnings of tags and entities. */
const NOT_SHOWN = /(?! )[\p{C}\p{Z}]|<(?=[A-Za-z/!?]|$)|&(?=[A-Za-z#]|$)/gu;

/**
 * A text by somebody else, fit for a message: control and invisible characters, and those that begin
 * a tag or an entity in HTML, become `\u{…}`.
 *
 * @param text any text
 * @returns the text on one line, harmless in a terminal and in a page
 */
export function shownText(text: string): string {
  return text.replace(NOT_SHOWN, (character) => {
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
}

const LONGEST_SHOWN = 60;

/**
 * A word by somebody else in quotation marks, cut if it is long.
 *
 * @param word any text
 * @returns such as `"aloc_pages"`
 */
export function quotedWord(word: string): string {
  const cut = word.length > LONGEST_SHOWN ? `${word.slice(0, LONGEST_SHOWN)}…` : word;
  return `"${shownText(cut)}"`;
}

/**
 * Alternatives in words.
 *
 * @param words the alternatives
 * @returns such as `map, blocks or lists`
 */
export function alternatives(words: readonly string[]): string {
  const last = words.at(-1) ?? "";
  return words.length < 2 ? last : `${words.slice(0, -1).join(", ")} or ${last}`;
}
