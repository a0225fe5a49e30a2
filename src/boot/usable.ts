/**
 * The memory that boot may hand over, and the part of it that a boot does hand over.
 *
 * ```text
 *   RAM of the map, without what others claim
 *     - the image and what lies below; after boot by EFI everything that is not free
 *     - what cannot be mapped onto itself, and what vmalloc's addresses cover
 *     - parts of a page
 * ```
 *
 * @module
 */

import { pageTableFormatOf } from "../arch.ts";
import type { Arch, FirmwareRange } from "../arch.ts";
import type { Edition } from "../edition.ts";
import type { Machine } from "../machine.ts";
import type { BootInputs } from "../platform.ts";
import { alignUpWrapped, wrapToWord } from "../word.ts";
import { highMemoryLimitOf } from "./inputs.ts";
import { joined, wholeGranules, without } from "./stretches.ts";
import type { Stretch } from "./stretches.ts";
import { looksForHighMemory } from "./traits.ts";

/** A machine that boots, with what is known of its memory. */
export interface BootMemory {
  /** The machine. */
  readonly machine: Machine;
  /** The inputs. */
  readonly inputs: BootInputs;
  /** The first free byte, where there is a device tree; 0 elsewhere, and before it is known. */
  readonly freeStart: bigint;
}

const ADDRESS_END = 1n << 64n;

/** How much room vmalloc's addresses take below their upper end; the comments of arm and riscv say so. */
export const VMALLOC_WINDOW_BYTES = 1n << 30n;

/**
 * The addresses that are vmalloc's.
 *
 * @param arch the architecture
 * @returns 1 GiB below the upper end
 */
export function vmallocWindowOf({ boot, wordBits }: Arch): Stretch {
  const end = boot.virtualTop || 1n << BigInt(wordBits); // 0 stands for the end, as null does.
  return { first: end - VMALLOC_WINDOW_BYTES, end };
}

/**
 * The end of the addresses that can be mapped onto themselves: of the lower half, where the upper bits
 * of an address repeat its sign.
 *
 * @param machine the machine
 * @returns the first address that cannot
 */
export function identityEndOf({ arch, pageShift }: Pick<Machine, "arch" | "pageShift">): bigint {
  const { virtualBits, upperBits } = pageTableFormatOf(arch, pageShift);
  return 1n << BigInt(upperBits === "zero" ? virtualBits : virtualBits - 1);
}

/**
 * Tells whether boot hands over every range of RAM that it can.
 *
 * Editions: `rangesHandedOver`.
 *
 * @param edition the edition
 * @returns false if it takes one range, or one and a longer one above
 */
export function handsAllOver(edition: Edition): boolean {
  return edition.rangesHandedOver === "all-usable";
}

/**
 * Tells whether memory is set aside that vmalloc's addresses cover.
 *
 * Editions: `vmallocWindow`.
 *
 * @param edition the edition
 * @returns whether it is
 */
export function keepsWindowClear(edition: Edition): boolean {
  return edition.vmallocWindow === "clear-of-ram";
}

/** What is no memory for the page allocator, whatever is there: the window, and what has no identity. */
function keptBack({ machine }: BootMemory): Stretch[] {
  const { arch, edition } = machine;
  return [
    ...(keepsWindowClear(edition) ? [vmallocWindowOf(arch)] : []),
    ...(handsAllOver(edition) ? [{ first: identityEndOf(machine), end: ADDRESS_END }] : []),
  ];
}

/**
 * The parts of a stretch that are not kept back: that vmalloc's addresses do not cover, and that can be
 * mapped onto themselves.
 *
 * @param memory the machine
 * @param stretch the stretch
 * @returns its parts; the whole in editions that keep nothing back
 */
export function clearOfWindow(memory: BootMemory, stretch: Stretch): Stretch[] {
  return without(stretch, keptBack(memory));
}

/**
 * An end of memory, cut with a page mask of the width of a word where the architecture does so.
 *
 * Editions: `armMemoryEnd`.
 *
 * @param memory the machine
 * @param end the end
 * @returns the end, or 0 where a word cannot hold it
 */
export function cutEnd({ machine }: Pick<BootMemory, "machine">, end: bigint): bigint {
  const { pageShift, arch: { wordBits, boot }, edition } = machine;
  if (boot.freeEnd === "whole" || edition.armMemoryEnd === "whole") return end;
  return end & wrapToWord(wordBits, -(1n << BigInt(pageShift))); // bits: bigints.
}

/**
 * Tells whether a range is free by what the firmware says: RAM, and by an EFI map conventional memory.
 *
 * @param range the range
 * @returns whether it is
 */
export function isFree({ efiType, kind }: FirmwareRange): boolean {
  return (efiType ?? (kind === "ram" ? "conventional" : "")) === "conventional";
}

function stretchOf({ first, size }: FirmwareRange): Stretch {
  return { first, end: first + size };
}

/** Free memory of the map, without what another range claims. */
function freeMemory({ machine, inputs }: BootMemory): Stretch[] {
  const claimed = inputs.memory.filter((range) => !isFree(range)).map(stretchOf);
  const free = inputs.memory.filter(isFree).map(stretchOf);
  return joined(free.flatMap((stretch) => without(stretch, claimed)))
    .map(({ first, end }) => ({ first, end: cutEnd({ machine }, end) }))
    .filter(({ first, end }) => first < end);
}

