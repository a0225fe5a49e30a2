/**
 * The page allocator of a machine: which one the edition has, and which engine runs it.
 *
 * @module
 */

import { LiteralPageAllocator } from "./alloc_page/mod.ts";
import type { Observer } from "./alloc_page/mod.ts";
import { AutoPageAllocator, canRunFast } from "./alloc_page_fast/mod.ts";
import type { AutoOptions } from "./alloc_page_fast/mod.ts";
import { ListPageAllocator } from "./alloc_page_list.ts";
import type { Edition } from "./edition.ts";
import type { Ram } from "./memory/mod.ts";
import type { PageAllocator, StateRun } from "./page_allocator.ts";
import { byteCount, physAddr } from "./units.ts";
import type { ByteCount, PhysAddr, VirtAddr } from "./units.ts";
import { wordBytes } from "./word.ts";

/**
 * The engines of the page allocator that a machine can have: the literal one; or the fast one, and the
 * literal one as soon as anything else touches the allocator's own bytes.
 */
export type Engine = "literal" | "auto";

/** Any page allocator. */
export type AnyPageAllocator = LiteralPageAllocator | AutoPageAllocator | ListPageAllocator;

/**
 * Tells whether an edition keeps its frames in areas with descriptors, as the rewrite does.
 *
 * Editions: `pageAllocator`.
 *
 * @param edition the edition
 * @returns false for the allocator before the rewrite
 */
export function keepsAreas(edition: Edition): boolean {
  return edition.pageAllocator !== "one-list";
}

/**
 * Makes the page allocator of a machine.
 *
 * @param engine which engine runs it; the allocator before the rewrite has but one
 * @param parts the parts of the machine that it works on
 * @returns the allocator, without areas
 */
export function newPageAllocator(engine: Engine, parts: AutoOptions): AnyPageAllocator {
  const { space, arch, edition, pageShift, ram } = parts;
  if (!keepsAreas(edition)) {
    const peekWord = (address: VirtAddr): bigint | null =>
      ram.peek(physAddr(address), wordBytes(arch.wordBits));
    return new ListPageAllocator({ space, edition, pageShift, peekWord });
  }
  const observer: Observer = {
    changes: () => ram.writes.count,
    isAsItWas: (first, end, changes) => ram.writes.isAsItWas(first, end, changes),
    peek: (address, sizeBytes) => ram.peek(physAddr(address), sizeBytes),
    peekBytes: (address, length) => ram.peekBytes(physAddr(address), length),
    peekRuns: (address, length) => peekStates(ram, physAddr(address), byteCount(length)),
  };
  if (engine === "auto" && canRunFast(edition)) return new AutoPageAllocator(parts, observer);
  return new LiteralPageAllocator(parts, observer);
}

/**
 * Copies what a page allocator knows outside of memory, for a copied machine.
 *
 * @param to the allocator of the copy
 * @param from that of the original, of the same kind
 */
export function copyPageAllocator(to: PageAllocator, from: PageAllocator): void {
  if (to instanceof LiteralPageAllocator && from instanceof LiteralPageAllocator) to.copyFrom(from);
  else if (to instanceof AutoPageAllocator && from instanceof AutoPageAllocator) to.copyFrom(from);
  else if (to instanceof ListPageAllocator && from instanceof ListPageAllocator) to.copyFrom(from);
}

/** Page states as runs; null if a part of them is no memory. */
function peekStates(ram: Ram, first: PhysAddr, size: ByteCount): StateRun[] | null {
  const states: StateRun[] = [];
  let at: bigint = first;
  for (const { byte, count } of ram.peekRuns(first, size)) {
    if (byte === null) return null;
    if (byte === "garbage") pushByteByByte(states, ram, at, count);
    else states.push({ state: byte, count });
    at += BigInt(count);
  }
  return states;
}

function pushByteByByte(states: StateRun[], ram: Ram, first: bigint, count: number): void {
  for (let index = 0; index < count; index++) {
    const state = ram.peekByte(physAddr(first + BigInt(index))) ?? 0;
    states.push({ state, count: 1 });
  }
}
