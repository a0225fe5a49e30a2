/**
 * Memory that the page allocator does not get, and why: the decisions of boot, told after the fact.
 *
 * @module
 */

import type { Booted } from "../boot/mod.ts";
import { handsAllOver, highMemoryLimitOf, looksForHighMemory } from "../boot/mod.ts";
import type { Stretch } from "../boot/mod.ts";
import type { FirmwareRange } from "../arch.ts";
import type { BootInputs, Platform } from "../platform.ts";
import { byteCount } from "../units.ts";
import type { ByteCount } from "../units.ts";
import { fatesOfAll } from "./boot_fates_of_all.ts";
import { image, lost } from "./boot_losses.ts";
import type { Fate } from "./boot_losses.ts";
import { hexAddress } from "./columns.ts";

/** The memory that the early allocator got, each time it got some. */
function earlyMemory({ events }: Booted): Stretch[] {
  return events.flatMap((event) =>
    event.call !== "phys_alloc_init"
      ? []
      : [{ first: event.base, end: BigInt.asUintN(64, event.base + event.size) }]
  );
}

function stretchOf({ first, size }: FirmwareRange): Stretch {
  return { first, end: first + size };
}

/** The limit of `find_highmem` and where it comes from. */
function limitOf(booted: Booted, inputs: BootInputs): { limit: bigint; detail: string } {
  const { memLimitMib, firmwareLimit } = inputs;
  const limit = highMemoryLimitOf(inputs, booted.machine.edition);
  const detail = memLimitMib === null
    ? firmwareLimit === null
      ? `: ${hexAddress(limit)}, the first bytes of the image under QEMU (--memlimit gives another)`
      : `: ${hexAddress(limit)}`
    : `: ${hexAddress(limit)}, MEMLIMIT of the environment`;
  return { limit, detail };
}

/** Why `find_highmem` takes a range or not: its loop once more, with the reasons kept. */
function furtherRanges(booted: Booted, inputs: BootInputs, upperEnd: bigint): Fate[] {
  const { imageEnd, memory } = inputs;
  const { limit, detail } = limitOf(booted, inputs);
  const fates: Fate[] = [];
  let best = upperEnd - imageEnd;
  let chosen: Stretch | null = null;
  for (const range of memory.filter(({ kind }) => kind === "ram")) {
    const stretch = stretchOf(range);
    const isLow = stretch.first <= upperEnd && stretch.end <= upperEnd;
    if (isLow) continue;
    if (stretch.first <= imageEnd) fates.push(lost(stretch, "begins-below-image-end"));
    else if (range.size < best) {
      const reason = chosen === null ? "shorter-than-low-memory" : "only-one-further-range";
      fates.push(lost(stretch, reason));
    } else if (stretch.first >= limit) fates.push(lost(stretch, "beyond-firmware-limit", detail));
    else {
      if (chosen !== null) fates.push(lost(chosen, "only-one-further-range"));
      const end = stretch.end < limit ? stretch.end : limit;
      chosen = { first: stretch.first, end };
      best = end - stretch.first;
      fates.push(lost({ first: end, end: stretch.end }, "cut-at-firmware-limit", detail));
    }
  }
  return chosen === null ? fates : [...fates, ...roundedOff(chosen)];
}

const LARGE_PAGE = 0x200000n;

/** The ends of a range that are no whole large page. */
function roundedOff({ first, end }: Stretch): Fate[] {
  const start = (first + LARGE_PAGE - 1n) / LARGE_PAGE * LARGE_PAGE;
  return [
    lost({ first, end: start }, "rounded-to-large-pages"),
    lost({ first: end - end % LARGE_PAGE, end }, "rounded-to-large-pages"),
  ];
}

function multibootFates(booted: Booted, { inputs }: Platform): Fate[] {
  const [low] = earlyMemory(booted);
  if (low === undefined) return [];
  const { memory, imageEnd } = inputs;
  const whole = memory.map(stretchOf).find(({ first, end }) => first < low.end && end > low.end);
  const lastPart = { first: low.end, end: whole?.end ?? low.end };
  const knowsHighmem = looksForHighMemory(booted.machine.arch);
  const others = memory.filter(({ kind }) => kind === "ram").map(stretchOf);
  return [
    image(0n, imageEnd),
    lost(lastPart, "last-mebibyte"),
    ...(knowsHighmem
      ? furtherRanges(booted, inputs, low.end)
      : others.filter(({ end }) => end > low.end).map((one) => lost(one, "only-low-memory"))),
  ];
}

