import type { Arch } from "../src/arch.ts";
import { GENERIC_AREA_TABLES } from "./common.ts";

/** riscv32: 32 bits, one area. */
export const RISCV32: Arch = {
  name: "riscv32",
  wordBits: 32, // BITS_PER_LONG, lib/riscv/asm/bitops.h
  byteOrders: ["little"],
  pageShifts: [12], // PAGE_SHIFT, lib/asm-generic/page.h
  alignmentOf64Bits: 8,
  wideShiftOfLong: "count-modulo-width",
  wideShiftOf64Bits: "gives-zero",
  areaTables: GENERIC_AREA_TABLES,
};
