import type { Arch } from "../src/arch.ts";
import { GENERIC_AREA_TABLES } from "./common.ts";

/** ppc64: one area; pages of 64 or 4 KiB; built little or big endian. */
export const PPC64: Arch = {
  name: "ppc64",
  wordBits: 64, // BITS_PER_LONG, lib/ppc64/asm/bitops.h
  byteOrders: ["little", "big"],
  pageShifts: [16, 12], // PAGE_SHIFT, lib/ppc64/asm/page.h
  alignmentOf64Bits: 8,
  wideShiftOfLong: "gives-zero",
  wideShiftOf64Bits: "gives-zero",
  areaTables: GENERIC_AREA_TABLES,
};
