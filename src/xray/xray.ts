/**
 * A dump of a guest's memory, looked at: areas, page states, free lists, vmalloc's marks, broken rules,
 * and the first byte that is wrong.
 *
 * @module
 */

import type { Arch } from "../arch.ts";
import { findAreaViolations, surveyViews } from "../check/invariants/mod.ts";
import type { StatesSubject, Survey, Violation } from "../check/invariants/mod.ts";
import { EDITIONS } from "../edition.ts";
import type { Edition } from "../edition.ts";
import { keepsAreas } from "../page_engines.ts";
import type { AreaView } from "../page_allocator.ts";
import type { PhysAddr } from "../units.ts";
import type { ByteOrder } from "../word.ts";
import { decodeAreas } from "./decode.ts";
import type { DecodedAreas, WrongMember } from "./decode.ts";
import type { CorruptByte } from "./corrupt.ts";
import { DumpError } from "./errors.ts";
import { findAreas } from "./find.ts";
import type { World } from "./find.ts";
import { tableAt } from "./given_table.ts";
import { openDump, segmentsOf } from "./image.ts";
import type { DumpImage } from "./image.ts";
import { findLinkDamage, findMaxOrderDamage } from "./link_damage.ts";
import { DumpMemory } from "./memory.ts";
import { NodeReader } from "./nodes.ts";
import { firstRamOf, shapesOf, shownEdition } from "./shapes.ts";
import type { Shape } from "./shapes.ts";
import type { DumpSource } from "./source.ts";
import { areMembersOfArea } from "./scan.ts";
import { StateDamage } from "./state_damage.ts";
import { tableOf } from "./table.ts";
import type { DescriptorTable, PlacedArea } from "./table.ts";
import { findVmallocBlocks } from "./vmalloc_blocks.ts";
import type { VmallocFindings } from "./vmalloc_blocks.ts";
import { rootsOfRegisters } from "./registers.ts";

