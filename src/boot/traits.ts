/**
 * What sets architectures apart in boot, as questions: each is asked here and nowhere else.
 *
 * @module
 */

import type { Arch, BootStepName } from "../arch.ts";
import type { Edition } from "../edition.ts";

function hasStep({ boot }: Arch, wanted: BootStepName): boolean {
  return Object.values(boot.steps).some((steps) => steps.includes(wanted));
}

/**
 * Tells whether the number of processors matters to the allocators: boot makes a table of them.
 *
 * @param arch the architecture
 * @returns true for s390x
 */
export function countsProcessors(arch: Arch): boolean {
  return hasStep(arch, "make-cpu-table");
}

/**
 * Tells whether boot copies the environment out of the initrd, so that an initrd takes memory.
 *
 * @param arch the architecture
 * @returns true for arm, arm64, ppc64 and riscv
 */
export function readsEnvironment(arch: Arch): boolean {
  return hasStep(arch, "read-environment");
}

/**
 * Tells whether boot looks for memory beyond the low part, up to a limit of the firmware.
 *
 * @param arch the architecture
 * @returns true for x86_64
 */
export function looksForHighMemory({ boot }: Arch): boolean {
  return boot.callers["find-highmem"] !== undefined;
}

/**
 * Tells whether devices are mapped in one go when the page tables are set up, instead of one by one
 * before.
 *
 * Editions: `armMapping`.
 *
 * @param arch the architecture
 * @param edition the edition
 * @returns true for early editions of arm and arm64
 */
export function mapsDevicesFirst({ boot }: Arch, edition: Edition): boolean {
  return boot.family === "arm" && edition.armMapping === "devices-first";
}

/**
 * Tells whether boot goes beyond the early allocator: to the page allocator, page tables and vmalloc.
 *
 * Editions: `ppcAllocators`.
 *
 * @param arch the architecture
 * @param edition the edition
 * @returns false for early editions of ppc64
 */
export function hasVmalloc({ boot }: Arch, edition: Edition): boolean {
  return boot.family !== "ppc64" || edition.ppcAllocators === "all";
}

/**
 * Tells whether `setup_mmu` sets the upper end of vmalloc's addresses. Until 2025, x86_64 left it at 0.
 *
 * Editions: `x86VirtualTop`.
 *
 * @param arch the architecture
 * @param edition the edition
 * @returns whether it does
 */
export function setsVirtualTop(arch: Arch, edition: Edition): boolean {
  return !looksForHighMemory(arch) || edition.x86VirtualTop === "last-page";
}

/**
 * A note about a port that did not exist.
 *
 * Editions: `riscvPort`.
 *
 * @param arch the architecture
 * @param edition the edition
 * @returns the note, or null if the port exists
 */
export function noteOnPort({ boot }: Arch, edition: Edition): string | null {
  return boot.family !== "riscv" || edition.riscvPort === "there"
    ? null
    : "this edition has no port to riscv: it boots as that of June 2026 does";
}
