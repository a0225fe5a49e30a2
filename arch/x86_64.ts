import type { Arch } from "../src/arch.ts";
import { X86_AREA_TABLES } from "./common.ts";

/** x86_64: four areas, cut at 16 MiB, 4 GiB and 64 GiB. */
export const X86_64: Arch = {
  name: "x86_64",
  wordBits: 64, // BITS_PER_LONG, lib/x86/asm/bitops.h
  byteOrders: ["little"],
  pageShifts: [12], // PAGE_SHIFT, lib/asm-generic/page.h
  alignmentOf64Bits: 8,
  wideShiftOfLong: "count-modulo-width",
  wideShiftOf64Bits: "count-modulo-width",
  areaTables: X86_AREA_TABLES,
};
