/**
 * The host's side of a machine's memory: which pages it was told it may take, which it took, and what it
 * was told about their contents.
 *
 * Nothing here knows of an allocator. Addresses are physical; the host counts pages of 4 KiB.
 *
 * @module
 */

import { FrameSet } from "../frame_ranges.ts";
import type { FrameRange } from "../frame_ranges.ts";
import type { FaultReason } from "../outcome.ts";
import { byteCount, physAddr } from "../units.ts";
import type { ByteCount, PhysAddr } from "../units.ts";
import { HOST_PAGE_BYTES } from "./power_on.ts";
import type { Ram } from "./ram.ts";

/**
 * What an s390x guest can say of a page. The host must keep a stable page; it may take an unused one at
 * any time, and a potentially volatile one as long as nobody has written to it since.
 */
export type PageUsage = "stable" | "unused" | "potentially-volatile";

/** Why the host took pages away. */
export type DiscardReason = "asked" | "balloon" | "reported" | PageUsage;

/** Why the guest filled pages. */
export type FillReason = "poison" | "init-on-free" | "init-on-alloc";

/** Something that the host did, or that the guest did for the host's sake. */
export type HostEvent =
  /** The host took pages away; so many of them it had something behind. */
  | {
    readonly kind: "discard";
    readonly first: PhysAddr;
    readonly size: ByteCount;
    readonly reason: DiscardReason;
    readonly resident: number;
  }
  /** The guest said what pages hold. */
  | {
    readonly kind: "mark";
    readonly first: PhysAddr;
    readonly size: ByteCount;
    readonly usage: PageUsage;
  }
  /** The guest filled pages with a byte. */
  | {
    readonly kind: "fill";
    readonly first: PhysAddr;
    readonly size: ByteCount;
    readonly byte: number;
    readonly reason: FillReason;
  }
  /** Bytes of a poisoned page are not the poison: so many, from this address on. */
  | {
    readonly kind: "broken-poison";
    readonly page: PhysAddr;
    readonly first: PhysAddr;
    readonly bytes: number;
  };

/** Potentially volatile pages, and memory as it was when they were marked. */
interface VolatilePages {
  readonly range: FrameRange;
  readonly before: Ram;
}

const PAGE = BigInt(HOST_PAGE_BYTES);

/** The host pages that a range has bytes in. */
function pagesOf(first: PhysAddr, size: ByteCount): FrameRange {
  return { first: Number(first / PAGE), top: Number((first + size + PAGE - 1n) / PAGE) };
}

function startOf({ first }: FrameRange): PhysAddr {
  return physAddr(BigInt(first) * PAGE);
}

function sizeOf({ first, top }: FrameRange): ByteCount {
  return byteCount(BigInt(top - first) * PAGE);
}

function countOf(ranges: readonly FrameRange[]): number {
  return ranges.reduce((sum, { first, top }) => sum + top - first, 0);
}

