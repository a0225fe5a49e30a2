/**
 * The architectures side by side: the best review of the data.
 *
 * @module
 */

import { descriptorLayout } from "../alloc_page/mod.ts";
import { pageTableFormatOf } from "../arch.ts";
import type { Arch, AreaTable, AreaTableName, Zone } from "../arch.ts";
import { DEFAULT_EDITION } from "../edition.ts";
import type { Edition } from "../edition.ts";
import { bareHex, COLUMNS, counted, padRight, textOf, wrapWords } from "./columns.ts";
import { type PaintOptions, PLAIN_PAINT } from "./paint.ts";

/** What is told of each architecture; a row each. Values for page sizes stand in their order. */
interface ArchRow {
  readonly name: string;
  readonly values: (arch: Arch, edition: Edition) => readonly string[];
}

const SUFFIXES = ["", "K", "M", "G", "T", "P", "E"] as const;

/** A size with the largest suffix that fits exactly: powers of 1024. */
function sizeText(bytes: bigint): string {
  let value = bytes;
  let scale = 0;
  while (value !== 0n && value % 1024n === 0n && scale < SUFFIXES.length - 1) {
    value /= 1024n;
    scale++;
  }
  return `${value}${SUFFIXES[scale] ?? ""}`;
}

/** A value for each page size; one if they are all equal. */
function perPageSize(arch: Arch, value: (pageShift: number) => string | number): string[] {
  const values = arch.pageShifts.map((shift) => String(value(shift)));
  return new Set(values).size === 1 ? values.slice(0, 1) : values;
}

function layoutRow(
  name: string,
  value: (layout: ReturnType<typeof descriptorLayout>) => string | number,
): ArchRow {
  return {
    name,
    values: (arch, edition) =>
      perPageSize(arch, (shift) => value(descriptorLayout(arch, edition, shift))),
  };
}

function tableRow(
  name: string,
  value: (format: ReturnType<typeof pageTableFormatOf>) => string | number,
): ArchRow {
  return {
    name,
    values: (arch) => perPageSize(arch, (shift) => value(pageTableFormatOf(arch, shift))),
  };
}

const WIDE_SHIFTS = { "count-modulo-width": "modulo", "gives-zero": "zero" } as const;

const ROWS: readonly ArchRow[] = [
  { name: "word bits", values: (arch) => [String(arch.wordBits)] },
  { name: "byte order", values: (arch) => arch.byteOrders },
  {
    name: "page size",
    values: (arch) => arch.pageShifts.map((shift) => sizeText(1n << BigInt(shift))),
  },
  { name: "64-bit alignment", values: (arch) => [String(arch.alignmentOf64Bits)] },
  { name: "wide long shift", values: (arch) => [WIDE_SHIFTS[arch.wideShiftOfLong]] },
  { name: "wide u64 shift", values: (arch) => [WIDE_SHIFTS[arch.wideShiftOf64Bits]] },
  layoutRow("free lists", (layout) => layout.listCount),
  layoutRow("descriptors", (layout) => layout.slots),
  layoutRow("descriptor bytes", (layout) => layout.sizeBytes),
  layoutRow(" pfn bytes", (layout) => layout.pfnBytes),
  layoutRow(" top at", (layout) => layout.top),
  layoutRow(" page_states at", (layout) => layout.pageStates),
  layoutRow(" max_order at", (layout) => layout.maxOrder ?? "-"),
  layoutRow(" zone at", (layout) => layout.zone ?? "-"),
  layoutRow(" freelists at", (layout) => layout.freeLists),
  layoutRow(" list head bytes", (layout) => layout.listHeadBytes),
  tableRow("table levels", (format) => format.levels.length),
  tableRow("table entry bytes", (format) => format.entryBytes),
  tableRow("entry byte order", (format) => format.entryByteOrder),
  tableRow("virtual bits", (format) => format.virtualBits),
  tableRow("physical bits", (format) => format.physicalBits),
];

