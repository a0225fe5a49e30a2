/**
 * The inputs of boot, with defaults for what is left out.
 *
 * @module
 */

import type { Arch, Firmware, FirmwareRange } from "../arch.ts";
import type { Edition } from "../edition.ts";
import type { BootInputs } from "../platform.ts";
import { byteCount, virtAddr } from "../units.ts";
import type { VirtAddr } from "../units.ts";

/**
 * The first 8 bytes of an x86 image as a number: what QEMU gives as item 0x11 of its firmware
 * configuration, and `find_highmem` takes for a limit.
 *
 * Editions: `x86ImageBegin`.
 *
 * @param edition the edition
 * @returns the multiboot magic with a zero behind it, or the begin of an ELF header
 */
export function firstBytesOfImage(edition: Edition): bigint {
  return edition.x86ImageBegin === "multiboot-header" ? 0x1badb002n : 0x00010101464c457fn;
}

/**
 * The first address that memory above the low part must not reach, unless it is a part of the low one.
 *
 * It comes from the environment of the test, or from an item of QEMU's configuration that holds the
 * first bytes of the image: those of a multiboot header make a limit of 442 MiB. The repaired code does
 * not take that item for a limit.
 *
 * Editions: `x86HighMemoryLimit`.
 *
 * @param inputs the inputs of boot
 * @param edition the edition
 * @returns the limit; 2^64 - 1 if there is none
 */
export function highMemoryLimitOf(inputs: BootInputs, edition: Edition): bigint {
  const { firmwareLimit, memLimitMib } = inputs;
  const item = edition.x86HighMemoryLimit === "none"
    ? 0n
    : firmwareLimit ?? firstBytesOfImage(edition);
  const limit = memLimitMib === null ? item : memLimitMib << 20n; // bits: bigints.
  return limit === 0n ? (1n << 64n) - 1n : limit;
}

/** The firmwares that an architecture knows, the default first. */
export function firmwaresOf(arch: Arch): Firmware[] {
  return Object.keys(arch.boot.steps) as Firmware[]; // The keys of a record of that type.
}

/**
 * Fills in what a caller left out: the values that the recorded guests had.
 *
 * @param arch the architecture
 * @param edition the edition
 * @param given what the caller gave
 * @returns all inputs
 * @throws {RangeError} if the architecture does not know the firmware, or a number is out of range
 */
export function bootInputs(
  arch: Arch,
  edition: Edition,
  given: Partial<BootInputs>,
): BootInputs {
  const { defaults } = arch.boot;
  const firmwares = firmwaresOf(arch);
  const firmware = given.firmware ?? firmwares[0] ?? "device-tree";
  if (!firmwares.includes(firmware)) {
    throw new RangeError(
      `Cannot boot ${arch.name} with ${firmware}: the firmware must be ${firmwares.join(" or ")}`,
    );
  }
  const isOldImage = firstBytesOfImage(edition) !== 0x1badb002n;
  const imageEnd = isOldImage ? defaults.imageEnd2020 ?? defaults.imageEnd : defaults.imageEnd;
  const efiBytes = firmware === "efi" ? defaults.deviceTreeBytesEfi : undefined;
  const treeBytes = efiBytes ?? defaults.deviceTreeBytes;
  const inputs: BootInputs = {
    firmware,
    memory: defaults.memory,
    imageEnd,
    // EFI loads the image anywhere; nobody but the caller knows where its code ends.
    textEnd: firmware === "efi" ? null : defaults.textEnd,
    deviceTreeBytes: treeBytes,
    initrdBytes: byteCount(0n),
    cpus: 1,
    memUpperKib: null,
    firmwareLimit: null,
    memLimitMib: null,
    serialPort: defaults.serialPort,
    virtio: defaults.virtio,
    virtioConsole: "absent",
    increment: byteCount(0x100000n),
    cacheLineBytes: null,
    powerPlatform: "pseries",
    powerMmu: "radix",
    ...given,
  };
  checkInputs(inputs);
  return inputs;
}

function checkInputs(inputs: BootInputs): void {
  const { cpus, increment, memory, virtioConsole, virtio } = inputs;
  if (!Number.isInteger(cpus) || cpus < 1 || cpus > 4096) {
    throw new RangeError(
      `Cannot boot with ${cpus} processors: the number must be from 1 to 4096`,
    );
  }
  if (increment < 1n) {
    throw new RangeError(
      `Cannot boot with increments of ${increment} bytes: it must be at least 1`,
    );
  }
  if (memory.length === 0) {
    throw new RangeError("Cannot boot without memory: the firmware must list at least one range");
  }
  if (virtioConsole === "present" && (virtio?.structures ?? null) === null) {
    throw new RangeError(
      "Cannot boot with a virtio console: the sizes of its structures must be given",
    );
  }
}

/** The room that the array of area descriptors takes, with what lies behind it, in bytes. */
const AREAS_ROOM = 0x4000n;

/**
 * Where the array of area descriptors lies, if nobody says so: where the recorded guests had it; after
 * boot by EFI, which loads the image anywhere, at the end of a range that is loaded and not free.
 *
 * @param arch the architecture
 * @param inputs the inputs of boot
 * @returns the address
 */
export function defaultAreasAddress(arch: Arch, inputs: BootInputs): VirtAddr {
  if (inputs.firmware !== "efi") return arch.boot.defaults.areasAddress;
  const rank = ["loader-code", "loader-data", "boot-services-data", "boot-services-code"];
  const fitting = inputs.memory.filter(({ size, kind }) => kind === "ram" && size >= AREAS_ROOM);
  const best = rank.map((type) => fitting.find(({ efiType }) => efiType === type))
    .find((range) => range !== undefined) ?? smallest(fitting);
  if (best === undefined) return arch.boot.defaults.areasAddress;
  const end = best.first + best.size - AREAS_ROOM;
  return virtAddr(end - end % 8n);
}

function smallest(ranges: readonly FirmwareRange[]): FirmwareRange | undefined {
  return ranges.toSorted((one, other) => one.size < other.size ? -1 : 1)[0];
}
