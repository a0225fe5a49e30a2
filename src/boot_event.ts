/**
 * What boot does, call by call, in the form of the recordings of real guests.
 *
 * @module
 */

import type { SourceLine } from "./outcome.ts";
import type { ByteCount, Pfn, PhysAddr, VirtAddr } from "./units.ts";

/** A call of boot: what, with which arguments and result, and from where. */
export type BootEvent =
  | EarlyInitEvent
  | EarlyAlignmentEvent
  | EarlyUnusedEvent
  | InitAreaEvent
  | OpsEnableEvent
  | VirtualTopEvent
  | SetupMmuBeginEvent
  | SetupMmuEndEvent
  | PagesEvent
  | MemalignEvent;

/** `phys_alloc_init`. */
export interface EarlyInitEvent {
  /** Tells the events apart. */
  readonly call: "phys_alloc_init";
  /** The first byte. */
  readonly base: PhysAddr;
  /** The size in bytes. */
  readonly size: bigint;
  /** Who called. */
  readonly by: SourceLine;
}

/** `phys_alloc_set_minimum_alignment`. */
export interface EarlyAlignmentEvent {
  /** Tells the events apart. */
  readonly call: "phys_alloc_set_minimum_alignment";
  /** The alignment in bytes. */
  readonly align: bigint;
  /** Who called. */
  readonly by: SourceLine;
}

/** `phys_alloc_get_unused`. */
export interface EarlyUnusedEvent {
  /** Tells the events apart. */
  readonly call: "phys_alloc_get_unused";
  /** The first byte of what was left. */
  readonly base: PhysAddr;
  /** The first byte after; equal to the base if nothing was left. */
  readonly top: PhysAddr;
  /** Who called. */
  readonly by: SourceLine;
}

/** `page_alloc_init_area`. */
export interface InitAreaEvent {
  /** Tells the events apart. */
  readonly call: "page_alloc_init_area";
  /** The slot, or 255 for any. */
  readonly area: number;
  /** The first frame. */
  readonly first: Pfn;
  /** The first frame after. */
  readonly top: Pfn;
  /** The areas that existed before, as a mask. */
  readonly maskBefore: number;
  /** The areas that exist now. */
  readonly maskAfter: number;
  /** Who called. */
  readonly by: SourceLine;
}

/** `page_alloc_ops_enable`. */
export interface OpsEnableEvent {
  /** Tells the events apart. */
  readonly call: "page_alloc_ops_enable";
  /** Who called. */
  readonly by: SourceLine;
}

/** `init_alloc_vpage`. */
export interface VirtualTopEvent {
  /** Tells the events apart. */
  readonly call: "init_alloc_vpage";
  /** The upper end of vmalloc's addresses. */
  readonly top: VirtAddr;
  /** Who called. */
  readonly by: SourceLine;
}

/** `setup_mmu` begins. */
export interface SetupMmuBeginEvent {
  /** Tells the events apart. */
  readonly call: "setup_mmu_begin";
  /** The top of memory, as it was passed. */
  readonly top: PhysAddr;
  /** Who called. */
  readonly by: SourceLine;
}

/** `setup_mmu` returns. */
export interface SetupMmuEndEvent {
  /** Tells the events apart. */
  readonly call: "setup_mmu_end";
  /** The root of the page tables. */
  readonly root: PhysAddr;
  /** Who called. */
  readonly by: SourceLine;
}

/** Calls in a row that gave blocks next to each other. */
export interface BlockRun {
  /** The address of the first block; null if there was none to be had. */
  readonly first: VirtAddr | null;
  /** The address of the last. */
  readonly last: VirtAddr | null;
  /** How many blocks. */
  readonly count: number;
  /** What they are for, in words. */
  readonly purpose: string;
  /** Who called. */
  readonly by: SourceLine;
}

/** `alloc_pages_flags`. */
export interface PagesEvent extends BlockRun {
  /** Tells the events apart. */
  readonly call: "alloc_pages_flags";
  /** The order asked for. */
  readonly order: number;
  /** The flags. */
  readonly flags: number;
}

/** `memalign_pages_flags`. */
export interface MemalignEvent extends BlockRun {
  /** Tells the events apart. */
  readonly call: "memalign_pages_flags";
  /** The alignment asked for, in bytes. */
  readonly align: ByteCount;
  /** The size asked for, in bytes. */
  readonly size: ByteCount;
  /** The flags. */
  readonly flags: number;
}
