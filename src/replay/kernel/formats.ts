/**
 * Telling a kernel's trace by how it begins.
 *
 * @module
 */

import { DEFAULT_ARCH_NAME } from "../../scenario/machine_statement.ts";
import type { TraceFormat } from "../reader.ts";
import { EVENT_NAMES } from "./event_line.ts";
import { KernelReader } from "./kernel_reader.ts";
import type { KernelMachine } from "./kernel_reader.ts";

/** The machine of a kernel's trace where nobody names one: 1 GiB of pages of 4 KiB. */
export const KERNEL_MACHINE: KernelMachine = { arch: DEFAULT_ARCH_NAME, frames: 2 ** 18 };

/** What wrote a text: the files of ftrace or `trace-cmd report`, or `perf script`. */
type Writer = "ftrace" | "perf";

/** A time, and the name of an event; `perf` writes a period between, and the event's system. */
const EVENT = /(?:^|[\s\]])\d+(?:\.\d+)?:\s+(?:\d+\s+)?([\w-]+(?::[\w-]+)*):(?:\s|$)/;
/** An event of the page allocator without a time, as the tracer of functions writes it. */
const TIMELESS = new RegExp(`^(?:.*\\s)?(kmem:)?(?:${EVENT_NAMES.join("|")}):`);
/** What stands above the events, even if none follows. */
const HEADS: readonly (readonly [RegExp, Writer])[] = [
  [/^# tracer: /, "ftrace"],
  [/^cpus=\d+$/, "ftrace"],
  [/^# captured on\s*: /, "perf"],
];

function writerOfLine(line: string): Writer | null {
  const head = HEADS.find(([pattern]) => pattern.test(line));
  if (head !== undefined) return head[1];
  if (line.startsWith("#")) return null;
  const event = EVENT.exec(line);
  if (event !== null) return event[1]?.includes(":") ? "perf" : "ftrace";
  const timeless = TIMELESS.exec(line);
  if (timeless === null) return null;
  return timeless[1] === undefined ? "ftrace" : "perf";
}

/** Tells what wrote a text; the first line that tells it counts. Null if it is no kernel's trace. */
function writerOf(first: Uint8Array): Writer | null {
  for (const line of new TextDecoder().decode(first).split(/\r?\n/)) {
    const writer = writerOfLine(line);
    if (writer !== null) return writer;
  }
  return null;
}

/**
 * The formats of kernels' traces, for a machine that they run on.
 *
 * @param machine the machine
 * @returns the formats
 */
export function kernelFormats(machine: KernelMachine): TraceFormat[] {
  const open = (): KernelReader => new KernelReader(machine);
  return (["ftrace", "perf"] as const).map((name) => ({
    name,
    beginning: name === "ftrace"
      ? "an event of ftrace or trace-cmd report"
      : "an event of perf script",
    detects: (first) => writerOf(first) === name,
    open,
  }));
}
