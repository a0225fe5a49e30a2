/**
 * Finding areas in a dump: by their descriptors, by their metadata, and how sure that is.
 *
 * @module
 */

import type { Edition } from "../edition.ts";
import { isInUse, membersAt, plausibleHeads } from "./judge.ts";
import type { AreaFrames } from "./judge.ts";
import type { DumpMemory } from "./memory.ts";
import { areaWithMetadataAt, Effort } from "./metadata.ts";
import { areMembersOfArea, scanMemory } from "./scan.ts";
import type { DescriptorForm, DescriptorTrace } from "./scan.ts";
import { familiesOf, wordOf } from "./shapes.ts";
import type { Family, Shape } from "./shapes.ts";

/** A way to look at a dump: its memory at some address, and what the guest can have been then. */
export interface World {
  /** The memory. */
  readonly memory: DumpMemory;
  /** The shapes, the likeliest first. */
  readonly shapes: readonly Shape[];
}

/** An area that was found. */
export interface FoundArea extends AreaFrames {
  /** How. */
  readonly by: "descriptor" | "metadata";
  /** The shape. */
  readonly shape: Shape;
  /** The address of its descriptor; null if only that of its list heads is known. */
  readonly descriptor: bigint | null;
  /** The address of the list head of order 0; null if the descriptor tells it. */
  readonly heads: bigint | null;
}

/** All areas that were found in a world. */
export interface Findings {
  /** Where they were found. */
  readonly world: World;
  /** For each shape that fits, its areas by ascending frame. */
  readonly byShape: ReadonlyMap<Shape, readonly FoundArea[]>;
}

/** The families of each shape, made once. */
class FamilyTable {
  readonly #families = new Map<Shape, Family[]>();
  readonly #editions: readonly Edition[];

  constructor(editions: readonly Edition[]) {
    this.#editions = editions;
  }

  of(shape: Shape): readonly Family[] {
    const known = this.#families.get(shape) ?? familiesOf(shape, this.#editions);
    this.#families.set(shape, known);
    return known;
  }
}

function formOf(shape: Shape, { layout }: Family): DescriptorForm {
  const { pfnBytes, top, pageStates } = layout;
  return { pfnBytes, top, pageStates, word: wordOf(shape), byteOrder: shape.byteOrder };
}

function isSameForm(one: DescriptorForm, other: DescriptorForm): boolean {
  return one.pfnBytes === other.pfnBytes && one.word === other.word &&
    one.byteOrder === other.byteOrder && one.pageStates === other.pageStates;
}

/** The forms of descriptors that shapes can have, each once. */
function formsOf(worlds: readonly World[], table: FamilyTable): DescriptorForm[] {
  const forms: DescriptorForm[] = [];
  for (const shape of worlds.flatMap(({ shapes }) => shapes)) {
    for (const family of table.of(shape)) {
      const form = formOf(shape, family);
      if (!forms.some((known) => isSameForm(known, form))) forms.push(form);
    }
  }
  return forms;
}

/** Collects the areas of one world. */
class Collector {
  readonly areas = new Map<Shape, FoundArea[]>();
  /** Whether the array of descriptors was found, and each area in it. */
  isDone = false;
  readonly #world: World;
  readonly #table: FamilyTable;
  readonly #effort = new Effort();

  constructor(world: World, table: FamilyTable) {
    this.#world = world;
    this.#table = table;
  }

