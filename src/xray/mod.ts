/**
 * Dumps of guests' memory: what stands in one, and writing one of a machine.
 *
 * A dump is raw memory, as QEMU's `pmemsave` writes it, or an ELF core, as `dump-guest-memory` does. It is
 * read at the places that matter through a {@linkcode DumpSource}, never whole.
 *
 * @example A page that was damaged
 * ```ts
 * import { createMachine, declareRam, editionNamed, pfn } from "@buddyscope/sim";
 * import { ARM64 } from "@buddyscope/sim/arch";
 * import { bytesSource, dumpToBytes, planDump, xray } from "@buddyscope/sim/xray";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const edition = editionNamed("head");
 * assert(edition !== null);
 * const machine = createMachine({ arch: ARM64, edition, pageShift: 12 });
 * declareRam(machine, pfn(0x40000), pfn(0x40020));
 * machine.pages.initArea(0xff, pfn(0x40000), pfn(0x40020));
 *
 * const dump = dumpToBytes(planDump(machine, "raw"));
 * dump[6] = 0x80; // The seventh page state: that of frame 0x40007.
 * const { corrupt: [first] } = xray(bytesSource(dump), { archs: [ARM64] });
 * assertEquals(first?.address, 0x40000006n);
 * assertEquals(first?.what, "the page state of 0x40007");
 * assertEquals(first?.expected, [0x02]);
 * ```
 *
 * @module
 */

// Order: errors, source, elf, image, registers, memory, shapes, nodes, tiling, scan, judge, zones, metadata, find,
// table, given_table, decode, corrupt, causes, state_damage, link_damage, page_tables, vmalloc_marks,
// vmalloc_blocks, xray, write_dump, mod

export type { StatesSubject } from "../check/invariants/mod.ts";
export type { CorruptByte } from "./corrupt.ts";
export { DumpError } from "./errors.ts";
export type { TablesRoot } from "./page_tables.ts";
export { bytesSource } from "./source.ts";
export type { DumpSource } from "./source.ts";
export { firstRamOf } from "./shapes.ts";
export type { FrameRun, VmallocBlock, VmallocFindings } from "./vmalloc_blocks.ts";
export type { VmallocMark } from "./vmalloc_marks.ts";
export { DUMP_FORMS, dumpToBytes, planDump } from "./write_dump.ts";
export type { DumpForm, DumpPiece, DumpPlan, DumpRange } from "./write_dump.ts";
export { xray } from "./xray.ts";
export type { DescriptorOrigin, Xray, XrayArea, XrayOptions } from "./xray.ts";
