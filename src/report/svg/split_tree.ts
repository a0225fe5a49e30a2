/**
 * A split tree as a picture: the largest block that can hold a frame, halved down to what is there.
 *
 * @module
 */

import type { PageStateFormat } from "../../edition.ts";
import type { AreaView } from "../../page_allocator.ts";
import { piecesOf } from "../block_runs.ts";
import { bareHex, counted } from "../columns.ts";
import { countsText } from "../map_lines.ts";
import { stateMeaning, stateText } from "../state_text.ts";
import { areaTitle, formatOf, type Subject } from "../subject.ts";
import { STATUS_KEYS } from "./area_cells.ts";
import { markOf, statusLegend } from "./marks.ts";
import { MARGIN, pictureOf, type PictureOptions, widthOfPicture, wrapped } from "./picture.ts";
import { CHARACTER, LINE } from "./style.ts";
import { rootOf, type TreeNode, treeOf } from "./tree_nodes.ts";
import { type Box, element, rectOf, textAt } from "./xml.ts";

/** How a split tree is drawn. */
export interface SplitTreeOptions extends PictureOptions {
  /** The frame; by default one in use, in the largest tree that has one. */
  readonly frame?: number;
}

/** The width of a leaf, in pixels, unless the way to the frame has more of them. */
const LEAF = 26;
const WIDEST_LEAF = 96;
/** The height of a level, in pixels, and of a block on it. */
const LEVEL = 34;
const BOX_HEIGHT = 20;

/** The frame that is shown if none is named: one in use goes first, then one of a large tree. */
function usualFrame(areas: readonly AreaView[], format: PageStateFormat): number | null {
  let best: { first: number; isUsed: boolean; order: number } | null = null;
  for (const view of areas.toSorted((one, other) => one.base - other.base)) {
    for (const { first, ...piece } of piecesOf(view, format)) {
      if (piece.kind === "strays") continue;
      const isUsed = piece.status === "allocated";
      if (best?.isUsed && !isUsed) continue;
      const { order } = rootOf(view, first);
      const isBetter = best === null || (isUsed && !best.isUsed) || order > best.order;
      if (isBetter) best = { first, isUsed, order };
    }
  }
  return best?.first ?? null;
}

function chosenFrame(
  areas: readonly AreaView[],
  format: PageStateFormat,
  wanted: number | undefined,
): { view: AreaView; frame: number } {
  const frame = wanted ?? usualFrame(areas, format);
  if (frame === null) {
    throw new RangeError("Cannot draw the split tree: there must be an area with page states");
  }
  const view = areas.find(({ base, top }) => frame >= base && frame < top);
  if (view !== undefined && view.states.length > 0) return { view, frame };
  const ranges = areas.map(({ base, top }) => `${bareHex(base)} to ${bareHex(top - 1)}`);
  throw new RangeError(
    `Cannot draw the split tree: frame 0x${bareHex(frame)} must be one of an area, ${
      ranges.length === 0 ? "and there is none" : `which hold ${ranges.join(", ")}`
    }`,
  );
}

/** What drawing a tree needs. */
interface Context {
  readonly format: PageStateFormat;
  readonly frame: number;
  readonly left: number;
  readonly leaf: number;
  readonly root: TreeNode;
}

function leafCount({ halves }: TreeNode): number {
  return halves.length === 0 ? 1 : halves.reduce((sum, half) => sum + leafCount(half), 0);
}

function lowestOrder({ order, halves }: TreeNode): number {
  return halves.reduce((least, half) => Math.min(least, lowestOrder(half)), order);
}

function holds({ first, order }: TreeNode, frame: number): boolean {
  return frame >= first && frame < first + 2 ** order;
}

function wordsOf({ first, order, kind, state, counts }: TreeNode, format: PageStateFormat): string {
  const place = `${bareHex(first)}, order ${order}`;
  if (kind === "stray") return `${bareHex(first)}, no block`;
  if (kind === "folded") return `${place}, split further: ${countsText(counts)}`;
  return `${place}, ${state === null ? "split" : stateMeaning(format, state)?.status ?? ""}`;
}

/** The surface of a leaf; frames of several kinds share it. */
function leafSurface(node: TreeNode, box: Box, { format }: Context): string[] {
  const title = wordsOf(node, format);
  const data = { "data-pfn": bareHex(node.first) };
  if (node.kind !== "folded") {
    const status = node.state === null ? null : stateMeaning(format, node.state)?.status ?? null;
    const mark = node.kind === "stray" || status === null ? "wrong" : status;
    return [rectOf(box, `${mark} edge`, title, data)];
  }
  let { y } = box;
  const shares = STATUS_KEYS.filter((key) => node.counts[key] > 0).map((key) => {
    const height = box.height * node.counts[key] / 2 ** node.order;
    const part = rectOf({ ...box, y, height }, markOf(key));
    y += height;
    return part;
  });
  return [...shares, rectOf(box, "rule", title, data)];
}

