/**
 * What a guest can have been: architecture, byte order and page size, and the editions that keep their
 * areas in the same way.
 *
 * @module
 */

import { descriptorLayout, pageStateFormatOf } from "../alloc_page/mod.ts";
import type { DescriptorLayout } from "../alloc_page/mod.ts";
import type { Arch } from "../arch.ts";
import type { Edition, PageStateFormat } from "../edition.ts";
import { qemuMemoryOf } from "../boot/mod.ts";
import { keepsAreas } from "../page_engines.ts";
import { byteCount, physAddr } from "../units.ts";
import type { PhysAddr } from "../units.ts";
import { wordBytes } from "../word.ts";
import type { ByteOrder } from "../word.ts";

/** An architecture in one of the ways in which it can be built. */
export interface Shape {
  /** The architecture. */
  readonly arch: Arch;
  /** The byte order. */
  readonly byteOrder: ByteOrder;
  /** The base-2 logarithm of the page size. */
  readonly pageShift: number;
}

/** Editions that cannot be told apart by what they leave in memory: the same descriptors and states. */
export interface Family {
  /** Where the members of a descriptor lie. */
  readonly layout: DescriptorLayout;
  /** The encoding of page states. */
  readonly format: PageStateFormat;
  /** The editions, oldest first. */
  readonly editions: readonly [Edition, ...Edition[]];
}

/** What narrows the shapes; null for anything. */
export interface ShapeLimits {
  /** The byte order. */
  readonly byteOrder: ByteOrder | null;
  /** The base-2 logarithm of the page size. */
  readonly pageShift: number | null;
  /** Where RAM is said to begin: architectures whose RAM does are likelier. */
  readonly ramBase: bigint | null;
}

/**
 * The shapes of some architectures: each page size in each byte order, those used most first.
 *
 * @param archs the architectures
 * @param limits what narrows them
 * @returns the shapes
 */
export function shapesOf(archs: readonly Arch[], limits: ShapeLimits): Shape[] {
  const all = archs.flatMap((arch) =>
    arch.byteOrders.flatMap((byteOrder, orderRank) =>
      arch.pageShifts.map((pageShift, shiftRank) => ({
        shape: { arch, byteOrder, pageShift },
        rank: orderRank + shiftRank +
          (limits.ramBase === null || limits.ramBase === firstRamOf(arch) ? 0 : 100),
      }))
    )
  );
  return all.toSorted((one, other) => one.rank - other.rank).map(({ shape }) => shape)
    .filter(({ byteOrder, pageShift }) =>
      (limits.byteOrder ?? byteOrder) === byteOrder && (limits.pageShift ?? pageShift) === pageShift
    );
}

/**
 * The families of editions on a shape, the newest first; editions of upstream before those that are ours.
 *
 * @param shape the architecture and the page size
 * @param editions the editions to choose from, oldest first
 * @returns the families; editions without areas are in none
 */
export function familiesOf(
  { arch, pageShift }: Pick<Shape, "arch" | "pageShift">,
  editions: readonly Edition[],
): Family[] {
  const families = new Map<string, Family>();
  for (const edition of editions.filter(keepsAreas)) {
    const layout = descriptorLayout(arch, edition, pageShift);
    const format = pageStateFormatOf(edition);
    const key = JSON.stringify([layout, format.name]);
    const known = families.get(key);
    const members: Family["editions"] = known === undefined
      ? [edition]
      : [...known.editions, edition];
    families.set(key, { layout, format, editions: members });
  }
  const isOurs = ({ editions }: Family): number =>
    editions.every(({ commit }) => commit === null) ? 1 : 0;
  return [...families.values()].toReversed()
    .toSorted((one, other) => isOurs(one) - isOurs(other));
}

/**
 * The edition by which a family is shown: the newest of upstream's, or the newest.
 *
 * @param family the family
 * @returns the edition
 */
export function shownEdition({ editions }: Family): Edition {
  const [first] = editions;
  return editions.findLast(({ commit }) => commit !== null) ?? editions.at(-1) ?? first;
}

/**
 * Where RAM begins on QEMU's machine of an architecture.
 *
 * @param arch the architecture
 * @returns the physical address
 */
export function firstRamOf(arch: Arch): PhysAddr {
  const ram = qemuMemoryOf(arch, byteCount(2n ** 27n)).filter(({ kind }) => kind === "ram");
  return ram.reduce((low, { first }) => first < low ? first : low, ram[0]?.first ?? physAddr(0n));
}

/** The size of a word in bytes on a shape. */
export function wordOf({ arch }: Pick<Shape, "arch">): 4 | 8 {
  return wordBytes(arch.wordBits);
}
