/**
 * The version of the package.
 *
 * @module
 */

/** The version, as `deno.json` has it. */
export const VERSION = "0.1.0";
