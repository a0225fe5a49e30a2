/**
 * From random numbers to calls that are used rightly, in the state that they meet.
 *
 * @module
 */

import type { RequestWishes } from "../../request_flags.ts";
import type { Machine } from "../../machine.ts";
import type { Outcome } from "../../outcome.ts";
import { pageCount, physAddr, virtAddr } from "../../units.ts";
import type { PageOp } from "../counterexample/mod.ts";
import type { CallValue, FrameRange } from "../invariants/mod.ts";
import { Choices } from "./plan.ts";
import { placesOf, rangeOf } from "./ranges.ts";
import type { RangePlaces } from "./ranges.ts";

/** Orders by how often they are asked for: small ones most. */
const ORDERS = [0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 4, 5] as const;
/** Orders that nobody can have: beyond a word, beyond a byte, beyond all. */
const EXCESSIVE_ORDERS = [32, 52, 63, 64, 255, 256, 257, 260, 0xffff_ffff] as const;
/** Numbers of frames by how often they are reserved. */
const RESERVED_COUNTS = [1, 1, 1, 1, 0, 2, 2, 3, 4, 9] as const;
/** Masks of zones; null for any. */
const MASKS = [null, null, null, null, null, 1, 2, 4, 8, 3, 5, 6] as const;

/** A kind of call that a run can go without, so that others come together that seldom do. */
export type Omission = "reservations" | "fresh" | "excess" | "most-frees";

/**
 * The kinds of calls that a run goes without.
 *
 * @param choice a number below 64
 * @returns none in every fourth run; each in half of the others
 */
export function omissionsOf(choice: number): ReadonlySet<Omission> {
  const choices = new Choices(choice);
  if (choices.below(4) === 0) return new Set();
  const kinds: readonly Omission[] = ["reservations", "fresh", "excess", "most-frees"];
  return new Set(kinds.filter(() => choices.below(2) === 0));
}

/** What the caller of the allocator knows: what it handed over, has, and has reserved. */
export class Caller {
  readonly #machine: Machine;
  readonly #places: RangePlaces;
  readonly #given: FrameRange[] = [];
  readonly #live: bigint[] = [];
  readonly #reserved: number[] = [];
  readonly #omissions: ReadonlySet<Omission>;

  /**
   * A caller that has nothing yet.
   *
   * @param machine the machine on which it will call
   * @param omissions what it goes without
   */
  constructor(machine: Machine, omissions: ReadonlySet<Omission>) {
    this.#machine = machine;
    this.#omissions = omissions;
    this.#places = placesOf(machine.arch, machine.edition);
  }

