/**
 * Which editions an area of a dump can be of: by the list heads in its descriptor, by its page states, and
 * by which of its blocks have list nodes.
 *
 * @module
 */

import { decodePageState } from "../alloc_page/mod.ts";
import type { DescriptorLayout } from "../alloc_page/mod.ts";
import type { PageStateFormat } from "../edition.ts";
import type { DumpMemory } from "./memory.ts";
import { judgeNodes, NodeReader } from "./nodes.ts";
import type { NodeBlock } from "./nodes.ts";
import { wordOf } from "./shapes.ts";
import type { Family, Shape } from "./shapes.ts";
import { tile } from "./tiling.ts";
import type { TiledBlock } from "./tiling.ts";

/** An area by its frames. */
export interface AreaFrames {
  /** The first page of the metadata. */
  readonly metadata: number;
  /** The first usable frame. */
  readonly base: number;
  /** The first frame after. */
  readonly top: number;
}

/** Of so many blocks the nodes are looked at, to judge an area. */
const MOST_JUDGED = 128;

/**
 * How many list heads of a descriptor look like heads: linked to themselves, or to frames of the area.
 *
 * @param memory the dump
 * @param shape the shape
 * @param layout where the heads lie
 * @param descriptor its address
 * @param frames the area
 * @returns the number; -1 if the descriptor does not lie in the dump
 */
export function plausibleHeads(
  memory: DumpMemory,
  shape: Shape,
  layout: DescriptorLayout,
  descriptor: bigint,
  { base, top }: Pick<AreaFrames, "base" | "top">,
): number {
  if (!memory.has(descriptor, BigInt(layout.sizeBytes))) return -1;
  const reader = new NodeReader(memory, shape);
  const isFrame = (link: bigint): boolean => {
    const frame = reader.frameAt(link);
    return frame !== null && frame >= base && frame < top;
  };
  let count = 0;
  for (let order = 0; order < layout.listCount; order++) {
    const head = descriptor + BigInt(layout.freeLists + order * layout.listHeadBytes);
    const links = reader.linksAt(head);
    if (links === null) continue;
    const [isNext, isPrev] = [links.next, links.prev].map((link) => link === head || isFrame(link));
    if (isNext && isPrev) count++;
  }
  return count;
}

/**
 * The members of a descriptor that say where its area lies.
 *
 * @param memory the dump
 * @param shape the shape
 * @param layout where the members lie
 * @param descriptor its address
 * @returns the frames, whatever they are; null if all members are 0, or do not lie in the dump
 */
export function membersAt(
  memory: DumpMemory,
  shape: Shape,
  layout: DescriptorLayout,
  descriptor: bigint,
): AreaFrames | null {
  if (!memory.has(descriptor, BigInt(layout.sizeBytes))) return null;
  const read = (offset: number, size: 4 | 8): bigint =>
    memory.peek(descriptor + BigInt(offset), size, shape.byteOrder) ?? 0n;
  const base = read(layout.base, layout.pfnBytes);
  const top = read(layout.top, layout.pfnBytes);
  const states = read(layout.pageStates, wordOf(shape));
  if (base === 0n && top === 0n && states === 0n) return null;
  const metadata = Number(states >> BigInt(shape.pageShift));
  return { metadata, base: Number(base), top: Number(top) };
}

/**
 * Whether the lists of a descriptor are its own: most of the first blocks lead back to their heads. A copy
 * of a descriptor that is no longer in use has none that does.
 *
 * @param memory the dump
 * @param shape the shape
 * @param layout where the heads lie
 * @param descriptor its address
 * @returns whether it is in use, as far as can be told
 */
export function isInUse(
  memory: DumpMemory,
  shape: Shape,
  layout: DescriptorLayout,
  descriptor: bigint,
): boolean {
  const reader = new NodeReader(memory, shape);
  let [listed, mutual] = [0, 0];
  for (let order = 0; order < layout.listCount; order++) {
    const head = descriptor + BigInt(layout.freeLists + order * layout.listHeadBytes);
    const next = reader.linksAt(head)?.next ?? head;
    if (next === head) continue;
    listed++;
    if (reader.linksAt(next)?.prev === head) mutual++;
  }
  return 2 * mutual > listed;
}

/** What the blocks of an area say for a format. */
interface FormatScore {
  readonly score: number;
  /** The address of the list head of order 0; null if no link leads to one. */
  readonly heads: bigint | null;
  readonly sound: number;
  readonly usable: number;
}

