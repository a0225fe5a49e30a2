/**
 * JSON of any size, in pieces: the whole may be longer than a text can be.
 *
 * @module
 */

/** Values below this depth stand on one line: a step, an area, the result of a file. */
const INLINE_DEPTH = 4;

/** JSON knows no bigints: they become texts, 0x and hex digits. */
function withoutBigints(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? `0x${value.toString(16)}` : value;
}

/** What stands in an array or an object: what is written before each value, and the value. */
function membersOf(value: object): [head: string, member: unknown][] {
  if (Array.isArray(value)) return value.map((member) => ["", member]);
  return Object.entries(value).filter(([, member]) => member !== undefined)
    .map(([name, member]) => [`${JSON.stringify(name)}: `, member]);
}

/**
 * Writes a value as JSON: the outer levels indented, the inner ones on one line.
 *
 * @param value plain data; bigints become texts, 0x and hex digits
 * @param depth how deep the value lies in the whole
 * @returns the pieces of the text, in order
 */
export function* jsonPieces(value: unknown, depth = 0): Generator<string> {
  const members = typeof value === "object" && value !== null ? membersOf(value) : [];
  if (depth >= INLINE_DEPTH || members.length === 0) {
    yield JSON.stringify(value, withoutBigints);
    return;
  }
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  const indent = "  ".repeat(depth);
  yield `${open}\n`;
  for (const [index, [head, member]] of members.entries()) {
    yield `${indent}  ${head}`;
    yield* jsonPieces(member, depth + 1);
    yield index < members.length - 1 ? ",\n" : "\n";
  }
  yield `${indent}${close}`;
}
