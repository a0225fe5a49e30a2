/**
 * From a recording of a guest to the options that boot the same machine in the model.
 *
 * @module
 */

import type { Arch, FirmwareRange } from "../../arch.ts";
import type { BootOptions } from "../../boot/mod.ts";
import { editionNamed } from "../../edition.ts";
import type { BootInputs } from "../../platform.ts";
import { byteCount, physAddr, virtAddr } from "../../units.ts";
import type { GuestFile } from "./guest_file.ts";
import { hexMember, isJsonObject, listMember, numberMember, objectMember } from "./members.ts";
import type { JsonObject } from "./members.ts";
import { RecordingError } from "./types.ts";
import type { ConformEnvironment } from "./types.ts";

type Inputs = { -readonly [Name in keyof BootInputs]?: BootInputs[Name] };

/**
 * The options that boot the machine of a recording.
 *
 * @param file the recording
 * @param environment the architectures
 * @returns the options
 * @throws {RecordingError} if the architecture or the edition is not known, or an input is missing
 */
export function bootOptionsOf(file: GuestFile, environment: ConformEnvironment): BootOptions {
  const isBigPower = file.arch === "ppc64be" || file.build.startsWith("ppc64be");
  const arch = environment.archNamed(isBigPower ? "ppc64" : file.arch);
  const edition = editionNamed(file.edition);
  if (arch === null || edition === null) {
    throw new RecordingError(
      `Cannot replay the recording: architecture "${file.arch}" or edition "${file.edition}" is not known`,
    );
  }
  return {
    arch,
    edition,
    pageShift: Math.log2(file.pageSize),
    engine: environment.engine ?? "auto",
    ...(isBigPower ? { byteOrder: "big" as const } : {}),
    areasAddress: virtAddr(hexMember(file.inputs, "addr_areas")),
    inputs: inputsOf(file, arch),
  };
}

function inputsOf(file: GuestFile, arch: Arch): Inputs {
  if ("ram_size" in file.inputs) return sclpInputs(file);
  if ("multiboot" in file.inputs) return multibootInputs(file);
  if ("mem_regions" in file.inputs) return deviceTreeInputs(file, arch);
  return efiInputs(file);
}

function multibootInputs({ inputs }: GuestFile): Inputs {
  const multiboot = objectMember(inputs, "multiboot");
  const memory = listMember(multiboot, "mmap").map((entry): FirmwareRange => {
    const range = asObject(entry);
    return {
      first: physAddr(hexMember(range, "base")),
      size: byteCount(hexMember(range, "length")),
      kind: numberMember(range, "type") === 1 ? "ram" : "reserved",
    };
  });
  return {
    firmware: "multiboot",
    memory,
    imageEnd: physAddr(hexMember(inputs, "edata")),
    memUpperKib: BigInt(numberMember(multiboot, "mem_upper_kib")),
    firmwareLimit: hexMember(inputs, "fwcfg_max_ram_0x11"),
  };
}

/** From this amount of RAM on, QEMU's PC has 3 GiB below 4 GiB and the rest above. */
const SPLIT_FROM = 0xe0000000n;
const LOW_SIZE = 3n << 30n;

/** The EFI map of x86 was not recorded: what the early allocator got stands for its largest range. */
function efiInputs(file: GuestFile): Inputs {
  const event = file.boot[0]?.events[0] ?? {};
  const first = hexMember(event, "base");
  const size = hexMember(event, "size");
  const all = memorySize(file.memory);
  const lowEnd = all < SPLIT_FROM ? all : LOW_SIZE;
  const loaded = (from: bigint, to: bigint): FirmwareRange[] =>
    from >= to ? [] : [{
      first: physAddr(from),
      size: byteCount(to - from),
      kind: "ram",
      efiType: "loader-data",
    }];
  const memory: FirmwareRange[] = [
    ...loaded(0n, first),
    { first: physAddr(first), size: byteCount(size), kind: "ram", efiType: "conventional" },
    ...loaded(first + size, lowEnd),
    ...loaded(1n << 32n, (1n << 32n) + all - lowEnd),
  ];
  return { firmware: "efi", memory };
}

/** A size such as `128M` or `3G`, in bytes. */
function memorySize(text: string): bigint {
  const found = /^(\d+)([MG])$/.exec(text);
  if (found === null) {
    throw new RecordingError(`Cannot replay the recording: "${text}" is no size of memory`);
  }
  return BigInt(found[1] ?? "0") << (found[2] === "G" ? 30n : 20n);
}