  /** A range to hand over; null if there is none. */
  range(choices: Choices): PageOp | null {
    const { arch, pageShift } = this.#machine;
    // The last page holds the area descriptors of a 32-bit machine.
    const limit = arch.wordBits === 32 ? 2 ** (32 - pageShift) - 1 : 2 ** 40;
    return rangeOf(choices, this.#places, this.#given, limit);
  }

  /** The next thing to do. */
  next(choices: Choices): PageOp | null {
    const kind = choices.below(32);
    const omits = (what: Omission): boolean => this.#omissions.has(what);
    if (kind < 3) return this.#memalign(choices);
    if (kind < 5 || (kind < 13 && !omits("most-frees"))) return this.#free(choices);
    if (kind < 14) return this.#fill(choices);
    if (kind < 15 && !omits("excess")) return this.#excess(choices);
    if (kind < 18 && !omits("reservations")) return this.#reserve(choices);
    if (kind < 21 && !omits("reservations")) return this.#unreserve(choices);
    return kind < 22 && choices.below(8) === 0 ? this.range(choices) : this.#alloc(choices);
  }

  /** Takes note of what came of it. */
  note(op: PageOp, outcome: Outcome<CallValue>): void {
    if (outcome.kind !== "returned") return;
    const { value } = outcome;
    switch (op.kind) {
      case "init-area":
        this.#given.push({ first: op.start, top: op.top });
        break;
      case "alloc-pages":
      case "memalign-pages":
        if (typeof value === "bigint" && !this.#live.includes(value)) this.#live.push(value);
        break;
      case "free-pages":
        if (this.#live.includes(op.address)) this.#live.splice(this.#live.indexOf(op.address), 1);
        break;
      case "reserve-pages":
        if (value === -1 || value === null) break;
        this.#reserved.push(...this.#frames(op));
        this.#reserved.sort((one, other) => one - other);
        break;
      case "unreserve-pages":
        this.#reserved.splice(this.#reserved.indexOf(this.#frames(op)[0] ?? -1), op.count);
        break;
      case "fill":
        break;
    }
  }

  /** What gives back all that the caller has. */
  releases(): PageOp[] {
    const frees = this.#live.map((address): PageOp => ({
      kind: "free-pages",
      address: virtAddr(address),
    }));
    const unreserved: PageOp[] = [];
    for (let index = 0; index < this.#reserved.length;) {
      const first = this.#reserved[index] ?? 0;
      let count = 1;
      while (this.#reserved[index + count] === first + count) count++;
      const address = physAddr(BigInt(first) * this.#pageBytes);
      unreserved.push({ kind: "unreserve-pages", address, count: pageCount(count) });
      index += count;
    }
    return [...frees, ...unreserved];
  }

  get #pageBytes(): bigint {
    return 1n << BigInt(this.#machine.pageShift);
  }

  #frames({ address, count }: { address: bigint; count: number }): number[] {
    const first = Number(address / this.#pageBytes);
    return Array.from({ length: count }, (_, index) => first + index);
  }

  #wishes(choices: Choices): RequestWishes {
    const dontZero = choices.below(2) === 0;
    const fresh = choices.below(4) === 0 && !this.#omissions.has("fresh");
    return { dontZero, fresh, areasMask: choices.of(MASKS) };
  }

  #alloc(choices: Choices): PageOp {
    return { kind: "alloc-pages", order: choices.of(ORDERS), wishes: this.#wishes(choices) };
  }

  #memalign(choices: Choices): PageOp {
    const pageBytes = this.#pageBytes;
    const alignment = choices.below(4) === 0
      ? 2n ** BigInt(choices.below(12))
      : pageBytes << BigInt(choices.of(ORDERS));
    const pages = BigInt(choices.below(12)) * pageBytes;
    const size = choices.below(3) === 0 ? pages + BigInt(choices.below(4096)) : pages;
    return { kind: "memalign-pages", alignment, size, wishes: this.#wishes(choices) };
  }

  #free(choices: Choices): PageOp {
    const isNull = this.#live.length === 0 || choices.below(24) === 0;
    const address = isNull ? 0n : this.#live[choices.below(this.#live.length)] ?? 0n;
    return { kind: "free-pages", address: virtAddr(address) };
  }

  #reserve(choices: Choices): PageOp | null {
    const count = pageCount(choices.of(RESERVED_COUNTS));
    const range = this.#given[choices.below(this.#given.length || 1)];
    if (range === undefined) return null;
    // From the frame before the range, which is none of its area, to its last.
    const frame = range.first - 1 + choices.below(range.top - range.first + 1);
    return { kind: "reserve-pages", address: physAddr(BigInt(frame) * this.#pageBytes), count };
  }

  #unreserve(choices: Choices): PageOp | null {
    const index = choices.below(this.#reserved.length || 1);
    const first = this.#reserved[index];
    if (first === undefined) return null;
    let count = 1;
    while (choices.below(2) === 1 && this.#reserved[index + count] === first + count) count++;
    const address = physAddr(BigInt(first) * this.#pageBytes);
    return { kind: "unreserve-pages", address, count: pageCount(count) };
  }

  #fill(choices: Choices): PageOp | null {
    const address = this.#live[choices.below(this.#live.length || 1)];
    return address === undefined ? null : { kind: "fill", address, size: 0x100n, byte: 0x5a };
  }

  #excess(choices: Choices): PageOp {
    const wishes = this.#wishes(choices);
    if (choices.below(2) === 0) {
      return { kind: "alloc-pages", order: choices.of(EXCESSIVE_ORDERS), wishes };
    }
    const limit = 2n ** BigInt(this.#machine.arch.wordBits);
    const size = choices.of([
      limit - 1n,
      limit - this.#pageBytes + 1n,
      limit / 2n + 1n,
      limit / 2n,
    ]);
    const alignment = choices.of([1n, this.#pageBytes, limit / 2n]);
    return { kind: "memalign-pages", alignment, size, wishes };
  }
}
