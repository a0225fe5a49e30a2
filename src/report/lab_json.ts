/**
 * What the lab found, as plain data.
 *
 * @module
 */

import { type LabResult, measureOf } from "../lab/mod.ts";
import type { JsonObject } from "./json.ts";

/** The format. */
const FORMAT = "buddyscope-lab-1";

/**
 * What the lab found, as plain data: every point with its lists and indices.
 *
 * @param result the result
 * @returns plain data
 */
export function labToJson(result: LabResult): JsonObject {
  const { trace, arch, pageShift, areas, order, runs } = result;
  return {
    format: FORMAT,
    trace,
    arch,
    pageSize: 2 ** pageShift,
    areas: areas.map(({ area, first, top }) => ({ area, first, top })),
    order,
    runs: runs.map(({ name, kind, end, points, moves, ...counts }) => ({
      name,
      kind,
      operations: counts.operations,
      requests: counts.requests,
      failedRequests: counts.failedRequests,
      firstFailedRequest: counts.firstFailedRequest,
      firstFailedPlace: counts.firstFailedPlace,
      refused: counts.refused,
      end: end === null ? null : { operation: end.operation, place: end.place, why: end.why },
      moves: moves === null ? null : { splits: [...moves.splits], joins: [...moves.joins] },
      points: points.map(({ operation, value }) => ({
        operation,
        freePages: measureOf("pages", value, order),
        largestOrder: measureOf("largest", value, order),
        external: measureOf("external", value, order),
        unusable: measureOf("unusable", value, order),
        share: measureOf("share", value, order),
        lists: value.slice(0, 1 + measureOf("largest", value, order)),
      })),
    })),
  };
}
