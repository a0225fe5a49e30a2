/**
 * The events of boot as lines of text: one for each call, from the model or from a recording.
 *
 * @module
 */

import type { BootEvent } from "../../boot_event.ts";
import type { SourceLine } from "../../outcome.ts";
import { hexMember, numberMember, stringMember } from "./members.ts";
import { RecordingError } from "./types.ts";
import type { JsonObject } from "./members.ts";

function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}

/** A run of blocks, written out: the recorder and the model fold calls in a row differently. */
function blockLines(
  head: string,
  first: bigint,
  last: bigint,
  count: number,
  caller: string,
): string[] {
  const step = count > 1 ? (last - first) / BigInt(count - 1) : 0n;
  return Array.from(
    { length: count },
    (_, index) => `${head} ${hex(first + BigInt(index) * step)} ${caller}`,
  );
}

function callerText({ function: name, file, line }: SourceLine): string {
  return `by ${name} (${file.slice(file.lastIndexOf("/") + 1)}:${line ?? "?"})`;
}

/**
 * An event of the model as lines.
 *
 * @param event the event
 * @returns a line for each call
 */
export function linesOfEvent(event: BootEvent): string[] {
  const caller = callerText(event.by);
  switch (event.call) {
    case "phys_alloc_init":
      return [`${event.call} ${hex(event.base)} ${hex(event.size)} ${caller}`];
    case "phys_alloc_set_minimum_alignment":
      return [`${event.call} ${event.align} ${caller}`];
    case "phys_alloc_get_unused":
      return [`${event.call} ${hex(event.base)} ${hex(event.top)} ${caller}`];
    case "page_alloc_init_area": {
      const { area, first, top, maskBefore, maskAfter } = event;
      return [`${event.call} ${area} ${first} ${top} ${maskBefore} ${maskAfter} ${caller}`];
    }
    case "page_alloc_ops_enable":
      return [`${event.call} ${caller}`];
    case "init_alloc_vpage":
    case "setup_mmu_begin":
      return [`${event.call} ${hex(event.top)} ${caller}`];
    case "setup_mmu_end":
      return [`${event.call} ${hex(event.root)} ${caller}`];
    case "alloc_pages_flags": {
      const head = `${event.call} ${event.order} ${hex(BigInt(event.flags))}`;
      return blockLines(head, event.first ?? 0n, event.last ?? 0n, event.count, caller);
    }
    case "memalign_pages_flags": {
      const head = `${event.call} ${event.align} ${event.size} ${hex(BigInt(event.flags))}`;
      return blockLines(head, event.first ?? 0n, event.last ?? 0n, event.count, caller);
    }
  }
}

/** The innermost caller that stands in a C file: callers in headers are inlined helpers. */
function recordedCaller(event: JsonObject): string {
  const frames = stringMember(event, "caller").split(" < ");
  return `by ${frames.find((frame) => frame.includes(".c:")) ?? frames[0] ?? ""}`;
}

/**
 * An event of a recording as lines.
 *
 * @param event the event
 * @returns a line for each call
 * @throws {RecordingError} if it is no known call
 */
export function linesOfRecordedEvent(event: JsonObject): string[] {
  const call = stringMember(event, "e");
  const caller = recordedCaller(event);
  const address = (name: string): string => hex(hexMember(event, name));
  switch (call) {
    case "phys_alloc_init":
      return [`${call} ${address("base")} ${address("size")} ${caller}`];
    case "phys_alloc_set_minimum_alignment":
      return [`${call} ${numberMember(event, "align")} ${caller}`];
    case "phys_alloc_get_unused":
      return [`${call} ${address("base")} ${address("top")} ${caller}`];
    case "page_alloc_init_area": {
      const numbers = ["n", "base_pfn", "top_pfn", "mask_before", "mask_after"]
        .map((name) => numberMember(event, name));
      return [`${call} ${numbers.join(" ")} ${caller}`];
    }
    case "page_alloc_ops_enable":
      return [`${call} ${caller}`];
    case "init_alloc_vpage":
    case "setup_mmu_begin":
      return [`${call} ${address("top")} ${caller}`];
    case "setup_mmu_end":
      return [`${call} ${address("root")} ${caller}`];
    case "alloc_pages_flags":
      return recordedBlocks(event, `${call} ${numberMember(event, "order")}`, caller);
    case "memalign_pages_flags": {
      const sizes = `${numberMember(event, "align")} ${numberMember(event, "size")}`;
      return recordedBlocks(event, `${call} ${sizes}`, caller);
    }
    default:
      throw new RecordingError(`Cannot replay the recording: "${call}" is no event of boot`);
  }
}

function recordedBlocks(event: JsonObject, head: string, caller: string): string[] {
  const [first, last] = [hexMember(event, "first"), hexMember(event, "last")];
  const count = numberMember(event, "count");
  return blockLines(`${head} ${hex(hexMember(event, "flags"))}`, first, last, count, caller);
}
