/**
 * What the steps of boot share: the machine, the inputs, and the record of what was done.
 *
 * @module
 */

import { memalign } from "../alloc.ts";
import { pageTableFormatOf } from "../arch.ts";
import type { BootCaller, TableAllocation, TableLevel } from "../arch.ts";
import type { BootEvent, MemalignEvent, PagesEvent } from "../boot_event.ts";
import type { Machine } from "../machine.ts";
import { allocateTable, sourceIn } from "../mmu.ts";
import type { SourceLine } from "../outcome.ts";
import type { BootInputs, MemoryRegion } from "../platform.ts";
import { requestFlags } from "../request_flags.ts";
import { byteCount } from "../units.ts";
import type { ByteCount, VirtAddr } from "../units.ts";
import { alignUpWrapped } from "../word.ts";

/** A point of boot at which somebody may look at the machine. */
export type BootPoint = "main-entry" | "after-init-area" | "before-setup-mmu" | "after-setup-vm";

/** What the steps of boot share. */
export interface BootContext {
  /** The machine. */
  readonly machine: Machine;
  /** The inputs. */
  readonly inputs: BootInputs;
  /** What was done so far, in order; equal calls in a row are one event. */
  readonly events: BootEvent[];
  /** What people should know besides. */
  readonly notes: string[];
  /** Looks at the machine at a point of boot. */
  readonly observe: (point: BootPoint, machine: Machine) => void;
  /** The memory regions, in the order of the list. */
  regions: MemoryRegion[];
  /** The first free byte, behind image, device tree and initrd. */
  freeStart: bigint;
  /** The region that holds free memory; null before it is known. */
  freeRegion: MemoryRegion | null;
  /** Who allocates the root of the page tables, if somebody does now. */
  rootCaller: "root" | "ioremap-root";
}

/** Where a call of boot stands in the source. */
export function callerOf(context: BootContext, name: BootCaller): SourceLine {
  const { arch, edition } = context.machine;
  const known = arch.boot.callers[name];
  const nowhere = { file: "", function: name, line: null };
  return sourceIn(edition, known ?? nowhere);
}

/** Where a table of a level is allocated. */
function tableCaller(context: BootContext, level: TableLevel): SourceLine {
  const { arch, edition, pageShift } = context.machine;
  const isRoot = pageTableFormatOf(arch, pageShift).levels[0]?.name === level.name;
  if (isRoot) return callerOf(context, context.rootCaller);
  const known = arch.boot.tableCallers[level.name];
  return sourceIn(edition, known ?? { file: "", function: "install_page", line: null });
}

/** Records a call; one that goes on where the last left off is added to it. */
export function note(context: BootContext, event: BootEvent): void {
  const { events, machine } = context;
  const last = events.at(-1);
  const joined = last === undefined ? null : join(context, last, event);
  if (joined === null) events.push(event);
  else events[events.length - 1] = joined;
  if (event.call === "page_alloc_init_area") context.observe("after-init-area", machine);
  if (event.call === "setup_mmu_begin") context.observe("before-setup-mmu", machine);
}

type RunEvent = PagesEvent | MemalignEvent;

function isRun(event: BootEvent): event is RunEvent {
  return event.call === "alloc_pages_flags" || event.call === "memalign_pages_flags";
}

/** What a block of a request takes, in bytes. */
function blockBytes(context: BootContext, event: RunEvent): bigint {
  const pageBytes = 1n << BigInt(context.machine.pageShift);
  if (event.call === "alloc_pages_flags") return pageBytes << BigInt(event.order);
  const { wordBits } = context.machine.arch;
  const wanted = alignUpWrapped(wordBits, event.size, pageBytes);
  let bytes = pageBytes;
  while (bytes < wanted) bytes *= 2n;
  return bytes;
}

function join(context: BootContext, last: BootEvent, event: BootEvent): BootEvent | null {
  if (!isRun(last) || !isRun(event) || last.call !== event.call) return null;
  if (last.last === null || event.first === null || last.purpose !== event.purpose) return null;
  if (!haveSameArguments(last, event)) return null;
  if (event.first !== last.last + blockBytes(context, last)) return null;
  const { first, count, ...rest } = last;
  return { ...rest, first, last: event.last, count: count + event.count };
}

function haveSameArguments(one: RunEvent, other: RunEvent): boolean {
  if (one.flags !== other.flags || one.by.line !== other.by.line) return false;
  if (one.call === "alloc_pages_flags") {
    return other.call === "alloc_pages_flags" && one.order === other.order;
  }
  return other.call === "memalign_pages_flags" && one.align === other.align &&
    one.size === other.size;
}

/** The flags of a request for any area, in the way of the edition. */
function anyArea(context: BootContext): number {
  const { edition } = context.machine;
  return requestFlags(edition, { areasMask: null, dontZero: false, fresh: false });
}

/** Records an allocation that was made. */
export function noteAllocation(
  context: BootContext,
  request: TableAllocation,
  block: VirtAddr | null,
  purpose: string,
  by: SourceLine,
): void {
  const run = { first: block, last: block, count: 1, purpose, by, flags: anyArea(context) };
  if (request.kind === "memalign") {
    const { alignment, size } = request;
    note(context, { call: "memalign_pages_flags", align: alignment, size, ...run });
  } else {
    const order = request.kind === "page" ? 0 : request.order;
    note(context, { call: "alloc_pages_flags", order, ...run });
  }
}

/** Records a table that was allocated. */
export function noteTable(
  context: BootContext,
  request: TableAllocation,
  level: TableLevel,
  table: VirtAddr | null,
): void {
  noteAllocation(context, request, table, `${level.name} table`, tableCaller(context, level));
}

/** Allocates pages and records it. */
export function allocate(
  context: BootContext,
  request: TableAllocation,
  purpose: string,
  by: SourceLine,
): VirtAddr | null {
  const block = allocateTable(context.machine.mmu, request);
  noteAllocation(context, request, block, purpose, by);
  return block;
}

/** `malloc` or `calloc` during boot; recorded where the page allocator serves it. */
export function mallocNoted(
  context: BootContext,
  size: bigint,
  purpose: string,
): VirtAddr | null {
  const { machine } = context;
  const alignment: ByteCount = byteCount(BigInt(machine.arch.wordBits / 8));
  const block = memalign(machine, alignment, size);
  if (machine.ops.current === "page") {
    const by = sourceIn(machine.edition, { file: "lib/alloc.c", function: "memalign", line: 39 });
    const request = { kind: "memalign", alignment, size: byteCount(size) } as const;
    noteAllocation(context, request, block, purpose, by);
  }
  return block;
}
