/**
 * What a replay counts, which handles are in use, and how failures end it.
 *
 * @module
 */

import type { Stopped } from "../outcome.ts";
import { FAILED, Handles } from "./handles.ts";

/** Why a replay ended before its trace did. */
export type ReplayEnd =
  /** The modelled code was stopped. */
  | { readonly kind: "stopped"; readonly operation: number; readonly outcome: Stopped }
  /** A request failed, or the trace asks for what cannot be. */
  | { readonly kind: "failed"; readonly operation: number; readonly why: string };

/** What was counted. */
export interface ReplayCounts {
  /** Operations that were run. */
  operations: number;
  /** Requests among them. */
  requests: number;
  /** Requests that found no block. */
  failedRequests: number;
  /** Reservations that failed. */
  failedReservations: number;
  /** Releases of handles whose request had failed: nothing is done, as with NULL. */
  releasesOfNothing: number;
  /** Releases, and ends of reservations, of what was not in use: they are left out. */
  wrongReleases: number;
  /** Operations that the literal engine ran. */
  literalOperations: number;
}

/**
 * What happens at an operation that fails, and at one that gives back what is not in use: the replay ends
 * there, or it is counted and left out.
 */
export type FailurePolicy = "stop" | "count";

/** How an operation went. */
export type Ran =
  /** It was run, or counted as one that failed. */
  | "ran"
  /** It ended the replay. */
  | "ended";

/** Keeps the books of a replay. */
export class Ledger {
  /** What was counted. */
  readonly counts: ReplayCounts = {
    operations: 0,
    requests: 0,
    failedRequests: 0,
    failedReservations: 0,
    releasesOfNothing: 0,
    wrongReleases: 0,
    literalOperations: 0,
  };
  /** The handles. */
  readonly handles: Handles;
  /** Why the replay ended; null while it goes on. */
  end: ReplayEnd | null = null;
  /** The operation whose request was the first to find no block; null if all found one. */
  firstFailedRequest: number | null = null;
  /** What happens at failures. */
  readonly policy: FailurePolicy;

  /**
   * Opens the books.
   *
   * @param policy what happens at failures
   * @param keeps whether handles that are given back are forgotten
   */
  constructor(policy: FailurePolicy, keeps: "bounded" | "kept") {
    this.policy = policy;
    this.handles = new Handles(keeps, "nodes");
  }

  /** Ends the replay at an operation that fails. */
  fail(operation: number, why: string): Ran {
    this.end = { kind: "failed", operation, why };
    return "ended";
  }

  /** A request that found nothing: it ends the replay, or its handle stands for nothing. */
  failRequest(operation: number, sizeOrder: number): Ran {
    this.firstFailedRequest ??= operation;
    if (this.policy === "stop") {
      return this.fail(operation, `there is no block of order ${sizeOrder} for the request`);
    }
    this.counts.failedRequests++;
    this.handles.add(0, FAILED);
    return "ran";
  }

  /** Something is given back that is not in use, which is to be left out. */
  leaveOut(): Ran {
    this.counts.wrongReleases++;
    return "ran";
  }

  /** A reservation that failed. */
  failReservation(operation: number): Ran {
    if (this.policy === "stop") return this.fail(operation, "the frames cannot be reserved");
    this.counts.failedReservations++;
    return "ran";
  }

  /** A release of a handle that stands for no block. */
  releaseNothing(operation: number, handle: number): Ran {
    const { counts, handles } = this;
    const position = handles.positionOf(handle);
    if (position >= 0 && handles.uses[position] === FAILED) {
      counts.releasesOfNothing++;
      handles.drop(handle, position);
      return "ran";
    }
    if (this.policy === "stop") {
      const given = handles.count;
      const why = handle < given ? "was given back before" : `is not among the ${given} given out`;
      return this.fail(operation, `handle ${handle} ${why}`);
    }
    return this.leaveOut();
  }
}
