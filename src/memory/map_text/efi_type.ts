/**
 * The types and attributes of EFI memory descriptors, and how texts spell them.
 *
 * @module
 */

import type { EfiType, RangeKind } from "./text_range.ts";

/** The types by number, as the UEFI specification has them. */
const TYPES_BY_NUMBER: readonly EfiType[] = [
  "reserved",
  "loader-code",
  "loader-data",
  "boot-services-code",
  "boot-services-data",
  "runtime-services-code",
  "runtime-services-data",
  "conventional",
  "unusable",
  "acpi-reclaim",
  "acpi-nvs",
  "mmio",
  "mmio-port",
  "pal-code",
  "persistent",
  "unaccepted",
];

/**
 * What a descriptor's memory is once the firmware's boot services are gone: their code and data, and the
 * loader's, are RAM again.
 *
 * Source: Linux `arch/x86/platform/efi/efi.c`, `do_add_efi_memmap()`.
 */
const KINDS: Readonly<Record<EfiType, RangeKind>> = {
  "reserved": "reserved",
  "loader-code": "ram",
  "loader-data": "ram",
  "boot-services-code": "ram",
  "boot-services-data": "ram",
  "runtime-services-code": "reserved",
  "runtime-services-data": "reserved",
  "conventional": "ram",
  "unusable": "unusable",
  "acpi-reclaim": "acpi",
  "acpi-nvs": "nvs",
  "mmio": "mmio",
  "mmio-port": "mmio",
  "pal-code": "reserved",
  "persistent": "persistent",
  "unaccepted": "reserved",
  "unknown": "reserved",
};

/** The names in the messages of Linux (old, new), the EFI shell and GRUB, by their letters only. */
const NAMES: ReadonlyMap<string, EfiType> = new Map([
  ["reserved", "reserved"],
  ["loadercode", "loader-code"],
  ["ldrcode", "loader-code"],
  ["loaderdata", "loader-data"],
  ["ldrdata", "loader-data"],
  ["bootcode", "boot-services-code"],
  ["bscode", "boot-services-code"],
  ["bootdata", "boot-services-data"],
  ["bsdata", "boot-services-data"],
  ["runtimecode", "runtime-services-code"],
  ["rtcode", "runtime-services-code"],
  ["runtimedata", "runtime-services-data"],
  ["rtdata", "runtime-services-data"],
  ["conventionalmemory", "conventional"],
  ["conventional", "conventional"],
  ["convmem", "conventional"],
  ["available", "conventional"],
  ["unusablememory", "unusable"],
  ["unusable", "unusable"],
  ["acpireclaimmemory", "acpi-reclaim"],
  ["acpireclaim", "acpi-reclaim"],
  ["acpirecl", "acpi-reclaim"],
  ["acpirec", "acpi-reclaim"],
  ["acpimemorynvs", "acpi-nvs"],
  ["acpimemnvs", "acpi-nvs"],
  ["acpinvs", "acpi-nvs"],
  ["memorymappedio", "mmio"],
  ["mmio", "mmio"],
  ["mmioportspace", "mmio-port"],
  ["mmioport", "mmio-port"],
  ["ioports", "mmio-port"],
  ["palcode", "pal-code"],
  ["persistentmemory", "persistent"],
  ["persistent", "persistent"],
  ["persist", "persistent"],
  ["unacceptedmemory", "unaccepted"],
  ["unaccepted", "unaccepted"],
]);

/** The attribute bits, highest first, by the names that Linux prints. */
const ATTRIBUTES: ReadonlyArray<readonly [number, string]> = [
  [63, "RUN"],
  [19, "CC"],
  [18, "SP"],
  [17, "RO"],
  [16, "MR"],
  [15, "NV"],
  [14, "XP"],
  [13, "RP"],
  [12, "WP"],
  [4, "UCE"],
  [3, "WB"],
  [2, "WT"],
  [1, "WC"],
  [0, "UC"],
];

/**
 * The type that a number stands for.
 *
 * @param number the number of the type
 * @returns the type; `unknown` for numbers that the specification does not name
 */
export function efiTypeOfNumber(number: number): EfiType {
  return TYPES_BY_NUMBER[number] ?? "unknown";
}

/**
 * The type that a name stands for.
 *
 * @param name the name as Linux, the EFI shell or GRUB print it, or `type=N`
 * @returns the type, or null if the name is not known
 */
export function efiTypeOfName(name: string): EfiType | null {
  const number = /^type=(\d{1,10})/.exec(name)?.[1];
  if (number !== undefined) return efiTypeOfNumber(Number(number));
  return NAMES.get(name.toLowerCase().replace(/[^a-z]/g, "")) ?? null;
}

/**
 * The kind of a descriptor's memory.
 *
 * @param type the type
 * @param attributes the attributes; conventional memory set aside for a purpose (`SP`) is no plain RAM
 * @returns the kind
 */
export function kindOfEfiType(type: EfiType, attributes: readonly string[]): RangeKind {
  return type === "conventional" && attributes.includes("SP") ? "soft-reserved" : KINDS[type];
}

/**
 * The names of a mask of attributes.
 *
 * @param mask the mask
 * @returns the names, highest bit first; bits without a name are left out
 */
export function efiAttributesOfMask(mask: bigint): string[] {
  return ATTRIBUTES.filter(([bit]) => (mask >> BigInt(bit)) % 2n === 1n).map(([, name]) => name);
}
