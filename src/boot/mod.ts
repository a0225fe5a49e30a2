/**
 * Boot: from the firmware's list of memory to a machine whose malloc is served by vmalloc.
 *
 * Each architecture has a list of named steps (`arch/boot_*.ts`); the steps of a family stand in its file
 * here. Read `boot.ts` first.
 *
 * @module
 */

// Order: context, inputs, hand_over, regions, devices, x86, arm, s390x, riscv, ppc64, setup_mmu, boot, mod

export { boot, type Booted, type BootEnd, type BootOptions, setUpVm } from "./boot.ts";
export type { BootPoint } from "./context.ts";
export { firmwaresOf, firstBytesOfImage } from "./inputs.ts";
