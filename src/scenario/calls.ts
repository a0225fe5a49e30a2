/**
 * The calls of a scenario: one row each. A further call is a further row.
 *
 * @module
 */

import { writtenWith } from "./call_row.ts";
import type { CallRow } from "./call_row.ts";
import { HOST_CALLS } from "./calls_host.ts";
import { MEMORY_CALLS } from "./calls_memory.ts";
import { PAGE_CALLS } from "./calls_pages.ts";
import { BOOT_CALLS, MALLOC_CALLS } from "./calls_stack.ts";
import { TABLE_CALLS } from "./calls_tables.ts";

/** The calls, in the order of the documentation. */
export const CALLS: readonly CallRow[] = [
  ...BOOT_CALLS,
  ...PAGE_CALLS,
  ...MALLOC_CALLS,
  ...TABLE_CALLS,
  ...MEMORY_CALLS,
  ...HOST_CALLS,
];

const CALLS_BY_NAME: ReadonlyMap<string, CallRow> = new Map(CALLS.map((row) => [row.name, row]));

/**
 * Finds a call.
 *
 * @param name its name
 * @returns the row, or null if there is none
 */
export function callNamed(name: string): CallRow | null {
  return CALLS_BY_NAME.get(name) ?? null;
}

/**
 * How a call is written.
 *
 * @param row the call
 * @returns such as `write ADDRESS VALUE [BYTES]`
 */
export function usageOf(row: CallRow): string {
  const parameters = row.parameters.map(({ name, presence }) =>
    presence === "optional" ? `[${name}]` : name
  );
  return writtenWith(row, parameters).join(" ");
}
