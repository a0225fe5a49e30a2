/**
 * Texts of memory maps for random tests: well printed, mutated, and garbage.
 *
 * @module
 */

import fc from "fast-check";
import type { MapFormat, RangeKind } from "../src/memory/map_text/mod.ts";

/** A range to be printed; its end is the first address after. */
export interface PrintedRange {
  readonly first: bigint;
  readonly end: bigint;
  readonly kind: RangeKind;
}

/** A way to print a map. */
interface Spelling {
  readonly format: MapFormat;
  /** The kinds that it can print. */
  readonly kinds: readonly RangeKind[];
  print(ranges: readonly PrintedRange[]): string;
}

function hex(value: bigint, width = 0): string {
  return value.toString(16).padStart(width, "0");
}

const E820_WORDS: Readonly<Partial<Record<RangeKind, string>>> = {
  "ram": "usable",
  "reserved": "reserved",
  "acpi": "ACPI data",
  "nvs": "ACPI NVS",
  "unusable": "unusable",
  "persistent": "persistent (type 7)",
};

const IOMEM_WORDS: Readonly<Partial<Record<RangeKind, string>>> = {
  "ram": "System RAM",
  "reserved": "Reserved",
  "mmio": "PCI Bus 0000:00",
  "acpi": "ACPI Tables",
  "nvs": "ACPI Non-volatile Storage",
  "persistent": "Persistent Memory",
};

const EFI_WORDS: Readonly<Partial<Record<RangeKind, string>>> = {
  "ram": "Conventional",
  "reserved": "Runtime Data",
  "mmio": "MMIO",
  "acpi": "ACPI Reclaim",
  "nvs": "ACPI Mem NVS",
};

type Words = Readonly<Partial<Record<RangeKind, string>>>;

function spelling(
  format: MapFormat,
  words: Words,
  line: (range: PrintedRange, word: string, index: number) => string,
): Spelling {
  const kinds: RangeKind[] = ["ram", "reserved", "mmio", "acpi", "nvs", "unusable", "persistent"];
  return {
    format,
    kinds: kinds.filter((kind) => words[kind] !== undefined),
    print: (ranges) =>
      ranges.map((range, index) => line(range, words[range.kind] ?? "", index)).join("\n"),
  };
}

const cell = (value: bigint): string => `0x${hex(value >> 32n)} 0x${hex(value % 2n ** 32n)}`;

/** The spellings that random maps are printed in. */
export const SPELLINGS: readonly Spelling[] = [
  spelling(
    "e820",
    E820_WORDS,
    ({ first, end }, word) =>
      `[    0.000000] BIOS-e820: [mem 0x${hex(first, 16)}-0x${hex(end - 1n, 16)}] ${word}`,
  ),
  spelling(
    "e820",
    E820_WORDS,
    ({ first, end }, word) => ` BIOS-e820: ${hex(first, 16)} - ${hex(end, 16)} (${word})`,
  ),
  spelling(
    "iomem",
    IOMEM_WORDS,
    ({ first, end }, word) => `${hex(first, 8)}-${hex(end - 1n, 8)} : ${word}`,
  ),
  spelling(
    "efi",
    EFI_WORDS,
    ({ first, end }, word, index) =>
      `efi: mem${index}: [${word}|   |WB] range=[0x${hex(first)}-0x${hex(end - 1n)}] (0MB)`,
  ),
  spelling(
    "efi",
    EFI_WORDS,
    ({ first, end }, word) => `efi:   0x${hex(first, 12)}-0x${hex(end - 1n, 12)} [${word}|   |WB]`,
  ),
  spelling("plain", { ram: "ram", reserved: "reserved", mmio: "mmio", unusable: "unusable" }, (
    { first, end },
    word,
  ) => `0x${hex(first)}+0x${hex(end - first)} ${word}`),
  {
    format: "device-tree",
    kinds: ["ram"],
    print: (ranges) => {
      const cells = ranges.map(({ first, end }) => `<${cell(first)} ${cell(end - first)}>`);
      return "/dts-v1/;\n/ { #address-cells = <2>; #size-cells = <2>;\n" +
        `memory { device_type = "memory"; reg = ${cells.join(",\n")}; };\n};`;
    },
  },
];

/** A map with the text that it was printed as. */
export interface PrintedMap {
  readonly format: MapFormat;
  readonly ranges: readonly PrintedRange[];
  readonly text: string;
}

const ADDRESS = fc.oneof(
  fc.bigInt({ min: 0n, max: 0xffffn }).map((pages) => pages * 0x1000n),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  fc.constantFrom(0n, 0x9fc00n, 0x100000n, 2n ** 32n, 2n ** 63n, 2n ** 64n - 1n),
);

