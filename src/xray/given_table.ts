/**
 * The array of area descriptors at an address that somebody gave: nothing is searched for.
 *
 * @module
 */

import type { Edition } from "../edition.ts";
import { DumpError } from "./errors.ts";
import type { World } from "./find.ts";
import { fitFamilies, membersAt, plausibleHeads } from "./judge.ts";
import type { DumpMemory } from "./memory.ts";
import { familiesOf, shownEdition } from "./shapes.ts";
import type { Family, Shape } from "./shapes.ts";
import type { DescriptorTable, PlacedArea } from "./table.ts";
import { zoneOfFrames } from "./zones.ts";

/** A way to read the array, and how well it fits. */
interface Reading {
  readonly memory: DumpMemory;
  readonly shape: Shape;
  readonly family: Family;
  readonly areas: readonly PlacedArea[];
  readonly score: number;
}

/** The area in a slot; null if all its members are 0, or the dump does not hold them. */
function areaInSlot(
  memory: DumpMemory,
  shape: Shape,
  { layout }: Family,
  address: bigint,
  slot: number,
): PlacedArea | null {
  const descriptor = address + BigInt(slot * layout.sizeBytes);
  const frames = membersAt(memory, shape, layout, descriptor);
  if (frames === null) return null;
  return { by: "descriptor", shape, heads: null, slot, descriptor, held: "all", ...frames };
}

/** Whether the descriptor of a slot has list heads at all. */
function hasHeads(memory: DumpMemory, shape: Shape, { layout }: Family, area: PlacedArea): boolean {
  return 2 * plausibleHeads(memory, shape, layout, area.descriptor, area) > layout.listCount;
}

function readingOf(
  memory: DumpMemory,
  shape: Shape,
  family: Family,
  address: bigint,
): Reading | null {
  const areas: PlacedArea[] = [];
  for (let slot = 0; slot < family.layout.slots; slot++) {
    const area = areaInSlot(memory, shape, family, address, slot);
    if (area !== null && hasHeads(memory, shape, family, area)) areas.push(area);
  }
  if (areas.length === 0) return null;
  let score = 0;
  for (const area of areas) {
    const isSafe = Number.isSafeInteger(area.top) && area.top > area.base;
    const frames = isSafe ? area : { ...area, top: area.base };
    const zone = (one: Family): number =>
      zoneOfFrames(shape.arch, shownEdition(one), area.metadata);
    const [fit] = fitFamilies(memory, shape, [family], frames, area.descriptor, zone);
    score += fit?.score ?? 0;
  }
  return { memory, shape, family, areas, score };
}

/**
 * Reads the array of descriptors at an address.
 *
 * @param worlds the ways to look at the dump
 * @param editions the editions that there can be
 * @param address the address of slot 0
 * @returns the array
 * @throws {DumpError} if no descriptor stands there
 */
export function tableAt(
  worlds: readonly World[],
  editions: readonly Edition[],
  address: bigint,
): DescriptorTable {
  const readings = worlds.flatMap(({ memory, shapes }) =>
    shapes.flatMap((shape) =>
      familiesOf(shape, editions).flatMap((family) =>
        readingOf(memory, shape, family, address) ?? []
      )
    )
  );
  const most = Math.max(...readings.map(({ score }) => score));
  const [best, ...others] = readings.filter(({ score }) => score === most);
  if (best === undefined) {
    throw new DumpError(
      `Cannot find areas at 0x${
        address.toString(16)
      }: the descriptors of areas must stand there; ` +
        "give the address of the array, or leave it out to have it searched for",
    );
  }
  const { memory, shape, family, areas } = best;
  const fits = [best, ...others].filter((other) => other.shape === shape);
  return {
    memory,
    shape,
    alsoFits: [...new Set(others.map((other) => other.shape))].filter((one) => one !== shape),
    family,
    editions: editions.filter((one) => fits.some((fit) => fit.family.editions.includes(one))),
    address,
    areas,
  };
}
