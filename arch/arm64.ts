import type { Arch } from "../src/arch.ts";
import { GENERIC_AREA_TABLES } from "./common.ts";

/** arm64: one area; pages of 4, 16 or 64 KiB. */
export const ARM64: Arch = {
  name: "arm64",
  wordBits: 64, // BITS_PER_LONG, lib/arm64/asm/bitops.h
  byteOrders: ["little"],
  pageShifts: [12, 14, 16], // PAGE_SHIFT, lib/arm64/asm/page.h
  alignmentOf64Bits: 8,
  wideShiftOfLong: "count-modulo-width",
  wideShiftOf64Bits: "count-modulo-width",
  areaTables: GENERIC_AREA_TABLES,
};
