/**
 * Traces written as text.
 *
 * @module
 */

// bits: kinds of operations are below 8.

import { printHeader } from "./header.ts";
import { KIND_MASK, operationAt, WORDS_OF_KIND } from "./operations.ts";
import type { Trace, TraceOperation } from "./operations.ts";
import { TEXT_MAGIC } from "./text_reader.ts";

/**
 * Writes an operation as it stands in a line.
 *
 * @param operation the operation
 * @returns the line, without its newline
 */
export function printOperation(operation: TraceOperation): string {
  switch (operation.kind) {
    case "alloc": {
      const { alignOrder, sizeOrder, flags } = operation;
      const flagsText = flags === 0 ? "" : ` 0x${flags.toString(16)}`;
      const orders = alignOrder === sizeOrder ? `a ${sizeOrder}` : `m ${alignOrder} ${sizeOrder}`;
      return orders + flagsText;
    }
    case "free":
      return `f ${operation.handle}`;
    case "free-at":
      return `p 0x${operation.pfn.toString(16)}`;
    case "reserve":
      return `r 0x${operation.pfn.toString(16)} ${operation.count}`;
    case "unreserve":
      return `u 0x${operation.pfn.toString(16)} ${operation.count}`;
  }
}

/**
 * Writes a trace as text.
 *
 * @param trace the trace
 * @returns the text
 */
export function printTraceText({ header, words }: Trace): string {
  const lines = [`${TEXT_MAGIC}\n`, printHeader(header)];
  let at = 0;
  while (at < words.length) {
    lines.push(`${printOperation(operationAt(words, at))}\n`);
    at += WORDS_OF_KIND[(words[at] ?? 0) & KIND_MASK] ?? 1;
  }
  return lines.join("");
}
