/**
 * What is said of a file that is no dump, or no dump of a guest.
 *
 * @module
 */

/** A dump that cannot be read, or in which no area can be found. */
export class DumpError extends Error {
  /** The error's name. */
  override name = "DumpError";
}
