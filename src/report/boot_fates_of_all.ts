/**
 * Memory that the page allocator does not get although boot hands over all that is usable, and why.
 *
 * @module
 */

import type { FirmwareRange } from "../arch.ts";
import {
  highMemoryLimitOf,
  identityEndOf,
  joined,
  looksForHighMemory,
  vmallocWindowOf,
  wholeGranules,
  without,
} from "../boot/mod.ts";
import type { Booted, Stretch } from "../boot/mod.ts";
import type { Machine } from "../machine.ts";
import type { BootInputs, Platform } from "../platform.ts";
import { image, lost } from "./boot_losses.ts";
import type { Fate } from "./boot_losses.ts";

const ADDRESS_END = 1n << 64n;

function stretchOf({ first, size }: FirmwareRange): Stretch {
  return { first, end: first + size };
}

/** What an EFI map says of RAM that is not free; page 0 and the device tree count as the image's. */
function efiFates({ inputs, freeStart }: Platform, pageBytes: bigint): Fate[] {
  const tree = freeStart === 0n ? [] : [image(freeStart - inputs.deviceTreeBytes, freeStart)];
  const kept = inputs.memory.filter(({ kind }) => kind === "ram").flatMap((range): Fate[] => {
    const { first, end } = stretchOf(range);
    const { efiType = "conventional" } = range;
    if (efiType.startsWith("loader-")) return [image(first, end)];
    return efiType === "conventional" ? [] : [lost({ first, end }, "kept-by-firmware")];
  });
  return [...tree, ...kept, image(0n, pageBytes)];
}

/** Parts of increments, of which the SCLP of s390x does not tell. */
function partsOfIncrements({ memory, increment }: BootInputs): Fate[] {
  const ram = joined(memory.filter(({ kind }) => kind === "ram").map(stretchOf));
  const whole = wholeGranules(ram, increment);
  return ram.flatMap((stretch) => without(stretch, whole))
    .map((stretch) => lost(stretch, "part-of-an-increment"));
}

/** What lies where no memory is taken, whatever is there. */
function fatesOfPlaces(machine: Machine, inputs: BootInputs): Fate[] {
  const { arch, pageShift } = machine;
  const limit = highMemoryLimitOf(inputs, machine.edition);
  const hasLimit = looksForHighMemory(arch) && inputs.firmware !== "efi";
  const wordEnd = 1n << BigInt(arch.wordBits);
  const lastFrame = { first: wordEnd - (1n << BigInt(pageShift)), end: wordEnd };
  return [
    lost(vmallocWindowOf(arch), "under-vmalloc"),
    lost({ first: identityEndOf(machine), end: ADDRESS_END }, "beyond-identity"),
    ...(hasLimit ? [lost({ first: limit, end: ADDRESS_END }, "beyond-memlimit")] : []),
    lost(lastFrame, "last-frame-of-a-word"),
  ];
}

/**
 * The memory that no area holds, where boot hands over all that is usable; the first that covers an
 * address counts.
 *
 * @param booted the machine
 * @param platform what boot was given and what it found
 * @returns the fates
 */
export function fatesOfAll({ machine }: Booted, platform: Platform): Fate[] {
  const { inputs, freeStart } = platform;
  const imageEnd = freeStart > 0n ? freeStart : inputs.imageEnd;
  const own = inputs.firmware === "efi"
    ? efiFates(platform, 1n << BigInt(machine.pageShift))
    : [image(0n, imageEnd)];
  const parts = inputs.firmware === "sclp" ? partsOfIncrements(inputs) : [];
  return [...own, ...fatesOfPlaces(machine, inputs), ...parts];
}
