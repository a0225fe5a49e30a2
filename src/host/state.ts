/**
 * What a machine knows of its host and of the drivers that talk to it.
 *
 * @module
 */

import type { Edition } from "../edition.ts";
import { HostAccount } from "../memory/host.ts";
import type { Ram } from "../memory/ram.ts";
import type { SwitchableSpace } from "../memory/switchable_space.ts";
import type { Mmu } from "../mmu.ts";
import type { PageAllocator } from "../page_allocator.ts";
import type { VirtAddr } from "../units.ts";
import { NO_POLICIES } from "./policy.ts";
import type { HostPolicies } from "./policy.ts";

/** The host of a machine, and the guest's drivers for it. */
export interface HostState {
  /** The host's account of the guest's pages. */
  readonly account: HostAccount;
  /** The frames in the balloon, in the order in which they went in. */
  readonly balloon: VirtAddr[];
  /** What is switched on. */
  policies: HostPolicies;
  /** Whether the drivers have put their hooks around the page allocator. */
  hooks: "none" | "installed";
  /** Whether a driver is at work itself: what it takes and gives back is not hooked. */
  driver: "idle" | "at work";
  /** How many calls of the scenario have ended. */
  steps: number;
}

/** A free block. */
export interface FreeBlock {
  /** Its first frame. */
  readonly first: number;
  /** Its order. */
  readonly order: number;
}

/** An allocator that tells of its blocks itself. */
export interface BlockBook {
  /** The number of frames of the block that begins at a frame; null if none does. */
  blockFrames(frame: number): number | null;
  /** The free blocks, list by list. */
  freeBlocks(): readonly FreeBlock[];
}

/**
 * What the guest's drivers want of a page allocator. They learn of blocks by its page states and lists, or
 * it tells them.
 */
export type HostedPages =
  & Pick<PageAllocator, "observer" | "allocPages" | "freePages">
  & (Pick<PageAllocator, "areas"> | BlockBook);

/** The parts of a machine that a host and its drivers work on. */
export interface HostedMachine {
  /** The edition. */
  readonly edition: Edition;
  /** The base-2 logarithm of the page size. */
  readonly pageShift: number;
  /** Hardware memory. */
  readonly ram: Ram;
  /** Memory as the guest addresses it. */
  readonly space: SwitchableSpace;
  /** The page allocator. */
  readonly pages: HostedPages;
  /** The page tables. */
  readonly mmu: Pick<Mmu, "state" | "tables">;
  /** The host. */
  readonly host: HostState;
}

/**
 * Makes the host of a machine: nothing was taken, and nothing is switched on.
 *
 * @param ram the machine's memory
 * @returns the host
 */
export function newHost(ram: Ram): HostState {
  return {
    account: new HostAccount(ram),
    balloon: [],
    policies: NO_POLICIES,
    hooks: "none",
    driver: "idle",
    steps: 0,
  };
}
