/**
 * What an edition of the allocator does, as plain data: for whoever models its steps on other data than
 * bytes in memory.
 *
 * @module
 */

import type { Edition, Facts } from "../edition.ts";
import { linkingOf } from "./blocks.ts";
import { joiningOf } from "./coalesce.ts";
import { pageStateFormatOf } from "./page_state.ts";
import { requestingOf } from "./request.ts";
import { reservationOf, reservingOf } from "./reserve.ts";
import type { ReservationForm } from "./reserve.ts";
import { freshServiceOf } from "./search.ts";
import { splittingOf } from "./split.ts";

/** The facts that the steps of the allocator follow, once areas are set up. */
export interface PageBehaviour extends
  Pick<
    Facts,
    | "maxOrderRaisedBy"
    | "mergeableBuddies"
    | "splitOrderIs"
    | "listRemovals"
    | "freshHalvesGo"
    | "freshRequestsGet"
    | "memalignArguments"
    | "zeroesByDefault"
    | "reservedFrames"
    | "reservedBlockOrder"
    | "failedReservation"
    | "reservationOfNothing"
    | "pageStateFormat"
  > {
  /** The calls by which frames are reserved; null if there are none. */
  readonly reservationForm: ReservationForm | null;
}

/**
 * Gathers what an edition does.
 *
 * @param edition the edition
 * @returns its behaviour
 */
export function pageBehaviourOf(edition: Edition): PageBehaviour {
  return {
    ...linkingOf(edition),
    ...joiningOf(edition),
    ...splittingOf(edition),
    ...freshServiceOf(edition),
    ...requestingOf(edition),
    ...reservingOf(edition),
    pageStateFormat: pageStateFormatOf(edition),
    reservationForm: reservationOf(edition),
  };
}
