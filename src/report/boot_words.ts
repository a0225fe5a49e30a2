/**
 * Verdicts in words.
 *
 * @module
 */

import { formatStopped } from "../outcome.ts";
import { bytesOf } from "./boot_report.ts";
import type { BootVerdict } from "./boot_report.ts";
import { sizeWords } from "./size_words.ts";

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
