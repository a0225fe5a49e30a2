/**
 * vmalloc: virtual addresses with pages behind them.
 *
 * Upstream's hands addresses out downwards and never takes one back. Read `carve.ts` first, then
 * `memalign.ts` and `free.ts`; `setup.ts` is how it comes to life. `virtual_space.ts` is what becomes of
 * addresses where the authors' promises are kept.
 *
 * @module
 */

// Order: state, virtual_space, carve, backing, memalign, free, setup, mod

export {
  allocVpage,
  allocVpages,
  allocVpagesAligned,
  initAllocVpage,
  takeVirtualPages,
  vmap,
} from "./carve.ts";
export { vmFree } from "./free.ts";
export { vmMemalign } from "./memalign.ts";
export { initAreaNoted, pageAllocOpsEnable, type SetupHooks, setupVm } from "./setup.ts";
export {
  type MemoryStack,
  newVmalloc,
  type VirtualRange,
  VM_MAGIC,
  type VmallocState,
} from "./state.ts";
