/**
 * The memory map that `boot` is given: a file, an amount of RAM, or the recorded guest's.
 *
 * @module
 */

import { qemuMachinesOf } from "../boot/mod.ts";
import type { QemuMachine } from "../boot/mod.ts";
import { parseMemoryMapText, qemuMemoryMap } from "../memory/mod.ts";
import type { MapFormat, TextRange } from "../memory/mod.ts";
import type { Arch } from "../arch.ts";
import type { BootMap } from "../report/mod.ts";
import { sizeWords } from "../report/mod.ts";
import { alternatives, nearestWord } from "../scenario/words.ts";
import { byteCount } from "../units.ts";
import { quoted } from "./escape.ts";
import type { Arguments } from "./options.ts";

/** A memory map and what its text tells besides. */
export interface BootMemory {
  /** The map. */
  readonly map: BootMap;
  /** The format of the text; null if there was none. */
  readonly format: MapFormat | null;
  /** Where the map was made: under QEMU, whose fw_cfg answers, or not. */
  readonly host: "qemu" | "metal";
}

const SUFFIXES = ["", "K", "M", "G", "T", "P", "E"] as const;

/** An amount of memory of the command line: a number and a suffix, as QEMU's `-m` has it. */
function bytesOfText(args: Arguments, name: string, text: string): bigint {
  const match = /^(0x[0-9a-f]{1,32}|\d{1,32})([KMGTPE]?)(?:i?B)?$/i.exec(text);
  if (match === null) {
    return args.refuse(
      `Option --${name} must be a number of bytes, perhaps with K, M, G or T, it is ${
        quoted(text)
      }`,
    );
  }
  const scale = SUFFIXES.findIndex((suffix) => suffix === (match[2] ?? "").toUpperCase());
  return BigInt(match[1] ?? "0") * 1024n ** BigInt(Math.max(0, scale));
}

/**
 * The value of an option that is a number of bytes or an address.
 *
 * @param args the arguments
 * @param name the option
 * @returns the number; null if the option is not there
 * @throws {UsageError} if it is no number
 */
export function bytesOption(args: Arguments, name: string): bigint | null {
  const text = args.value(name);
  return text === null ? null : bytesOfText(args, name, text);
}

/** More RAM than this is not booted where each page is mapped by itself. */
const MOST_MAPPED_BYTES = 2n ** 40n;

/** Whether boot maps all RAM, page by page: that takes its time with much of it. */
function mapsPageByPage(arch: Arch): boolean {
  const mapsAll = arch.boot.mmuSteps.some((step) =>
    step.step === "map-regions" ||
    (step.step === "map" && step.end === "top" && step.atMost === undefined)
  );
  return mapsAll && arch.pageTables.every(({ rangeLoop }) => rangeLoop !== "large-pages-first");
}

function checkAmount(args: Arguments, arch: Arch, { map }: BootMemory): void {
  const ram = map.ranges.filter(({ kind }) => kind === "ram");
  const bytes = ram.reduce((sum, { size }) => sum + size, 0n);
  if (bytes <= MOST_MAPPED_BYTES || !mapsPageByPage(arch)) return;
  args.refuse(
    `Cannot boot ${arch.name} with ${sizeWords(bytes)} of RAM: it maps page by page, ` +
      `the amount must be at most ${sizeWords(MOST_MAPPED_BYTES)}`,
  );
}

function ramText(args: Arguments): string {
  return args.value("ram") ?? "";
}

function machineFor(args: Arguments, arch: Arch): QemuMachine {
  const machines = qemuMachinesOf(arch);
  const names = machines.map(({ name }) => name);
  const wanted = args.value("machine") ?? machines[0].name;
  const machine = machines.find(({ name }) => name === wanted);
  if (machine !== undefined) return machine;
  const nearest = nearestWord(wanted, names);
  const hint = nearest === null ? "" : `; the nearest is ${quoted(nearest)}`;
  return args.refuse(
    `Option --machine must be ${alternatives(names)} for ${arch.name}, it is ${
      quoted(wanted)
    }${hint}`,
  );
}

function memoryOfRam(args: Arguments, arch: Arch): BootMemory {
  const bytes = bytesOfText(args, "ram", ramText(args));
  if (bytes === 0n || bytes >= 2n ** 64n) {
    args.refuse(
      `Option --ram must be more than 0 and less than 16E, it is ${quoted(ramText(args))}`,
    );
  }
  const { name, layout } = machineFor(args, arch);
  const ranges = qemuMemoryMap(layout, byteCount(bytes)).ranges;
  const memory: BootMemory = {
    map: mapOf(`${sizeWords(bytes)} as QEMU's ${name} lays them out`, ranges),
    format: null,
    host: "qemu",
  };
  checkAmount(args, arch, memory);
  return memory;
}

function mapOf(
  name: string,
  ranges: readonly Pick<TextRange, "first" | "size" | "kind">[],
): BootMap {
  return {
    name,
    numbers: "range",
    ranges: ranges.map((range, index) => ({ ...range, line: index + 1, text: "" })),
    notes: [],
  };
}

/** Words in the log of a guest of QEMU. */
const SIGNS_OF_QEMU = /\b(?:QEMU|SeaBIOS|Bochs)\b/i;

/** A text and its name. */
export interface MapText {
  /** The name of the file. */
  readonly name: string;
  /** What it holds. */
  readonly text: string;
}

/**
 * Reads the memory map of a text.
 *
 * @param args the arguments
 * @param arch the architecture
 * @param file the text
 * @returns the map
 * @throws {SyntaxError} if there is none
 * @throws {UsageError} if it has more RAM than can be booted
 */
export function memoryOfText(args: Arguments, arch: Arch, { name, text }: MapText): BootMemory {
  const { format, ranges, notes } = parseMemoryMapText(text);
  const host = SIGNS_OF_QEMU.test(text) ? "qemu" : "metal";
  const memory: BootMemory = { map: { name, numbers: "line", ranges, notes }, format, host };
  checkAmount(args, arch, memory);
  return memory;
}

/**
 * The memory map of a command line without a file.
 *
 * @param args the arguments
 * @param arch the architecture
 * @returns QEMU's map of the amount of RAM, or the recorded guest's
 * @throws {UsageError} if there is no such amount or machine
 */
export function memoryWithoutFile(args: Arguments, arch: Arch): BootMemory {
  if (args.value("ram") !== null) return memoryOfRam(args, arch);
  if (args.value("machine") !== null) args.refuse("Option --machine needs --ram beside it");
  const { memory } = arch.boot.defaults;
  return { map: mapOf("the recorded guest's memory", memory), format: null, host: "qemu" };
}
