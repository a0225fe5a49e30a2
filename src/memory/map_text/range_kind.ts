/**
 * The kinds of ranges: their e820 numbers, and the words that texts use for them.
 *
 * @module
 */

import type { RangeKind } from "./text_range.ts";

/**
 * The kinds in ascending order of their e820 type. Where ranges overlap, the later kind here wins, as in
 * Linux.
 *
 * Source: Linux `arch/x86/kernel/e820.c`, `e820__update_table()`. A device has no e820 type of its own;
 * it stands right after `reserved`, as which firmware lists it.
 */
export const KINDS_BY_RANK: readonly RangeKind[] = [
  "ram",
  "reserved",
  "mmio",
  "acpi",
  "nvs",
  "unusable",
  "persistent",
  "soft-reserved",
];

const E820_TYPES: Readonly<Record<RangeKind, number>> = {
  "ram": 1,
  "reserved": 2,
  "mmio": 2,
  "acpi": 3,
  "nvs": 4,
  "unusable": 5,
  "persistent": 7,
  "soft-reserved": 0xefffffff,
};

/**
 * The number of a kind in an e820 or multiboot map; 1 is RAM.
 *
 * @param kind the kind
 * @returns the type
 */
export function e820TypeOfKind(kind: RangeKind): number {
  return E820_TYPES[kind];
}

/**
 * The kind of a number in an e820 map. Numbers without a meaning count as reserved, as consumers have it.
 *
 * @param type the type
 * @returns the kind
 */
export function kindOfE820Type(type: number): RangeKind {
  switch (type) {
    case 1:
      return "ram";
    case 3:
      return "acpi";
    case 4:
      return "nvs";
    case 5:
    case 6:
      return "unusable";
    case 7:
    case 12:
      return "persistent";
    case 0xefffffff:
      return "soft-reserved";
    default:
      return "reserved";
  }
}

/** The words for the types in the messages of Linux and Xen, old and new. */
const E820_WORDS: Readonly<Record<string, RangeKind>> = {
  "usable": "ram",
  "system ram": "ram",
  "kernel usable ram": "ram",
  "reserved": "reserved",
  "device reserved": "reserved",
  "soft reserved": "soft-reserved",
  "acpi data": "acpi",
  "acpi nvs": "nvs",
  "unusable": "unusable",
};

const E820_TYPE = new RegExp(
  `^\\(?(?:(${Object.keys(E820_WORDS).join("|")})|persistent(?: ram)?(?: \\(type \\d{1,10}\\))?` +
    `|type (\\d{1,10}))(?![\\w-])\\)?`,
  "i",
);

/** The words that an error offers for the type of an e820 entry. */
export const E820_TYPE_ADVICE =
  "expected usable, reserved, ACPI data, ACPI NVS, unusable, soft reserved, persistent or type NUMBER";

/** A type that was read from the start of a text. */
export interface ReadType {
  /** The kind. */
  readonly kind: RangeKind;
  /** How many characters it took. */
  readonly length: number;
}

/**
 * Reads the type of an e820 entry, as the messages of Linux and Xen spell it.
 *
 * @param text the text; the type stands at its start, with or without parentheses
 * @returns the type, or null if no type stands there
 */
export function readE820Type(text: string): ReadType | null {
  const match = E820_TYPE.exec(text);
  if (match === null) return null;
  const [all, words, number] = match;
  if (words !== undefined) {
    return { kind: E820_WORDS[words.toLowerCase()] ?? "reserved", length: all.length };
  }
  const kind = number === undefined ? "persistent" : kindOfE820Type(Number(number));
  return { kind, length: all.length };
}

/** The words for a kind in a plain list; blanks, hyphens and capitals do not matter. */
const PLAIN_WORDS: Readonly<Record<string, RangeKind>> = {
  "ram": "ram",
  "usable": "ram",
  "usableram": "ram",
  "systemram": "ram",
  "memory": "ram",
  "available": "ram",
  "conventional": "ram",
  "conventionalmemory": "ram",
  "reserved": "reserved",
  "rom": "reserved",
  "firmware": "reserved",
  "mmio": "mmio",
  "io": "mmio",
  "device": "mmio",
  "pci": "mmio",
  "acpi": "acpi",
  "acpidata": "acpi",
  "acpitables": "acpi",
  "acpireclaim": "acpi",
  "nvs": "nvs",
  "acpinvs": "nvs",
  "acpinonvolatilestorage": "nvs",
  "unusable": "unusable",
  "unusablememory": "unusable",
  "bad": "unusable",
  "persistent": "persistent",
  "persistentmemory": "persistent",
  "pmem": "persistent",
  "softreserved": "soft-reserved",
};

/** The words that an error offers for the type of a range in a plain list. */
export const PLAIN_TYPE_ADVICE =
  "expected ram, reserved, mmio, acpi, nvs, unusable, persistent, soft-reserved or hole";

/**
 * The kind that a word of a plain list stands for.
 *
 * @param word the word or words, or an e820 type such as `2` or `type 2`
 * @returns the kind, `hole` for nothing at all, or null if the word is not known
 */
export function kindOfWord(word: string): RangeKind | "hole" | null {
  const plain = word.toLowerCase().replace(/[\s_-]/g, "");
  if (plain === "hole" || plain === "gap") return "hole";
  if (Object.hasOwn(PLAIN_WORDS, plain)) return PLAIN_WORDS[plain] ?? null;
  const number = /^(?:type)?(\d{1,10})$/.exec(plain)?.[1];
  return number === undefined ? null : kindOfE820Type(Number(number));
}