function leafParts(node: TreeNode, x: number, y: number, context: Context): string[] {
  const { leaf, format, frame } = context;
  const box = { x: x - leaf / 2 + 1, y, width: leaf - 2, height: BOX_HEIGHT };
  const label = bareHex(node.first);
  const [textX, textY] = [x, y + BOX_HEIGHT + 13];
  const isWide = label.length * CHARACTER <= leaf - 2;
  const strong = holds(node, frame) ? { class: "strong" } : {};
  const text = node.state === null
    ? node.kind === "folded" ? "…" : "!"
    : stateText(format, node.state);
  return [
    ...leafSurface(node, box, context),
    textAt(x, y + 14, text, { class: "cell" }),
    isWide
      ? textAt(textX - label.length * CHARACTER / 2, textY, label, strong)
      : textAt(textX - 4, textY - 8, label, {
        ...strong,
        transform: `rotate(90 ${(textX - 4).toFixed(1)} ${textY - 8})`,
      }),
  ];
}

/** A drawn subtree: where its root hangs, and its elements; those of the way lie on top. */
interface Subtree {
  readonly x: number;
  readonly parts: readonly string[];
  readonly lines: readonly string[];
}

function subtreeOf(node: TreeNode, slot: number, context: Context): Subtree {
  const { left, leaf, root, frame, format } = context;
  const y = (root.order - node.order) * LEVEL;
  if (node.halves.length === 0) {
    const x = left + (slot + 0.5) * leaf;
    return { x, parts: leafParts(node, x, y, context), lines: [] };
  }
  let next = slot;
  const drawn = node.halves.map((half) => {
    const subtree = subtreeOf(half, next, context);
    next += leafCount(half);
    return { half, subtree };
  });
  const x = left + (slot + next) / 2 * leaf;
  const hang = y + BOX_HEIGHT / 2;
  const lines = drawn.map(({ half, subtree }) => {
    const className = holds(half, frame) ? "way" : "rule";
    const foot = half.halves.length === 0 ? LEVEL : LEVEL + BOX_HEIGHT / 2;
    const d = `M${x.toFixed(1)} ${hang}H${subtree.x.toFixed(1)}V${y + foot}`;
    return element("path", { class: className, d });
  });
  const dot = element("circle", { class: "rule", cx: x, cy: hang, r: 4 }, [
    element("title", {}, [wordsOf(node, format)]),
  ]);
  return {
    x,
    parts: [...drawn.flatMap(({ subtree }) => subtree.parts), dot],
    lines: [...drawn.flatMap(({ subtree }) => subtree.lines), ...lines],
  };
}

/**
 * Draws the split tree of the largest block that can hold a frame, aligned and inside its area: each
 * block that is not there as one is split in two, down to the blocks that are. The way to the frame is
 * drawn thick, and always complete; where the tree is too wide, other halves are folded and show what
 * they hold.
 *
 * @param subject the architecture and the edition; a machine is one
 * @param areas the areas
 * @param options the frame, the width, the moment and the id
 * @returns an SVG document
 * @throws {RangeError} if no area with page states holds the frame, or the options ask for a width or
 * an id that no picture can have
 */
export function splitTreeSvg(
  subject: Subject,
  areas: readonly AreaView[],
  options: SplitTreeOptions = {},
): string {
  const width = widthOfPicture(options);
  const format = formatOf(subject);
  const { view, frame } = chosenFrame(areas, format, options.frame);
  const left = MARGIN + 9 * CHARACTER;
  const room = width - MARGIN - left;
  const root = treeOf(view, format, frame, Math.floor(room / LEAF));
  const leaf = Math.min(WIDEST_LEAF, room / leafCount(root));
  const context: Context = { format, frame, left, leaf, root };
  const { parts, lines } = subtreeOf(root, 0, context);
  const levels = root.order - lowestOrder(root) + 1;
  const orders = Array.from(
    { length: levels },
    (_, level) => textAt(MARGIN, level * LEVEL + 14, `order ${root.order - level}`),
  );
  const label = bareHex(root.first).length * CHARACTER;
  const bottom = levels * LEVEL + (label <= leaf - 2 ? LINE : label);
  const heading = `the block of order ${root.order} at ${bareHex(root.first)} (${
    areaTitle(subject, view).replace("  ", " ")
  }), and frame ${bareHex(frame)} in it`;
  const note = `${counted(2 ** root.order, "frame")}: ${countsText(root.counts)}`;
  const notes = [heading, note].flatMap((text) => wrapped(text, width - 2 * MARGIN));
  const top = notes.length * LINE + 8;
  const drawn = [...orders, "\n", ...lines, "\n", ...parts];
  return pictureOf(
    { kind: "tree", what: "split tree", subject, description: `${heading}; ${note}.`, options },
    {
      parts: [
        ...notes.map((text, row) => textAt(MARGIN, 13 + row * LINE, text)),
        element("g", { transform: `translate(0 ${top})` }, drawn),
      ],
      height: top + bottom + 4,
      legend: [
        ...statusLegend(format),
        { mark: "wrong", text: "! no block" },
        { mark: "rule", text: "… split further" },
      ],
    },
  );
}
