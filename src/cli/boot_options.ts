/**
 * From the options of `boot` to the inputs of the model.
 *
 * @module
 */

import type { Arch, Firmware } from "../arch.ts";
import {
  countsProcessors,
  firmwaresOf,
  looksForHighMemory,
  readsEnvironment,
} from "../boot/mod.ts";
import type { BootOptions } from "../boot/mod.ts";
import type { BootInputs } from "../platform.ts";
import { hexAddress } from "../report/columns.ts";
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
const MOST_INITRD = 2n ** 32n;

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
  const knowsHighmem = looksForHighMemory(arch);
  refuseUnless(args, "memlimit", arch, knowsHighmem);
  refuseUnless(args, "host", arch, knowsHighmem);
  if (!knowsHighmem) return {};
  const limit = args.number("memlimit");
  const host = args.value("host") ?? memory.host;
  return {
    memLimitMib: limit === null ? null : BigInt(limit),
    firmwareLimit: host === "qemu" ? null : 2n ** 64n - 1n,
  };
}

function isRam(memory: BootMemory, address: bigint): boolean {
  return memory.map.ranges.some(({ kind, first, size }) =>
    kind === "ram" && address >= first && address < first + size
  );
}

/** Whether the loader of an architecture goes by the map, so that the image can lie anywhere. */
function canMove(arch: Arch): boolean {
  return arch.boot.maxDeviceTreeRegions > 0;
}

/**
 * How far the image of the recorded guest is moved: not at all, or, if there is no RAM, as far behind the
 * begin of another range.
 */
function moveFor(args: Arguments, arch: Arch, memory: BootMemory): bigint {
  const { areasAddress, imageEnd, memory: recorded } = arch.boot.defaults;
  const wanted = bytesOption(args, "image-end");
  const reach = 2n ** BigInt(arch.wordBits);
  const fits = (moved: bigint): boolean => {
    const [first, end] = [areasAddress + moved, wanted ?? imageEnd + moved];
    return first < end && end <= reach && isRam(memory, first) && isRam(memory, end - 1n);
  };
  if (wanted !== null && canMove(arch) && fits(wanted - imageEnd)) return wanted - imageEnd;
  if (fits(0n)) return 0n;
  const from = recorded.find(({ first, size }) => imageEnd > first && imageEnd <= first + size);
  const needed = imageEnd - (from?.first ?? 0n);
  const to = memory.map.ranges.find(({ kind, first, size }) =>
    kind === "ram" && size > needed && first + needed <= reach
  );
  if (wanted === null && from !== undefined && to !== undefined && canMove(arch)) {
    return to.first - from.first;
  }
  const moved = wanted === null || !canMove(arch) ? 0n : wanted - imageEnd;
  return args.refuse(
    `Cannot boot ${arch.name}: there must be RAM where its image lies, from ` +
      `${hexAddress(areasAddress + moved)} to ${hexAddress(wanted ?? imageEnd)}`,
  );
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
  const { imageEnd, textEnd, areasAddress } = arch.boot.defaults;
  const moved = moveFor(args, arch, memory);
  const end = bytesOption(args, "image-end") ?? imageEnd + moved;
  const text = firmware === "efi"
    ? efiTextEnd(args, arch, memory)
    : textEnd === null
    ? null
    : textEnd + moved;
  const initrd = bytesOption(args, "initrd") ?? 0n;
  if (initrd > MOST_INITRD) args.refuse("Option --initrd must be at most 4G");
  const limit = limitFor(args, arch, memory);
  refuseUnless(args, "cpus", arch, countsProcessors(arch));
  refuseUnless(args, "initrd", arch, readsEnvironment(arch));
  const inputs: Partial<BootInputs> = {
    ...limit,
    firmware,
    memory: memory.map.ranges,
    ...(end === imageEnd ? {} : { imageEnd: physAddr(end) }),
    textEnd: text === null ? null : physAddr(text),
    initrdBytes: byteCount(initrd),
    cpus: args.number("cpus") ?? 1,
  };
  return {
    options: {
      arch,
      pageShift: pageShiftFor(args, arch),
      areasAddress: virtAddr(areasAddress + moved),
      inputs,
    },
    notes: notesOn(inputs, moved),
  };
}

/** What was assumed. */
function notesOn(inputs: Partial<BootInputs>, moved: bigint): string[] {
  const { firmware, firmwareLimit, memLimitMib, imageEnd } = inputs;
  const isLimitless = firmware === "multiboot" && memLimitMib === null &&
    (firmwareLimit ?? null) !== null;
  return [
    ...(isLimitless
      ? ["fw_cfg gives find_highmem no limit, as on hardware; --host qemu sets QEMU's"]
      : []),
    ...(moved === 0n || imageEnd === undefined
      ? []
      : [`the image of the recorded guest is moved: it ends at ${hexAddress(imageEnd)}`]),
  ];
}