/** What is known of a dump beforehand. What is left out is found. */
export interface XrayOptions {
  /** The architectures that there can be; an ELF core says itself which it is. */
  readonly archs: readonly Arch[];
  /** The physical address of the first byte of a raw dump; the architecture's first RAM by default. */
  readonly ramBase?: PhysAddr;
  /** The address of the array of area descriptors; it is searched for by default. */
  readonly descriptors?: PhysAddr;
  /** The editions that there can be, oldest first; all by default. */
  readonly editions?: readonly Edition[];
  /** The base-2 logarithm of the page size. */
  readonly pageShift?: number;
  /** The byte order. */
  readonly byteOrder?: ByteOrder;
  /** A search goes through so many bytes at most; 1 TiB by default. */
  readonly mostSearched?: number;
  /** Told how many bytes were searched, and how many there are. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** How the descriptor of an area was come by. */
export type DescriptorOrigin = "given" | "given, damaged" | "found" | "mended" | "worked out";

/** An area of a dump. */
export interface XrayArea {
  /** The area as an observer sees it; `maxOrder` is null where the dump does not hold it. */
  readonly view: AreaView;
  /** The address of its descriptor. */
  readonly descriptor: bigint;
  /** Whether that was given, found in the dump, found damaged, or worked out from the list nodes. What was
   * given is damaged, or the address wrong, if the members do not fit each other. */
  readonly origin: DescriptorOrigin;
}

/** What was found in a dump. */
export interface Xray {
  /** The form of the file. */
  readonly form: "raw" | "elf";
  /** The ranges of physical memory that it holds. */
  readonly memory: ReadonlyArray<{ readonly first: bigint; readonly size: bigint }>;
  /** By what the areas are read. */
  readonly subject: StatesSubject;
  /** The byte order. */
  readonly byteOrder: ByteOrder;
  /** Other architectures that fit as well. */
  readonly otherArchs: readonly string[];
  /** The editions that fit, oldest first. */
  readonly editions: readonly Edition[];
  /** The address of the array of descriptors. */
  readonly descriptors: bigint;
  /** The areas by ascending slot. */
  readonly areas: readonly XrayArea[];
  /** The rules that are broken. */
  readonly violations: readonly Violation[];
  /** The bytes that are wrong, by ascending address; of a wrong link the first one only. */
  readonly corrupt: readonly CorruptByte[];
  /** Blocks of vmalloc, by its marks in pages that are in use. */
  readonly vmalloc: VmallocFindings["blocks"];
  /** The page tables that map these blocks; null if there are none, or they were not found. */
  readonly pageTables: VmallocFindings["tables"];
}

/** A search goes through so many bytes by default. */
const MOST_SEARCHED = 2 ** 40;

/** The architectures that a dump can be of. */
function archsOf({ elf }: DumpImage, { archs }: XrayOptions): readonly Arch[] {
  if (elf === null) return archs;
  const named = archs.filter(({ elfMachine }) => elfMachine === elf.machine);
  // riscv64 and riscv32 have one number; a guest of 32 bits with much memory has a core of 64.
  const asWide = named.filter(({ wordBits }) => wordBits === elf.wordBits);
  if (named.length > 0) return asWide.length > 0 ? asWide : named;
  throw new DumpError(
    `Cannot look at the ELF core of ${elf.wordBits} bits as ${
      archs.map(({ name }) => name).join(" or ")
    }: its machine must be that of its header, ${elf.machine}`,
  );
}

/** The ways to look at a dump: one for each place where its memory can begin. */
function worldsOf(image: DumpImage, options: XrayOptions): World[] {
  const { elf, source } = image;
  const archs = archsOf(image, options);
  const limits = {
    byteOrder: options.byteOrder ?? elf?.byteOrder ?? null,
    pageShift: options.pageShift ?? null,
    ramBase: options.ramBase ?? null,
  };
  const byBase = new Map<bigint, Shape[]>();
  for (const shape of shapesOf(archs, limits)) {
    const base = elf !== null ? 0n : options.ramBase ?? firstRamOf(shape.arch);
    byBase.set(base, [...byBase.get(base) ?? [], shape]);
  }
  return [...byBase].map(([base, shapes]) => ({
    memory: new DumpMemory(source, segmentsOf(image, base)),
    shapes,
  }));
}

function searched(
  worlds: readonly [World, ...World[]],
  image: DumpImage,
  editions: readonly Edition[],
  { mostSearched = MOST_SEARCHED, onProgress }: XrayOptions,
): DescriptorTable {
  const total = worlds[0].memory.segments.reduce((sum, { stored }) => sum + stored, 0);
  let searchedBytes = 0;
  const mayRead = (done: number): boolean => {
    onProgress?.(done, total);
    searchedBytes = done;
    return done < mostSearched;
  };
  const table = tableOf(findAreas(worlds, editions, mayRead), editions);
  if (table !== null && table.areas.length > 0) return table;
  const names = [...new Set(worlds.flatMap(({ shapes }) => shapes.map(({ arch }) => arch.name)))];
  const guest = `Cannot find an area of ${names.join(", ")}`;
  if (searchedBytes >= mostSearched) {
    throw new DumpError(
      `${guest} in the first ${searchedBytes} bytes: a search goes no further; ` +
        "--descriptor ADDR tells where the area descriptors are, and needs none",
    );
  }
  const where = image.elf === null
    ? `; a raw dump is taken to begin at ${
      worlds.map(({ memory }) => `0x${(memory.segments[0]?.first ?? 0n).toString(16)}`).join(" or ")
    }, --ram-base tells where else`
    : "";
  throw new DumpError(
    `${guest}: the dump must hold the page allocator's metadata ` +
      `and its descriptors or list nodes${where}`,
  );
}

/** What is wrong with the members of descriptors. */
function memberDamage({ area, name, address, found, wanted }: WrongMember): CorruptByte {
  const index = found.findIndex((byte, offset) => byte !== wanted[offset]);
  return {
    address: address + BigInt(index),
    found: found[index] ?? 0,
    expected: [wanted[index] ?? 0],
    what: `${name} of area ${area}`,
    area,
    causes: ["a write beyond the end of something in the image, or through a wild pointer"],
  };
}

function damageOf(table: DescriptorTable, survey: Survey, place: PlacedArea): CorruptByte[] {
  const { memory, shape, family: { layout, format } } = table;
  const reader = new NodeReader(memory, shape);
  const heads = place.descriptor + BigInt(layout.freeLists);
  const states = new StateDamage(survey, format, reader, heads);
  const { byteOrder } = shape;
  const { listCount } = layout;
  const links = findLinkDamage({ memory, reader, byteOrder, survey, format, heads, listCount });
  const maxOrder = layout.maxOrder === null || place.held === "nothing"
    ? null
    : findMaxOrderDamage(survey, place.descriptor + BigInt(layout.maxOrder));
  // A head that was worked out is nobody's byte.
  const own = links.filter(({ address }) => place.held !== "nothing" || memory.has(address, 1n));
  return [...states.bytes, ...own, ...(maxOrder === null ? [] : [maxOrder])];
}

/** Each wrong byte once, by ascending address. */
function inOrder(bytes: readonly CorruptByte[]): CorruptByte[] {
  const byAddress = new Map<bigint, CorruptByte>();
  for (const one of bytes) if (!byAddress.has(one.address)) byAddress.set(one.address, one);
  return [...byAddress.values()].toSorted((one, other) => one.address < other.address ? -1 : 1);
}

const ORIGINS: Readonly<Record<PlacedArea["held"], DescriptorOrigin>> = {
  all: "found",
  heads: "mended",
  nothing: "worked out",
};

function originOf(place: PlacedArea, pageShift: number, options: XrayOptions): DescriptorOrigin {
  if (options.descriptors === undefined) return ORIGINS[place.held];
  const { metadata, base, top } = place;
  return areMembersOfArea(metadata, base, top, 2 ** pageShift) ? "given" : "given, damaged";
}

function reportOn(
  image: DumpImage,
  table: DescriptorTable,
  { views, areas, wrong }: DecodedAreas,
  options: XrayOptions,
): Xray {
  const { memory, shape, family, alsoFits } = table;
  const subject = {
    arch: shape.arch,
    edition: shownEdition(family),
    pageShift: shape.pageShift,
  };
  const surveys = surveyViews(subject, views);
  const placeOf = (area: number): PlacedArea | undefined => areas.find(({ slot }) => slot === area);
  const damage = surveys.flatMap((survey) => {
    const place = placeOf(survey.view.area);
    return place === undefined ? [] : damageOf(table, survey, place);
  });
  const vmalloc = findVmallocBlocks(memory, shape, surveys, rootsOfRegisters(image, shape.arch));
  const others = new Set(alsoFits.map(({ arch }) => arch.name));
  others.delete(shape.arch.name);
  return {
    form: image.elf === null ? "raw" : "elf",
    memory: memory.segments.map(({ first, size }) => ({ first, size })),
    subject,
    byteOrder: shape.byteOrder,
    otherArchs: [...others],
    editions: table.editions,
    descriptors: table.address,
    areas: views.flatMap((view) => {
      const place = placeOf(view.area);
      if (place === undefined) return [];
      const { descriptor } = place;
      return [{ view, descriptor, origin: originOf(place, shape.pageShift, options) }];
    }),
    violations: findAreaViolations(subject, views),
    corrupt: inOrder([...wrong.map(memberDamage), ...damage]),
    vmalloc: vmalloc.blocks,
    pageTables: vmalloc.tables,
  };
}

/**
 * Looks at a dump. It is read at the places that matter; nothing is loaded whole.
 *
 * @param source the file
 * @param options what is known of it
 * @returns what was found
 * @throws {DumpError} if it is no dump that can be read, or no area is found
 */
export function xray(source: DumpSource, options: XrayOptions): Xray {
  const image = openDump(source);
  const editions = options.editions ?? EDITIONS;
  if (!editions.some(keepsAreas)) {
    throw new DumpError(
      `Cannot look for areas of ${editions.map(({ name }) => name).join(", ")}: ` +
        "the page allocator must have some, choose an edition that came later",
    );
  }
  const [first, ...more] = worldsOf(image, options);
  if (first === undefined) {
    throw new DumpError(
      "Cannot look at the dump: no architecture has its byte order and page size, choose another",
    );
  }
  const { descriptors } = options;
  const table = descriptors === undefined
    ? searched([first, ...more], image, editions, options)
    : tableAt([first, ...more], editions, descriptors);
  return reportOn(image, table, decodeAreas(table), options);
}
