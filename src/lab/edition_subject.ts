/**
 * An edition as a subject of the lab.
 *
 * @module
 */

import type { Arch } from "../arch.ts";
import type { Edition } from "../edition.ts";
import type { FreeCounts } from "../fragmentation/mod.ts";
import { formatStopped } from "../outcome.ts";
import { Replayer } from "../replay/mod.ts";
import type { MoveCounts, TraceHeader } from "../replay/mod.ts";
import type { LabCounts, LabEnd, LabSubject } from "./subject.ts";

/** So many frames are looked at in no time. */
const FEW_FRAMES = 2 ** 12;

/** A replay on an edition, in which failures are counted and nothing but the modelled code ends it. */
export class EditionSubject implements LabSubject {
  /** What it is. */
  readonly kind = "edition";
  /** The edition's name. */
  readonly name: string;
  /** The literal engine's lists lie in modelled memory, where each link is read. */
  readonly look: "cheap" | "dear";
  readonly #replayer: Replayer;

  /**
   * Hands the areas over.
   *
   * @param edition the edition
   * @param header the machine of the trace
   * @param arch the architecture that it names
   * @throws {RangeError} if the machine cannot be made
   */
  constructor(edition: Edition, { areas, pageShift }: TraceHeader, arch: Arch) {
    this.name = edition.name;
    this.#replayer = new Replayer({ arch, edition, areas, pageShift, failures: "count" });
    const frames = areas.reduce((sum, { first, top }) => sum + (top - first), 0);
    this.look = this.#replayer.engine === "literal" && frames > FEW_FRAMES ? "dear" : "cheap";
  }

  /** The base-2 logarithm of the page size. */
  get pageShift(): number {
    return this.#replayer.pageShift;
  }

  /** What was counted. */
  get counts(): LabCounts {
    const { counts, firstFailedRequest } = this.#replayer;
    const { operations, requests, failedRequests, wrongReleases, failedReservations } = counts;
    const refused = wrongReleases + failedReservations;
    return { operations, requests, failedRequests, firstFailedRequest, refused };
  }

  /** Why it ended; null while it goes on. */
  get end(): LabEnd | null {
    const { end } = this.#replayer;
    if (end === null) return null;
    const why = end.kind === "stopped" ? formatStopped(end.outcome) : end.why;
    return { operation: end.operation, why };
  }

  /** Runs operations. */
  run(words: Uint32Array, from: number, end: number, most: number): number {
    return this.#replayer.run(words, from, end, most);
  }

  /** Free blocks by order. */
  freeCounts(): FreeCounts {
    return this.#replayer.freeCounts();
  }

  /** How often blocks were split and joined. */
  moves(): MoveCounts {
    return this.#replayer.moves();
  }
}
