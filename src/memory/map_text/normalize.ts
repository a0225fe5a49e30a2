/**
 * Memory maps as a consumer that tidies up sees them: sorted, without overlaps, neighbours joined.
 *
 * @module
 */

import { byteCount, physAddr } from "../../units.ts";
import { type MemoryKind, type MemoryMap, memoryMap } from "../memory_map.ts";
import { addNote, MAX_NOTES } from "./map_reader.ts";
import { KINDS_BY_RANK } from "./range_kind.ts";
import type { AddressSpan } from "./span.ts";
import {
  endOfTextRange,
  hexText,
  type MapNote,
  type ParsedMap,
  type RangeKind,
  type TextRange,
} from "./text_range.ts";

/** A range of a tidy map. */
export interface NormalizedRange extends AddressSpan {
  /** What it is. */
  readonly kind: RangeKind;
}

/** A tidy map. */
export interface NormalizedMap {
  /** The ranges, by ascending address, disjoint; no two neighbours of the same kind touch. */
  readonly ranges: readonly NormalizedRange[];
  /** What had to be changed. */
  readonly notes: readonly MapNote[];
}

/** An edge of a range. */
interface Edge {
  readonly address: bigint;
  readonly range: TextRange;
  readonly isEnd: boolean;
}

function byAddress(one: Edge, other: Edge): number {
  if (one.address !== other.address) return one.address < other.address ? -1 : 1;
  return 0;
}

/** The ranges that hold the present address, by the rank of their kind. */
class Claims {
  readonly #byRank: ReadonlyArray<Set<TextRange>> = KINDS_BY_RANK.map(() => new Set());

  cross(edge: Edge): void {
    const claims = this.#byRank[KINDS_BY_RANK.indexOf(edge.range.kind)];
    if (edge.isEnd) claims?.delete(edge.range);
    else claims?.add(edge.range);
  }

  /** The kind that wins here: the highest; null in a hole. */
  winner(): RangeKind | null {
    return KINDS_BY_RANK[this.#byRank.findLastIndex((claims) => claims.size > 0)] ?? null;
  }

  /** One range of each kind that is claimed here, the lowest kind first. */
  disputants(): TextRange[] {
    return this.#byRank.flatMap((claims) => [...claims].slice(0, 1));
  }
}

/** Notes that ranges of different kinds claim `[from, to)`. */
function noteDispute(into: { notes: MapNote[] }, claims: Claims, from: bigint, to: bigint): void {
  if (into.notes.length > MAX_NOTES) return;
  const disputants = claims.disputants();
  const [loser] = disputants;
  const winner = disputants.at(-1);
  if (loser === undefined || winner === undefined || loser === winner) return;
  addNote(into, {
    line: winner.line,
    severity: "warning",
    text: `${hexText(from)}-${hexText(to)} is ${winner.kind} here and ${loser.kind} at line ` +
      `${loser.line}; it counts as ${winner.kind}, the higher type`,
  });
}

/**
 * Puts the ranges of a map in order as Linux does: sorted by address, the higher e820 type winning where
 * ranges overlap, neighbours of one kind joined.
 *
 * Source: Linux `arch/x86/kernel/e820.c`, `e820__update_table()`.
 *
 * @param parsed the map
 * @returns the tidy map, with notes on every overlap of different kinds
 */
export function normalizeRanges(parsed: Pick<ParsedMap, "ranges">): NormalizedMap {
  const edges = parsed.ranges.flatMap((range): Edge[] => [
    { address: range.first, range, isEnd: false },
    { address: endOfTextRange(range), range, isEnd: true },
  ]).sort(byAddress);
  const claims = new Claims();
  const into: { notes: MapNote[] } = { notes: [] };
  const ranges: NormalizedRange[] = [];
  let kind: RangeKind | null = null;
  let first = 0n;
  for (const [index, edge] of edges.entries()) {
    claims.cross(edge);
    const next = edges[index + 1]?.address ?? edge.address;
    if (next === edge.address && index + 1 < edges.length) continue;
    noteDispute(into, claims, edge.address, next);
    const winner = claims.winner();
    if (winner === kind) continue;
    if (kind !== null) {
      ranges.push({ first: physAddr(first), size: byteCount(edge.address - first), kind });
    }
    kind = winner;
    first = edge.address;
  }
  return { ranges, notes: into.notes };
}

function memoryKindOf(kind: RangeKind): MemoryKind {
  return kind === "ram" || kind === "mmio" ? kind : "reserved";
}

/**
 * Makes the memory map of a machine of a map that was read from text. Whatever is neither RAM nor a
 * device becomes reserved memory.
 *
 * @param parsed the map
 * @returns the memory map
 */
export function memoryMapOfText(parsed: Pick<ParsedMap, "ranges">): MemoryMap {
  const { ranges } = normalizeRanges(parsed);
  return memoryMap(
    ranges.map(({ first, size, kind }) => ({ first, size, kind: memoryKindOf(kind) })),
  );
}
