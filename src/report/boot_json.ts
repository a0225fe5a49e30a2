/**
 * Verdicts on memory maps as JSON, for machines.
 *
 * @module
 */

import { bytesOf, lossesOf } from "./boot_report.ts";
import type { BootVerdict } from "./boot_report.ts";
import { verdictText } from "./boot_words.ts";
import { hexAddress } from "./columns.ts";
import type { JsonObject } from "./json.ts";
import { stoppedJson } from "./json.ts";

/** The name and version of the format. Members may be added without a new version. */
export const BOOT_JSON_FORMAT = "buddyscope-boot-1";

/**
 * Verdicts as plain data for `JSON.stringify`.
 *
 * Addresses and sizes in bytes are strings in base 16, such as `"0x1000"`; counts, lines and slots are
 * numbers. The members are always there, in this order:
 *
 * ```text
 * format        "buddyscope-boot-1"
 * arch          its name
 * pageSize, firmware
 * map           name, numbers ("line" of a text, or "range" where there is none), ranges[], notes[]
 * verdicts[]    one for each edition
 *
 * range         number, first, end, kind, efiType (null where the map is no EFI map)
 * note          number, severity ("note" or "warning"), text
 * verdict       edition, commit (null where there is none), imageEnd, text (the verdict in a line),
 *               end ("boots" or "stops"), stopped (null, or as in "buddyscope-run-1"),
 *               cause (null, or {range, text}: the place of the range in the map, from 0, or null),
 *               bytes {ram, usable, pageStates, image, early, lost, notMapped, underVmalloc},
 *               areas[], allocations[], losses[], parts[], risks[],
 *               pageRoot, virtualTop (null where boot did not come so far), notes[] (texts)
 * area          area, name, metadata, base, top (addresses), frames
 * allocation    when, purpose, calls, failed, frames, file, function, line
 * loss          reason, text, bytes, ranges[] (places in the map, from 0)
 * part          range, first, end, use, area (or null), reason (or null)
 * risk          range, first, end, risk ("not-mapped" or "under-vmalloc")
 * ```
 *
 * @param verdicts the verdicts on one map, one for each edition
 * @returns the data; null for no verdicts
 */
export function bootToJson(verdicts: readonly BootVerdict[]): JsonObject | null {
  const [first] = verdicts;
  if (first === undefined) return null;
  const { arch, pageShift, firmware, map } = first;
  return {
    format: BOOT_JSON_FORMAT,
    arch: arch.name,
    pageSize: hexAddress(BigInt(2 ** pageShift)),
    firmware,
    map: {
      name: map.name,
      numbers: map.numbers,
      ranges: map.ranges.map(({ line, first, size, kind, efiType = null }) => ({
        number: line,
        first: hexAddress(first),
        end: hexAddress(first + size),
        kind,
        efiType,
      })),
      notes: map.notes.map(({ line, severity, text }) => ({ number: line, severity, text })),
    },
    verdicts: verdicts.map(verdictJson),
  };
}

function verdictJson(verdict: BootVerdict): JsonObject {
  const { edition, stopped, cause, areas, allocations, parts, risks } = verdict;
  const { pageRoot, virtualTop, notes } = verdict;
  return {
    edition: edition.name,
    commit: edition.commit,
    imageEnd: hexAddress(verdict.imageEnd),
    text: verdictText(verdict),
    end: stopped === null ? "boots" : "stops",
    stopped: stopped === null ? null : stoppedJson(stopped),
    cause: cause === null ? null : { ...cause },
    bytes: bytesJson(verdict),
    areas: areas.map(({ area, name, metadata, base, top, frames }) => ({
      area,
      name,
      metadata: hexAddress(metadata),
      base: hexAddress(base),
      top: hexAddress(top),
      frames,
    })),
    allocations: allocations.map(({ by, ...rest }) => ({ ...rest, ...by })),
    losses: lossesOf(verdict).map(({ reason, text, bytes, ranges }) => ({
      reason,
      text,
      bytes: hexAddress(bytes),
      ranges,
    })),
    parts: parts.map(({ range, first, end, use, area, reason }) => ({
      range,
      first: hexAddress(first),
      end: hexAddress(end),
      use,
      area,
      reason,
    })),
    risks: risks.map(({ range, first, end, risk }) => ({
      range,
      first: hexAddress(first),
      end: hexAddress(end),
      risk,
    })),
    pageRoot: pageRoot === null ? null : hexAddress(pageRoot),
    virtualTop: virtualTop === null ? null : hexAddress(virtualTop),
    notes: [...notes],
  };
}

function bytesJson({ parts, risks }: BootVerdict): JsonObject {
  const used = (wanted: string): string =>
    hexAddress(bytesOf(parts.filter(({ use }) => use === wanted)));
  const risky = (wanted: string): string =>
    hexAddress(bytesOf(risks.filter(({ risk }) => risk === wanted)));
  return {
    ram: hexAddress(bytesOf(parts)),
    usable: used("usable"),
    pageStates: used("page-states"),
    image: used("image"),
    early: used("early"),
    lost: used("lost"),
    notMapped: risky("not-mapped"),
    underVmalloc: risky("under-vmalloc"),
  };
}