/** The account that a host keeps of a guest's pages. */
export class HostAccount {
  readonly #ram: Ram;
  readonly #unused: FrameSet = new FrameSet();
  readonly #poisoned: FrameSet = new FrameSet();
  readonly #gone: Readonly<Record<"unused-block" | "volatile-block", FrameSet>> = {
    "unused-block": new FrameSet(),
    "volatile-block": new FrameSet(),
  };
  #faults: "on" | "off" = "off";
  #volatile: readonly VolatilePages[] = [];
  #poison = 0;
  #taken = 0;
  #brokenPoison = 0;
  #events: HostEvent[] = [];

  /**
   * Begins an account of memory of which the host was told nothing.
   *
   * @param ram the memory
   */
  constructor(ram: Ram) {
    this.#ram = ram;
  }

  /** Becomes equal to another account, of memory that this one's is a copy of; events are not copied. */
  copyFrom(other: HostAccount): void {
    this.#unused.copyFrom(other.#unused);
    this.#poisoned.copyFrom(other.#poisoned);
    this.#gone["unused-block"].copyFrom(other.#gone["unused-block"]);
    this.#gone["volatile-block"].copyFrom(other.#gone["volatile-block"]);
    this.#setFaults(other.#faults);
    this.#volatile = other.#volatile;
    this.#poison = other.#poison;
    this.#taken = other.#taken;
    this.#brokenPoison = other.#brokenPoison;
  }

  /** How many pages that it had something behind the host has taken away so far. */
  get taken(): number {
    return this.#taken;
  }

  /** How many pages are marked as unused. */
  get unused(): number {
    return countOf(this.#unused.ranges);
  }

  /** How many pages are marked as potentially volatile. */
  get potentiallyVolatile(): number {
    return countOf(this.#volatile.map(({ range }) => range));
  }

  /** How many pages hold poison, as far as the guest knows. */
  get poisoned(): number {
    return countOf(this.#poisoned.ranges);
  }

  /** How many pages were found whose poison was broken. */
  get brokenPoison(): number {
    return this.#brokenPoison;
  }

  /** Takes what happened since the last time, oldest first. */
  takeEvents(): HostEvent[] {
    return this.#events.splice(0);
  }

  /**
   * Says what an access to a page does that was taken by its mark, from now on: it reads as 0, as under
   * KVM; or it is a fault, as under z/VM, until the page is marked as stable.
   *
   * Under z/VM an access to a discarded unused block "might be" an addressing exception, or its results
   * are unpredictable; here it always is one. An access to a discarded volatile block is a
   * block-volatility exception.
   *
   * Source: IBM, z/VM 7.3 documentation, "Block-usage States"; Linux `arch/s390/mm/pgtable.c`,
   * `ptep_zap_unused()`, for KVM.
   *
   * @param how whether it is a fault
   */
  answerAccesses(how: "with zeroes" | "with faults"): void {
    for (const pages of Object.values(this.#gone)) pages.copyFrom(new FrameSet());
    this.#setFaults(how === "with faults" ? "on" : "off");
  }

  #setFaults(faults: "on" | "off"): void {
    this.#faults = faults;
    this.#ram.guardWith(faults === "on" ? (first, end) => this.#refusal(first, end) : null);
  }

  #refusal(first: number, top: number): { page: number; reason: FaultReason } | null {
    for (const reason of ["unused-block", "volatile-block"] as const) {
      const page = this.#gone[reason].firstIn({ first, top });
      if (page !== null) return { page, reason };
    }
    return null;
  }

  /**
   * Takes pages away: they read as 0 from then on, and come back when they are accessed.
   *
   * @param first the address of the first page
   * @param size in bytes
   * @param reason why
   * @throws {RangeError} if either is no multiple of 0x1000, or not all of the range is memory
   */
  discard(first: PhysAddr, size: ByteCount, reason: DiscardReason): void {
    const { first: from, top } = pagesOf(first, size);
    let resident = 0;
    for (const run of this.#ram.touchedPages(from, top)) {
      if (run.backing === "touched") resident += run.count;
    }
    this.#ram.discard(first, size);
    this.#taken += resident;
    this.#events.push({ kind: "discard", first, size, reason, resident });
  }

  /**
   * Notes what the guest says of pages.
   *
   * @param first the address of the first page
   * @param size in bytes
   * @param usage what it says
   */
  mark(first: PhysAddr, size: ByteCount, usage: PageUsage): void {
    const range = pagesOf(first, size);
    this.#volatile = this.#volatile.flatMap((old) => {
      const rest = new FrameSet();
      rest.add(old.range);
      rest.remove(range);
      return rest.ranges.map((left) => ({ range: left, before: old.before }));
    });
    if (usage === "stable") {
      for (const pages of Object.values(this.#gone)) pages.remove(range);
    }
    if (usage === "unused") this.#unused.add(range);
    else this.#unused.remove(range);
    if (usage === "potentially-volatile") {
      this.#volatile = [...this.#volatile, { range, before: this.#ram.clone() }];
    }
    this.#events.push({ kind: "mark", first, size, usage });
  }

  /**
   * Takes away what the guest has allowed it to: all unused pages, and the potentially volatile ones that
   * hold what they held when they were marked. The marks stay.
   *
   * Hardware knows of a write by the page's change bit; here the contents are compared, so a write of
   * the same bytes counts as none.
   *
   * @returns the number of pages
   */
  reclaim(): number {
    for (const range of this.#unused.ranges) {
      this.discard(startOf(range), sizeOf(range), "unused");
      if (this.#faults === "on") this.#gone["unused-block"].add(range);
    }
    const clean = this.#volatile.flatMap(({ range, before }) => this.#cleanOf(range, before));
    for (const range of clean) {
      this.discard(startOf(range), sizeOf(range), "potentially-volatile");
      if (this.#faults === "on") this.#gone["volatile-block"].add(range);
    }
    return this.unused + countOf(clean);
  }

  #cleanOf({ first, top }: FrameRange, before: Ram): FrameRange[] {
    const clean = new FrameSet();
    for (let page = first; page < top; page++) {
      const at = physAddr(BigInt(page) * PAGE);
      const [old, now] = [before, this.#ram].map((ram) => ram.peekBytes(at, HOST_PAGE_BYTES));
      const isSame = old?.every((byte, offset) => byte === now?.[offset]) ?? false;
      if (isSame) clean.add({ first: page, top: page + 1 });
    }
    return [...clean.ranges];
  }

  /**
   * Notes that the guest has filled pages.
   *
   * @param first the address of the first page
   * @param size in bytes
   * @param byte what it has filled them with
   * @param reason why: pages filled with poison are checked later
   */
  noteFill(first: PhysAddr, size: ByteCount, byte: number, reason: FillReason): void {
    const range = pagesOf(first, size);
    if (reason === "poison") {
      if (byte !== this.#poison) this.forgetAllPoison();
      this.#poison = byte;
      this.#poisoned.add(range);
    } else this.#poisoned.remove(range);
    this.#events.push({ kind: "fill", first, size, byte, reason });
  }

  /**
   * Looks whether poisoned pages still hold the poison. Nothing is touched.
   *
   * @param first the address of the first page to look at
   * @param size in bytes
   * @param ram what to look at: this memory, or a copy made before something was done to it
   * @returns the number of pages whose poison is broken
   */
  verifyPoison(first: PhysAddr, size: ByteCount, ram: Ram = this.#ram): number {
    const pages = this.#poisoned.within(pagesOf(first, size));
    return pages.reduce((sum, range) => sum + this.#verify(range, ram), 0);
  }

  /** Looks whether all poisoned pages still hold the poison; returns the number of those that do not. */
  verifyAllPoison(): number {
    return this.#poisoned.ranges.reduce((sum, range) => sum + this.#verify(range, this.#ram), 0);
  }

  /** Forgets that pages were poisoned: somebody owns them now. */
  forgetPoison(first: PhysAddr, size: ByteCount): void {
    this.#poisoned.remove(pagesOf(first, size));
  }

  /** Forgets all poison. */
  forgetAllPoison(): void {
    this.#poisoned.copyFrom(new FrameSet());
  }

  #verify(range: FrameRange, ram: Ram): number {
    const broken = new Map<bigint, { first: PhysAddr; bytes: number }>();
    let at: bigint = startOf(range);
    for (const { byte, count } of ram.peekRuns(startOf(range), sizeOf(range))) {
      const end = at + BigInt(count);
      for (; byte !== this.#poison && at < end;) {
        const page = at - at % PAGE;
        const part = page + PAGE < end ? page + PAGE : end;
        const known = broken.get(page) ?? { first: physAddr(at), bytes: 0 };
        broken.set(page, { first: known.first, bytes: known.bytes + Number(part - at) });
        at = part;
      }
      at = end;
    }
    for (const [page, found] of broken) {
      this.#events.push({ kind: "broken-poison", page: physAddr(page), ...found });
    }
    this.#brokenPoison += broken.size;
    return broken.size;
  }
}
