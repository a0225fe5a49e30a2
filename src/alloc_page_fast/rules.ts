/**
 * What an edition does, as plain integers for the fast engine.
 *
 * @module
 */

import { descriptorLayout, pageBehaviourOf } from "../alloc_page/mod.ts";
import type { PageBehaviour } from "../alloc_page/mod.ts";
import type { Arch } from "../arch.ts";
import type { Edition } from "../edition.ts";
import { FREE, FRESH, JOINS_FREE, JOINS_NONE, JOINS_USABLE } from "./constants.ts";

/** What an edition does, as plain integers: nothing on the fast path compares words. */
export interface FastRules {
  /** The number of lists of an area. */
  readonly listCount: number;
  /** The status of what was never handed out: fresh, or free where there is no such status. */
  readonly carved: number;
  /** Which buddies are joined. */
  readonly joins: number;
  /** 1 where the halves of a fresh block go to the back of their list. */
  readonly freshToBack: number;
  /** 1 where areas keep a highest order. */
  readonly keepsMaxOrder: number;
  /** 1 where each link of a block raises it. */
  readonly linksRaiseMaxOrder: number;
  /** 1 where a request for fresh frames gets its whole size. */
  readonly freshIsWhole: number;
  /** 1 where the orders of size and alignment change places on the way to the search. */
  readonly swapsOrders: number;
  /** 1 where blocks are zeroed unless the request says not to. */
  readonly zeroes: number;
  /** 1 where a reservation takes frames off their lists, all or none. */
  readonly reservesWhole: number;
  /** The bits of the page states, by status: of `FRESH / HEAD` and so on. */
  readonly statusBits: readonly number[];
}

/**
 * Tells whether the fast engine can follow an edition.
 *
 * It knows the order of a block, and never takes a status for a part of it. All editions that there are can
 * be followed; one that is put together of facts may not.
 *
 * @param edition the edition
 * @returns whether it can
 */
export function canRunFast(edition: Edition): boolean {
  const { splitOrderIs, pageStateFormat } = pageBehaviourOf(edition);
  const { fresh, free } = pageStateFormat;
  return splitOrderIs === "order-bits" || (fresh === 0 && free === 0);
}

/**
 * Gathers what the fast engine has to know of an edition.
 *
 * @param arch the architecture
 * @param edition the edition
 * @param pageShift the base-2 logarithm of the page size
 * @returns the rules
 */
export function fastRulesOf(arch: Arch, edition: Edition, pageShift: number): FastRules {
  const behaviour = pageBehaviourOf(edition);
  const layout = descriptorLayout(arch, edition, pageShift);
  const { fresh, free, allocated, special } = behaviour.pageStateFormat;
  const hasFresh = fresh !== free;
  const joinsBareOrder = free === 0 ? JOINS_FREE : JOINS_NONE;
  return {
    listCount: layout.listCount,
    carved: hasFresh ? FRESH : FREE,
    joins: behaviour.mergeableBuddies === "usable" ? JOINS_USABLE : joinsBareOrder,
    freshToBack: hasFresh && behaviour.freshHalvesGo === "to-back" ? 1 : 0,
    keepsMaxOrder: layout.maxOrder === null ? 0 : 1,
    linksRaiseMaxOrder: behaviour.maxOrderRaisedBy === "every-link" ? 1 : 0,
    freshIsWhole: behaviour.freshRequestsGet === "the-whole-size" ? 1 : 0,
    swapsOrders: behaviour.memalignArguments === "swapped" ? 1 : 0,
    zeroes: behaviour.zeroesByDefault === "yes" ? 1 : 0,
    reservesWhole: reservesWhole(behaviour) ? 1 : 0,
    statusBits: [0, fresh, free, allocated, special ?? 0],
  };
}

function reservesWhole(behaviour: PageBehaviour): boolean {
  return behaviour.reservationForm === "reserve-pages" &&
    behaviour.pageStateFormat.special !== null &&
    behaviour.reservedFrames === "leave-their-list" &&
    behaviour.reservedBlockOrder === "order-bits" &&
    behaviour.failedReservation === "changes-nothing";
}
