/**
 * Boot of s390x.
 *
 * ```text
 *   early allocator = [end of image, end of RAM)
 *   pages:  area 0 = [2 GiB, end)   area 1 = [end of image, 2 GiB)
 *   the table of processors; main; setup_vm
 * ```
 *
 * @module
 */

import type { Edition } from "../edition.ts";
import { physAddr } from "../units.ts";
import { alignUpWrapped } from "../word.ts";
import { mallocNoted } from "./context.ts";
import type { BootContext } from "./context.ts";
import { giveToPages, initEarly, takeUnused } from "./hand_over.ts";
import { firstMemory, handsAllOver } from "./usable.ts";

/** The end of RAM: increments are tried upwards from 0 until one is missing. */
function ramSize(context: BootContext): bigint {
  const { memory, increment } = context.inputs;
  let end = 0n;
  for (const { first, size, kind } of memory) {
    if (kind === "ram" && first === end) end += size;
  }
  return end - end % increment;
}

/**
 * Gives all RAM above the image to the early allocator, as far as no increment is missing.
 *
 * Source: `lib/s390x/sclp.c`, `sclp_memory_setup()` and `mem_init()`, 1da1819e.
 *
 * @param context the boot
 */
export function takeSclpMemory(context: BootContext): void {
  const { imageEnd } = context.inputs;
  const { first, end } = handsAllOver(context.machine.edition)
    ? firstMemory(context, imageEnd)
    : { first: imageEnd, end: ramSize(context) };
  initEarly(context, physAddr(first), end - first, "early-init");
}

/**
 * Hands all that the early allocator has to the page allocator.
 *
 * Source: `lib/s390x/sclp.c`, `mem_init()`, 1da1819e.
 *
 * @param context the boot
 */
export function handTheRestOver(context: BootContext): void {
  const { base, top } = takeUnused(context);
  const pageBytes = 1n << BigInt(context.machine.pageShift);
  giveToPages(context, alignUpWrapped(64, base, pageBytes), top);
}

/**
 * The size of an element of the table of processors.
 *
 * Editions: `s390xCpuTable`.
 */
function elementBytes(edition: Edition, structureBytes: bigint): bigint {
  return edition.s390xCpuTable === "structures" ? structureBytes : 8n;
}

/**
 * Allocates the table of processors.
 *
 * Source: `lib/s390x/smp.c`, `smp_setup()`, 1da1819e.
 *
 * @param context the boot
 */
export function makeCpuTable(context: BootContext): void {
  const { machine, inputs } = context;
  const element = elementBytes(machine.edition, machine.arch.boot.cpuTableElement);
  mallocNoted(context, BigInt(inputs.cpus) * element, "table of processors");
}
