import type { Arch } from "../src/arch.ts";
import { S390X_AREA_TABLES } from "./common.ts";

/** s390x: two areas, cut at 2 GiB; big endian. */
export const S390X: Arch = {
  name: "s390x",
  wordBits: 64, // BITS_PER_LONG, lib/s390x/asm/bitops.h
  byteOrders: ["big"],
  pageShifts: [12], // PAGE_SHIFT, lib/asm-generic/page.h
  alignmentOf64Bits: 8,
  wideShiftOfLong: "count-modulo-width",
  wideShiftOf64Bits: "count-modulo-width",
  areaTables: S390X_AREA_TABLES,
};
