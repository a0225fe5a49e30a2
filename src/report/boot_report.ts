/**
 * What became of a memory map when a machine booted on it, as data.
 *
 * @module
 */

import { areaNameOf } from "../arch.ts";
import type { Arch, Firmware } from "../arch.ts";
import { VMALLOC_WINDOW_BYTES, without } from "../boot/mod.ts";
import type { Booted, Stretch } from "../boot/mod.ts";
import { areaTableOf } from "../edition.ts";
import type { Edition } from "../edition.ts";
import type { Machine } from "../machine.ts";
import { describeTables } from "../memory/mod.ts";
import type { Stopped } from "../outcome.ts";
import { zoneOf } from "../page_allocator.ts";
import type { BootAllocation } from "./boot_allocations.ts";
import { allocationsOf } from "./boot_allocations.ts";
import { fatesOf } from "./boot_fates.ts";
import { lost } from "./boot_losses.ts";
import type { Fate, LossReason } from "./boot_losses.ts";
import { coversOf, cutAt, ramOf } from "./boot_map.ts";
import type { BootMap, RamStretch } from "./boot_map.ts";
import { causeOf } from "./boot_stop.ts";
import type { BootCause } from "./boot_stop.ts";

/** What RAM serves for after boot. */
export type RamUse =
  /** An area hands it out. */
  | "usable"
  /** It holds the page states of an area. */
  | "page-states"
  /** It holds the image, what the loader put behind it, or lies below. */
  | "image"
  /** The early allocator keeps it. */
  | "early"
  /** Nobody can have it. */
  | "lost";

/** A piece of RAM, `[first, end)`, in bytes. */
export interface RamPart extends RamStretch {
  /** What it serves for. */
  readonly use: RamUse;
  /** The area that holds it, or whose page states it holds; null for none. */
  readonly area: number | null;
  /** Why it is lost; null if it is not. */
  readonly reason: LossReason | null;
  /** The reason in words; empty if it is not lost. */
  readonly text: string;
}

/** RAM that is handed out though it should not be. */
export interface RamRisk extends RamStretch {
  /** No page table maps it, or vmalloc gives its addresses to others. */
  readonly risk: "not-mapped" | "under-vmalloc";
}

/** An area after boot. */
export interface BootArea {
  /** Its slot. */
  readonly area: number;
  /** The name of its zone; empty if it has none. */
  readonly name: string;
  /** The address of its page states. */
  readonly metadata: bigint;
  /** The first address it hands out. */
  readonly base: bigint;
  /** The first address after. */
  readonly top: bigint;
  /** How many frames it hands out. */
  readonly frames: number;
}

/** What became of a memory map when a machine booted on it. */
export interface BootVerdict {
  /** The architecture. */
  readonly arch: Arch;
  /** The edition. */
  readonly edition: Edition;
  /** The base-2 logarithm of the page size. */
  readonly pageShift: number;
  /** Who told the guest of the memory. */
  readonly firmware: Firmware;
  /** The end of the image. */
  readonly imageEnd: bigint;
  /** The memory map. */
  readonly map: BootMap;
  /** Why boot stopped; null if it did not. */
  readonly stopped: Stopped | null;
  /** What of the map stopped it; null if it did not stop. */
  readonly cause: BootCause | null;
  /** All RAM, by ascending address. */
  readonly parts: readonly RamPart[];
  /** RAM that is handed out though it should not be, by ascending address. */
  readonly risks: readonly RamRisk[];
  /** The areas, by slot. */
  readonly areas: readonly BootArea[];
  /** What boot allocated from them, in order. */
  readonly allocations: readonly BootAllocation[];
  /** The root of the page tables; null if there are none. */
  readonly pageRoot: bigint | null;
  /** The upper end of vmalloc's addresses; null if vmalloc is not set up. */
  readonly virtualTop: bigint | null;
  /** What people should know besides. */
  readonly notes: readonly string[];
}

/**
 * Tells what became of a memory map.
 *
 * @param booted the machine that booted on it, or stopped while it did
 * @param map the map
 * @returns the verdict
 *
 * @example A small machine
 * ```ts
 * import { boot, DEFAULT_EDITION, parseMemoryMapText } from "@buddyscope/sim";
 * import { S390X } from "@buddyscope/sim/arch";
 * import { bootVerdict, verdictText } from "@buddyscope/sim/report";
 * import { assertEquals } from "@std/assert";
 *
 * const { ranges, notes } = parseMemoryMapText("0 - 0x3ffffff ram");
 * const booted = boot({ arch: S390X, edition: DEFAULT_EDITION, inputs: { memory: ranges } });
 * const map = { name: "64 MiB", numbers: "line" as const, ranges, notes };
 * assertEquals(verdictText(bootVerdict(booted, map)), "boots");
 * ```
 */
export function bootVerdict(booted: Booted, map: BootMap): BootVerdict {
  const { machine, outcome, notes } = booted;
  const { arch, edition, pageShift, platform } = machine;
  const parts = partsOf(booted, map);
  const isUp = outcome.kind === "returned" && machine.mmu.state === "on";
  return {
    arch,
    edition,
    pageShift,
    firmware: platform?.inputs.firmware ?? "device-tree",
    imageEnd: platform?.inputs.imageEnd ?? 0n,
    map,
    stopped: outcome.kind === "returned" ? null : outcome,
    cause: outcome.kind === "returned" ? null : causeOf(booted, outcome, map),
    parts,
    risks: isUp ? risksOf(machine, parts) : [],
    areas: areasOf(machine),
    allocations: allocationsOf(booted),
    pageRoot: machine.mmu.tables?.root ?? null,
    virtualTop: isUp ? virtualTopOf(machine) : null,
    notes,
  };
}

