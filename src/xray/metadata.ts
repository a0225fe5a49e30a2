/**
 * Finding an area by its metadata alone, where its descriptor is not in the dump or is damaged.
 *
 * The first bytes tell at which frames the area can begin; the list nodes of its free blocks tell at
 * which it does, because each leads to another one or to a list head.
 *
 * @module
 */

import type { PageStateFormat } from "../edition.ts";
import { scoreFormat, useOf } from "./judge.ts";
import type { AreaFrames } from "./judge.ts";
import type { DumpMemory } from "./memory.ts";
import { NodeReader } from "./nodes.ts";
import { metadataPages } from "./scan.ts";
import type { Family, Shape } from "./shapes.ts";
import { tile } from "./tiling.ts";
import type { Tiling } from "./tiling.ts";

/** An area that was found by its metadata. */
export interface MetadataArea extends AreaFrames {
  /** The address of the list head of order 0. */
  readonly heads: bigint;
}

/** Fewer page states are no evidence. */
const FEWEST_STATES = 2;
/** So few are some only if two blocks among them have list nodes. */
const FEW_STATES = 4;
/** So many page states are looked at: all; or fewer, because a damaged one among them misleads. */
const PREFIXES: readonly number[] = [Infinity, 2 ** 16, 2 ** 12, 2 ** 8, 2 ** 6, 2 ** 4];
/** For so many sizes of the metadata the nodes are looked at. */
const MOST_TRIES = 64;
/** Behind so many frames of which nothing is known, an area has ended. */
const MOST_UNKNOWN = 64;

/** The formats of some families, each once. */
export function formatsOf(families: readonly Family[]): PageStateFormat[] {
  return [...new Set(families.map(({ format }) => format))];
}

/** What looking for metadata may cost where there is none: memory full of small numbers looks like it. */
export class Effort {
  #bytes = 2 ** 28;
  #judged = 4096;

  /** Whether anything may still be looked at. */
  get isLeft(): boolean {
    return this.#bytes > 0 && this.#judged > 0;
  }

  /** Counts page states that were read. */
  read(bytes: number): void {
    this.#bytes -= Math.max(bytes, 4096);
  }

  /** Counts an area whose list nodes were looked at. */
  judge(): void {
    this.#judged--;
  }
}

/** The sizes of the metadata that a tiling allows, in pages, ascending. */
function* sizesOf(
  start: number,
  { count, modulus, residue }: Tiling,
  pageBytes: number,
  most: number,
): Generator<number> {
  const fewest = Math.max(1, Math.ceil(count / pageBytes));
  const offset = (((residue - start - fewest) % modulus) + modulus) % modulus;
  let tries = 0;
  for (let size = fewest + offset; size <= most && tries < MOST_TRIES; size += modulus, tries++) {
    yield size;
  }
}

/** Judges one size of the metadata: the format whose nodes fit best, and where the heads are. */
function judgeSize(
  reader: NodeReader,
  formats: readonly PageStateFormat[],
  { blocks, count }: Tiling,
  frames: AreaFrames,
): { heads: bigint } | null {
  const judged = formats.map((format) => scoreFormat(reader, format, blocks, frames));
  const [first, ...more] = judged;
  if (first === undefined) return null;
  const best = more.reduce((one, other) => other.score > one.score ? other : one, first);
  const { heads, sound, usable } = best;
  const fewest = count < FEW_STATES ? 2 : 1;
  return heads !== null && sound >= fewest && 2 * sound > usable ? { heads } : null;
}

/**
 * Finds the area whose metadata begins at an address.
 *
 * @param memory the dump
 * @param shape the shape
 * @param families the families that there can be
 * @param address the address, of a page
 * @param effort what it may cost; what it does is taken off
 * @returns the area, or null if no metadata begins there
 */
export function areaWithMetadataAt(
  memory: DumpMemory,
  shape: Shape,
  families: readonly Family[],
  address: bigint,
  effort: Effort,
): MetadataArea | null {
  const pageBytes = 2 ** shape.pageShift;
  if (address % BigInt(pageBytes) !== 0n) return null;
  for (const bytes of PREFIXES) {
    if (!effort.isLeft) return null;
    const tiling = tilingAt(memory, shape, families, address, bytes);
    effort.read(tiling.count);
    if (tiling.count < FEWEST_STATES) return null;
    if (!hasUsable(tiling, families)) continue;
    const found = areaOfTiling(memory, shape, families, address, tiling, effort);
    if (found !== null) return found;
  }
  return null;
}

