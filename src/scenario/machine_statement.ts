/**
 * The machine statement: `machine ARCH [KEY=VALUE …]`.
 *
 * @module
 */

import type { Arch } from "../arch.ts";
import {
  countsProcessors,
  firmwaresOf,
  looksForHighMemory,
  readsEnvironment,
} from "../boot/mod.ts";
import { refuse } from "./errors.ts";
import type { Cursor, Token } from "./lexer.ts";
import { MACHINE_KEYS } from "./machine_keys.ts";
import { sizeText } from "./numbers.ts";
import type { MachineStatement } from "./types.ts";
import { alternatives, nearestWord } from "./words.ts";

/** The architecture of a scenario without a machine statement. */
export const DEFAULT_ARCH_NAME = "x86_64";

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

/** What a key must be on an architecture, if it is not. */
type Check = (machine: MachineStatement, arch: Arch) => Omit<MachineMisfit, "nearest"> | null;

/** A check that a key stands only where something depends on it. */
function onlyWhere(
  key: "cpus" | "memlimit" | "initrd",
  valueOf: (machine: MachineStatement) => bigint | number | undefined,
  isUsed: (arch: Arch) => boolean,
  by: string,
): Check {
  return (machine, arch) => {
    const value = valueOf(machine);
    if (value === undefined || isUsed(arch)) return null;
    const expected = `${key} must be left out on ${arch.name}, it changes nothing but ${by}`;
    return { key, word: value.toString(), expected };
  };
}

const CHECKS: readonly Check[] = [
  ({ pageSize }, { name, pageShifts }) => {
    const sizes = pageShifts.map((shift) => 1n << BigInt(shift));
    if (pageSize === undefined || sizes.includes(pageSize)) return null;
    const expected = `the page size of ${name} must be ${alternatives(sizes.map(sizeText))}`;
    return { key: "page-size", word: sizeText(pageSize), expected };
  },
  ({ byteOrder }, { name, byteOrders }) => {
    if (byteOrder === undefined || byteOrders.includes(byteOrder)) return null;
    const expected = `the byte order of ${name} must be ${alternatives(byteOrders)}`;
    return { key: "byte-order", word: byteOrder, expected };
  },
  ({ firmware }, arch) => {
    const known = firmwaresOf(arch);
    if (firmware === undefined || known.includes(firmware)) return null;
    const expected = `the firmware of ${arch.name} must be ${alternatives(known)}`;
    return { key: "firmware", word: firmware, expected };
  },
  ({ map, ram }) => {
    if (map === undefined || ram === undefined) return null;
    return { key: "map", word: map, expected: "map must not stand beside ram" };
  },
  ({ firmware, map }) => {
    if (firmware !== "efi" || map !== undefined) return null;
    const expected = "the map of an EFI guest must be given, with map=FILE";
    return { key: "firmware", word: firmware, expected };
  },
  onlyWhere("cpus", ({ cpus }) => cpus, countsProcessors, "s390x"),
  onlyWhere("memlimit", ({ memLimit }) => memLimit, looksForHighMemory, "x86_64"),
  onlyWhere("initrd", ({ initrd }) => initrd, readsEnvironment, "arm, arm64, ppc64 and riscv"),
];

/**
 * Finds what does not fit the architectures: their names, page sizes, byte orders and ways to boot.
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
  const misfit = CHECKS.map((check) => check(machine, arch)).find((found) => found !== null);
  return misfit === undefined ? null : { ...misfit, nearest: null };
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
    if (token.kind !== "word" && !(token.kind === "quoted" && row.value === "text")) {
      refuse(token, `the value of ${row.name} must stand here`);
    }
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
