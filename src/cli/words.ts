/**
 * Counts in words.
 *
 * @module
 */

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
