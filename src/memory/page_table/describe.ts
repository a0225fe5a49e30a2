/**
 * Page tables as a person wants to see them.
 *
 * @module
 */

// bits: entries and addresses are bigints.

import { byteCount, type PhysAddr, physAddr, type VirtAddr, virtAddr } from "../../units.ts";
import type { PeekRun } from "../scan.ts";
import { decodeAddress, holds, levelAt, type PageTables, type Slot, slotAt } from "./tables.ts";
import { countFollowing, readHardwareEntry } from "./translate.ts";

/** Pages that follow each other in both address spaces, with equal flags. */
export interface MappedRun {
  /** The virtual address of the first byte. */
  readonly virtual: VirtAddr;
  /** The physical address of the first byte. */
  readonly physical: PhysAddr;
  /** How many bytes, 1 to 2^64. */
  readonly sizeBytes: bigint;
  /** The size of each page in bytes. */
  readonly pageBytes: bigint;
  /** The bits of the entries that hold no address. */
  readonly flags: bigint;
  /** Whether the memory can be written. */
  readonly isWritable: boolean;
}

/** How many tables a level has. */
export interface LevelCount {
  /** The name of its entries. */
  readonly name: string;
  /** How many tables. */
  readonly tables: number;
}

/** What page tables hold. */
export interface TableSummary {
  /** The address of the root. */
  readonly root: PhysAddr;
  /** The bytes of the root. */
  readonly rootBytes: readonly PeekRun[];
  /** The number of tables at each level, the root's first. */
  readonly levels: readonly LevelCount[];
  /** What is mapped, by ascending virtual address. */
  readonly mapped: readonly MappedRun[];
  /** Whether all tables were looked at; damaged ones can seem to be without number. */
  readonly isComplete: boolean;
}

/** Damaged tables are not followed further than this many tables. */
const MAX_TABLES = 2 ** 20;

/** Nor further than this many runs. */
const MAX_RUNS = 2 ** 16;

/** A run that may go on. */
interface OpenRun {
  readonly run: MappedRun;
  readonly depth: number;
  /** The entry and the address that would go on with it. */
  readonly nextEntry: bigint;
  readonly nextVirtual: bigint;
}

/** The state of a look at all tables. */
interface Survey {
  readonly tables: PageTables;
  /** The number of tables at each depth. */
  readonly counts: number[];
  readonly mapped: MappedRun[];
  open: OpenRun | null;
}

/** What a page of a table holds; "none" where there is no memory. */
type Content = "stored" | "zeroes" | "none";

/** Pages that follow each other in a table. */
interface Leaves {
  readonly depth: number;
  /** The entry of the first. */
  readonly entry: bigint;
  readonly virtual: bigint;
  readonly count: bigint;
}

/** Whether what lies below an entry can be written as far as the entries above it say. */
type Access = "writable" | "read-only";

/**
 * Looks at all tables, without touching memory.
 *
 * @param tables the tables
 * @returns what they hold
 */
export function describeTables(tables: PageTables): TableSummary {
  const counts = tables.levels.map(() => 0);
  const survey: Survey = { tables, counts, mapped: [], open: null };
  surveyTable(survey, 0, tables.root, 0n, "writable");
  closeRun(survey);
  const rootSize = levelAt(tables, 0).entries * tables.format.entryBytes;
  return {
    root: tables.root,
    rootBytes: tables.physical.peekRuns(tables.root, byteCount(BigInt(rootSize))),
    levels: tables.levels.map(({ name }, depth) => ({ name, tables: counts[depth] ?? 0 })),
    mapped: survey.mapped,
    isComplete: !isExhausted(survey),
  };
}

/** Tells whether there is more than anybody wants to see. */
function isExhausted({ counts, mapped }: Survey): boolean {
  const seen = counts.reduce((sum, count) => sum + count, 0);
  return seen >= MAX_TABLES || mapped.length >= MAX_RUNS;
}

