/**
 * Boot of riscv64 and riscv32.
 *
 * ```text
 *   regions: code | data ... 3 GiB | unused
 *   pages = data behind image, device tree and initrd
 *   serial port; environment; setup_vm (maps the unused region too); main
 * ```
 *
 * @module
 */

import { sourceIn } from "../mmu.ts";
import { cAssert } from "../outcome.ts";
import type { BootContext } from "./context.ts";
import { callerOf } from "./context.ts";
import { freeRegionOf } from "./hand_over.ts";
import { splitRegions } from "./regions.ts";
import { keepsWindowClear } from "./usable.ts";

const LEAST_MEMORY = 16n << 20n;

/**
 * Sets memory at and above 3 GiB aside: virtual addresses are given out there. The repaired code has set
 * aside by now what those addresses cover, and uses what lies above.
 *
 * Ends in a failed assertion if less than 16 MiB are left.
 *
 * Source: `lib/riscv/setup.c`, `mem_allocator_init()`, 1da1819e.
 *
 * @param context the boot
 */
export function cutAtVirtualBase(context: BootContext): void {
  const { machine, freeStart } = context;
  const virtualBase = machine.arch.boot.virtualBase;
  if (virtualBase === null) return;
  const isCut = !keepsWindowClear(machine.edition);
  if (isCut && freeRegionOf(context).end > virtualBase) {
    splitRegions(context, virtualBase, null, "unused");
  }
  const source = { ...callerOf(context, "early-init"), line: null };
  const left = freeRegionOf(context).end - freeStart;
  const expression = "freemem_end - freemem_start >= SZ_1M * 16";
  // The difference is unsigned: free memory that begins above the base passes.
  const isEnough = left < 0n || left >= LEAST_MEMORY;
  cAssert(isEnough, sourceIn(machine.edition, source), expression);
}
