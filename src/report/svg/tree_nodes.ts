/**
 * A large block as the tree of its splits, down to the blocks that are there.
 *
 * @module
 */

import type { PageStateFormat } from "../../edition.ts";
import type { AreaView } from "../../page_allocator.ts";
import { countFrames, type FrameCounts, framesOf, piecesOf } from "../block_runs.ts";

/** A node of a split tree: frames `[first, first + 2^order)`. */
export interface TreeNode {
  /** The first frame. */
  readonly first: number;
  /** The order. */
  readonly order: number;
  /** What is there: a block, frames that are none, two halves, or halves that are not drawn. */
  readonly kind: "block" | "stray" | "split" | "folded";
  /** The page state of the first frame; null if the node is no block. */
  readonly state: number | null;
  /** What the frames are. */
  readonly counts: FrameCounts;
  /** The two halves of a split node. */
  readonly halves: readonly TreeNode[];
}

/** The first frame and the order of a block, whether it is there or not. */
export interface Root {
  /** The first frame. */
  readonly first: number;
  /** The order. */
  readonly order: number;
}

/**
 * The largest block that can hold a frame: aligned to its size, and inside the area.
 *
 * @param view the area
 * @param frame the frame, one of the area
 * @returns the block
 */
export function rootOf({ base, top }: AreaView, frame: number): Root {
  let root: Root = { first: frame, order: 0 };
  for (let order = 1;; order++) {
    const size = 2 ** order;
    const first = frame - frame % size;
    if (first < base || first + size > top) return root;
    root = { first, order };
  }
}

/** A block that is there. */
interface Head {
  readonly order: number;
  readonly state: number;
}

function headsIn(view: AreaView, format: PageStateFormat, root: Root): Map<number, Head> {
  const heads = new Map<number, Head>();
  const end = root.first + 2 ** root.order;
  for (const piece of piecesOf(view, format)) {
    if (piece.first >= end) break;
    if (piece.kind === "strays" || piece.first + framesOf(piece) <= root.first) continue;
    const size = 2 ** piece.order;
    const from = Math.max(0, Math.ceil((root.first - piece.first) / size));
    for (let block = from; block < piece.count; block++) {
      const first = piece.first + block * size;
      if (first >= end) break;
      heads.set(first, { order: piece.order, state: piece.state });
    }
  }
  return heads;
}

/** A node whose halves are found when they are wanted. */
interface Sketch {
  readonly first: number;
  readonly order: number;
  readonly head: Head | null;
  halves: readonly [Sketch, Sketch] | null;
}

function sketchOf(heads: ReadonlyMap<number, Head>, first: number, order: number): Sketch {
  const head = heads.get(first) ?? null;
  return { first, order, head: head !== null && head.order >= order ? head : null, halves: null };
}

function isLeaf({ head, order }: Sketch): boolean {
  return head !== null || order === 0;
}

/** Splits a node in the sketch. */
function split(heads: ReadonlyMap<number, Head>, node: Sketch): readonly [Sketch, Sketch] {
  const order = node.order - 1;
  node.halves = [
    sketchOf(heads, node.first, order),
    sketchOf(heads, node.first + 2 ** order, order),
  ];
  return node.halves;
}

/** Splits the nodes on the way to a frame, then the others, largest first, while there is room. */
function grow(
  heads: ReadonlyMap<number, Head>,
  root: Sketch,
  frame: number,
  mostLeaves: number,
): void {
  const waiting: Sketch[] = [];
  let leaves = 1;
  for (let node = root; !isLeaf(node); leaves++) {
    const [low, high] = split(heads, node);
    const isHigh = frame >= high.first;
    waiting.push(isHigh ? low : high);
    node = isHigh ? high : low;
  }
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    if (isLeaf(next)) continue;
    if (leaves >= mostLeaves) return;
    waiting.push(...split(heads, next));
    waiting.sort((one, other) => other.order - one.order || one.first - other.first);
    leaves++;
  }
}

/** The leaves of a sketch, by ascending frame. */
function leavesOf(node: Sketch): Sketch[] {
  return node.halves === null ? [node] : node.halves.flatMap(leavesOf);
}

function sumOf(one: FrameCounts, other: FrameCounts): FrameCounts {
  return {
    fresh: one.fresh + other.fresh,
    free: one.free + other.free,
    allocated: one.allocated + other.allocated,
    special: one.special + other.special,
    disagreeing: one.disagreeing + other.disagreeing,
  };
}

const NO_FRAMES: FrameCounts = { fresh: 0, free: 0, allocated: 0, special: 0, disagreeing: 0 };

function finished(node: Sketch, counts: ReadonlyMap<Sketch, FrameCounts>): TreeNode {
  const { first, order, head } = node;
  if (node.halves === null) {
    const kind = head !== null ? "block" : order === 0 ? "stray" : "folded";
    const state = head?.state ?? null;
    return { first, order, kind, state, counts: counts.get(node) ?? NO_FRAMES, halves: [] };
  }
  const [low, high] = node.halves.map((half) => finished(half, counts));
  const halves = low === undefined || high === undefined ? [] : [low, high];
  const sum = halves.reduce((all, half) => sumOf(all, half.counts), NO_FRAMES);
  return { first, order, kind: "split", state: null, counts: sum, halves };
}

/**
 * The split tree of a block. The way to the frame is complete; where the tree would get too wide, halves
 * are folded.
 *
 * @param view the area
 * @param format the encoding of its page states
 * @param frame the frame
 * @param mostLeaves about how many leaves there can be
 * @returns the root
 */
export function treeOf(
  view: AreaView,
  format: PageStateFormat,
  frame: number,
  mostLeaves: number,
): TreeNode {
  const root = rootOf(view, frame);
  const heads = headsIn(view, format, root);
  const sketch = sketchOf(heads, root.first, root.order);
  grow(heads, sketch, frame, mostLeaves);
  const leaves = leavesOf(sketch);
  const limits = [...leaves.map(({ first }) => first), root.first + 2 ** root.order];
  const counts = countFrames(piecesOf(view, format), limits);
  return finished(sketch, new Map(leaves.map((leaf, at) => [leaf, counts[at] ?? NO_FRAMES])));
}