/** The image with what lies below; after boot by EFI, page 0 and the device tree. */
function takenByImage({ machine, inputs, freeStart }: BootMemory): Stretch[] {
  const pageBytes = 1n << BigInt(machine.pageShift);
  if (inputs.firmware !== "efi") {
    return [{ first: 0n, end: freeStart > 0n ? freeStart : inputs.imageEnd }];
  }
  const treeBytes = alignUpWrapped(64, inputs.deviceTreeBytes, pageBytes);
  const tree = { first: freeStart - treeBytes, end: freeStart };
  return [{ first: 0n, end: pageBytes }, ...(freeStart > 0n ? [tree] : [])];
}

/** The last frame of a 32-bit address space: an area must end below. */
function lastFrame({ arch, edition, pageShift }: Machine): Stretch[] {
  if (edition.lastFrameOfWord === "handed-over") return [];
  const end = 1n << BigInt(arch.wordBits);
  return [{ first: end - (1n << BigInt(pageShift)), end }];
}

/** What is beyond the limit of high memory; low memory, the first stretch, has none. */
function beyondLimit({ machine, inputs }: BootMemory, low: Stretch | undefined): Stretch[] {
  if (low === undefined || inputs.firmware === "efi" || !looksForHighMemory(machine.arch)) {
    return [];
  }
  const limit = highMemoryLimitOf(inputs, machine.edition);
  return [{ first: low.end > limit ? low.end : limit, end: ADDRESS_END }];
}

/**
 * The memory that may be handed over: whole frames of RAM above the image, after boot by EFI of free
 * memory, that can be mapped onto themselves while vmalloc has its addresses. It is cut where the tables
 * of the loader end.
 *
 * The SCLP of s390x knows memory by increments; of one that is missing in part, nothing is taken.
 *
 * Editions: `lastFrameOfWord`, and those of {@linkcode keepsWindowClear} and {@linkcode cutEnd}.
 *
 * @param memory the machine
 * @returns the stretches, by ascending address
 */
export function usableMemory(memory: BootMemory): Stretch[] {
  const { machine, inputs } = memory;
  const granule = inputs.firmware === "sclp" ? inputs.increment : 1n;
  const taken = [...takenByImage(memory), ...lastFrame(machine)];
  const found = wholeGranules(freeMemory(memory), granule)
    .flatMap((stretch) => without(stretch, taken))
    .flatMap((stretch) => clearOfWindow(memory, stretch));
  const limited = beyondLimit(memory, found[0]);
  const left = wholeGranules(
    found.flatMap((stretch) => without(stretch, limited)),
    1n << BigInt(machine.pageShift),
  );
  const reach = machine.arch.boot.earlyReach ?? ADDRESS_END;
  return left.flatMap((stretch) => [
    ...without(stretch, [{ first: reach, end: ADDRESS_END }]),
    ...without(stretch, [{ first: 0n, end: reach }]),
  ]);
}

/**
 * The RAM of the map that can be mapped onto itself while vmalloc has its addresses, whoever it belongs
 * to, in whole pages.
 *
 * @param memory the machine
 * @returns the stretches, by ascending address
 */
export function mappableMemory(memory: BootMemory): Stretch[] {
  const { machine, inputs } = memory;
  const ram = joined(inputs.memory.filter(({ kind }) => kind === "ram").map(stretchOf));
  const clear = ram.flatMap((stretch) => clearOfWindow(memory, stretch));
  return wholeGranules(clear, 1n << BigInt(machine.pageShift));
}

/**
 * The memory that the early allocator gets where everything is handed over: what begins at an address,
 * or else the lowest.
 *
 * @param memory the machine
 * @param base the first free byte, as boot knows it
 * @returns the stretch; an empty one at address 0 if there is none
 */
export function firstMemory(memory: BootMemory, base: bigint): Stretch {
  const usable = usableMemory(memory);
  const found = usable.find(({ first, end }) => base >= first && base < end) ?? usable[0];
  return found ?? { first: 0n, end: 0n };
}

/**
 * The memory that is handed over besides that of the early allocator, the longest first: there may be
 * more of it than areas.
 *
 * @param memory the machine
 * @param part what can be reached before the page tables are made, or what cannot
 * @returns the stretches; none in editions that hand one range over
 */
export function furtherMemory(
  memory: BootMemory,
  part: "within-reach" | "beyond-reach",
): Stretch[] {
  const { machine } = memory;
  if (!handsAllOver(machine.edition)) return [];
  const reach = machine.arch.boot.earlyReach ?? ADDRESS_END;
  const last = machine.early.top - 1n;
  return usableMemory(memory)
    .filter(({ first, end }) => !(last >= first && last < end))
    .filter(({ first }) => (first < reach) === (part === "within-reach"))
    .toSorted((one, other) => Number(other.end - other.first - (one.end - one.first)));
}

/**
 * The end of memory as far as the page tables go.
 *
 * @param memory the machine
 * @param top the end of what the early allocator had last
 * @returns the end of all that is handed over
 */
export function topOfMemory(memory: BootMemory, top: bigint): bigint {
  if (!handsAllOver(memory.machine.edition)) return top;
  return usableMemory(memory).reduce((most, { end }) => end > most ? end : most, top);
}
