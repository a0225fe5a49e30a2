/**
 * Verdicts and sizes in words.
 *
 * @module
 */

import { formatStopped } from "../outcome.ts";
import { bytesOf } from "./boot_report.ts";
import type { BootVerdict } from "./boot_report.ts";

const UNITS = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"] as const;

/**
 * A size as people say it.
 *
 * @param bytes the size
 * @returns such as `1 MiB`, or `3.0 GiB` where it is not exact
 */
export function sizeWords(bytes: bigint): string {
  let scale = 0;
  while (scale < UNITS.length - 1 && bytes >= 1024n ** BigInt(scale + 1)) scale++;
  const unit = 1024n ** BigInt(scale);
  const name = UNITS[scale] ?? "";
  if (bytes % unit === 0n) return `${bytes / unit} ${bytes === 1n ? "byte" : name}`;
  const tenths = (bytes * 10n + unit / 2n) / unit;
  return `${tenths / 10n}.${tenths % 10n} ${name}`;
}

/** What is lost, in words that do not round it up to everything. */
function lossText(lost: bigint, total: bigint): string {
  const [part, whole] = [sizeWords(lost), sizeWords(total)];
  if (part !== whole || lost === total) return `loses ${part} of ${whole}`;
  return `loses all but ${sizeWords(total - lost)} of ${whole}`;
}

/**
 * A verdict in one line: boots, boots with losses, or stops.
 *
 * @param verdict the verdict
 * @returns such as `boots, but loses 1 MiB of 128 MiB`
 */
export function verdictText(verdict: BootVerdict): string {
  const { stopped, parts, risks } = verdict;
  if (stopped !== null) return `stops: ${formatStopped(stopped)}`;
  const total = bytesOf(parts);
  const lostBytes = bytesOf(parts.filter(({ use }) => use === "lost"));
  const bytesAt = (wanted: string): bigint => bytesOf(risks.filter(({ risk }) => risk === wanted));
  const [unmapped, overlaid] = [bytesAt("not-mapped"), bytesAt("under-vmalloc")];
  const complaints = [
    ...(lostBytes === 0n ? [] : [lossText(lostBytes, total)]),
    ...(unmapped === 0n ? [] : [`hands out ${sizeWords(unmapped)} that it does not map`]),
    ...(overlaid === 0n ? [] : [`puts vmalloc over ${sizeWords(overlaid)} that it hands out`]),
  ];
  return complaints.length === 0 ? "boots" : `boots, but ${complaints.join(", and ")}`;
}
