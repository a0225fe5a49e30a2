/**
 * Boot of ppc64.
 *
 * ```text
 *   early allocator = pages = the rest of the region that holds the image
 *   environment; main; setup_vm: process table, root, everything but page 0
 * ```
 *
 * @module
 */

import type { BootCaller } from "../arch.ts";
import { byteCount } from "../units.ts";
import { allocate, callerOf } from "./context.ts";
import type { BootContext } from "./context.ts";

/**
 * Allocates a table that the hardware wants beside the page tables.
 *
 * Source: `lib/ppc64/mmu.c`, `setup_mmu()`, 1da1819e.
 *
 * @param context the boot
 * @param caller which table
 * @param purpose what it is, in words
 */
export function makeSideTable(context: BootContext, caller: BootCaller, purpose: string): void {
  const [alignment, size] = [byteCount(0x1000n), byteCount(0x1000n)];
  const request = { kind: "memalign", alignment, size } as const;
  allocate(context, request, purpose, callerOf(context, caller));
}
