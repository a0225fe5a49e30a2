/**
 * From what was found to the array of area descriptors: which edition wrote it, where it begins, which
 * slot each area has, and what of it has to be worked out because the dump does not hold it.
 *
 * @module
 */

import type { Edition } from "../edition.ts";
import { defaultAreasAddress } from "../machine.ts";
import type { Findings, FoundArea } from "./find.ts";
import { firstBlocks, fitFamilies, scoreFormat } from "./judge.ts";
import type { DumpMemory } from "./memory.ts";
import { NodeReader } from "./nodes.ts";
import { familiesOf, shownEdition } from "./shapes.ts";
import type { Family, Shape } from "./shapes.ts";
import { zoneOfFrames } from "./zones.ts";

/** An area with its place in the array. */
export interface PlacedArea extends FoundArea {
  /** The slot. */
  readonly slot: number;
  /** The address of its descriptor. */
  readonly descriptor: bigint;
  /** What of the descriptor the dump holds: all; all but its first members, damaged; nothing. */
  readonly held: "all" | "heads" | "nothing";
}

/** The array of descriptors. */
export interface DescriptorTable {
  /** The memory. */
  readonly memory: DumpMemory;
  /** What the guest was. */
  readonly shape: Shape;
  /** Other shapes that fit as well. */
  readonly alsoFits: readonly Shape[];
  /** The family of editions by which it is read. */
  readonly family: Family;
  /** All editions that fit, oldest first. */
  readonly editions: readonly Edition[];
  /** The address of slot 0. */
  readonly address: bigint;
  /** The areas by ascending slot. */
  readonly areas: readonly PlacedArea[];
}

/** The families that fit best, and how well. */
interface BestFit {
  readonly score: number;
  readonly families: readonly [Family, ...Family[]];
}

/** An area more counts more than any score. */
const AREA_RANK = 1e6;

function descriptorOf(area: FoundArea, { layout }: Family): bigint | null {
  if (area.descriptor !== null) return area.descriptor;
  return area.heads === null ? null : area.heads - BigInt(layout.freeLists);
}

/** An area, and where its descriptor lies if a family wrote it. */
interface Located {
  readonly area: FoundArea;
  readonly place: bigint;
}

/** The slot of the first descriptor of an array, and what speaks for it: the higher, the more. */
interface FirstSlot {
  readonly slot: number;
  readonly matches: number;
}

/** Where a family puts the descriptors of areas, by ascending address. */
function located(areas: readonly FoundArea[], family: Family): Located[] {
  return areas.map((area) => ({ area, place: descriptorOf(area, family) ?? 0n }))
    .toSorted((one, other) => one.place < other.place ? -1 : 1);
}

/** The slot of the first of some descriptors: the one with which most areas have the slot of their zone. */
function firstSlot(shape: Shape, family: Family, placed: readonly Located[]): FirstSlot {
  const { sizeBytes, slots } = family.layout;
  const size = BigInt(sizeBytes);
  const [lowest = 0n] = placed.map(({ place }) => place);
  const fromDefault = lowest - defaultAreasAddress(shape.arch);
  if (fromDefault >= 0n && fromDefault % size === 0n && fromDefault / size < BigInt(slots)) {
    return { slot: Number(fromDefault / size), matches: placed.length + 1 };
  }
  let best = { slot: 0, matches: -1 };
  for (let slot = 0; slot < slots; slot++) {
    const matches = placed.filter(({ area, place }) =>
      zoneOfFrames(shape.arch, shownEdition(family), area.metadata) ===
        slot + Number((place - lowest) / size)
    ).length;
    if (matches > best.matches) {
      best = { slot, matches };
    }
  }
  return best;
}

/** Whether the descriptors of areas stand in one array of a family's descriptors. */
function isOneArray(areas: readonly FoundArea[], family: Family): boolean {
  const places = areas.map((area) => descriptorOf(area, family) ?? 0n);
  const [first = 0n] = places;
  const size = BigInt(family.layout.sizeBytes);
  return places.every((place) => (place - first) % size === 0n);
}

/** The families that fit some areas best. */
function bestFit(
  memory: DumpMemory,
  shape: Shape,
  families: readonly Family[],
  areas: readonly FoundArea[],
): BestFit | null {
  const sums = new Map<Family, number>(families.map((family) => [family, 0]));
  for (const area of areas) {
    const zoneOf = (family: Family): number =>
      zoneOfFrames(shape.arch, shownEdition(family), area.metadata);
    for (const family of families) {
      const place = descriptorOf(area, family);
      const [fit] = fitFamilies(memory, shape, [family], area, place, zoneOf);
      const penalty = isOneArray(areas, family) ? 0 : 500;
      sums.set(family, (sums.get(family) ?? 0) + (fit?.score ?? 0) - penalty);
    }
  }
  for (const [family, sum] of sums) {
    sums.set(family, sum + 4 * firstSlot(shape, family, located(areas, family)).matches);
  }
  const score = Math.max(...sums.values());
  const [first, ...more] = families.filter((family) => sums.get(family) === score);
  return first === undefined ? null : { score, families: [first, ...more] };
}

