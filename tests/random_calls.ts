/**
 * Random calls of the page allocator, used rightly: a seed gives the same calls everywhere.
 *
 * @module
 */

import type { Ledger, PageCall } from "../src/check/mod.ts";
import { type Machine, pageCount, physAddr, reservationOf, virtAddr } from "../mod.ts";

/** A linear congruential generator: numbers from 0 up to, not including, a bound. */
export function randomNumbers(seed: number): (bound: number) => number {
  let state = seed >>> 0;
  return (bound) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor(state / 2 ** 32 * bound);
  };
}

/** What random calls may ask for. */
export interface CallLimits {
  /** Orders asked for are below this. */
  readonly orders: number;
  /** The zones, as masks to choose from. */
  readonly zones: readonly (number | null)[];
  /** Whether fresh blocks are asked for. */
  readonly fresh: "never" | "sometimes";
  /** Whether frames are reserved, where the edition can. */
  readonly reservations: "never" | "sometimes";
}

/** The next call: an allocation, a release, a reservation or its end, of something that is there. */
export function randomCall(
  machine: Machine,
  ledger: Ledger,
  random: (bound: number) => number,
  limits: CallLimits,
): PageCall {
  const pick = <T>(list: readonly T[]): T | undefined => list[random(list.length)];
  const pageBytes = 1n << BigInt(machine.pageShift);
  const wishes = {
    areasMask: pick(limits.zones) ?? null,
    dontZero: random(2) === 0,
    fresh: limits.fresh === "sometimes" && random(4) === 0,
  };
  const address = (frame: number): bigint => BigInt(frame) * pageBytes;
  const reserves = limits.reservations === "sometimes" && reservationOf(machine.edition) !== null;
  const kind = random(reserves ? 12 : 9);
  // Now and then an order or a size that nobody can have.
  if (random(40) === 0) {
    const order = pick([52, 64, 255, 256, 258, 2 ** 32 - 1]) ?? 52;
    return { kind: "alloc-pages", order, wishes };
  }
  if (random(40) === 0) {
    const limit = 2n ** BigInt(machine.arch.wordBits);
    const size = pick([limit - 1n, limit - pageBytes + 1n, limit / 2n + 1n]) ?? limit;
    return { kind: "memalign-pages", alignment: 1n, size, wishes };
  }
  if (kind < 4) return { kind: "alloc-pages", order: random(limits.orders), wishes };
  if (kind < 5) {
    const alignment = pageBytes << BigInt(random(limits.orders));
    const size = pageBytes * BigInt(random(2 ** (limits.orders - 1)));
    return { kind: "memalign-pages", alignment, size, wishes };
  }
  if (kind < 9) {
    const holding = pick(ledger.holdings);
    return { kind: "free-pages", address: virtAddr(address(holding?.first ?? 0)) };
  }
  const special = pick(ledger.reserved);
  if (kind < 11 && special !== undefined) {
    const first = special.first + random(special.top - special.first);
    const count = pageCount(1 + random(special.top - first));
    return { kind: "unreserve-pages", address: physAddr(address(first)), count };
  }
  const area = pick(machine.pages.areas());
  const [base, top] = [area?.base ?? 0, area?.top ?? 1];
  const first = base + random(top - base);
  return { kind: "reserve-pages", address: physAddr(address(first)), count: pageCount(random(4)) };
}
