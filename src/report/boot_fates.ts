/**
 * Memory that the page allocator does not get, and why: the decisions of boot, told after the fact.
 *
 * @module
 */

import type { Booted } from "../boot/mod.ts";
import { firstBytesOfImage, looksForHighMemory } from "../boot/mod.ts";
import type { FirmwareRange } from "../arch.ts";
import type { BootInputs, Platform } from "../platform.ts";
import { byteCount } from "../units.ts";
import type { ByteCount } from "../units.ts";
import type { Stretch } from "./boot_map.ts";
import { hexAddress } from "./columns.ts";

/** Why RAM is lost. */
export type LossReason =
  | "last-mebibyte"
  | "beyond-firmware-limit"
  | "cut-at-firmware-limit"
  | "shorter-than-low-memory"
  | "only-one-further-range"
  | "begins-below-image-end"
  | "only-low-memory"
  | "rounded-to-large-pages"
  | "only-largest-range"
  | "kept-by-firmware"
  | "not-the-region-of-the-image"
  | "too-many-regions"
  | "above-virtual-base"
  | "beyond-a-gap"
  | "part-of-an-increment"
  | "too-small-for-an-area"
  | "part-of-a-page"
  | "boot-stops-first"
  | "not-taken";

/** Memory that no area holds, `[first, end)`, in bytes. */
export interface Fate extends Stretch {
  /** What it serves for. */
  readonly use: "image" | "early" | "lost";
  /** Why it is lost; null if it is not. */
  readonly reason: LossReason | null;
  /** The reason in words; empty if it is not lost. */
  readonly text: string;
}

const REASON_TEXTS: Readonly<Record<LossReason, string>> = {
  "last-mebibyte":
    "the last MiB of low RAM: its size counts from 1 MiB on, and is taken for its end",
  "beyond-firmware-limit": "begins at or above the limit that fw_cfg gives to find_highmem",
  "cut-at-firmware-limit": "lies at or above the limit that fw_cfg gives to find_highmem",
  "shorter-than-low-memory": "is shorter than low memory, and find_highmem wants no less",
  "only-one-further-range": "find_highmem takes one further range only, the longest",
  "begins-below-image-end": "begins below the end of the image, and find_highmem passes it over",
  "only-low-memory": "this architecture takes low memory only",
  "rounded-to-large-pages": "find_highmem takes whole large pages of 2 MiB only",
  "only-largest-range": "only the largest free range of the EFI map is taken",
  "kept-by-firmware": "still belongs to the firmware by the EFI map, and is not taken back",
  "not-the-region-of-the-image": "only the region of memory behind the image is taken",
  "too-many-regions": "the list of regions is full",
  "above-virtual-base": "is set aside from 3 GiB on: vmalloc's addresses lie there",
  "beyond-a-gap": "increments of memory are probed until one is missing",
  "part-of-an-increment": "no whole increment of memory",
  "too-small-for-an-area": "too few frames for an area",
  "part-of-a-page": "no whole page",
  "boot-stops-first": "boot stops before it is used",
  "not-taken": "nobody takes it",
};

/**
 * Memory that is lost.
 *
 * @param stretch the memory
 * @param reason why
 * @param detail what the usual text does not say
 * @returns its fate
 */
export function lost({ first, end }: Stretch, reason: LossReason, detail = ""): Fate {
  return { first, end, use: "lost", reason, text: REASON_TEXTS[reason] + detail };
}

function image(first: bigint, end: bigint): Fate {
  return { first, end, use: "image", reason: null, text: "" };
}

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
  const given = firmwareLimit ?? firstBytesOfImage(booted.machine.edition);
  const limit = memLimitMib === null ? given : memLimitMib * 0x100000n;
  const detail = memLimitMib === null
    ? firmwareLimit === null
      ? `: ${hexAddress(limit)}, the first bytes of the image under QEMU (--memlimit gives another)`
      : `: ${hexAddress(limit)}`
    : `: ${hexAddress(limit)}, MEMLIMIT of the environment`;
  return { limit: limit === 0n ? 2n ** 64n - 1n : limit, detail };
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

/** What the page allocator left out, because there was too little of it for an area. */
function leftOut({ machine }: Booted): Fate[] {
  const pageBytes: ByteCount = byteCount(BigInt(2 ** machine.pageShift));
  return machine.events.flatMap((event) => {
    if (event.kind !== "left-out") return [];
    const [first, end] = [BigInt(event.start) * pageBytes, BigInt(event.top) * pageBytes];
    return [lost({ first, end }, "too-small-for-an-area")];
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
  const fates = steps.includes("take-multiboot-memory")
    ? multibootFates(booted, platform)
    : steps.includes("take-largest-efi-range")
    ? efiFates(memory, early?.first ?? null)
    : steps.includes("take-sclp-memory")
    ? sclpFates(booted, platform)
    : regionFates(platform);
  return [...earlyFates(booted), ...leftOut(booted), ...fates]
    .filter(({ first, end }) => first < end);
}