/** Of several descriptors of the same metadata the one to which the list nodes lead. */
function choose(
  memory: DumpMemory,
  shape: Shape,
  families: readonly Family[],
  candidates: readonly FoundArea[],
): FoundArea | undefined {
  const byDescriptor = candidates.filter(({ by }) => by === "descriptor");
  const [first, ...more] = byDescriptor.length > 0 ? byDescriptor : candidates;
  if (first === undefined || more.length === 0) return first;
  const reader = new NodeReader(memory, shape);
  const leadsTo = (area: FoundArea): boolean =>
    families.some(({ layout, format }) => {
      const blocks = firstBlocks(memory, shape, area, layout.listCount);
      const { heads } = scoreFormat(reader, format, blocks, area);
      return heads !== null && heads === (area.descriptor ?? -1n) + BigInt(layout.freeLists);
    });
  return [first, ...more].find(leadsTo) ?? first;
}

/** Each area once, by ascending frame. */
function distinct(
  memory: DumpMemory,
  shape: Shape,
  families: readonly Family[],
  found: readonly FoundArea[],
): FoundArea[] {
  const starts = [...new Set(found.map(({ metadata }) => metadata))].toSorted((a, b) => a - b);
  return starts.flatMap((start) =>
    choose(memory, shape, families, found.filter(({ metadata }) => metadata === start)) ?? []
  );
}

function heldOf(
  memory: DumpMemory,
  area: FoundArea,
  place: bigint,
  size: number,
): PlacedArea["held"] {
  if (area.by === "descriptor") return "all";
  return memory.has(place, BigInt(size)) ? "heads" : "nothing";
}

/** Puts areas into the array; those that stand in no common array with the first are left out. */
function placeAreas(
  memory: DumpMemory,
  shape: Shape,
  family: Family,
  areas: readonly FoundArea[],
): { address: bigint; areas: PlacedArea[] } {
  const { sizeBytes, slots } = family.layout;
  const size = BigInt(sizeBytes);
  const all = located(areas, family);
  const groups = all.map(({ place }) =>
    all.filter((other) => {
      const distance = other.place - place;
      return distance >= 0n && distance % size === 0n && distance < BigInt(slots) * size;
    })
  );
  const [group = []] = groups.toSorted((one, other) => other.length - one.length);
  const [lowest = 0n] = group.map(({ place }) => place);
  const { slot } = firstSlot(shape, family, group);
  const address = BigInt.asUintN(shape.arch.wordBits, lowest - BigInt(slot) * size);
  const placed = group.map(({ area, place }) => ({
    ...area,
    slot: slot + Number((place - lowest) / size),
    descriptor: place,
    held: heldOf(memory, area, place, sizeBytes),
  }));
  return { address, areas: placed.filter((one) => one.slot < slots) };
}

/**
 * Makes the array of descriptors of what was found: by the shape that has most areas, and of these by the
 * one whose descriptors, page states and list nodes agree best.
 *
 * @param findings what was found
 * @param editions the editions that there can be
 * @returns the array; null if nothing was found
 */
export function tableOf(
  findings: readonly Findings[],
  editions: readonly Edition[],
): DescriptorTable | null {
  const ranked = findings.flatMap(({ world: { memory, shapes }, byShape }) =>
    shapes.flatMap((shape) => {
      const families = familiesOf(shape, editions);
      const areas = distinct(memory, shape, families, byShape.get(shape) ?? []);
      const fit = areas.length === 0 ? null : bestFit(memory, shape, families, areas);
      if (fit === null) return [];
      return [{ memory, shape, areas, fit, rank: areas.length * AREA_RANK + fit.score }];
    })
  );
  const most = Math.max(...ranked.map(({ rank }) => rank));
  const [best, ...others] = ranked.filter(({ rank }) => rank === most);
  if (best === undefined) return null;
  const { memory, shape, areas, fit } = best;
  const [family] = fit.families;
  return {
    memory,
    shape,
    alsoFits: others.map((other) => other.shape),
    family,
    editions: editions.filter((one) => fit.families.some((each) => each.editions.includes(one))),
    ...placeAreas(memory, shape, family, areas),
  };
}
