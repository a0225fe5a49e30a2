import type { Arch } from "../src/arch.ts";
import { GENERIC_AREA_TABLES } from "./common.ts";

/** arm: 32 bits, one area. */
export const ARM: Arch = {
  name: "arm",
  wordBits: 32, // BITS_PER_LONG, lib/arm/asm/bitops.h
  byteOrders: ["little"],
  pageShifts: [12], // PAGE_SHIFT, lib/arm/asm/page.h
  alignmentOf64Bits: 8,
  wideShiftOfLong: "gives-zero",
  wideShiftOf64Bits: "gives-zero",
  areaTables: GENERIC_AREA_TABLES,
};
