/**
 * Why RAM is lost, in words.
 *
 * @module
 */

import type { Stretch } from "../boot/mod.ts";

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
  | "no-slot-left"
  | "under-vmalloc"
  | "beyond-identity"
  | "beyond-memlimit"
  | "last-frame-of-a-word"
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
  "no-slot-left": "there are more ranges of memory than areas, and this is one of the shortest",
  "under-vmalloc": "lies where vmalloc's addresses lie, and is set aside for them",
  "beyond-identity": "cannot be mapped onto itself: no address of the page tables is so high",
  "beyond-memlimit": "lies at or above MEMLIMIT of the environment",
  "last-frame-of-a-word": "the last page below 4 GiB: the end of an area has to fit a word",
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

/**
 * Memory of the image, of what the loader put behind it, or below.
 *
 * @param first the first byte
 * @param end the first address after
 * @returns its fate
 */
export function image(first: bigint, end: bigint): Fate {
  return { first, end, use: "image", reason: null, text: "" };
}
