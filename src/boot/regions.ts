/**
 * The list of memory regions that arm, riscv and ppc64 make of what the firmware says.
 *
 * @module
 */

import type { FirmwareRange } from "../arch.ts";
import { sourceIn } from "../mmu.ts";
import { cAssert } from "../outcome.ts";
import type { SourceLine } from "../outcome.ts";
import type { MemoryRegion } from "../platform.ts";
import { alignUpWrapped } from "../word.ts";
import type { BootContext } from "./context.ts";
import { without } from "./stretches.ts";
import type { Stretch } from "./stretches.ts";
import { clearOfWindow, handsAllOver, isFree, usableMemory } from "./usable.ts";

function pageAlign(context: BootContext, address: bigint): bigint {
  return alignUpWrapped(64, address, 1n << BigInt(context.machine.pageShift));
}

/** The file in which the architecture sets itself up. */
function setupSource(context: BootContext, name: string): SourceLine {
  const { arch, edition } = context.machine;
  const file = arch.boot.callers["early-init"]?.file ?? "";
  return sourceIn(edition, { file, function: name, line: null });
}

/** The first region that holds an address. */
function find(context: BootContext, address: bigint): MemoryRegion | null {
  return context.regions.find(({ start, end }) => address >= start && address < end) ?? null;
}

/**
 * Splits the region that holds an address: the upper part goes to the end of the list.
 *
 * Ends in a failed assertion if there is no such region, or if it begins there.
 *
 * Source: `lib/memregions.c`, `memregions_split()`, 1da1819e.
 *
 * @param context the boot
 * @param address the first address of the upper part
 * @param lowerKind what the lower part becomes; null to leave it
 * @param upperKind what the upper part becomes
 */
export function splitRegions(
  context: BootContext,
  address: bigint,
  lowerKind: MemoryRegion["kind"] | null,
  upperKind: MemoryRegion["kind"],
): void {
  const region = find(context, address);
  const source = { file: "lib/memregions.c", function: "memregions_split", line: null };
  cAssert(region !== null, sourceIn(context.machine.edition, source), "*r1");
  const isWhole = region.start === address;
  const setup = setupSource(context, "mem_init");
  cAssert(!isWhole, setup, lowerKind === "code" ? "code" : "curr == freemem");
  const lower = { ...region, end: address, kind: lowerKind ?? region.kind };
  const upper = { ...region, start: address, kind: upperKind };
  context.regions = [...context.regions.map((one) => one === region ? lower : one), upper];
  if (context.freeRegion === region) context.freeRegion = lower;
}

/** Chooses the region of free memory, and checks it. */
function chooseFreeRegion(context: BootContext): void {
  const region = find(context, context.freeStart);
  const isUsable = region !== null && region.kind !== "io" && region.kind !== "code";
  const { freeRegionAssertion } = context.machine.arch.boot;
  cAssert(isUsable, setupSource(context, "mem_init"), freeRegionAssertion);
  context.freeRegion = region;
}

/**
 * Makes the list of the device tree's memory nodes, in their order; splits off the code, and adds the
 * devices that every machine has. Free memory begins behind image, device tree and initrd.
 *
 * Ends in a failed assertion if free memory begins outside of memory, or, on arm, if there is a hole.
 *
 * Source: `lib/memregions.c`, `memregions_add_dt_regions()`; `lib/arm/setup.c`, `lib/riscv/setup.c`,
 * `lib/powerpc/setup.c`, `mem_init()`, 1da1819e.
 *
 * @param context the boot
 */
export function listDeviceTreeRegions(context: BootContext): void {
  const { inputs, machine } = context;
  const { boot } = machine.arch;
  const takesAll = handsAllOver(machine.edition);
  context.regions = inputs.memory.filter(({ kind }) => kind === "ram")
    .slice(0, takesAll ? inputs.memory.length : boot.maxDeviceTreeRegions)
    .map(({ first, size }) => ({ start: first, end: first + size, kind: "data" }));
  const imageAndTree = inputs.imageEnd + inputs.deviceTreeBytes + inputs.initrdBytes;
  context.freeStart = pageAlign(context, imageAndTree);
  if (inputs.textEnd !== null) splitRegions(context, inputs.textEnd, "code", "data");
  for (const { first, end } of boot.deviceRegions) {
    context.regions.push({ start: first, end, kind: "io" });
  }
  chooseFreeRegion(context);
  if (boot.holes === "asserted-absent" && !takesAll) checkForHoles(context);
  setWindowAside(context);
}

/**
 * Sets the memory aside that vmalloc's addresses cover, and what cannot be mapped onto itself. Nothing
 * in editions that keep nothing back.
 */
