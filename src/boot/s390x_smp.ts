/**
 * Further processors of s390x: each has a lowcore below 2 GiB and a stack.
 *
 * @module
 */

import { areaMaskOfName } from "../arch.ts";
import { areaTableOf } from "../edition.ts";
import type { Edition } from "../edition.ts";
import type { Machine } from "../machine.ts";
import { requestFlags } from "../request_flags.ts";
import { byteCount, virtAddr } from "../units.ts";
import type { VirtAddr } from "../units.ts";
import { countsProcessors } from "./traits.ts";

/** The part of the lowcore that a new processor gets from the first one, in bytes. */
const COPIED_BYTES = 512n;

/** The order of a lowcore: two pages. */
const LOWCORE_ORDER = 1;

/** The order of a stack: four pages. */
const STACK_ORDER = 2;

/** A processor that was set up. */
export interface S390xCpu {
  /** The address of its lowcore; null if there was no memory, which nobody noticed. */
  readonly lowcore: VirtAddr | null;
  /** The address of its stack. */
  readonly stack: VirtAddr | null;
}

/** Editions: `s390xLowcore`. */
function clearsLowcore(edition: Edition): boolean {
  return edition.s390xLowcore === "cleared-by-hand";
}

function flagsFor(machine: Machine, areasMask: number | null): number {
  return requestFlags(machine.edition, { areasMask, dontZero: false, fresh: false });
}

/**
 * Sets a processor up: two pages below 2 GiB for its lowcore, whose begin is copied from address 0, and
 * four pages from anywhere for its stack. Nobody looks whether there was memory; a lowcore that could not
 * be had is written to address 0.
 *
 * Source: `lib/s390x/smp.c`, `smp_cpu_setup_nolock()`, 1da1819e.
 *
 * @param machine a machine of s390x
 * @returns the addresses
 * @throws {RangeError} if the machine is no s390x
 */
export function smpCpuSetup(machine: Machine): S390xCpu {
  const { arch, edition, pages, space } = machine;
  if (!countsProcessors(arch)) {
    throw new RangeError(
      `Cannot set up a processor of ${arch.name}: the machine must be s390x`,
    );
  }
  const below2G = areaMaskOfName(areaTableOf(arch, edition), "DMA31");
  const lowcore = pages.allocPages(LOWCORE_ORDER, flagsFor(machine, below2G));
  const by = "smp_cpu_setup()";
  const first = lowcore ?? virtAddr(0n);
  if (clearsLowcore(edition)) {
    space.fill(first, byteCount(1n << BigInt(machine.pageShift + LOWCORE_ORDER)), 0, by);
  }
  for (let offset = 0n; offset < COPIED_BYTES; offset += 8n) {
    const word = space.read(virtAddr(offset), 8, by);
    space.write(virtAddr(first + offset), 8, word, by);
  }
  const stack = pages.allocPages(STACK_ORDER, flagsFor(machine, null));
  return { lowcore, stack };
}

/**
 * Frees the lowcore and the stack of a processor.
 *
 * Source: `lib/s390x/smp.c`, `smp_cpu_destroy()`, 1da1819e.
 *
 * @param machine the machine
 * @param cpu the processor
 */
export function smpCpuDestroy(machine: Machine, cpu: S390xCpu): void {
  machine.pages.freePages(cpu.lowcore ?? virtAddr(0n));
  machine.pages.freePages(cpu.stack ?? virtAddr(0n));
}
