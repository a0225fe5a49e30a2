/**
 * The part of a device tree source that memory maps need: nodes, and the values of a few properties.
 *
 * @module
 */

import { type DtsToken, type DtsTokens, dtsTokens } from "./dts_tokens.ts";
import { lineError, type SourceLine } from "./source_line.ts";
import { MAX_MAP_RANGES } from "./text_range.ts";

/** A 32-bit cell of a property. */
export interface DtsCell {
  /** The value, 0 to 2^32 - 1. */
  readonly value: bigint;
  /** The word that it comes from. */
  readonly token: DtsToken;
}

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
  reg: readonly DtsCell[];
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
  lineOf(token: DtsToken): SourceLine;
}

const MAX_DEPTH = 256;
/** Four cells for each range that a map may have. */
const MAX_CELLS: number = 4 * MAX_MAP_RANGES;
/** A number with the ending of a C constant; a leading 0 makes it octal. */
const NUMBER = /^(?:(0[0-7]{1,22})|(0x[0-9a-f]{1,16}|[0-9]{1,20}))(?:u|l|ul|ull|ll)?$/i;
const CELL_LIMIT = 2n ** 32n;

function valueOf(tokens: DtsTokens, token: DtsToken, limit: bigint): bigint {
  const [match, octal, digits = ""] = NUMBER.exec(token.text) ?? [];
  if (match === undefined) {
    throw lineError(
      tokens.lineOf(token),
      "has something else than a number in a list of cells",
      "write numbers such as 0x80000000 in place of names and expressions",
    );
  }
  const value = BigInt(octal === undefined ? digits : `0o${octal}`);
  if (value < limit) return value;
  throw lineError(
    tokens.lineOf(token),
    `has a cell of more than ${limit === CELL_LIMIT ? 32 : 64} bits`,
    "split the number over as many cells as the bus has",
  );
}

function addCell(tokens: DtsTokens, cells: DtsCell[], value: bigint, token: DtsToken): void {
  if (cells.length >= MAX_CELLS) {
    throw lineError(
      tokens.lineOf(token),
      `lists more than the ${MAX_MAP_RANGES} ranges that a map may have`,
      "leave out what is not needed",
    );
  }
  cells.push({ value, token });
}

/** The cells of `<…>`; one of 64 bits counts as two. */
function readAngles(tokens: DtsTokens, bits: 32 | 64, cells: DtsCell[]): void {
  const limit = bits === 32 ? CELL_LIMIT : CELL_LIMIT * CELL_LIMIT;
  for (let token = tokens.next(); token !== null && token.text !== ">"; token = tokens.next()) {
    const value = valueOf(tokens, token, limit);
    if (bits === 64) addCell(tokens, cells, value / CELL_LIMIT, token);
    addCell(tokens, cells, value % CELL_LIMIT, token);
  }
}

/** The cells of `[…]`, which holds bytes. */
function readBytes(tokens: DtsTokens, first: DtsToken, cells: DtsCell[]): void {
  const words: string[] = [];
  for (let token = tokens.next(); token !== null && token.text !== "]"; token = tokens.next()) {
    words.push(token.text);
  }
  const digits = words.join("");
  if (digits.length % 8 !== 0 || /[^0-9a-f]/i.test(digits)) {
    throw lineError(
      tokens.lineOf(first),
      "has bytes that make up no cells",
      "expected four bytes for each cell",
    );
  }
  for (let at = 0; at < digits.length; at += 8) {
    addCell(tokens, cells, BigInt(`0x${digits.slice(at, at + 8)}`), first);
  }
}

function readBits(tokens: DtsTokens, token: DtsToken): 32 | 64 {
  const width = tokens.next()?.text;
  if (width === "32") return 32;
  if (width === "64") return 64;
  throw lineError(
    tokens.lineOf(token),
    "has cells of an odd width",
    "expected /bits/ 32 or /bits/ 64",
  );
}

/** Reads the value of a property up to its semicolon, as cells. */
function readCells(tokens: DtsTokens): DtsCell[] {
  const cells: DtsCell[] = [];
  let bits: 32 | 64 = 32;
  for (let token = tokens.next(); token !== null && token.text !== ";"; token = tokens.next()) {
    if (token.text === "<") readAngles(tokens, bits, cells);
    else if (token.text === "[") readBytes(tokens, token, cells);
    else if (token.text === "/bits/") bits = readBits(tokens, token);
    else if (token.text !== ",") {
      throw lineError(
        tokens.lineOf(token),
        "has a value that is no list of cells",
        "expected cells in angle brackets",
      );
    }
  }
  return cells;
}

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
  const cells = readCells(tokens);
  const value = cells[0]?.value;
  if (cells.length !== 1 || value === undefined || value > 4n) {
    throw lineError(
      tokens.lineOf(name),
      "has a count of cells that cannot be",
      "expected 1 or 2",
    );
  }
  return Number(value);
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
    reg: [],
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
  if ((node.reg.length === 0 && node.problem === null) || !mayMatter(node)) return;
  parse.cellCount += node.reg.length + 1;
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
