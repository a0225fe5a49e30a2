/**
 * The early allocator, as the guest prints it.
 *
 * @module
 */

import { physAllocShow } from "../alloc_phys.ts";
import type { Machine } from "../machine.ts";
import { textOf } from "./columns.ts";
import { type PaintOptions, PLAIN_PAINT } from "./paint.ts";

/**
 * Writes what the early allocator gave out: the text of `phys_alloc_show()`.
 *
 * @param machine the machine
 * @param options colours
 * @returns the text
 */
export function printPhys(machine: Pick<Machine, "early">, options: PaintOptions = {}): string {
  const { paint = PLAIN_PAINT } = options;
  const colour = (line: string): string => {
    if (line.endsWith("[USED]")) return paint.allocated(line);
    return line.endsWith("[FREE]") ? paint.free(line) : line;
  };
  return textOf(physAllocShow(machine.early).map(colour));
}
