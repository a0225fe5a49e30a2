/**
 * Reading a kernel's trace as text: its allocations and frees become operations.
 *
 * @module
 */

import type { Pfn } from "../../units.ts";
import { found, traceError } from "../header.ts";
import type { TraceHeader } from "../operations.ts";
import type { OperationSink, ReaderCount, TraceReader } from "../reader.ts";
import { Batch } from "./batch.ts";
import { BlockMap } from "./block_map.ts";
import { noCounts, titled } from "./counts.ts";
import * as lines from "./event_line.ts";
import { framesIn, MOST_ORDER } from "./frame_table.ts";
import { lostEventsOf } from "./other_line.ts";

/** Imported constants are slow; these are compiled in. */
const { ALLOC_EVENT, BATCHED_EVENT, INNER_EVENT, NO_EVENT, NO_FRAME, NO_VALUE, OTHER_EVENT } =
  lines;

/** A line is not longer than this: heads of recordings have a line for all arguments of a command. */
export const MOST_KERNEL_LINE_BYTES = 65536;
/** A line of which only a part is read is cut after so many bytes. */
const SHOWN_BYTES = 200;

/** All ones in 32 bits. Kernels write that or frame 0 for none, which they never give out. */
const ALL_ONES = 2 ** 32 - 1;

const NEWLINE = 10;
const HASH = 35;
const LETTER_C = 67;

/** The machine that stands for the one that was traced. */
export interface KernelMachine {
  /** The name of the architecture. */
  readonly arch: string;
  /** How many frames of RAM it has, metadata included. */
  readonly frames: number;
}

function headerOf({ arch, frames }: KernelMachine): TraceHeader {
  // RAM begins at a multiple of its size, so that its blocks are as large as they can be.
  const first = 2 ** Math.ceil(Math.log2(frames));
  const area = { area: 0, first: first as Pfn, top: first + frames as Pfn };
  return { arch, edition: null, pageShift: null, areas: [area] };
}

/** Reads the text of a kernel's trace. Memory follows the frames that it names, not its length. */
export class KernelReader implements TraceReader {
  readonly header: TraceHeader;
  readonly #counts = noCounts();
  readonly #batch = new Batch();
  readonly #blocks = new BlockMap(this.#batch, this.#counts);
  readonly #line = new lines.EventLine();
  readonly #decoder = new TextDecoder();
  /** The beginning of a line whose end is still to come. */
  readonly #rest = new Uint8Array(MOST_KERNEL_LINE_BYTES);
  #restLength = 0;

  /**
   * Makes a reader.
   *
   * @param machine the machine that stands for the one that was traced
   */
  constructor(machine: KernelMachine) {
    this.header = headerOf(machine);
  }

  counts(): ReaderCount[] {
    return titled(this.#counts);
  }

  placeOf(index: number): string {
    return `line ${this.#batch.lineOf(index)}`;
  }

  /** The line at hand. */
  get #place(): string {
    return `line ${this.#counts.lines + 1}`;
  }

  read(chunk: Uint8Array, sink: OperationSink): void {
    this.#batch.sink = sink;
    let at = 0;
    if (this.#restLength > 0) {
      const end = chunk.indexOf(NEWLINE);
      at = end < 0 ? chunk.length : end + 1;
      this.#keep(chunk.subarray(0, at));
      if (end < 0) return;
      this.#read(this.#rest, 0, this.#restLength - 1);
      this.#restLength = 0;
    }
    for (let end = chunk.indexOf(NEWLINE, at); end >= 0; end = chunk.indexOf(NEWLINE, at)) {
      if (end - at >= MOST_KERNEL_LINE_BYTES) throw this.#tooLong();
      this.#read(chunk, at, end);
      at = end + 1;
    }
    this.#keep(chunk.subarray(at));
    this.#batch.hand();
  }

