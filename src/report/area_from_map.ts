/**
 * Building areas from page maps, for tests and teaching.
 *
 * @module
 */

import { hasAreas, isUsable } from "../alloc_page/mod.ts";
import type { ListContent } from "../alloc_page/mod.ts";
import { declareRam } from "../machine.ts";
import type { Machine } from "../machine.ts";
import { formatStopped, outcomeOf } from "../outcome.ts";
import { order, pfn } from "../units.ts";
import type { Pfn } from "../units.ts";
import { piecesOf } from "./block_runs.ts";
import { bareHex } from "./columns.ts";
import { type PageMap, parsePageMap, type ParsePageMapOptions } from "./parse_page_map.ts";
import { formatOf } from "./subject.ts";

/** How an area is built. */
export interface AreaFromMapOptions extends ParsePageMapOptions {
  /**
   * The free lists, front to back: the first frame of each block. By default each usable block stands
   * on the list of its order, by ascending address.
   */
  readonly freeLists?: ReadonlyArray<{ readonly order: number; readonly pfns: readonly number[] }>;
}

/**
 * Makes an area that looks like a page map: descriptor, page states, free lists with real nodes.
 *
 * RAM is put where there is none; the area is initialised as upstream does, and then rewritten. So the
 * map must begin with as many metadata frames as upstream would use, and have more than 4 frames. What
 * initialising touched stays touched. Nothing checks that lists and states agree: damage can be built.
 *
 * Changes the machine's RAM, its page allocator, and nothing else.
 *
 * @param machine the machine
 * @param area the slot, 0 to 31; there must be none in it yet
 * @param text the page map, as {@linkcode parsePageMap} reads it
 * @param options the frame of the first bare cell, the lists
 * @returns what was read
 * @throws {SyntaxError} if the text is no page map
 * @throws {RangeError} if the machine has no areas, or upstream would make another area of these frames
 *
 * @example Two free buddies that were not joined
 * ```ts
 * import { createMachine, DEFAULT_EDITION, virtAddr } from "@buddyscope/sim";
 * import { X86_64 } from "@buddyscope/sim/arch";
 * import { areaFromMap } from "@buddyscope/sim/report";
 * import { assertEquals } from "@std/assert";
 *
 * const machine = createMachine({ arch: X86_64, edition: DEFAULT_EDITION });
 * areaFromMap(machine, 0, "## A0 f0 f0 A1 --", { first: 0x1000 });
 * assertEquals(machine.pages.allocPages(0, 0), 0x1002000n);
 * ```
 */
export function areaFromMap(
  machine: Machine,
  area: number,
  text: string,
  options: AreaFromMapOptions = {},
): PageMap {
  const { pages } = machine;
  if (!hasAreas(pages)) {
    throw new RangeError("Cannot make an area from a map: the edition must have areas");
  }
  const map = parsePageMap(machine, text, options);
  if (map.metadata < map.top) declareRam(machine, map.metadata, map.top);
  const eventsBefore = machine.events.length;
  const outcome = outcomeOf(() => pages.initArea(area, map.metadata, map.top));
  machine.events.splice(eventsBefore);
  if (outcome.kind !== "returned") {
    throw new RangeError(`Cannot make an area from a map: ${formatStopped(outcome)}`);
  }
  const made = pages.areas().find((view) => view.area === area)?.base ?? map.metadata;
  if (made !== map.base) {
    throw new RangeError(
      "Cannot make an area from a map: the first usable frame must be " +
        `${bareHex(made)}, not ${bareHex(map.base)}`,
    );
  }
  const freeLists = options.freeLists?.map(({ order: listed, pfns }) => {
    return { order: order(listed), pfns: pfns.map(pfn) };
  }) ?? usableBlocks(machine, map);
  const highest = Math.max(0, ...freeLists.map((list) => list.order));
  pages.rebuildArea(area, {
    states: map.states,
    freeLists,
    maxOrder: map.maxOrder ?? order(highest),
  });
  return map;
}

/** The usable blocks of a map, by order and ascending frame. */
function usableBlocks(machine: Machine, map: PageMap): ListContent[] {
  const format = formatOf(machine);
  const lists = new Map<number, Pfn[]>();
  for (const piece of piecesOf(map, format)) {
    if (piece.kind === "strays" || !isUsable(format, piece.state)) continue;
    const list = lists.get(piece.order) ?? [];
    lists.set(piece.order, list);
    for (let block = 0; block < piece.count; block++) {
      list.push(pfn(piece.first + block * 2 ** piece.order));
    }
  }
  return [...lists].sort(([one], [other]) => one - other)
    .map(([listed, pfns]) => ({ order: order(listed), pfns }));
}