/**
 * Whether a block can have a state, and whether it may be handed out then.
 *
 * @param format the encoding
 * @param state the state
 * @returns "none" if no block has it
 */
export function useOf(format: PageStateFormat, state: number): "usable" | "in-use" | "none" {
  const { status, order } = decodePageState(format, state);
  const bits = format[status];
  if (bits === null || bits + order !== state) return "none";
  if (status === "special") return order === 0 ? "in-use" : "none";
  return status === "allocated" ? "in-use" : "usable";
}

/**
 * Judges blocks by a format: those that may be handed out have list nodes, and the others have none.
 *
 * @param reader reads the nodes
 * @param format the encoding of page states
 * @param blocks the blocks
 * @param frames the area
 * @returns the score, and where the list heads are
 */
export function scoreFormat(
  reader: NodeReader,
  format: PageStateFormat,
  blocks: readonly TiledBlock[],
  frames: AreaFrames,
): FormatScore {
  const range = { first: frames.metadata, top: frames.top };
  const at = ({ offset, order }: TiledBlock): NodeBlock => ({ frame: frames.base + offset, order });
  const uses = blocks.map(({ state }) => useOf(format, state));
  const usable = blocks.filter((_, index) => uses[index] === "usable").slice(0, MOST_JUDGED).map(
    at,
  );
  const others = blocks.filter((_, index) => uses[index] === "in-use").slice(0, MOST_JUDGED).map(
    at,
  );
  const impossible = uses.filter((use) => use === "none").length;
  const own = judgeNodes(reader, usable, range);
  const foreign = judgeNodes(reader, others, range);
  const score = 2 * own.sound - usable.length - 2 * foreign.sound - 2 * impossible;
  return { score, heads: own.heads, sound: own.sound, usable: usable.length };
}

/**
 * The first blocks of an area whose place is known.
 *
 * @param memory the dump
 * @param shape the shape
 * @param frames the area
 * @param orders the number of orders
 * @returns the blocks, as far as the metadata tiles the area
 */
export function firstBlocks(
  memory: DumpMemory,
  { pageShift }: Pick<Shape, "pageShift">,
  { metadata, base, top }: AreaFrames,
  orders: number,
): readonly TiledBlock[] {
  const runs = memory.runsFrom(BigInt(metadata) << BigInt(pageShift), BigInt(top - base));
  return tile(runs, orders).blocks;
}

/** Whether the bytes of a descriptor that no member has are 0, as in all static memory. */
function isPaddingZero(memory: DumpMemory, layout: DescriptorLayout, descriptor: bigint): boolean {
  const { maxOrder, zone, freeLists } = layout;
  if (maxOrder === null) return true;
  const first = (zone ?? maxOrder) + 1;
  const bytes = memory.peekBytes(descriptor + BigInt(first), freeLists - first);
  return bytes === null || bytes.every((byte) => byte === 0);
}

/** A family, and how well it fits. */
export interface Fit {
  /** The family. */
  readonly family: Family;
  /** The higher, the better; only differences count. */
  readonly score: number;
}

/**
 * How well families fit an area.
 *
 * @param memory the dump
 * @param shape the shape
 * @param families the families
 * @param frames the area
 * @param descriptor the address of its descriptor; null if it is not in the dump
 * @param zone the zone that its frames belong to, by what an architecture's table says for a family
 * @returns the families in the order given, each with its score
 */
export function fitFamilies(
  memory: DumpMemory,
  shape: Shape,
  families: readonly Family[],
  frames: AreaFrames,
  descriptor: bigint | null,
  zone: (family: Family) => number,
): Fit[] {
  const reader = new NodeReader(memory, shape);
  const orders = families[0]?.layout.listCount ?? 0;
  const blocks = firstBlocks(memory, shape, frames, orders);
  const scores = new Map<PageStateFormat, number>();
  return families.map((family) => {
    const { format, layout } = family;
    const known = scores.get(format) ?? scoreFormat(reader, format, blocks, frames).score;
    scores.set(format, known);
    let score = known;
    if (descriptor !== null) {
      // A layout that is 4 or 8 bytes off has no head that is linked to itself.
      score += 1000 * plausibleHeads(memory, shape, layout, descriptor, frames);
      if (!isPaddingZero(memory, layout, descriptor)) score -= 20;
      const at = layout.zone;
      const byte = at === null ? null : memory.peek(descriptor + BigInt(at), 1, shape.byteOrder);
      if (byte !== null && Number(byte) !== zone(family)) score -= 10;
    }
    return { family, score };
  });
}
