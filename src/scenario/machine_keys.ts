/**
 * The keys of the machine statement, one row each.
 *
 * @module
 */

import type { Firmware } from "../arch.ts";
import { DEFAULT_EDITION, editionNamed, EDITIONS } from "../edition.ts";
import type { Engine } from "../page_engines.ts";
import { refuse } from "./errors.ts";
import type { Token } from "./lexer.ts";
import { hex, parseNumber, sizeText } from "./numbers.ts";
import { readQuantity } from "./quantities.ts";
import type { MachineStatement } from "./types.ts";
import { alternatives, nearestWord } from "./words.ts";

/** A key of the machine statement. */
export interface KeyRow {
  /** Its name. */
  readonly name: string;
  /** How it is written. */
  readonly usage: string;
  /** What it sets, in a line. */
  readonly help: string;
  /** Whether its value is a word, or may be any text in quotation marks. */
  readonly value: "word" | "text";
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

function readRam(token: Token): Partial<MachineStatement> {
  const ram = readQuantity(token, "size", "the amount of RAM");
  if (ram % 4096n !== 0n || ram === 0n) {
    refuse(token, "the amount of RAM must be a multiple of 4K, at least 4K");
  }
  return { ram };
}

function readMap(token: Token): Partial<MachineStatement> {
  if (token.value === "") refuse(token, "the name of the map must not be empty");
  return { map: token.value };
}

/** A text as the lexer takes it apart again: as it is, or in quotation marks. */
function printText(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `"${text.replaceAll(/["\\]/g, "\\$&")}"`;
}

const FIRMWARES: readonly Firmware[] = ["multiboot", "efi", "sclp", "device-tree"];

function readFirmware(token: Token): Partial<MachineStatement> {
  const firmware = FIRMWARES.find((name) => name === token.text);
  if (firmware !== undefined) return { firmware };
  const expected = `the firmware must be ${alternatives(FIRMWARES)}`;
  return refuse(token, expected, nearestWord(token.text, FIRMWARES));
}

const MOST_CPUS = 4096n;

function readCpus(token: Token): Partial<MachineStatement> {
  const cpus = readQuantity(token, "count", "the number of processors");
  if (cpus < 1n || cpus > MOST_CPUS) {
    refuse(token, `the number of processors must lie between 1 and ${MOST_CPUS}`);
  }
  return { cpus: Number(cpus) };
}

function readLimit(token: Token): bigint {
  return readQuantity(token, "count", "the limit in MiB");
}

const ENGINES: readonly Engine[] = ["auto", "literal"];

function readEngine(token: Token): Partial<MachineStatement> {
  const engine = ENGINES.find((name) => name === token.text);
  if (engine !== undefined) return { engine };
  const nearest = nearestWord(token.text, ENGINES);
  return refuse(token, `the engine must be ${alternatives(ENGINES)}`, nearest);
}

/** The keys, in the order in which they are written. */
export const MACHINE_KEYS: readonly KeyRow[] = [
  {
    name: "ram",
    usage: "ram=SIZE",
    help: "the amount of RAM, laid out as QEMU's default machine does",
    value: "word",
    read: readRam,
    print: ({ ram }) => ram === undefined ? null : sizeText(ram),
  },
  {
    name: "map",
    usage: "map=FILE",
    help: "a memory map: kernel messages, /proc/iomem, EFI, a device tree, lines START-END TYPE",
    value: "text",
    read: readMap,
    print: ({ map }) => map === undefined ? null : printText(map),
  },
  {
    name: "edition",
    usage: "edition=NAME",
    help: `the edition, by name, alias or commit; ${DEFAULT_EDITION.name} by default`,
    value: "word",
    read: readEdition,
    print: ({ edition }) => edition ?? null,
  },
  {
    name: "page-size",
    usage: "page-size=SIZE",
    help: "the page size, one of the architecture's",
    value: "word",
    read: readPageSize,
    print: ({ pageSize }) => pageSize === undefined ? null : sizeText(pageSize),
  },
  {
    name: "power-on",
    usage: "power-on=zero|garbage[:SEED]",
    help: "what memory holds before anything is written",
    value: "word",
    read: readPowerOn,
    print: printPowerOn,
  },
  {
    name: "areas",
    usage: "areas=ADDRESS",
    help: "where the array of area descriptors lies",
    value: "word",
    read: (token) => ({ areasAddress: readQuantity(token, "address") }),
    print: ({ areasAddress }) => areasAddress === undefined ? null : hex(areasAddress),
  },
  {
    name: "byte-order",
    usage: "byte-order=little|big",
    help: "the byte order, one of the architecture's",
    value: "word",
    read: readByteOrder,
    print: ({ byteOrder }) => byteOrder ?? null,
  },
  {
    name: "firmware",
    usage: "firmware=NAME",
    help: "who tells the guest what memory there is, one of the architecture's",
    value: "word",
    read: readFirmware,
    print: ({ firmware }) => firmware ?? null,
  },
  {
    name: "cpus",
    usage: "cpus=NUMBER",
    help: "the number of processors (s390x)",
    value: "word",
    read: readCpus,
    print: ({ cpus }) => cpus === undefined ? null : cpus.toString(),
  },
  {
    name: "memlimit",
    usage: "memlimit=NUMBER",
    help: "MEMLIMIT in the environment of the guest, in MiB (x86_64)",
    value: "word",
    read: (token) => ({ memLimit: readLimit(token) }),
    print: ({ memLimit }) => memLimit === undefined ? null : memLimit.toString(),
  },
  {
    name: "initrd",
    usage: "initrd=SIZE",
    help: "the size of the initrd, which holds the environment (arm, ppc64, riscv)",
    value: "word",
    read: (token) => ({ initrd: readQuantity(token, "size") }),
    print: ({ initrd }) => initrd === undefined ? null : sizeText(initrd),
  },
  {
    name: "engine",
    usage: "engine=auto|literal",
    help: "which engine runs the page allocator: changes nothing but speed",
    value: "word",
    read: readEngine,
    print: ({ engine }) => engine ?? null,
  },
];
