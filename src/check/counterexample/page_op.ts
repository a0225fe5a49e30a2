/**
 * What a caller of the page allocator does, as data: it calls, and it writes to what it got.
 *
 * @module
 */

import { reservationOf } from "../../alloc_page/mod.ts";
import type { Edition } from "../../edition.ts";
import { declareRam, runOnMachine } from "../../machine.ts";
import type { Machine } from "../../machine.ts";
import type { Outcome } from "../../outcome.ts";
import { byteCount, virtAddr } from "../../units.ts";
import { performCall } from "../invariants/mod.ts";
import type { CallValue, PageCall } from "../invariants/mod.ts";
import type { CallShape } from "./symptom.ts";

/** A call of the page allocator, or what its caller does with a block. */
export type PageOp =
  | PageCall
  /** Its owner fills a block's first bytes. */
  | {
    readonly kind: "fill";
    readonly address: bigint;
    readonly size: bigint;
    readonly byte: number;
  };

/**
 * Tells whether an edition has a call.
 *
 * @param edition the edition
 * @param op what is to be done
 * @returns false for reservations before there were any
 */
export function isInEdition(edition: Edition, op: PageOp): boolean {
  const isReservation = op.kind === "reserve-pages" || op.kind === "unreserve-pages";
  return !isReservation || reservationOf(edition) !== null;
}

/**
 * Does it. A range that is handed over becomes RAM first.
 *
 * @param machine the machine, not stopped
 * @param op what is to be done
 * @returns how it ended
 */
export function performOp(machine: Machine, op: PageOp): Outcome<CallValue> {
  if (op.kind === "fill") {
    const { address, size, byte } = op;
    return runOnMachine(machine, () => {
      machine.space.fill(virtAddr(address), byteCount(size), byte, "its owner");
      return undefined;
    });
  }
  if (op.kind === "init-area") declareRam(machine, op.start, op.top);
  return performCall(machine, op);
}

/**
 * A call as far as its kind depends on it.
 *
 * @param op what is done
 * @returns its name and its numbers, as a scenario has them
 */
export function shapeOfOp(op: PageOp): CallShape {
  const fresh = "no";
  switch (op.kind) {
    case "alloc-pages":
    case "memalign-pages": {
      const isFresh = op.wishes.fresh ? "yes" : "no";
      return op.kind === "alloc-pages"
        ? { call: "alloc_pages", numbers: [BigInt(op.order)], fresh: isFresh }
        : { call: "memalign_pages", numbers: [op.alignment, op.size], fresh: isFresh };
    }
    case "init-area":
      return { call: "area", numbers: [], fresh };
    case "free-pages":
      return { call: "free_pages", numbers: [op.address], fresh };
    case "reserve-pages":
      return { call: "reserve_pages", numbers: [op.address, BigInt(op.count)], fresh };
    case "unreserve-pages":
      return { call: "unreserve_pages", numbers: [op.address, BigInt(op.count)], fresh };
    case "fill":
      return { call: "fill", numbers: [], fresh };
  }
}