function setWindowAside(context: BootContext): void {
  const { freeRegion, freeStart } = context;
  context.regions = context.regions.flatMap((region): MemoryRegion[] => {
    const whole = { first: region.start, end: region.end };
    if (region.kind !== "data") return [region];
    const clear = clearOfWindow(context, whole);
    if (clear.length === 1 && clear[0]?.end === whole.end && clear[0].first === whole.first) {
      return [region];
    }
    const rest = without(whole, clear);
    return [
      ...clear.map(({ first, end }) => ({ start: first, end, kind: "data" as const })),
      ...rest.map(({ first, end }) => ({ start: first, end, kind: "unused" as const })),
    ];
  });
  if (freeRegion !== null && !context.regions.includes(freeRegion)) {
    context.freeRegion = find(context, freeStart);
  }
}

/** What arm asserts of the regions: that physical addresses reach them, and that there is no hole. */
function checkForHoles(context: BootContext): void {
  const { machine, regions, freeStart, freeRegion } = context;
  const source = setupSource(context, "mem_init");
  const memory = regions.filter(({ kind }) => kind !== "io");
  const limit = 1n << BigInt(machine.arch.boot.physicalBits);
  const least = (one: bigint, other: bigint): bigint => one < other ? one : other;
  const start = memory.map((region) => region.start).reduce(least);
  const highest = memory.map((region) => region.end).reduce((one, other) => -least(-one, -other));
  cAssert(start < limit, source, "mem.end && !(mem.start & ~PHYS_MASK)");
  const end = highest % limit;
  let region = find(context, start);
  while (region !== null && region.end !== end) region = find(context, region.end);
  cAssert(region !== null, source, "r");
  const isInside = freeStart >= start && (freeRegion?.end ?? 0n) <= end;
  cAssert(isInside, source, "freemem_start >= mem.start && freemem->end <= mem.end");
}

/** What a descriptor of the EFI map becomes in the list. */
function kindOfDescriptor({ efiType, kind }: FirmwareRange): MemoryRegion["kind"] {
  switch (efiType) {
    case "mmio":
    case "mmio-port":
      return "io";
    case "loader-code":
      return "code";
    case "loader-data":
    case "conventional":
    case "acpi-reclaim":
      return "data";
    case "persistent":
      return "persistent";
    case undefined:
      return kind === "ram" ? "data" : "reserved";
    default:
      return "reserved";
  }
}

/**
 * The largest free range of an EFI map; the first of them, if there are several. The repaired code takes
 * the largest that it can reach, and that it hands over.
 *
 * Editions: `efiFirstRange`.
 *
 * @param context the boot
 * @returns the range
 * @throws {RangeError} if nothing is free; the guest returns to the firmware then
 */
export function largestFree(context: BootContext): Stretch {
  const { inputs: { memory }, machine: { arch, edition } } = context;
  const free = memory.filter(isFree).map(({ first, size }) => ({ first, end: first + size }));
  const usable = handsAllOver(edition)
    ? usableMemory(context)
    : free.flatMap((stretch) => clearOfWindow(context, stretch));
  const reach = edition.efiFirstRange === "largest" ? null : arch.boot.earlyReach;
  const near = usable.filter(({ end }) => reach === null || end <= reach);
  const [first, ...others] = near;
  if (first === undefined) {
    throw new RangeError("Cannot boot by EFI: the memory map must have a conventional range");
  }
  const bytes = ({ first, end }: Stretch): bigint => end - first;
  return others.reduce((most, one) => bytes(one) > bytes(most) ? one : most, first);
}

/**
 * Makes the list of the EFI map's descriptors, in the order of the firmware, and splits the data off the
 * image. Free memory is the largest free range, behind the device tree at its start.
 *
 * Ends in a failed assertion if the image is not listed.
 *
 * Source: `lib/memregions.c`, `memregions_efi_init()`; `lib/arm/setup.c`, `lib/riscv/setup.c`,
 * `efi_mem_init()`, 1da1819e.
 *
 * @param context the boot
 * @throws {RangeError} if nothing is free; the guest returns to the firmware then
 */
export function listEfiRegions(context: BootContext): void {
  const { inputs } = context;
  const free = largestFree(context);
  context.regions = inputs.memory.map((range) => ({
    start: range.first,
    end: range.first + range.size,
    kind: kindOfDescriptor(range),
  }));
  context.freeRegion =
    context.regions.find(({ start, end, kind }) =>
      kind === "data" && free.first >= start && free.first < end
    ) ?? null;
  context.freeStart = pageAlign(context, pageAlign(context, free.first) + inputs.deviceTreeBytes);
  if (inputs.textEnd !== null) splitRegions(context, inputs.textEnd, "code", "data");
  setWindowAside(context);
}
