/**
 * The same calls on machines of any size: what a design takes, and what an operation costs, from 128 MiB to
 * 64 TiB.
 *
 * @module
 */

import { DEFAULT_ARCH_NAME } from "../scenario/machine_statement.ts";
import { churnTrace } from "./built_in.ts";
import { designBytesOf } from "./design.ts";
import type { MetadataDesign } from "./design.ts";
import { DesignRun } from "./design_run.ts";
import { figuresOf } from "./figures.ts";
import type { DesignFigures } from "./figures.ts";

/** Amounts of RAM, in bytes: 128 MiB, 1 GiB, 16 GiB, 1 TiB, 64 TiB. */
export const RAM_SIZES: readonly number[] = [27, 30, 34, 40, 46].map((log) => 2 ** log);

const PAGE_SHIFT = 12;
const WORD_BYTES = 8;
const OPERATIONS = 5000;
/** 64 MiB, half of which is in use. */
const CHURN_FRAMES = 2 ** 14;
const BASE = 2 ** 20;

/** A design on a machine of a size. */
export interface SizeFigures
  extends
    Pick<DesignFigures, "design" | "metadataBytes" | "metadataPages" | "allocations" | "releases"> {
  /** The RAM, in bytes. */
  readonly ram: number;
  /** What the metadata would take in the worst case, every second frame a free block of its own. */
  readonly worstBytes: number;
}

/**
 * Runs the same churn, which uses 32 MiB, on machines of each size, on 64 bits with pages of 4 KiB. The run
 * on 64 TiB is one like the others: it costs what it touches.
 *
 * @param designs the designs
 * @returns the numbers, size by size, in the order of the designs
 */
export function sizesOf(designs: readonly MetadataDesign[]): SizeFigures[] {
  const words = churnTrace(OPERATIONS, CHURN_FRAMES).parts[0]?.words ?? new Uint32Array();
  return RAM_SIZES.flatMap((ram) => {
    const frames = ram / 2 ** PAGE_SHIFT;
    const ranges = [{ zone: 0, base: BASE, top: BASE + frames }];
    const machine = { arch: DEFAULT_ARCH_NAME, wordBytes: WORD_BYTES, pageShift: PAGE_SHIFT };
    return designs.map((design) => {
      const run = new DesignRun({ design, ranges, purpose: "counting", ...machine });
      run.handOver(1);
      run.run(words, words.length);
      const figures = figuresOf(run, ranges);
      const { metadataBytes, metadataPages, allocations, releases } = figures;
      const { fixed, worst } = designBytesOf(design, frames, WORD_BYTES);
      const worstBytes = Math.max(metadataBytes, metadataBytes + worst - fixed);
      return {
        design: design.name,
        ram,
        metadataBytes,
        worstBytes,
        metadataPages,
        allocations,
        releases,
      };
    });
  });
}
