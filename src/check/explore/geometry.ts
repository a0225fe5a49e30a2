/**
 * Where the explored areas lie, and where everything about them stands among the cells of a packed
 * state.
 *
 * @module
 */

/** An area to be explored. */
export interface ExploredArea {
  /** The number of usable frames, 1 to 32. */
  readonly frames: number;
  /**
   * How many frames the first usable one lies above a multiple of 65,536, up to 2047: 0 by default, so
   * that 2^k frames are one block.
   */
  readonly offset?: number;
}

/** An area among the frames of all areas, which are numbered from 0. */
export interface PackedArea {
  /** The number of its first frame. */
  readonly first: number;
  /** The number after its last. */
  readonly end: number;
  /** The pfn of its first frame; its metadata is the frame before. */
  readonly base: number;
  /** The node of its list of order 0; those of the other orders follow. */
  readonly heads: number;
  /** The cell of its `max_order`. */
  readonly maxOrderAt: number;
}

/**
 * The layout of a packed state: one byte a cell.
 *
 * ```text
 *   page states   next links   previous links   max_order   touched
 *   a frame       a node       a node           an area     a frame
 * ```
 *
 * A link is the number of a node: 0 is null, then come the frames, from 1 on, then the list heads, by
 * area and order.
 */
export interface Geometry {
  /** The areas, by ascending slot. */
  readonly areas: readonly PackedArea[];
  /** The number of frames. */
  readonly frames: number;
  /** The number of lists of an area. */
  readonly orders: number;
  /** The number of nodes, null included. */
  readonly nodes: number;
  /** The area of each frame, by its place in `areas`. */
  readonly areaOf: Uint8Array;
  /** The largest order that divides each frame's pfn; an area's frames reach 31 at most. */
  readonly alignments: Uint8Array;
  /** The cell of the next link of node 0. */
  readonly nextAt: number;
  /** The cell of the previous link of node 0. */
  readonly previousAt: number;
  /** The cell that says whether frame 0 was touched. */
  readonly touchedAt: number;
  /** The number of cells, a multiple of 4. */
  readonly cells: number;
}

/** The most frames of all areas together: a state's key has 4 bits for each. */
export const MOST_FRAMES = 32;

/** The most areas: a key has a byte of `max_order` for each. */
const MOST_AREAS = 4;

/** The distance of areas in frames. The first lies above x86's lowest zone. */
const SPACING = 0x10000;

/** The largest order that divides a pfn. */
function alignmentOf(pfn: number): number {
  let order = 0;
  while (order < 31 && pfn % 2 ** (order + 1) === 0) order++;
  return order;
}

function checkAreas(areas: readonly ExploredArea[]): void {
  const frames = areas.reduce((sum, area) => sum + area.frames, 0);
  const whole = areas.every(({ frames, offset = 0 }) => {
    return Number.isInteger(frames) && frames > 0 && Number.isInteger(offset) &&
      offset >= 0 && offset < 2048;
  });
  if (!whole) {
    throw new RangeError(
      "Cannot explore the areas: frames must be a whole number from 1, offset one from 0 to 2047",
    );
  }
  if (frames > MOST_FRAMES || areas.length === 0 || areas.length > MOST_AREAS) {
    throw new RangeError(
      `Cannot explore ${areas.length} areas of ${frames} frames in all: there must be 1 to ` +
        `${MOST_AREAS} areas of at most ${MOST_FRAMES} frames in all`,
    );
  }
}

/**
 * Lays areas out.
 *
 * @param shapes the areas
 * @returns the layout
 * @throws {RangeError} if there are too many areas or frames
 */
export function geometryOf(shapes: readonly ExploredArea[]): Geometry {
  checkAreas(shapes);
  const frames = shapes.reduce((sum, area) => sum + area.frames, 0);
  const largest = Math.max(...shapes.map((area) => area.frames));
  const orders = Math.floor(Math.log2(largest)) + 1;
  const nodes = 1 + frames + shapes.length * orders;
  const previousAt = frames + nodes;
  const maxOrdersAt = previousAt + nodes;
  const touchedAt = maxOrdersAt + shapes.length;
  const areas: PackedArea[] = [];
  const pfns: number[] = [];
  for (const [number, { frames: count, offset = 0 }] of shapes.entries()) {
    const base = SPACING * (number + 1) + offset;
    const first = pfns.length;
    const heads = 1 + frames + number * orders;
    areas.push({ first, end: first + count, base, heads, maxOrderAt: maxOrdersAt + number });
    for (let index = 0; index < count; index++) pfns.push(base + index);
  }
  return {
    areas,
    frames,
    orders,
    nodes,
    areaOf: Uint8Array.from(areas.flatMap(({ first, end }, area) => Array(end - first).fill(area))),
    alignments: Uint8Array.from(pfns, alignmentOf),
    nextAt: frames,
    previousAt,
    touchedAt,
    cells: Math.ceil((touchedAt + frames) / 4) * 4,
  };
}

/**
 * The pfn of a frame.
 *
 * @param geometry the layout
 * @param frame the frame's number
 * @returns the pfn
 */
export function pfnOfFrame({ areas }: Geometry, frame: number): number {
  const area = areas.find(({ first, end }) => frame >= first && frame < end);
  return area === undefined ? -1 : area.base + frame - area.first;
}
