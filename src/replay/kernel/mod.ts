/**
 * Traces of a kernel: the events of its page allocator, as ftrace, trace-cmd and perf write them.
 *
 * @module
 */

// Order: counts, event_line, other_line, frame_table, batch, block_map, kernel_reader, formats, mod

export { KERNEL_MACHINE, kernelFormats } from "./formats.ts";
export type { KernelMachine } from "./kernel_reader.ts";