function sclpInputs({ inputs, qemu }: GuestFile): Inputs {
  const smp = qemu.indexOf("-smp");
  return {
    firmware: "sclp",
    memory: [{
      first: physAddr(0n),
      size: byteCount(hexMember(inputs, "ram_size")),
      kind: "ram",
    }],
    imageEnd: physAddr(hexMember(inputs, "stacktop")),
    cpus: smp < 0 ? 1 : Number(qemu[smp + 1] ?? "1"),
  };
}

function deviceTreeInputs(file: GuestFile, arch: Arch): Inputs {
  const { inputs, qemu } = file;
  const given: Inputs = {
    deviceTreeBytes: byteCount(BigInt(numberMember(objectMember(inputs, "fdt"), "totalsize"))),
    initrdBytes: byteCount(BigInt(numberMember(objectMember(inputs, "initrd"), "size"))),
    virtioConsole: qemu.some((word) => word.startsWith("virtconsole")) ? "present" : "absent",
  };
  const words = qemu.join(" ");
  if (/-machine powernv/.test(words)) given.powerPlatform = "powernv";
  if (/-cpu power8/i.test(words)) given.powerMmu = "hash";
  if ("icache_bytes" in inputs) {
    const lines = [numberMember(inputs, "icache_bytes"), numberMember(inputs, "dcache_bytes")];
    given.cacheLineBytes = BigInt(Math.max(...lines));
  }
  if ("efi_text" in inputs) return { ...given, ...efiRegionInputs(inputs) };
  given.firmware = "device-tree";
  given.memory = listMember(inputs, "dt_memory").map(memoryNode);
  given.imageEnd = physAddr(hexMember(inputs, "stacktop"));
  if (arch.boot.defaults.textEnd !== null) given.textEnd = physAddr(textEnd(inputs));
  return given;
}

function memoryNode(node: unknown): FirmwareRange {
  const [first, size] = Array.isArray(node) ? node.map(String) : [];
  return {
    first: physAddr(BigInt(first ?? "0")),
    size: byteCount(BigInt(size ?? "0")),
    kind: "ram",
  };
}

/** A region of the guest's list. */
interface RecordedRegion {
  readonly start: bigint;
  readonly end: bigint;
  readonly flags: number;
}

const CODE_FLAG = 2;

function regionsOf(inputs: JsonObject): RecordedRegion[] {
  return listMember(inputs, "mem_regions").map((entry) => {
    const region = asObject(entry);
    return {
      start: hexMember(region, "start"),
      end: hexMember(region, "end"),
      flags: numberMember(region, "flags"),
    };
  });
}

function textEnd(inputs: JsonObject): bigint {
  const code = regionsOf(inputs).find(({ flags }) => flags === CODE_FLAG);
  return code?.end ?? 0n;
}

/** The types of EFI descriptors that the flags of a region stand for; free memory begins with the tree. */
const TYPE_OF_FLAGS: Readonly<Record<number, string>> = {
  0: "loader-data",
  1: "mmio",
  2: "loader-code",
  4: "reserved",
  8: "persistent",
};

/** The EFI map was recorded as the guest's list of regions, after the image was split. */
function efiRegionInputs(inputs: JsonObject): Inputs {
  const regions = regionsOf(inputs);
  const end = textEnd(inputs);
  const data = regions.find(({ start }) => start === end);
  const free = hexMember(objectMember(inputs, "fdt"), "addr");
  const memory = regions.filter((region) => region !== data).map((region): FirmwareRange => {
    const isCode = region.flags === CODE_FLAG;
    const last = isCode ? data?.end ?? region.end : region.end;
    return {
      first: physAddr(region.start),
      size: byteCount(last - region.start),
      kind: region.flags === 1 ? "mmio" : "ram",
      efiType: region.start === free ? "conventional" : TYPE_OF_FLAGS[region.flags] ?? "reserved",
    };
  });
  return { firmware: "efi", memory, textEnd: physAddr(end) };
}

function asObject(value: unknown): JsonObject {
  if (isJsonObject(value)) return value;
  throw new RecordingError("Cannot replay the recording: an entry of its inputs is no object");
}