function surveyTable(
  survey: Survey,
  depth: number,
  table: bigint,
  firstVirtual: bigint,
  access: Access,
): void {
  if (isExhausted(survey)) return;
  survey.counts[depth] = (survey.counts[depth] ?? 0) + 1;
  const { tables } = survey;
  const level = levelAt(tables, depth);
  let content: Content = "none";
  for (let index = 0; index < level.entries;) {
    const slot = slotAt(tables, table, index);
    if (index === 0 || slot.offset === 0) content = contentAt(tables, slot);
    const entry = content === "stored" ? readHardwareEntry(tables, slot) : 0n;
    const virtual = firstVirtual + (BigInt(index) << level.indexShift);
    let count = 1n;
    if (content !== "none" && level.leaf !== null && holds(level.leaf.is, entry)) {
      const left = Math.min(level.entries - index, (4096 - slot.offset) / entryBytesOf(tables));
      if (content === "stored") {
        count += countFollowing(tables, { depth, slot, entry }, left - 1);
      }
      surveyLeaf(survey, { depth, entry, virtual: canonical(tables, virtual), count }, access);
    } else if (content !== "none" && level.table !== null && holds(level.table.is, entry)) {
      const below = decodeAddress(tables, entry, level.table.address);
      const isLocked = access === "read-only" || holds(level.table.readOnly, entry);
      surveyTable(survey, depth + 1, below, virtual, isLocked ? "read-only" : "writable");
    }
    index += Number(count);
  }
}

function entryBytesOf(tables: PageTables): number {
  return tables.format.entryBytes;
}

/** What a page holds that can be read; one that the host took away is not touched. */
function contentAt(tables: PageTables, slot: Slot): Content {
  const address = physAddr((BigInt(slot.page) << 12n) + BigInt(slot.offset));
  if (tables.physical.peekByte(address) === null) return "none";
  return tables.physical.backing(address) === "discarded" ? "zeroes" : "stored";
}

/** Adds pages to the open run, or opens another. */
function surveyLeaf(survey: Survey, leaves: Leaves, access: Access): void {
  const { tables, open } = survey;
  const { depth, entry, virtual, count } = leaves;
  const { leaf, indexShift } = levelAt(tables, depth);
  if (leaf === null) return;
  const pageBytes = 1n << indexShift;
  const isWritable = access === "writable" && !holds(leaf.readOnly, entry);
  const step = pageBytes >> BigInt(tables.format.addressShift);
  const goesOn = open !== null && open.nextEntry === entry && open.nextVirtual === virtual &&
    open.depth === depth && open.run.isWritable === isWritable;
  if (!goesOn) closeRun(survey);
  survey.open = {
    depth,
    run: goesOn ? open.run : {
      virtual: virtAddr(virtual),
      physical: physAddr(decodeAddress(tables, entry, leaf.address)),
      sizeBytes: pageBytes,
      pageBytes,
      flags: entry & ~leaf.address,
      isWritable,
    },
    nextEntry: entry + count * step,
    nextVirtual: virtual + count * pageBytes,
  };
}

function closeRun(survey: Survey): void {
  const { open, mapped } = survey;
  if (open !== null) {
    mapped.push({ ...open.run, sizeBytes: open.nextVirtual - open.run.virtual });
  }
  survey.open = null;
}

/** A virtual address with the upper bits that the hardware wants. */
function canonical(tables: PageTables, virtual: bigint): VirtAddr {
  const { upperBits, virtualBits } = tables.format;
  if (upperBits === "zero") return virtAddr(virtual);
  return virtAddr(BigInt.asUintN(64, BigInt.asIntN(virtualBits, virtual)));
}

/** A size in the largest unit that divides it. */
function sizeText(size: bigint): string {
  const units = ["", "K", "M", "G", "T", "P", "E"];
  let unit = 0;
  let left = size;
  while (left % 1024n === 0n && unit < units.length - 1) {
    left /= 1024n;
    unit++;
  }
  return `${left}${units[unit] ?? ""}`;
}

/**
 * Page tables as text: the root, the number of tables at each level, and a line for each run.
 *
 * @param summary what they hold
 * @returns the lines, each ended by a newline, at most 100 columns wide
 */
export function formatTables(summary: TableSummary): string {
  const hex = (value: bigint): string => value.toString(16).padStart(16, "0");
  const counts = summary.levels.map(({ name, tables }) => `${name} ${tables}`).join(", ");
  const lines = summary.mapped.map((run) => {
    const last = run.virtual + run.sizeBytes - 1n;
    const access = run.isWritable ? "rw" : "r-";
    return `${hex(run.virtual)}-${hex(last)}  ${hex(run.physical)}  ${
      sizeText(run.pageBytes).padStart(4)
    }  ${access}  0x${run.flags.toString(16)}`;
  });
  return [
    `root 0x${summary.root.toString(16)}, tables: ${counts}${
      summary.isComplete ? "" : " and more, which seem to be without number"
    }`,
    "virtual                            physical          page      flags",
    ...lines,
    "",
  ].join("\n");
}
