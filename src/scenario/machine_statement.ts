/**
 * The machine statement: `machine ARCH [KEY=VALUE …]`, one row for each key.
 *
 * @module
 */

import type { Arch } from "../arch.ts";
import { editionNamed, EDITIONS } from "../edition.ts";
import { refuse } from "./errors.ts";
import type { Cursor, Token } from "./lexer.ts";
import { hex, parseNumber, sizeText } from "./numbers.ts";
import { readQuantity } from "./quantities.ts";
import type { MachineStatement } from "./types.ts";
import { alternatives, nearestWord } from "./words.ts";

/** The architecture of a scenario without a machine statement. */
export const DEFAULT_ARCH_NAME = "x86_64";

/** A key of the machine statement. */
export interface KeyRow {
  /** Its name. */
  readonly name: string;
  /** How it is written. */
  readonly usage: string;
  /** What it sets, in a line. */
  readonly help: string;
  /** Reads its value. */
  readonly read: (token: Token) => Partial<MachineStatement>;
  /** Writes its value; null if it is not given. */
  readonly print: (machine: MachineStatement) => string | null;
}

const EDITION_NAMES: readonly string[] = EDITIONS.flatMap((
  { name, aliases },
) => [name, ...aliases]);

function readEdition(token: Token): Partial<MachineStatement> {
  if (editionNamed(token.value) === null) {
    const expected = "the edition must be one that `editions` lists, or the commit that made it";
    refuse(token, expected, nearestWord(token.text, EDITION_NAMES));
  }
  return { edition: token.value };
}

function readPageSize(token: Token): Partial<MachineStatement> {
  const pageSize = readQuantity(token, "size", "the page size");
  if (!/^10*$/.test(pageSize.toString(2))) refuse(token, "the page size must be a power of two");
  return { pageSize };
}

const SEED_LIMIT = 2 ** 32;

function readPowerOn(token: Token): Partial<MachineStatement> {
  if (token.text === "zero") return { powerOn: { kind: "zero" } };
  if (token.text === "garbage") return { powerOn: { kind: "garbage", seed: 0 } };
  const [word = "", seedText] = token.text.split(/:(.*)/s);
  if (word !== "garbage" || seedText === undefined) {
    const nearest = nearestWord(token.text, ["zero", "garbage"]);
    refuse(token, "the power-on content must be zero, garbage or garbage:SEED", nearest);
  }
  const seed = Number(parseNumber(seedText) ?? -1n);
  if (seed < 0 || seed >= SEED_LIMIT) {
    const column = token.column + word.length + 1;
    refuse({ column, text: seedText }, "the seed must be a number that fits 32 bits");
  }
  return { powerOn: { kind: "garbage", seed } };
}

function printPowerOn({ powerOn }: MachineStatement): string | null {
  if (powerOn === undefined) return null;
  return powerOn.kind === "zero" ? "zero" : `garbage:${powerOn.seed}`;
}

function readByteOrder(token: Token): Partial<MachineStatement> {
  if (token.text === "little" || token.text === "big") return { byteOrder: token.text };
  const nearest = nearestWord(token.text, ["little", "big"]);
  return refuse(token, "the byte order must be little or big", nearest);
}

/** The keys, in the order in which they are written. */
export const MACHINE_KEYS: readonly KeyRow[] = [
  {
    name: "edition",
    usage: "edition=NAME",
    help: "the edition of the modelled code, by name, alias or commit",
    read: readEdition,
    print: ({ edition }) => edition ?? null,
  },
  {
    name: "page-size",
    usage: "page-size=SIZE",
    help: "the page size, one of the architecture's",
    read: readPageSize,
    print: ({ pageSize }) => pageSize === undefined ? null : sizeText(pageSize),
  },
  {
    name: "power-on",
    usage: "power-on=zero|garbage[:SEED]",
    help: "what memory holds before anything is written",
    read: readPowerOn,
    print: printPowerOn,
  },
  {
    name: "areas",
    usage: "areas=ADDRESS",
    help: "where the array of area descriptors lies",
    read: (token) => ({ areasAddress: readQuantity(token, "address") }),
    print: ({ areasAddress }) => areasAddress === undefined ? null : hex(areasAddress),
  },
  {
    name: "byte-order",
    usage: "byte-order=little|big",
    help: "the byte order, one of the architecture's",
    read: readByteOrder,
    print: ({ byteOrder }) => byteOrder ?? null,
  },
];

