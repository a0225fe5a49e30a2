/**
 * The flags of an allocation request, as each edition writes them.
 *
 * @module
 */

import type { Edition, FlagValues } from "./edition.ts";

/** What a request asks for besides its size. */
export interface RequestWishes {
  /** The areas allowed, as a mask; null for any. */
  readonly areasMask: number | null;
  /** Whether the contents may stay as they are. */
  readonly dontZero: boolean;
  /** Whether the frames must never have been touched. */
  readonly fresh: boolean;
}

/**
 * Writes wishes as the number that the edition's call takes.
 *
 * Editions: `flagValues`. Before 550b4683 the number is an area mask and the other wishes vanish.
 *
 * Source: `lib/alloc_page.c`, `alloc_pages_flags()`, 550b4683.
 *
 * @param edition the edition
 * @param wishes what is asked for
 * @returns the flags; -1 stands for any area before 550b4683
 */
export function requestFlags(edition: Edition, wishes: RequestWishes): number {
  const { any, dontzero, fresh } = edition.flagValues;
  return (wishes.areasMask ?? any) + (wishes.dontZero ? dontzero : 0) + (wishes.fresh ? fresh : 0);
}

/**
 * The values of the flags that an edition knows.
 *
 * Source: `lib/alloc_page.h`, `AREA_ANY` and `FLAG_*`, 322cdd64, 550b4683, 0f4f39bd, 4a54e8a3.
 *
 * @param edition the edition
 * @returns its `flagValues`
 */
export function flagValuesOf(edition: Edition): FlagValues {
  return edition.flagValues;
}

/** What the allocator reads out of a request's flags. */
export interface RequestRead {
  /** The areas allowed, as a mask. */
  readonly areasMask: number;
  /** Whether the contents may stay as they are. */
  readonly dontZero: boolean;
  /** Whether the frames must never have been touched. */
  readonly fresh: boolean;
}

/** Bits of two masks below 2^32, which may use bit 31. */
function both(mask: number, other: number): number {
  return (mask & other) >>> 0; // bits: both operators take their operands modulo 2^32.
}

/**
 * Reads a request's flags as the edition's allocator does.
 *
 * Editions: `flagValues`, `freshRequests`.
 *
 * Source: `lib/alloc_page.c`, `page_memalign_order_flags()`, 550b4683.
 *
 * @param edition the edition
 * @param flags the number passed to the call, taken modulo 2^32
 * @param initialised the mask of the areas that exist
 * @returns the areas to search, and the other wishes
 */
export function readRequestFlags(
  edition: Edition,
  flags: number,
  initialised: number,
): RequestRead {
  const { any, dontzero, fresh, areaMask } = edition.flagValues;
  const chosen = both(flags, areaMask);
  return {
    areasMask: any === 0 && chosen === 0 ? initialised : both(chosen, initialised),
    dontZero: both(flags, dontzero) !== 0,
    fresh: both(flags, fresh) !== 0 && edition.freshRequests === "served",
  };
}
