/**
 * Boot: from the firmware's list of memory to a machine whose malloc is served by vmalloc.
 *
 * Each architecture has a list of named steps (`arch/boot_*.ts`); the steps of a family stand in its file
 * here. Read `boot.ts` first.
 *
 * @module
 */

// Order: traits, stretches, context, inputs, usable, qemu_memory, hand_over, regions, arm, devices, x86, s390x,
// s390x_smp, riscv, ppc64, setup_mmu, boot, mod

export {
  boot,
  type Booted,
  type BootEnd,
  bootMachine,
  type BootOptions,
  setUpVm,
  switchOn,
} from "./boot.ts";
export type { BootPoint } from "./context.ts";
export { type S390xCpu, smpCpuDestroy, smpCpuSetup } from "./s390x_smp.ts";
export { firmwaresOf, firstBytesOfImage, highMemoryLimitOf } from "./inputs.ts";
export { joined, type Stretch, wholeGranules, without } from "./stretches.ts";
export {
  type BootMemory,
  clearOfWindow,
  handsAllOver,
  identityEndOf,
  usableMemory,
  VMALLOC_WINDOW_BYTES,
  vmallocWindowOf,
} from "./usable.ts";
export {
  countsProcessors,
  hasVmalloc,
  looksForHighMemory,
  mapsDevicesFirst,
  readsEnvironment,
} from "./traits.ts";
export { type QemuMachine, qemuMachinesOf, qemuMemoryOf } from "./qemu_memory.ts";
export { virtualTopOf } from "./setup_mmu.ts";
