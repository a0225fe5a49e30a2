/**
 * vmalloc: virtual addresses with pages behind them.
 *
 * It hands addresses out downwards and never takes one back. Read `carve.ts` first, then `memalign.ts`
 * and `free.ts`; `setup.ts` is how it comes to life.
 *
 * @module
 */

// Order: state, carve, memalign, free, setup, mod

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
export { type MemoryStack, newVmalloc, VM_MAGIC, type VmallocState } from "./state.ts";
