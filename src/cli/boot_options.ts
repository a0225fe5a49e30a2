/**
 * From the options of `boot` to the inputs of the model.
 *
 * @module
 */

import type { Arch, Firmware } from "../arch.ts";
import { firmwaresOf } from "../boot/mod.ts";
import type { BootOptions } from "../boot/mod.ts";
import type { BootInputs } from "../platform.ts";
import { hexAddress } from "../report/mod.ts";
import { alternatives, nearestWord } from "../scenario/words.ts";
import { byteCount, physAddr, virtAddr } from "../units.ts";
import { bytesOption } from "./boot_memory.ts";
import type { BootMemory } from "./boot_memory.ts";
import { quoted } from "./escape.ts";
import type { Arguments } from "./options.ts";

/** What to boot, without the edition, and what the user should know of it. */
export interface BootPlan {
  /** What to boot. */
  readonly options: Omit<BootOptions, "edition">;
  /** What was assumed. */
  readonly notes: readonly string[];
}

/** The most bytes of an initrd. */
const MOST_INITRD = 1n << 32n;

function firmwareFor(args: Arguments, arch: Arch, memory: BootMemory): Firmware {
  const names = firmwaresOf(arch);
  const wanted = args.value("firmware");
  const byDefault = memory.format === "efi" ? "efi" : names[0] ?? "device-tree";
  if (wanted === null) return names.find((name) => name === byDefault) ?? names[0] ?? byDefault;
  const nearest = nearestWord(wanted, names);
  const hint = nearest === null ? "" : `; the nearest is ${quoted(nearest)}`;
  return names.find((name) => name === wanted) ??
    args.refuse(
      `Option --firmware must be ${alternatives(names)} for ${arch.name}, it is ${
        quoted(wanted)
      }${hint}`,
    );
}

function pageShiftFor(args: Arguments, arch: Arch): number {
  const bytes = bytesOption(args, "page-size");
  const [usual] = arch.pageShifts;
  if (bytes === null) return usual;
  const sizes = arch.pageShifts.map((shift) => `${2 ** (shift - 10)}K`);
  return arch.pageShifts.find((shift) => BigInt(2 ** shift) === bytes) ??
    args.refuse(
      `Option --page-size must be ${alternatives(sizes)} for ${arch.name}, it is ${
        quoted(args.value("page-size") ?? "")
      }`,
    );
}

/** Refuses an option that means nothing for an architecture. */
function refuseUnless(args: Arguments, name: string, arch: Arch, isKnown: boolean): void {
  if (args.value(name) !== null && !isKnown) {
    args.refuse(`Option --${name} means nothing for ${arch.name}`);
  }
}

/** The limit of `find_highmem`, and what it is by default: without fw_cfg the port reads all ones. */
function limitFor(args: Arguments, arch: Arch, memory: BootMemory): Partial<BootInputs> {
  const knowsHighmem = arch.boot.callers["find-highmem"] !== undefined;
  refuseUnless(args, "memlimit", arch, knowsHighmem);
  refuseUnless(args, "host", arch, knowsHighmem);
  if (!knowsHighmem) return {};
  const limit = args.number("memlimit");
  const host = args.value("host") ?? memory.host;
  return {
    memLimitMib: limit === null ? null : BigInt(limit),
    firmwareLimit: host === "qemu" ? null : (1n << 64n) - 1n,
  };
}

/** Where an image lies. */
interface Place {
  readonly areasAddress: bigint;
  readonly imageEnd: bigint;
  readonly textEnd: bigint | null;
}

function isRam(memory: BootMemory, address: bigint): boolean {
  return memory.map.ranges.some(({ kind, first, size }) =>
    kind === "ram" && address >= first && address < first + size
  );
}

/**
 * Where the image lies: as in the recorded guest, or, if there is no RAM and the loader of the
 * architecture goes by the map, as far behind the begin of another range.
 */
function placeFor(args: Arguments, arch: Arch, memory: BootMemory): Place & { moved: bigint } {
  const { areasAddress, imageEnd, textEnd, memory: recorded } = arch.boot.defaults;
  const isThere = isRam(memory, areasAddress) && isRam(memory, imageEnd - 1n);
  if (isThere) return { areasAddress, imageEnd, textEnd, moved: 0n };
  const from = recorded.find(({ first, size }) => imageEnd > first && imageEnd <= first + size);
  const needed = imageEnd - (from?.first ?? 0n);
  const to = memory.map.ranges.find(({ kind, size }) => kind === "ram" && size > needed);
  const goesByMap = arch.boot.maxDeviceTreeRegions > 0 && arch.boot.virtualTop !== 0n;
  if (from === undefined || to === undefined || !goesByMap) {
    return args.refuse(
      `Cannot boot ${arch.name}: there must be RAM where its image lies, from ` +
        `${hexAddress(areasAddress)} to ${hexAddress(imageEnd)}`,
    );
  }
  const moved = to.first - from.first;
  return {
    areasAddress: areasAddress + moved,
    imageEnd: imageEnd + moved,
    textEnd: textEnd === null ? null : textEnd + moved,
    moved,
  };
}

/** Under EFI the loader's code holds the image; its text is taken to end half-way. */
function efiTextEnd(args: Arguments, arch: Arch, memory: BootMemory): bigint | null {
  if (arch.boot.defaults.textEnd === null) return null;
  const code = memory.map.ranges.find(({ efiType }) => efiType === "loader-code");
  if (code === undefined || code.size <= 0x1000n) {
    return args.refuse(
      `Cannot boot ${arch.name} by EFI: the map must have a range of loader code, which holds the image`,
    );
  }
  return code.first + code.size / 0x2000n * 0x1000n;
}

/**
 * Makes of the options what the model wants.
 *
 * @param args the arguments
 * @param arch the architecture
 * @param memory the memory map
 * @returns what to boot
 * @throws {UsageError} if an option does not fit
 */
export function bootPlan(args: Arguments, arch: Arch, memory: BootMemory): BootPlan {
  const firmware = firmwareFor(args, arch, memory);
  const place = placeFor(args, arch, memory);
  const imageEnd = bytesOption(args, "image-end") ?? place.imageEnd;
  const textEnd = firmware === "efi" ? efiTextEnd(args, arch, memory) : place.textEnd;
  const initrd = bytesOption(args, "initrd") ?? 0n;
  if (initrd > MOST_INITRD) args.refuse("Option --initrd must be at most 4G");
  if (imageEnd >= 2n ** 52n) args.refuse("Option --image-end must be less than 4P");
  const limit = limitFor(args, arch, memory);
  const inputs: Partial<BootInputs> = {
    ...limit,
    firmware,
    memory: memory.map.ranges,
    imageEnd: physAddr(imageEnd),
    textEnd: textEnd === null ? null : physAddr(textEnd),
    initrdBytes: byteCount(initrd),
    cpus: args.number("cpus") ?? 1,
  };
  const isLimitless = limit.firmwareLimit !== undefined && limit.firmwareLimit !== null &&
    limit.memLimitMib === null && firmware === "multiboot";
  return {
    options: {
      arch,
      pageShift: pageShiftFor(args, arch),
      areasAddress: virtAddr(place.areasAddress),
      inputs,
    },
    notes: [
      ...(isLimitless
        ? ["fw_cfg gives find_highmem no limit, as on hardware; --host qemu sets QEMU's"]
        : []),
      ...(place.moved === 0n ? [] : [
        `the image of the recorded guest is moved to where there is RAM, it ends at ${
          hexAddress(imageEnd)
        }`,
      ]),
    ],
  };
}
