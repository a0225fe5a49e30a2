/**
 * What the lab found, in words.
 *
 * @module
 */

import type { LabResult, LabRun } from "../lab/mod.ts";
import { grouped, sizeWords } from "./size_words.ts";

/**
 * How a run went.
 *
 * @param run the run
 * @returns such as `done, 12 of 3,000 requests failed, the first at operation 77 (line 80)`
 */
export function outcomeWords(run: LabRun): string {
  const { end, requests, failedRequests, firstFailedRequest, firstFailedPlace, refused } = run;
  const outcome = end === null
    ? "done"
    : `ended at operation ${grouped(end.operation)}${
      placeWords(end.operation, end.place)
    }: ${end.why}`;
  const others = refused === 0 ? "" : `; refused: ${grouped(refused)} releases or reservations`;
  if (firstFailedRequest === null) return `${outcome}, no request failed${others}`;
  return `${outcome}, ${grouped(failedRequests)} of ${grouped(requests)} requests failed, the ` +
    `first at operation ${grouped(firstFailedRequest)}${
      placeWords(firstFailedRequest, firstFailedPlace)
    }${others}`;
}

/**
 * Where something stands, if that says more than its number.
 *
 * @param operation the number of the operation
 * @param place where it stands in the file; null if nobody knows
 * @returns such as ` (line 80)`; empty if the place is the operation itself
 */
export function placeWords(operation: number, place: string | null): string {
  return place === null || place === `operation ${operation}` ? "" : ` (${place})`;
}

/**
 * The machine of a result.
 *
 * @param result the result
 * @returns such as `x86_64, 4 GiB in pages of 4 KiB`
 */
export function labMachineWords(result: LabResult): string {
  return `${result.arch}, ${labSizeWords(result)}`;
}

/**
 * What the allocators of a result were given.
 *
 * @param result the result
 * @returns such as `4 GiB in pages of 4 KiB`
 */
export function labSizeWords({ areas, pageShift }: LabResult): string {
  const frames = areas.reduce((sum, { first, top }) => sum + (top - first), 0);
  const size = sizeWords(BigInt(frames) << BigInt(pageShift));
  return `${size} in pages of ${sizeWords(1n << BigInt(pageShift))}`;
}