  #add(shape: Shape, area: FoundArea): void {
    const areas = this.areas.get(shape) ?? [];
    areas.push(area);
    this.areas.set(shape, areas);
  }

  /** Takes a descriptor if its heads look like heads and its metadata is in the dump. */
  takeDescriptor({ address, form, pageShift, metadata, base, top }: DescriptorTrace): void {
    const { memory, shapes } = this.#world;
    for (const shape of shapes) {
      if (shape.pageShift !== pageShift || shape.byteOrder !== form.byteOrder) continue;
      const shift = BigInt(pageShift);
      const metadataBytes = BigInt(base - metadata) << shift;
      if (!memory.has(BigInt(metadata) << shift, metadataBytes)) continue;
      const families = this.#table.of(shape).filter((family) => {
        if (!isSameForm(formOf(shape, family), form)) return false;
        const heads = plausibleHeads(memory, shape, family.layout, address, { base, top });
        return 2 * heads > family.layout.listCount;
      });
      if (families.length === 0) continue;
      const frames = { metadata, base, top };
      this.#add(shape, { by: "descriptor", shape, descriptor: address, heads: null, ...frames });
      if (families.every((family) => this.#takeNeighbours(shape, family, address))) {
        this.isDone = true;
      }
    }
  }

  /**
   * Takes what stands in the slots around a descriptor.
   *
   * @returns whether the search can end: the descriptor is in use, and none around it is damaged
   */
  #takeNeighbours(shape: Shape, { layout }: Family, address: bigint): boolean {
    const { memory } = this.#world;
    let areSound = isInUse(memory, shape, layout, address);
    for (let slot = 1 - layout.slots; slot < layout.slots; slot++) {
      const descriptor = address + BigInt(slot * layout.sizeBytes);
      const frames = slot === 0 ? null : membersAt(memory, shape, layout, descriptor);
      if (frames === null) continue;
      const anywhere = { base: 0, top: Number.MAX_SAFE_INTEGER };
      const heads = plausibleHeads(memory, shape, layout, descriptor, anywhere);
      if (2 * heads <= layout.listCount) continue;
      const { metadata, base, top } = frames;
      if (!areMembersOfArea(metadata, base, top, 2 ** shape.pageShift)) areSound = false;
      else {
        const known = this.areas.get(shape) ?? [];
        if (known.some((area) => area.descriptor === descriptor)) continue;
        this.#add(shape, { by: "descriptor", shape, descriptor, heads: null, ...frames });
      }
    }
    return areSound;
  }

  /** Takes the area whose metadata begins at an address, unless it is known. */
  takeMetadata(address: bigint): void {
    const { memory, shapes } = this.#world;
    const known = this.areas.size > 0 ? [...this.areas.keys()] : shapes;
    for (const shape of known) {
      const start = Number(address >> BigInt(shape.pageShift));
      const areas = this.areas.get(shape) ?? [];
      if (areas.some(({ metadata, top }) => start >= metadata && start < top)) continue;
      const families = this.#table.of(shape);
      const found = areaWithMetadataAt(memory, shape, families, address, this.#effort);
      if (found === null) continue;
      this.#add(shape, { by: "metadata", shape, descriptor: null, ...found });
    }
  }

  /** The first address from one on that lies in no area of the shape that has most. */
  skip(address: bigint): bigint {
    let at = address;
    for (const { metadata, top, shape: { pageShift } } of this.#most()) {
      const shift = BigInt(pageShift);
      if (at >= BigInt(metadata) << shift && at < BigInt(top) << shift) at = BigInt(top) << shift;
    }
    return at;
  }

  #most(): readonly FoundArea[] {
    let most: readonly FoundArea[] = [];
    for (const areas of this.areas.values()) if (areas.length > most.length) most = areas;
    return most;
  }
}

/**
 * Searches a dump for areas. As soon as one is found, its frames need no search; as soon as its
 * descriptor is, nothing does, because all descriptors stand in one array.
 *
 * @param worlds the ways to look at it; they differ in where the memory begins
 * @param editions the editions that there can be
 * @param mayRead told how many bytes were searched; whether the search goes on
 * @returns what was found, world by world; empty if nothing was
 */
export function findAreas(
  worlds: readonly [World, ...World[]],
  editions: readonly Edition[],
  mayRead: (done: number) => boolean,
): Findings[] {
  const table = new FamilyTable(editions);
  const [first] = worlds;
  const begin = first.memory.segments[0]?.first ?? 0n;
  let active = worlds.map((world) => ({
    world,
    collector: new Collector(world, table),
    delta: (world.memory.segments[0]?.first ?? 0n) - begin,
  }));
  const shapes = worlds.flatMap((world) => world.shapes);
  const pageShifts = [...new Set(shapes.map(({ pageShift }) => pageShift))];
  const narrow = (): void => {
    const found = active.filter(({ collector }) => collector.areas.size > 0);
    if (found.length > 0) active = found;
  };
  scanMemory(first.memory, formsOf(worlds, table), pageShifts, {
    onDescriptor: (trace) => {
      for (const { collector, delta } of active) {
        collector.takeDescriptor({ ...trace, address: trace.address + delta });
      }
      narrow();
    },
    onMetadata: (address) => {
      for (const { collector, delta } of active) collector.takeMetadata(address + delta);
      narrow();
    },
    mayRead,
    isDone: () => active.some(({ collector }) => collector.isDone),
    skip: (address) => {
      const ends = active.map(({ collector, delta }) => collector.skip(address + delta) - delta);
      return ends.reduce((low, end) => end < low ? end : low);
    },
  });
  return active.filter(({ collector }) => collector.areas.size > 0)
    .map(({ world, collector }) => ({ world, byShape: collector.areas }));
}
