/**
 * Bytes of memory that somebody knows better than memory does.
 *
 * @module
 */

/** Somebody who writes bytes only when they are looked at, and has to know when that is. */
export interface Keeper {
  /** Host pages `[first, end)` are about to be accessed. */
  beforeAccess(first: number, end: number): void;
  /** All of memory is about to be looked at, copied or replaced. */
  beforeAll(): void;
}