/** What an EFI map says of RAM that is not free. */
function efiFates(memory: readonly FirmwareRange[], taken: bigint | null): Fate[] {
  return memory.filter(({ kind }) => kind === "ram").flatMap((range): Fate[] => {
    const stretch = stretchOf(range);
    const { efiType = "conventional" } = range;
    if (efiType.startsWith("loader-")) return [image(stretch.first, stretch.end)];
    if (efiType !== "conventional") return [lost(stretch, "kept-by-firmware")];
    return stretch.first === taken ? [] : [lost(stretch, "only-largest-range")];
  });
}

function sclpFates(booted: Booted, { inputs }: Platform): Fate[] {
  const [early] = earlyMemory(booted);
  if (early === undefined) return [];
  return [
    image(0n, inputs.imageEnd),
    ...inputs.memory.map(stretchOf).filter(({ end }) => end > early.end).map((range) =>
      range.first > early.end
        ? lost(range, "beyond-a-gap")
        : lost({ first: early.end, end: range.end }, "part-of-an-increment")
    ),
  ];
}

/** The fates of the regions of arm, riscv and ppc64. */
function regionFates({ inputs, regions, freeStart }: Platform): Fate[] {
  const isFree = ({ start, end }: Platform["regions"][number]): boolean =>
    freeStart >= start && freeStart < end;
  const listed = regions.flatMap((region): Fate[] => {
    const stretch = { first: region.start, end: region.end };
    if (region.kind === "code") return [image(region.start, region.end)];
    if (region.kind === "unused") return [lost(stretch, "above-virtual-base")];
    if (region.kind !== "data") return [];
    if (isFree(region)) return [image(region.start, freeStart)];
    const isImage = region.end <= freeStart && region.end > (inputs.textEnd ?? 0n) &&
      region.start === inputs.textEnd;
    return [
      isImage ? image(region.start, region.end) : lost(stretch, "not-the-region-of-the-image"),
    ];
  });
  if (inputs.firmware === "efi") {
    const taken = inputs.memory.find((range) => {
      const { first, end } = stretchOf(range);
      return freeStart >= first && freeStart < end;
    });
    const free = listed.filter(({ use }) => use === "image");
    return [...free, ...efiFates(inputs.memory, taken?.first ?? null)];
  }
  const unlisted = inputs.memory.filter(({ kind }) => kind === "ram").map(stretchOf)
    .filter(({ first }) => !regions.some(({ start, end }) => first >= start && first < end));
  return [...listed, ...unlisted.map((one) => lost(one, "too-many-regions"))];
}

/** What the early allocator keeps for itself, where there is no other. */
function earlyFates(booted: Booted): Fate[] {
  const { machine, outcome } = booted;
  const [last] = earlyMemory(booted).slice(-1);
  if (outcome.kind !== "returned" || machine.ops.current !== "early" || last === undefined) {
    return [];
  }
  return [{ ...last, use: "early", reason: null, text: "" }];
}

/** What the page allocator left out: too little for an area, or one area too many. */
function leftOut({ machine }: Booted): Fate[] {
  const pageBytes: ByteCount = byteCount(BigInt(2 ** machine.pageShift));
  return machine.events.flatMap((event) => {
    if (event.kind !== "left-out") return [];
    const [first, end] = [BigInt(event.start) * pageBytes, BigInt(event.top) * pageBytes];
    const reason = event.reason === "no-slot" ? "no-slot-left" : "too-small-for-an-area";
    return [lost({ first, end }, reason)];
  });
}

/**
 * The memory that no area holds and whose fate a decision of boot explains; the first that covers an
 * address counts.
 *
 * @param booted the machine
 * @returns the fates
 */
export function fatesOf(booted: Booted): Fate[] {
  const { machine } = booted;
  const { platform } = machine;
  if (platform === null) return [];
  const { firmware, memory } = platform.inputs;
  const steps = machine.arch.boot.steps[firmware] ?? [];
  const [early] = earlyMemory(booted);
  const fates = handsAllOver(machine.edition)
    ? fatesOfAll(booted, platform)
    : steps.includes("take-multiboot-memory")
    ? multibootFates(booted, platform)
    : steps.includes("take-largest-efi-range")
    ? efiFates(memory, early?.first ?? null)
    : steps.includes("take-sclp-memory")
    ? sclpFates(booted, platform)
    : regionFates(platform);
  return [...earlyFates(booted), ...leftOut(booted), ...fates]
    .filter(({ first, end }) => first < end);
}
