/**
 * Writing tables as the kernel prints them.
 *
 * Source: `mm/vmstat.c`, `frag_show_print()`, `pagetypeinfo_show*()`, `extfrag_show_print()`,
 * `unusable_show_print()`.
 *
 * @module
 */

import { indexText } from "./indices.ts";
import type {
  BlockTable,
  BuddyInfo,
  FreeMemoryTable,
  IndexTable,
  PageTypeInfo,
  ZonePlace,
} from "./tables.ts";

/** A value in a column, with the space that the kernel prints behind it. */
function cell(value: string | number, width: number): string {
  return `${String(value).padStart(width)} `;
}

function headOf({ node, zone }: ZonePlace): string {
  return `Node ${node}, zone ${cell(zone, 8)}`;
}

/**
 * Writes `/proc/buddyinfo`.
 *
 * @param table the table
 * @returns the text
 */
export function writeBuddyInfo({ rows }: BuddyInfo): string {
  return rows.map((row) => `${headOf(row)}${row.counts.map((count) => cell(count, 6)).join("")}\n`)
    .join("");
}

/**
 * Writes `/proc/pagetypeinfo` of a node.
 *
 * @param table the table
 * @returns the text
 */
export function writePageTypeInfo({ blockOrder, rows, blocks, mixed }: PageTypeInfo): string {
  const orders = rows[0]?.counts.map((_, order) => cell(order, 6)).join("") ?? "";
  const lines = [
    ...(blockOrder === null
      ? []
      : [`Page block order: ${blockOrder}`, `Pages per block:  ${2 ** blockOrder}`, ""]),
    `${"Free pages count per migrate type at order".padEnd(43)} ${orders}`,
    ...rows.map(({ node, zone, type, counts, atLeast }) =>
      `Node ${String(node).padStart(4)}, zone ${zone.padStart(8)}, type ${cell(type, 12)}` +
      counts.map((count, order) => (atLeast.includes(order) ? ">" : "") + cell(count, 6)).join("")
    ),
    ...(blocks === null ? [] : blockLines("Number of blocks type ", blocks)),
    ...(mixed === null ? [] : blockLines("Number of mixed blocks ", mixed)),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function blockLines(title: string, { types, rows }: BlockTable): string[] {
  return [
    "",
    title.padEnd(23) + types.map((type) => cell(type, 12)).join(""),
    ...rows.map((row) => headOf(row) + row.blocks.map((count) => cell(count, 12)).join("")),
  ];
}

/**
 * Writes `extfrag_index` or `unusable_index`. In the former, the kernel leaves room for a sign; older ones
 * did not.
 *
 * @param table the table
 * @returns the text
 */
export function writeIndexTable({ kind, rows }: IndexTable): string {
  const cellOf = (text: string): string =>
    kind === "extfrag_index" && !text.startsWith("-") ? ` ${text} ` : `${text} `;
  return rows.map((row) =>
    `${headOf(row)}${row.indices.map((index) => cellOf(indexText(index))).join("")}\n`
  ).join("");
}

/**
 * Writes a table as the kernel prints it.
 *
 * @param table the table
 * @returns the text
 */
export function writeFreeMemory(table: FreeMemoryTable): string {
  switch (table.kind) {
    case "buddyinfo":
      return writeBuddyInfo(table);
    case "pagetypeinfo":
      return writePageTypeInfo(table);
    case "extfrag_index":
    case "unusable_index":
      return writeIndexTable(table);
  }
}
