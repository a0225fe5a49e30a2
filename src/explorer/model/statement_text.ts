/**
 * A scenario's text by statements. A statement is read again when it is asked for: as text a million of
 * them take a tenth of the room.
 *
 * @module
 */

import { parseLineAgain } from "../../scenario/mod.ts";
import type { NumberedLine, Statement } from "../../scenario/mod.ts";

/** How many lines a text has, at most. */
function countLines(text: string): number {
  let count = 1;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) count++;
  return count;
}

/** Where the statements of a text stand. */
export class StatementText {
  /** The text. */
  readonly text: string;
  /** How many lines the text has: there are no more statements than that. */
  readonly lineCount: number;
  readonly #starts: Uint32Array;
  readonly #ends: Uint32Array;
  /** The line of each statement, from 1. */
  readonly lines: Uint32Array;
  #count = 0;

  /**
   * Begins without statements.
   *
   * @param text the text
   */
  constructor(text: string) {
    this.text = text;
    this.lineCount = countLines(text);
    this.#starts = new Uint32Array(this.lineCount);
    this.#ends = new Uint32Array(this.lineCount);
    this.lines = new Uint32Array(this.lineCount);
    // The machine is made before the text is read: what is wrong with it is wrong in this line.
    this.lines[0] = countLines(text.slice(0, Math.max(0, text.search(/^[ \t]*[^\s#]/m))));
  }

  /** How many statements were found so far. */
  get count(): number {
    return this.#count;
  }

  /**
   * Notes the next statement.
   *
   * @param line the line that holds it
   */
  add({ start, text, line }: NumberedLine): void {
    const index = this.#count++;
    this.#starts[index] = start;
    this.#ends[index] = start + text.length;
    this.lines[index] = line;
  }

  /**
   * Reads a statement again.
   *
   * @param index its number
   * @returns the statement
   */
  statementAt(index: number): Statement {
    return parseLineAgain(this.text.slice(this.#starts[index], this.#ends[index]));
  }
}
