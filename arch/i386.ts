import type { Arch } from "../src/arch.ts";
import { X86_AREA_TABLES } from "./common.ts";

/** i386: the areas of x86_64 on 32 bits. */
export const I386: Arch = {
  name: "i386",
  wordBits: 32, // BITS_PER_LONG, lib/x86/asm/bitops.h
  byteOrders: ["little"],
  pageShifts: [12], // PAGE_SHIFT, lib/asm-generic/page.h
  alignmentOf64Bits: 4,
  wideShiftOfLong: "count-modulo-width",
  wideShiftOf64Bits: "count-modulo-width",
  areaTables: X86_AREA_TABLES,
};
