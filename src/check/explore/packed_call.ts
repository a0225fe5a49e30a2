/**
 * The calls that are explored: a fixed list for each configuration, so that a call is a number.
 *
 * @module
 */

import type { Geometry } from "./geometry.ts";

/** What can be done to an allocator. */
export const EXPLORE_OPERATIONS = ["alloc", "free", "memalign", "reserve", "fresh"] as const;

/** One of {@linkcode EXPLORE_OPERATIONS}. */
export type ExploreOperation = typeof EXPLORE_OPERATIONS[number];

/** A request for a block. */
export interface PackedRequest {
  /** Tells the calls apart. */
  readonly kind: "alloc";
  /** The order of the alignment. */
  readonly alignOrder: number;
  /** The order of the size. */
  readonly sizeOrder: number;
  /** The areas allowed, by their places; null for any, as the request says it. */
  readonly only: number | null;
  /** Whether it asks for fresh frames. */
  readonly fresh: "yes" | "no";
  /** Whether the contents may stay as they are. */
  readonly dontZero: "yes" | "no";
}

/** A call on given frames. */
export interface PackedFrames {
  /** Tells the calls apart. */
  readonly kind: "free" | "reserve" | "unreserve";
  /** The first frame. */
  readonly frame: number;
  /** How many; 1 for a block to be freed. */
  readonly count: number;
}

/** A call. */
export type PackedCall = PackedRequest | PackedFrames;

/** The most frames that one call reserves. */
const MOST_RESERVED = 3;

function requests(
  { areas, orders }: Geometry,
  operations: ReadonlySet<ExploreOperation>,
  freshRequests: "not-known" | "served",
): PackedRequest[] {
  const places = areas.length === 1 ? [null] : [null, ...areas.keys()];
  const sizes = Array.from({ length: orders }, (_, order) => order);
  const plain = { kind: "alloc", fresh: "no", dontZero: "no" } as const;
  const kinds: PackedRequest[] = [];
  for (const only of places) {
    for (const alignOrder of sizes) {
      for (const sizeOrder of sizes) {
        const operation = alignOrder === sizeOrder ? "alloc" : "memalign";
        if (!operations.has(operation)) continue;
        const request = { ...plain, alignOrder, sizeOrder, only };
        kinds.push(request);
        if (!operations.has("fresh") || freshRequests === "not-known") continue;
        kinds.push({ ...request, fresh: "yes", dontZero: "yes" });
        kinds.push({ ...request, fresh: "yes" });
      }
    }
  }
  return kinds;
}

function onFrames(
  { areas }: Geometry,
  operations: ReadonlySet<ExploreOperation>,
  canReserve: boolean,
): PackedFrames[] {
  const calls: PackedFrames[] = [];
  for (const { first, end } of areas) {
    for (let frame = first; frame < end; frame++) {
      if (operations.has("free")) calls.push({ kind: "free", frame, count: 1 });
      if (!operations.has("reserve") || !canReserve) continue;
      if (frame === 0) calls.push({ kind: "reserve", frame, count: 0 });
      for (let count = 1; count <= Math.min(MOST_RESERVED, end - frame); count++) {
        calls.push({ kind: "reserve", frame, count }, { kind: "unreserve", frame, count });
      }
    }
  }
  return calls;
}

/** What a list of calls depends on. */
export interface CallSetting {
  /** The areas. */
  readonly geometry: Geometry;
  /** Whether the edition can be asked for fresh frames. */
  readonly freshRequests: "not-known" | "served";
  /** Whether the edition can reserve. */
  readonly reservation: "none" | "there";
}

/**
 * All calls of a configuration.
 *
 * Requests ask for every order that an area can have, of any area and of each alone. Frees are of each
 * frame, reservations of each run of 1 to 3 frames inside an area and of nothing.
 *
 * @param setting what there is
 * @param operations what is to be done
 * @returns the calls
 */
export function callsOf(
  { geometry, freshRequests, reservation }: CallSetting,
  operations: ReadonlySet<ExploreOperation>,
): PackedCall[] {
  return [
    ...requests(geometry, operations, freshRequests),
    ...onFrames(geometry, operations, reservation === "there"),
  ];
}