const SPAN = fc.tuple(ADDRESS, ADDRESS)
  .map(([one, other]) => one < other ? [one, other] as const : [other, one + 1n] as const)
  // Two cells of a device tree cannot hold the size of the whole address space.
  .filter(([first, end]) => end - first < 2n ** 64n);

function rangeOf(kinds: readonly RangeKind[]): fc.Arbitrary<PrintedRange> {
  return fc.tuple(SPAN, fc.constantFrom(...kinds))
    .map(([[first, end], kind]) => ({ first, end, kind }));
}

/** Maps in any spelling, with at least one range of RAM. */
export const PRINTED_MAP: fc.Arbitrary<PrintedMap> = fc.constantFrom(...SPELLINGS).chain((style) =>
  fc.tuple(
    fc.array(rangeOf(style.kinds), { maxLength: 12 }),
    rangeOf(["ram"]),
    fc.array(rangeOf(style.kinds), { maxLength: 12 }),
  ).map(([before, ram, after]) => {
    const ranges = [...before, ram, ...after];
    return { format: style.format, ranges, text: style.print(ranges) };
  })
).filter((printed) => !looksHidden(printed));

/**
 * Whether /proc/iomem would show these ranges to a reader without rights too: all of them as 0 to 0. Such
 * a text is refused as hidden, so a map of single bytes at address 0 cannot be printed in that form.
 */
export function looksHidden({ format, ranges }: PrintedMap): boolean {
  return format === "iomem" && ranges.every(({ first, end }) => first === 0n && end === 1n);
}

/** Words that mean something to some reader, and characters that should mean nothing. */
const WORDS = [
  ..."\n\r\t \"'\\{}[]()<>;:=|,.+-–@#/*",
  "\u0000",
  "\u001b[2J",
  "\u202e",
  "\u2028",
  "BIOS-e820: ",
  "[mem 0x",
  "[gap 0x",
  "0x",
  "ffff",
  "00000000",
  "10000000000000000",
  "-0x1fff] ",
  " - ",
  " : ",
  " ==> ",
  "usable",
  "(reserved)",
  "System RAM",
  "e820: update ",
  "e820: remove ",
  "user: ",
  "modified: ",
  "reserve setup_data: ",
  "physical RAM map:",
  "efi: mem00: ",
  "[Conventional|WB] ",
  "range=[0x",
  "type=7, attr=0xf, ",
  "Processing EFI memory map:",
  "node   0: ",
  "Early memory node ranges",
  "early_node_map[1] active PFN ranges",
  "    0: 0x10 -> 0x20",
  "(XEN)  ",
  "SMAP type=01 base=",
  "/dts-v1/;",
  "/ {",
  "memory {",
  'device_type = "memory";',
  "reg = <",
  "/bits/ 64 ",
  "#address-cells = <2>;",
  "/*",
  "*/",
  "};",
  "4G",
  " ram",
] as const;

const SOUP = fc.array(fc.oneof(fc.constantFrom<string>(...WORDS), fc.string({ maxLength: 6 })), {
  maxLength: 40,
}).map((words) => words.join(""));

/** A place in a text, as a fraction of its length, and what happens there. */
const MUTATION = fc.record({
  at: fc.noBias(fc.nat(0xffff)).map((part) => part / 0x10000),
  removed: fc.nat({ max: 20 }),
  inserted: fc.oneof(
    fc.constant(""),
    fc.constantFrom<string>(...WORDS),
    fc.string({ maxLength: 4 }),
  ),
  /** How often the rest of the line is repeated. */
  repeated: fc.constantFrom(0, 0, 0, 0, 1, 3),
});

function mutate(text: string, { at, removed, inserted, repeated }: {
  readonly at: number;
  readonly removed: number;
  readonly inserted: string;
  readonly repeated: number;
}): string {
  const place = Math.floor(at * text.length);
  const rest = text.slice(place + removed);
  const line = rest.slice(0, rest.indexOf("\n") + 1);
  return text.slice(0, place) + inserted + line.repeat(repeated) + rest;
}

const MUTATED = fc.tuple(
  PRINTED_MAP,
  PRINTED_MAP,
  fc.array(MUTATION, { minLength: 1, maxLength: 6 }),
  fc.boolean(),
).map(([one, other, mutations, areJoined]) =>
  mutations.reduce(mutate, areJoined ? `${one.text}\n${other.text}` : one.text)
);

/** Any text: mutated maps, words of all formats in disorder, and binary garbage. */
export const ANY_TEXT: fc.Arbitrary<string> = fc.oneof(
  { weight: 5, arbitrary: MUTATED },
  { weight: 3, arbitrary: SOUP },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 200 }) },
  {
    weight: 1,
    arbitrary: fc.uint8Array({ maxLength: 300 }).map((bytes) => String.fromCharCode(...bytes)),
  },
);
