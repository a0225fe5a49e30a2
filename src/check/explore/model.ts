/**
 * What the packed steps follow: an edition's behaviour as small tables.
 *
 * @module
 */

import {
  decodePageState,
  descriptorLayout,
  encodePageState,
  pageBehaviourOf,
} from "../../alloc_page/mod.ts";
import type { PageBehaviour } from "../../alloc_page/mod.ts";
import type { Arch } from "../../arch.ts";
import type { Edition } from "../../edition.ts";
import { readRequestFlags, requestFlags } from "../../request_flags.ts";
import { order } from "../../units.ts";
import type { WideShift } from "../../word.ts";
import type { Geometry } from "./geometry.ts";

/** The status of a page state as a small number; 0 stands for none. */
export const FRESH = 1;
/** See {@linkcode FRESH}. */
export const FREE = 2;
/** See {@linkcode FRESH}. */
export const ALLOCATED = 3;
/** See {@linkcode FRESH}. */
export const SPECIAL = 4;

/** What the packed steps follow. */
export interface Model {
  /** Where everything stands. */
  readonly geometry: Geometry;
  /** The facts of the edition. */
  readonly behaviour: PageBehaviour;
  /** The status of any byte, as the modelled code reads it. */
  readonly statuses: Uint8Array;
  /** The status of a byte that a block can have; 0 for others. */
  readonly blockStatuses: Uint8Array;
  /** The order bits of any byte. */
  readonly orderBits: Uint8Array;
  /** The byte of a status, without an order; by the status' number. */
  readonly encodings: Uint8Array;
  /** The number of lists that the modelled code has: orders from it on are refused. */
  readonly listCount: number;
  /** Whether areas keep `max_order`. */
  readonly maxOrder: "none" | "kept";
  /** Whether a request can be for fresh frames. */
  readonly freshRequests: "not-known" | "served";
  /** Whether a fresh block looks other than one that came back. */
  readonly freshStatus: "same-as-free" | "its-own";
  /** What a shift of 64 bits by 64 or more gives. */
  readonly wideShift: WideShift;
}

/**
 * The number of frames of a block: a power by a shift, which is what the inner loops can afford.
 *
 * @param order the order, below 31
 * @returns 2^order
 */
export function sizeOfOrder(order: number): number {
  return 1 << order; // bits: orders below 31
}

const STATUS_NAMES = ["", "fresh", "free", "allocated", "special"] as const;

/**
 * Makes the tables of an edition.
 *
 * @param geometry the layout of states
 * @param edition the edition
 * @param arch the architecture
 * @param pageShift the base-2 logarithm of the page size
 * @returns the model
 */
export function modelOf(
  geometry: Geometry,
  edition: Edition,
  arch: Arch,
  pageShift: number,
): Model {
  const behaviour = pageBehaviourOf(edition);
  const format = behaviour.pageStateFormat;
  const layout = descriptorLayout(arch, edition, pageShift);
  const bytes = Array.from({ length: 256 }, (_, byte) => {
    const { status, order } = decodePageState(format, byte);
    const known = format[status] !== null && format[status] + order === byte;
    const isSmall = status === "special" ? order === 0 : order < layout.listCount;
    return { status: STATUS_NAMES.indexOf(status), order, isBlock: known && isSmall };
  });
  const wishes = { areasMask: null, dontZero: false, fresh: true };
  const read = readRequestFlags(edition, requestFlags(edition, wishes), 1);
  const encode = (status: typeof STATUS_NAMES[number]): number =>
    status === "" || format[status] === null ? 0 : encodePageState(format, status, order(0));
  return {
    geometry,
    behaviour,
    statuses: Uint8Array.from(bytes, ({ status }) => status),
    blockStatuses: Uint8Array.from(bytes, ({ status, isBlock }) => isBlock ? status : 0),
    orderBits: Uint8Array.from(bytes, (byte) => byte.order),
    encodings: Uint8Array.from(STATUS_NAMES, encode),
    listCount: layout.listCount,
    maxOrder: layout.maxOrder === null ? "none" : "kept",
    freshRequests: read.fresh ? "served" : "not-known",
    freshStatus: format.fresh === format.free ? "same-as-free" : "its-own",
    wideShift: arch.wideShiftOf64Bits,
  };
}
