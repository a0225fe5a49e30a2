/**
 * Somebody who refuses accesses to memory that is there.
 *
 * @module
 */

import { stop } from "../outcome.ts";
import type { FaultAccess, FaultReason } from "../outcome.ts";

/** Tells the first of host pages `[first, end)` that must not be accessed, and why; null for none. */
export type AccessGuard = (
  first: number,
  end: number,
) => { readonly page: number; readonly reason: FaultReason } | null;

/**
 * Ends an access in a fault if a guard refuses one of its pages.
 *
 * @param guard the guard
 * @param first the first page
 * @param end the page after the last
 * @param access the access
 * @param by who makes it
 */
export function passGuard(
  guard: AccessGuard,
  first: number,
  end: number,
  access: FaultAccess,
  by: string,
): void {
  const refusal = guard(first, end);
  if (refusal === null) return;
  const start = BigInt(refusal.page) * 0x1000n;
  const address = start > access.address ? start : access.address;
  stop({ kind: "fault", address, reason: refusal.reason, by, access });
}