/** How far so many of the first page states tile a range. */
function tilingAt(
  memory: DumpMemory,
  { pageShift }: Shape,
  families: readonly Family[],
  address: bigint,
  bytes: number,
): Tiling {
  const orders = families[0]?.layout.listCount ?? 0;
  const frames = Number(memory.roomFrom(address) >> BigInt(pageShift));
  return tile(memory.runsFrom(address, BigInt(Math.min(bytes, frames))), orders);
}

/** Whether a block may be handed out, by some format: only those have list nodes. */
function hasUsable({ blocks }: Tiling, families: readonly Family[]): boolean {
  return formatsOf(families).some((format) =>
    blocks.some(({ state }) => useOf(format, state) === "usable")
  );
}

/** The area whose first page states are known. */
function areaOfTiling(
  memory: DumpMemory,
  shape: Shape,
  families: readonly Family[],
  address: bigint,
  tiling: Tiling,
  effort: Effort,
): MetadataArea | null {
  const pageBytes = 2 ** shape.pageShift;
  const frames = Number(memory.roomFrom(address) / BigInt(pageBytes));
  const start = Number(address / BigInt(pageBytes));
  const reader = new NodeReader(memory, shape);
  const formats = formatsOf(families);
  for (const size of sizesOf(start, tiling, pageBytes, metadataPages(frames, pageBytes))) {
    const base = start + size;
    const limit = Math.min(base + size * pageBytes, start + frames);
    if (!effort.isLeft) return null;
    effort.judge();
    const judged = judgeSize(reader, formats, tiling, { metadata: start, base, top: limit });
    if (judged === null) continue;
    const { heads } = judged;
    const extent = new Extent({ memory, reader, heads, start, base });
    return { metadata: start, base, top: extent.find(limit, pageBytes), heads };
  }
  return null;
}

/**
 * The first frame after an area, by its page states alone.
 *
 * @param memory the dump
 * @param shape the shape
 * @param frames the area; its top is not looked at
 * @param heads the address of the list head of order 0
 * @returns the frame
 */
export function topByStates(
  memory: DumpMemory,
  shape: Shape,
  { metadata, base }: Pick<AreaFrames, "metadata" | "base">,
  heads: bigint,
): number {
  const pageBytes = 2 ** shape.pageShift;
  const reader = new NodeReader(memory, shape);
  const extent = new Extent({ memory, reader, heads, start: metadata, base });
  return extent.find(base + (base - metadata) * pageBytes, pageBytes);
}

/** What is known of an area while its top is looked for. */
interface ExtentOptions {
  readonly memory: DumpMemory;
  readonly reader: NodeReader;
  readonly heads: bigint;
  readonly start: number;
  readonly base: number;
}

/** Where an area ends: behind the last block that there must be. */
class Extent {
  readonly #options: ExtentOptions;

  constructor(options: ExtentOptions) {
    this.#options = options;
  }

  /** The first frame after the area, at most a limit. */
  find(limit: number, pageBytes: number): number {
    const { memory, base, start, reader } = this.#options;
    // So many pages of metadata are not needed for fewer frames.
    const least = base + (base - start - 1) * pageBytes;
    let top = Math.max(least, base + 1);
    let at = base;
    for (const { state, count } of memory.runsFrom(reader.addressOf(start), BigInt(limit - base))) {
      const end = at + count;
      // Behind the last page state stand zeroes, and zeroes look like fresh frames of order 0.
      if (state !== 0) top = Math.max(top, end);
      else top = this.#topOfZeroes(at, end, top);
      at = end;
      if (at - top >= MOST_UNKNOWN) break;
    }
    return Math.min(limit, this.#endOfLastBlock(top, limit));
  }

  /** The top, or the end of the block that goes on there if its last page states are damaged. */
  #endOfLastBlock(top: number, limit: number): number {
    const { reader, start, base } = this.#options;
    const state = reader.byteAt(reader.addressOf(start) + BigInt(top - 1 - base)) ?? 0;
    const size = 2 ** (state % 64);
    const end = Math.ceil(top / size) * size;
    return end <= limit ? end : top;
  }

  /** The top if some frames have the state 0: those among them that have a node are in the area. */
  #topOfZeroes(first: number, end: number, top: number): number {
    let known = top;
    for (let frame = Math.max(first, top); frame < end && frame - known < MOST_UNKNOWN; frame++) {
      if (this.#hasNode(frame)) known = frame + 1;
    }
    return known;
  }

  /** Whether a frame of order 0 holds a node: zeroes behind the last page state look fresh. */
  #hasNode(frame: number): boolean {
    const { reader, heads } = this.#options;
    const address = reader.addressOf(frame);
    const links = reader.linksAt(address);
    if (links === null) return false;
    return links.next === heads || links.prev === heads ||
      reader.linksAt(links.next)?.prev === address ||
      reader.linksAt(links.prev)?.next === address;
  }
}