  end(sink: OperationSink): void {
    this.#batch.sink = sink;
    if (this.#restLength > 0) {
      throw traceError(
        this.#place,
        "it must end with a newline; is the file cut off? Without its last line it can be read",
      );
    }
    const { allocations, duplicateFrees, earlierFrees, failedAllocations } = this.#counts;
    if (allocations + failedAllocations + earlierFrees + duplicateFrees > 0) return;
    throw new SyntaxError(
      `Cannot read the trace: it must have events of the page allocator, in its ` +
        `${this.#counts.lines} lines there is none; record kmem:mm_page_alloc and kmem:mm_page_free`,
    );
  }

  #tooLong(): SyntaxError {
    return traceError(
      this.#place,
      `a line must not be longer than ${MOST_KERNEL_LINE_BYTES} bytes; is it a text?`,
    );
  }

  #keep(bytes: Uint8Array): void {
    if (this.#restLength + bytes.length > MOST_KERNEL_LINE_BYTES) throw this.#tooLong();
    this.#rest.set(bytes, this.#restLength);
    this.#restLength += bytes.length;
  }

  /** Reads a line, without its newline. */
  #read(bytes: Uint8Array, from: number, end: number): void {
    const counts = this.#counts;
    // In a comment, an event is quoted.
    const kind = bytes[from] === HASH ? NO_EVENT : this.#line.kindOf(bytes, from, end);
    if (kind >= ALLOC_EVENT) this.#readBlock(kind, bytes, from, end);
    else if (kind === INNER_EVENT) counts.innerEvents++;
    else this.#readOther(kind, bytes, from, end);
    counts.lines++;
  }

  /** Reads a line of an allocation or of a free. */
  #readBlock(kind: number, bytes: Uint8Array, from: number, end: number): void {
    const line = this.#line;
    line.readFields(bytes, end);
    const { order, pfn } = line;
    if (order < 0 || pfn === NO_VALUE || (pfn === NO_FRAME && kind !== ALLOC_EVENT)) {
      throw this.#error(
        bytes,
        from,
        end,
        "must have pfn=NUMBER, below 2^52, and order=NUMBER, as kernels write it",
      );
    }
    const counts = this.#counts;
    this.#batch.line = counts.lines + 1;
    if (kind === ALLOC_EVENT && (pfn === NO_FRAME || pfn === 0 || pfn === ALL_ONES)) {
      counts.failedAllocations++;
      return;
    }
    if (order > MOST_ORDER || pfn % framesIn(order) !== 0) {
      throw this.#error(
        bytes,
        from,
        end,
        `must be of order 0 to ${MOST_ORDER}, and its frame a multiple of 2^order`,
      );
    }
    if (kind === ALLOC_EVENT) this.#blocks.alloc(pfn, order);
    else {
      if (kind === BATCHED_EVENT) counts.batchedFrees++;
      this.#blocks.free(pfn, order);
    }
  }

  /** Counts a line that tells of no block. */
  #readOther(kind: number, bytes: Uint8Array, from: number, end: number): void {
    const counts = this.#counts;
    const first = bytes[from];
    const mayTellOfLoss = kind === NO_EVENT
      ? first === HASH || first === LETTER_C
      : !this.#line.isNamed(end);
    const lost = mayTellOfLoss ? lostEventsOf(this.#text(bytes, from, end)) : 0;
    counts.lostEvents += lost;
    if (kind === OTHER_EVENT && lost === 0) counts.otherEvents++;
    else counts.otherLines++;
  }

  #text(bytes: Uint8Array, from: number, end: number): string {
    return this.#decoder.decode(bytes.subarray(from, Math.min(end, from + SHOWN_BYTES)));
  }

  #error(bytes: Uint8Array, from: number, end: number, rule: string): SyntaxError {
    const text = this.#text(bytes, from, end);
    const name = lines.EVENT_NAMES.filter((one) => text.includes(`${one}:`)).at(-1) ?? "the event";
    const fields = text.slice(text.lastIndexOf(`${name}:`) + name.length + 1).trim();
    return traceError(this.#place, `${name} ${rule}, it is ${found(fields)}`);
  }
}