/**
 * Writes a table of all architectures: words, page sizes, the layout of area descriptors, page tables;
 * then their areas, in each generation of area tables.
 *
 * Where an architecture has several page sizes, a value that depends on them stands once for each, one
 * below the other. A shift by the width of its operand or more takes the count modulo the width, or
 * gives zero.
 *
 * @param archs the architectures
 * @param edition the edition whose descriptors are shown; the default one if left out
 * @param options colours
 * @returns the text
 */
export function printArchTable(
  archs: readonly Arch[],
  edition: Edition = DEFAULT_EDITION,
  options: PaintOptions = {},
): string {
  const { paint = PLAIN_PAINT } = options;
  const label = Math.max(...ROWS.map(({ name }) => name.length)) + 2;
  const width = Math.max(...archs.map(({ name }) => name.length), 6) + 2;
  const perTable = Math.max(1, Math.floor((COLUMNS - label) / width));
  const tables: string[] = [];
  for (let first = 0; first < archs.length; first += perTable) {
    const some = archs.slice(first, first + perTable);
    tables.push(
      "",
      paint.bold(padRight("", label) + some.map(({ name }) => padRight(name, width)).join("")),
      ...ROWS.flatMap((row) => rowLines(row, some, edition, label, width)),
    );
  }
  const areas = generationsOf(archs).flatMap((name) => areaLines(archs, name, paint.bold));
  return textOf([`architectures  descriptors of ${edition.name}`, ...tables, ...areas]);
}

function rowLines(
  { name, values }: ArchRow,
  archs: readonly Arch[],
  edition: Edition,
  label: number,
  width: number,
): string[] {
  const columns = archs.map((arch) => values(arch, edition));
  const height = Math.max(...columns.map((column) => column.length));
  return Array.from({ length: height }, (_, line) => {
    const cells = columns.map((column) => padRight(column[line] ?? "", width)).join("");
    return padRight(line === 0 ? name : "", label) + cells;
  });
}

function generationsOf(archs: readonly Arch[]): AreaTableName[] {
  const all: readonly AreaTableName[] = ["rfc-pools", "six-slots", "per-architecture"];
  return all.filter((name) => archs.some((arch) => arch.areaTables[name] !== undefined));
}

/** The areas of a generation; architectures that have the same share their lines. */
function areaLines(
  archs: readonly Arch[],
  name: AreaTableName,
  bold: (text: string) => string,
): string[] {
  const groups = new Map<string, { archs: Arch[]; table: AreaTable }>();
  for (const arch of archs) {
    const table = arch.areaTables[name];
    const key = JSON.stringify(table);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { archs: [arch], table });
    else group.archs.push(arch);
  }
  return [
    "",
    bold(`areas ${name}`),
    `  ${["name      ", "step  ", "area", "mask", "  from pfn", "from", "aliases"].join("  ")}`,
    ...[...groups.values()].flatMap((group) => groupLines(group.archs, group.table)),
  ];
}

function groupLines(archs: readonly Arch[], table: AreaTable): string[] {
  const names = archs.map((arch) => arch.name);
  const pageShift = archs[0]?.pageShifts[0] ?? 0;
  return [
    ...wrapWords([...names, `(${counted(table.maxAreas, "slot")})`], ""),
    ...table.zones.map((zone) => zoneLine(zone, table, pageShift)),
  ];
}

function zoneLine(zone: Zone, table: AreaTable, pageShift: number): string {
  const aliases = table.aliases.filter(({ zones }) => zones.includes(zone.name))
    .map(({ name }) => name);
  return `  ${
    [
      padRight(zone.name, 10),
      padRight(zone.step, 6),
      String(zone.area).padStart(4),
      `0x${bareHex(2 ** zone.area)}`.padStart(4),
      bareHex(zone.cutoff).padStart(10),
      padRight(sizeText(BigInt(zone.cutoff) << BigInt(pageShift)), 4),
      aliases.join(" "),
    ].join("  ")
  }`;
}
