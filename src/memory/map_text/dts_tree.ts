/**
 * The part of a device tree source that memory maps need: nodes, and the values of a few properties.
 *
 * @module
 */

import { type DtsCells, MAX_CELLS, newCells, readCells } from "./dts_cells.ts";
import { type DtsPlace, type DtsToken, type DtsTokens, dtsTokens } from "./dts_tokens.ts";
import { lineError, type SourceLine } from "./source_line.ts";
import { MAX_MAP_RANGES } from "./text_range.ts";

/** A node. */
export interface DtsNode {
  /** Its name, with the unit address; `/` for the root. */
  readonly name: string;
  /** The names of the nodes around it, outermost first. */
  readonly path: readonly string[];
  /** Its name, where it stands. */
  readonly token: DtsToken;
  /** Its `#address-cells`; null if not given. */
  addressCells: number | null;
  /** Its `#size-cells`; null if not given. */
  sizeCells: number | null;
  /** Its `device_type`. */
  deviceType: string | null;
  /** Its `status`. */
  status: string | null;
  /** Its `reg`. */
  reg: DtsCells;
  /** Why its `reg` cannot be read; null if it can. */
  problem: SyntaxError | null;
}

/** The nodes of a device tree source that could matter to a memory map. */
export interface DtsTree {
  /** The root's `#address-cells` and `#size-cells`. */
  readonly root: { addressCells: number | null; sizeCells: number | null; isNamed: boolean };
  /** The nodes with a `reg`, in the order of the text. */
  readonly nodes: readonly DtsNode[];
  /** The first line with `/memreserve/`, if any. */
  readonly memreserve: SourceLine | null;
  /** The line that a word stands in. */
  lineOf(place: DtsPlace): SourceLine;
}

const MAX_DEPTH = 256;
/** Reads `reg`; what is wrong with it matters only if the node does. */
function readReg(tokens: DtsTokens, node: DtsNode): void {
  try {
    node.reg = readCells(tokens);
    node.problem = null;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    node.problem = error;
    skipValue(tokens);
  }
}

function readCount(tokens: DtsTokens, name: DtsToken): number {
  const { values } = readCells(tokens);
  const [value] = values;
  if (values.length !== 1 || value === undefined || value > 4) {
    throw lineError(
      tokens.lineOf(name),
      "has a count of cells that cannot be",
      "expected 1 or 2",
    );
  }
  return value;
}

function readString(tokens: DtsTokens): string {
  let value = "";
  for (let token = tokens.next(); token !== null && token.text !== ";"; token = tokens.next()) {
    if (token.kind === "string" && value === "") value = token.text;
  }
  return value;
}

function skipValue(tokens: DtsTokens): void {
  for (let token = tokens.next(); token !== null; token = tokens.next()) {
    if (token.kind === "sign" && token.text === ";") return;
  }
}

/** Reads a property whose name and `=` were read. */
function readProperty(tokens: DtsTokens, node: DtsNode | undefined, name: DtsToken): void {
  if (node === undefined) return skipValue(tokens);
  switch (name.text) {
    case "#address-cells":
      node.addressCells = readCount(tokens, name);
      return;
    case "#size-cells":
      node.sizeCells = readCount(tokens, name);
      return;
    case "device_type":
      node.deviceType = readString(tokens);
      return;
    case "status":
      node.status = readString(tokens);
      return;
    case "reg":
      readReg(tokens, node);
      return;
    default:
      skipValue(tokens);
  }
}

/**
 * A node's name without its unit address.
 *
 * @param name the name
 * @returns what stands before `@`
 */
export function baseName(name: string): string {
  return name.split("@", 1)[0] ?? "";
}

function mayMatter(node: DtsNode): boolean {
  return baseName(node.name) === "memory" || node.deviceType === "memory" ||
    node.path.includes("reserved-memory");
}

interface Parse {
  readonly tokens: DtsTokens;
  readonly root: DtsTree["root"];
  readonly nodes: Map<string, DtsNode>;
  readonly open: DtsNode[];
  memreserve: SourceLine | null;
  /** The cells of the nodes that are kept. */
  cellCount: number;
}

function openNode(parse: Parse, name: DtsToken): void {
  if (parse.open.length >= MAX_DEPTH) {
    throw lineError(
      parse.tokens.lineOf(name),
      `nests nodes more than ${MAX_DEPTH} deep`,
      "a brace may be missing",
    );
  }
  parse.open.push({
    name: name.text,
    path: parse.open.map((node) => node.name),
    token: name,
    addressCells: null,
    sizeCells: null,
    deviceType: null,
    status: null,
    reg: newCells(),
    problem: null,
  });
}

/** Closes a node; of two with the same path the later one's properties count, as in the compiler. */
function closeNode(parse: Parse): void {
  const node = parse.open.pop();
  if (node === undefined) return;
  if (node.name === "/" && parse.open.length === 0) {
    parse.root.isNamed = true;
    parse.root.addressCells = node.addressCells ?? parse.root.addressCells;
    parse.root.sizeCells = node.sizeCells ?? parse.root.sizeCells;
  }
  if ((node.reg.values.length === 0 && node.problem === null) || !mayMatter(node)) return;
  parse.cellCount += node.reg.values.length + 1;
  if (parse.cellCount > MAX_CELLS) {
    throw lineError(
      parse.tokens.lineOf(node.token),
      `brings the nodes beyond the ${MAX_MAP_RANGES} ranges that a map may have`,
      "leave out what is not needed",
    );
  }
  parse.nodes.set([...node.path, node.name].join("/"), node);
}

/**
 * Reads a device tree source. What does not matter to a memory map is skipped, right or wrong.
 *
 * @param text the source
 * @returns its nodes with a `reg`, as far as they can have to do with memory
 * @throws {SyntaxError} if a string or comment never ends, or nodes nest too deeply or are too many
 */
export function parseDts(text: string): DtsTree {
  const tokens = dtsTokens(text);
  const root = { addressCells: null, sizeCells: null, isNamed: false };
  const parse: Parse = {
    tokens,
    root,
    nodes: new Map(),
    open: [],
    memreserve: null,
    cellCount: 0,
  };
  let last: DtsToken | null = null;
  for (let token = tokens.next(); token !== null; token = tokens.next()) {
    if (token.text === "/memreserve/") parse.memreserve ??= tokens.lineOf(token);
    if (token.kind !== "sign") {
      last = token;
      continue;
    }
    if (token.text === "{") openNode(parse, last ?? token);
    else if (token.text === "}") closeNode(parse);
    else if (token.text === "=" && last !== null) readProperty(tokens, parse.open.at(-1), last);
    if (token.text !== ":") last = null;
  }
  while (parse.open.length > 0) closeNode(parse);
  const { memreserve } = parse;
  return { root, nodes: [...parse.nodes.values()], memreserve, lineOf: tokens.lineOf };
}
