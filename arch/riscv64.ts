import type { Arch } from "../src/arch.ts";
import { GENERIC_AREA_TABLES } from "./common.ts";

/** riscv64: one area. */
export const RISCV64: Arch = {
  name: "riscv64",
  wordBits: 64, // BITS_PER_LONG, lib/riscv/asm/bitops.h
  byteOrders: ["little"],
  pageShifts: [12], // PAGE_SHIFT, lib/asm-generic/page.h
  alignmentOf64Bits: 8,
  wideShiftOfLong: "count-modulo-width",
  wideShiftOf64Bits: "count-modulo-width",
  areaTables: GENERIC_AREA_TABLES,
};