const KEY_NAMES: readonly string[] = MACHINE_KEYS.map(({ name }) => name);

/** What does not fit in a machine statement, once the architectures are known. */
export interface MachineMisfit {
  /** The key, or `arch`. */
  readonly key: string;
  /** What was written. */
  readonly word: string;
  /** What it must be. */
  readonly expected: string;
  /** The nearest valid word, or null. */
  readonly nearest: string | null;
}

/**
 * Finds what does not fit the architectures: their names, page sizes and byte orders.
 *
 * @param machine the statement
 * @param archs the architectures there are
 * @returns the first misfit, or null
 */
export function findMachineMisfit(
  machine: MachineStatement,
  archs: readonly Arch[],
): MachineMisfit | null {
  const names = archs.map(({ name }) => name);
  const arch = archs.find(({ name }) => name === machine.arch);
  if (arch === undefined) {
    const expected = `the architecture must be ${alternatives(names)}`;
    const nearest = nearestWord(machine.arch, names);
    return { key: "arch", word: machine.arch, expected, nearest };
  }
  const { pageSize, byteOrder } = machine;
  const sizes = arch.pageShifts.map((shift) => 1n << BigInt(shift));
  if (pageSize !== undefined && !sizes.includes(pageSize)) {
    const expected = `the page size of ${arch.name} must be ${alternatives(sizes.map(sizeText))}`;
    return { key: "page-size", word: sizeText(pageSize), expected, nearest: null };
  }
  if (byteOrder !== undefined && !arch.byteOrders.includes(byteOrder)) {
    const expected = `the byte order of ${arch.name} must be ${alternatives(arch.byteOrders)}`;
    return { key: "byte-order", word: byteOrder, expected, nearest: null };
  }
  return null;
}

/**
 * Reads what follows `machine`.
 *
 * @param cursor behind the word `machine`
 * @param archs the architectures there are; null if they are not known yet
 * @returns the statement
 * @throws {LineError} if it is none
 */
export function parseMachine(cursor: Cursor, archs: readonly Arch[] | null): MachineStatement {
  const arch = cursor.next();
  if (arch.kind !== "word") refuse(arch, "the architecture must stand here");
  const places = new Map<string, Token>([["arch", arch]]);
  let machine: MachineStatement = { kind: "machine", arch: arch.text };
  while (cursor.peek().kind !== "end") {
    const key = cursor.next();
    const row = MACHINE_KEYS.find(({ name }) => name === key.text);
    if (row === undefined) {
      const nearest = nearestWord(key.text, KEY_NAMES);
      refuse(key, `the key must be ${alternatives(KEY_NAMES)}`, nearest);
    }
    if (places.has(row.name)) refuse(key, "a key must stand once only");
    cursor.expect("=");
    const token = cursor.next();
    if (token.kind !== "word") refuse(token, `the value of ${row.name} must stand here`);
    machine = { ...machine, ...row.read(token) };
    places.set(row.name, token);
  }
  const misfit = archs === null ? null : findMachineMisfit(machine, archs);
  const place = misfit === null ? undefined : places.get(misfit.key);
  if (misfit !== null && place !== undefined) refuse(place, misfit.expected, misfit.nearest);
  return machine;
}

/**
 * Writes a machine statement.
 *
 * @param machine the statement
 * @returns the line
 */
export function printMachine(machine: MachineStatement): string {
  const settings = MACHINE_KEYS.flatMap(({ name, print }) => {
    const value = print(machine);
    return value === null ? [] : [`${name}=${value}`];
  });
  return ["machine", machine.arch, ...settings].join(" ");
}