function areasOf({ arch, edition, pageShift, pages }: Machine): BootArea[] {
  const pageBytes = BigInt(2 ** pageShift);
  const table = areaTableOf(arch, edition);
  return pages.areas().map((view) => ({
    area: view.area,
    name: areaNameOf(table, zoneOf(view)),
    metadata: BigInt(view.metadata) * pageBytes,
    base: BigInt(view.base) * pageBytes,
    top: BigInt(view.top) * pageBytes,
    frames: view.top - view.base,
  }));
}

/** What an area hands out: all between its ends, or, without page states, what it was given of that. */
function heldBy(booted: Booted, { area, base, top }: BootArea): Stretch[] {
  const { events, machine } = booted;
  const view = machine.pages.areas().find((one) => one.area === area);
  if (view === undefined || view.states.length > 0) return [{ first: base, end: top }];
  const pageBytes = BigInt(2 ** machine.pageShift);
  return events.flatMap((event) =>
    event.call !== "page_alloc_init_area"
      ? []
      : [{ first: BigInt(event.first) * pageBytes, end: BigInt(event.top) * pageBytes }]
  );
}

function partsOf(booted: Booted, map: BootMap): RamPart[] {
  const areas = areasOf(booted.machine);
  const fates = fatesOf(booted);
  const held = areas.flatMap((one) => [
    { first: one.metadata, end: one.base, use: "page-states" as const, area: one.area },
    ...heldBy(booted, one).map((part) => ({ ...part, use: "usable" as const, area: one.area })),
  ]);
  const cuts = [...held, ...fates].flatMap(({ first, end }) => [first, end]);
  const pieces = cutAt(ramOf(map.ranges), cuts);
  const [holders, explanations] = [coversOf(pieces, held), coversOf(pieces, fates)];
  return pieces.map((piece, index) => {
    const holder = holders[index] ?? null;
    if (holder !== null) {
      return { ...piece, use: holder.use, area: holder.area, reason: null, text: "" };
    }
    const { use, reason, text } = explanations[index] ?? fateOfRest(booted, piece);
    return { ...piece, use, area: null, reason, text };
  });
}

/** The fate of memory that no decision of boot explains. */
function fateOfRest({ machine, outcome }: Booted, piece: Stretch): Fate {
  if (outcome.kind !== "returned") return lost(piece, "boot-stops-first");
  const isCrumb = piece.end - piece.first < BigInt(2 ** machine.pageShift);
  return lost(piece, isCrumb ? "part-of-a-page" : "not-taken");
}

/** The upper end of vmalloc's addresses; 0 stands for the end of the address space. */
function virtualTopOf({ arch, vmalloc }: Machine): bigint {
  return vmalloc.vfreeTop === 0n ? 2n ** BigInt(arch.wordBits) : vmalloc.vfreeTop;
}

function risksOf(machine: Machine, parts: readonly RamPart[]): RamRisk[] {
  const { tables } = machine.mmu;
  if (tables === null) return [];
  const mapped = describeTables(tables).mapped.filter(({ virtual, physical, isWritable }) =>
    isWritable && BigInt(virtual) === BigInt(physical)
  ).map(({ virtual, sizeBytes }) => ({ first: virtual, end: virtual + sizeBytes }));
  const top = virtualTopOf(machine);
  const window = { first: top - VMALLOC_WINDOW_BYTES, end: top };
  const usable = parts.filter(({ use }) => use === "usable");
  return usable.flatMap(({ first, end, range }): RamRisk[] => {
    const unmapped = without({ first, end }, mapped);
    const outside = without({ first, end }, [window]);
    const overlaid = without({ first, end }, [...unmapped, ...outside]);
    return [
      ...unmapped.map((one) => ({ ...one, range, risk: "not-mapped" as const })),
      ...overlaid.map((one) => ({ ...one, range, risk: "under-vmalloc" as const })),
    ];
  });
}

/**
 * The size of stretches together.
 *
 * @param stretches the stretches
 * @returns the sum in bytes
 */
export function bytesOf(stretches: readonly Stretch[]): bigint {
  return stretches.reduce((sum, { first, end }) => sum + (end - first), 0n);
}

/** RAM that is lost for one reason. */
export interface BootLoss {
  /** The reason. */
  readonly reason: LossReason;
  /** The reason in words. */
  readonly text: string;
  /** How much, in bytes. */
  readonly bytes: bigint;
  /** The places in the map of the ranges that lose it, from 0. */
  readonly ranges: readonly number[];
}

/**
 * What is lost, reason by reason, in the order of the addresses.
 *
 * @param verdict the verdict
 * @returns the losses
 */
export function lossesOf({ parts }: Pick<BootVerdict, "parts">): BootLoss[] {
  const losses = new Map<LossReason, { text: string; bytes: bigint; ranges: Set<number> }>();
  for (const part of parts) {
    const { reason, text, range } = part;
    if (reason === null) continue;
    const loss = losses.get(reason) ?? { text, bytes: 0n, ranges: new Set() };
    loss.bytes += bytesOf([part]);
    loss.ranges.add(range);
    losses.set(reason, loss);
  }
  return [...losses].map(([reason, loss]) => ({ ...loss, reason, ranges: [...loss.ranges] }));
}
