/**
 * Memory nodes of a device tree source (`dts`): those with `device_type = "memory"`, or named `memory`
 * right below the root. Their `reg` holds addresses and sizes, in as many cells as the root says.
 *
 * Reserved memory (`/memreserve/`, `/reserved-memory`) is not taken out: the guests' boot code looks at
 * memory nodes only.
 *
 * Source: `lib/devicetree.c`, `dt_get_memory_params()`, 4a54e8a3.
 *
 * @module
 */

import type { DtsCells } from "./dts_cells.ts";
import { baseName, type DtsNode, type DtsTree, parseDts } from "./dts_tree.ts";
import {
  addNote,
  addRange,
  type FoundMap,
  foundOf,
  keepProblem,
  type MapDraft,
} from "./map_reader.ts";
import { lineError, type SourceLine } from "./source_line.ts";
import { type AddressSpan, spanOf } from "./span.ts";

/** How many cells an address and a size have. */
interface CellCounts {
  readonly address: number;
  readonly size: number;
}

const MEMORY_NODE = /(?:^|[\s:;{}/])memory(?:@[0-9a-fA-F,]{1,40})?\s*\{/;
const DEVICE_TYPE = /device_type\s*=\s*"memory"/;

/**
 * Tells whether a text is a device tree source, or a piece of one, with a memory node.
 *
 * @param text the text
 * @returns true if it looks like one
 */
export function isDeviceTree(text: string): boolean {
  return text.includes("{") &&
    (text.includes("/dts-v1/") || MEMORY_NODE.test(text) || DEVICE_TYPE.test(text));
}

const CELL_SIZE = 2n ** 32n;
const ADDRESS_LIMIT = 2n ** 64n;

/** The number in `count` cells from `at` on. */
function numberAt(cells: DtsCells, at: number, count: number): bigint {
  let sum = 0n;
  for (let index = at; index < at + count; index++) {
    sum = sum * CELL_SIZE + BigInt(cells.values[index] ?? 0);
  }
  return sum;
}

function spanAt(
  source: SourceLine,
  cells: DtsCells,
  at: number,
  counts: CellCounts,
): AddressSpan | null {
  const first = numberAt(cells, at, counts.address);
  const size = numberAt(cells, at + counts.address, counts.size);
  if (first >= ADDRESS_LIMIT || size > ADDRESS_LIMIT) {
    throw lineError(
      source,
      "holds a number of more than 64 bits",
      "physical addresses end at 0xffffffffffffffff",
    );
  }
  return spanOf(source, first, size, "size");
}

/** Whether cells make sense if read with these counts: no range is huge, and none wraps round. */
function isPlausible(cells: DtsCells, counts: CellCounts): boolean {
  const step = counts.address + counts.size;
  if (cells.values.length % step !== 0) return false;
  for (let at = 0; at < cells.values.length; at += step) {
    const first = numberAt(cells, at, counts.address);
    const size = numberAt(cells, at + counts.address, counts.size);
    // No architecture has more than 52 bits of physical address.
    if (size === 0n || first + size > (counts.address === 2 ? 2n ** 52n : CELL_SIZE)) return false;
  }
  return true;
}

const GUESSES: readonly CellCounts[] = [
  { address: 2, size: 2 },
  { address: 1, size: 1 },
  { address: 2, size: 1 },
];

/** The counts to read a node with: the root's, or those that make sense of its cells. */
function countsFor(draft: MapDraft, tree: DtsTree, node: DtsNode): CellCounts {
  const { addressCells, sizeCells } = tree.root;
  if (addressCells !== null || sizeCells !== null) {
    return { address: addressCells ?? 2, size: sizeCells ?? 1 };
  }
  const guess = GUESSES.find((counts) => isPlausible(node.reg, counts));
  if (guess === undefined) {
    throw lineError(
      tree.lineOf(node.token),
      `names a node of ${node.reg.values.length} cells, which make up no ranges`,
      "give #address-cells and #size-cells of the root",
    );
  }
  addNote(draft, {
    line: node.token.line,
    severity: tree.root.isNamed ? "warning" : "note",
    text: `the text gives no #address-cells and #size-cells; ${guess.address} and ${guess.size} ` +
      "are assumed",
  });
  return guess;
}

function addNode(draft: MapDraft, tree: DtsTree, node: DtsNode): void {
  if (node.problem !== null) throw node.problem;
  const counts = countsFor(draft, tree, node);
  const step = counts.address + counts.size;
  if (counts.address === 0 || counts.size === 0 || node.reg.values.length % step !== 0) {
    throw lineError(
      tree.lineOf(node.token),
      `names a node whose reg has ${node.reg.values.length} cells`,
      `expected ${counts.address} for each address and ${counts.size} for each size`,
    );
  }
  for (let at = 0; at < node.reg.values.length; at += step) {
    const { offset, line } = node.token;
    const source = tree.lineOf({
      offset: node.reg.offsets[at] ?? offset,
      line: node.reg.lines[at] ?? line,
    });
    addRange(draft, source, spanAt(source, node.reg, at, counts), { kind: "ram" });
  }
}

function noteNode(draft: MapDraft, node: DtsNode): void {
  const warn = (text: string): void =>
    addNote(draft, { line: node.token.line, severity: "warning", text });
  if (node.deviceType !== "memory") {
    warn('the node has no device_type = "memory", by which the guests find their memory');
  }
  if (node.status !== null && node.status !== "okay" && node.status !== "ok") {
    warn("the node is not enabled; Linux leaves its memory alone, the guests use it");
  }
}

function isMemoryNode(node: DtsNode): boolean {
  const around = node.path.filter((name) => name !== "/");
  return node.deviceType === "memory" || (baseName(node.name) === "memory" && around.length === 0);
}

function noteReserved(draft: MapDraft, tree: DtsTree): void {
  const node = tree.nodes.find((candidate) => candidate.path.includes("reserved-memory"));
  const line = tree.memreserve?.number ?? node?.token.line;
  if (line === undefined) return;
  addNote(draft, {
    line,
    severity: "note",
    text: "memory is set aside from here on; it stays RAM, because the guests do not look at this",
  });
}

function readTree(draft: MapDraft, text: string): void {
  const tree = parseDts(text);
  const memory = tree.nodes.filter(isMemoryNode);
  if (memory.length === 0) {
    throw new SyntaxError(
      "Cannot read the memory map: the device tree from line 1 on has no memory node with a reg; " +
        'expected a node with device_type = "memory" and a reg',
    );
  }
  for (const node of memory) {
    noteNode(draft, node);
    addNode(draft, tree, node);
  }
  noteReserved(draft, tree);
}

/**
 * Reads the memory nodes of a device tree source.
 *
 * @param text the source
 * @returns the map
 */
export function readDeviceTree(text: string): FoundMap {
  const draft: MapDraft = { line: 1, ranges: [], notes: [], problem: null };
  keepProblem(draft, () => readTree(draft, text));
  return foundOf(draft, "device-tree", "the device tree");
}
