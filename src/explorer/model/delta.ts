/**
 * Differences of plain data: what changes from one step to the next is told, the rest is not.
 *
 * ```text
 *   null                      the same
 *   ["=", value]              another value
 *   ["o", {key: delta}, keys] an object: members that changed or are new, and names that are gone
 *   ["a", {index: delta}]     an array of the same length: elements that changed
 *   ["s", at, count, items]   an array: `count` elements from `at` on are replaced by items
 * ```
 *
 * @module
 */

/** Plain data, as JSON can hold it. */
export type Plain = null | boolean | number | string | readonly Plain[] | PlainObject;

/** An object of plain data. */
export interface PlainObject {
  /** Its members. */
  readonly [name: string]: Plain;
}

/** What changes plain data into other plain data. */
export type Delta =
  | null
  | readonly ["=", Plain]
  | readonly ["o", Readonly<Record<string, Delta>>, readonly string[]]
  | readonly ["a", Readonly<Record<string, Delta>>]
  | readonly ["s", number, number, readonly Plain[]];

function isArray(value: Plain): value is readonly Plain[] {
  return Array.isArray(value);
}

function isObject(value: Plain): value is PlainObject {
  return typeof value === "object" && value !== null && !isArray(value);
}

function objectDelta(from: PlainObject, to: PlainObject): Delta {
  const changed: Record<string, Delta> = {};
  for (const [key, value] of Object.entries(to)) {
    const old = Object.hasOwn(from, key) ? from[key] : undefined;
    const delta: Delta = old === undefined ? ["=", value] : deltaOf(old, value);
    if (delta !== null) changed[key] = delta;
  }
  const gone = Object.keys(from).filter((key) => !Object.hasOwn(to, key));
  return Object.keys(changed).length + gone.length === 0 ? null : ["o", changed, gone];
}

function arrayDelta(from: readonly Plain[], to: readonly Plain[]): Delta {
  const hasObjects = to.some((value) => typeof value === "object" && value !== null);
  if (hasObjects && from.length === to.length) {
    const deltas = to.map((value, index) => [index, deltaOf(from[index] ?? null, value)] as const);
    const changed = deltas.filter(([, delta]) => delta !== null);
    return changed.length === 0 ? null : ["a", Object.fromEntries(changed)];
  }
  const isSame = (one: Plain | undefined, two: Plain | undefined): boolean =>
    one !== undefined && two !== undefined && deltaOf(one, two) === null;
  let at = 0;
  while (at < from.length && isSame(from[at], to[at])) at++;
  let same = 0;
  const most = Math.min(from.length, to.length) - at;
  while (same < most && isSame(from.at(-1 - same), to.at(-1 - same))) same++;
  const removed = from.length - same - at;
  const items = to.slice(at, to.length - same);
  return removed + items.length === 0 ? null : ["s", at, removed, items];
}

/**
 * Finds what changes one value into another.
 *
 * @param from plain data
 * @param to plain data
 * @returns the delta; null if both are the same
 */
export function deltaOf(from: Plain, to: Plain): Delta {
  if (from === to) return null;
  if (isArray(from) && isArray(to)) return arrayDelta(from, to);
  if (isObject(from) && isObject(to)) return objectDelta(from, to);
  return ["=", to];
}
