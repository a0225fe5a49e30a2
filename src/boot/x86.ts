/**
 * Boot of x86_64 and i386.
 *
 * ```text
 *   multiboot:  early allocator = [end of image, low memory)   EFI:  the largest free range
 *   main
 *   setup_vm:   pages = what is left; perhaps a range above;   page tables;   pages += that range
 * ```
 *
 * @module
 */

import type { FirmwareRange } from "../arch.ts";
import { stop } from "../outcome.ts";
import { byteCount, physAddr, virtAddr } from "../units.ts";
import { alignUpWrapped } from "../word.ts";
import { callerOf } from "./context.ts";
import type { BootContext } from "./context.ts";
import { initEarly } from "./hand_over.ts";
import { highMemoryLimitOf } from "./inputs.ts";
import { largestFree } from "./regions.ts";
import type { Stretch } from "./stretches.ts";
import { looksForHighMemory } from "./traits.ts";
import { clearOfWindow, firstMemory, handsAllOver } from "./usable.ts";

const MIB = 0x100000n;

/** The first instructions of the start-up code of further processors (`sipi_entry`, 16 bit). */
const TRAMPOLINE: readonly number[] = [
  [0x0f, 0x20, 0xc0], // mov %cr0, %eax
  [0x66, 0x83, 0xc8, 0x01], // or $1, %eax
  [0x0f, 0x22, 0xc0], // mov %eax, %cr0
].flat();

/**
 * Fills page 0 with 0xcc and puts the start-up code of further processors there, of which the model knows
 * the first instructions only. Page 0 stays writable, and null pointers lead to it. A map without page 0 is
 * left alone.
 *
 * Source: `lib/x86/smp.c`, `bringup_aps()`, 1da1819e.
 *
 * @param context the boot
 */
export function writeTrampoline(context: BootContext): void {
  const { space } = context.machine;
  if (!hasPage0(context)) return;
  space.fill(virtAddr(0n), byteCount(0x1000n), 0xcc, "bringup_aps()");
  for (const [offset, byte] of TRAMPOLINE.entries()) {
    space.writeByte(virtAddr(BigInt(offset)), byte, "bringup_aps()");
  }
}

function hasPage0(context: BootContext): boolean {
  return context.machine.ram.peek(physAddr(0n), 8) !== null;
}

/** The end of the range of RAM in which 1 MiB lies; 1 MiB if it lies in none. */
function endOfLowRange({ inputs: { memory } }: BootContext): bigint {
  const low = memory.find(({ first, size, kind }) =>
    kind === "ram" && first <= MIB && first + size > MIB
  );
  return low === undefined ? MIB : low.first + low.size;
}

/**
 * The end of low memory by the number of KiB above 1 MiB that the loader gives. It is taken for the end,
 * so that the last MiB is lost; the repaired code adds that MiB.
 *
 * Editions: `x86LowMemoryEnd`.
 */
function lowMemoryEnd({ inputs, machine: { edition } }: BootContext, ramEnd: bigint): bigint {
  const begin = edition.x86LowMemoryEnd === "size-from-1-mib" ? MIB : 0n;
  return begin + (inputs.memUpperKib ?? (ramEnd - MIB) / 1024n) * 1024n;
}

/** Low memory above the image; where everything is handed over, no further than RAM goes. */
function lowMemory(context: BootContext): Stretch {
  const { inputs: { imageEnd }, machine: { edition } } = context;
  if (!handsAllOver(edition)) {
    const end = lowMemoryEnd(context, endOfLowRange(context));
    const [clear] = clearOfWindow(context, { first: imageEnd, end });
    return { first: imageEnd, end: clear?.end ?? end };
  }
  const first = firstMemory(context, imageEnd);
  const end = lowMemoryEnd(context, first.end);
  const pageEnd = end - end % 0x1000n;
  return pageEnd > first.first && pageEnd < first.end ? { ...first, end: pageEnd } : first;
}

/**
 * Gives low memory above the image to the early allocator.
 *
 * Source: `lib/x86/setup.c`, `setup_multiboot()`, 1da1819e.
 *
 * @param context the boot
 */
export function takeMultibootMemory(context: BootContext): void {
  const { first, end } = lowMemory(context);
  initEarly(context, physAddr(first), end - first, "early-init");
}

/**
 * Gives the largest free range of the EFI map to the early allocator.
 *
 * Source: `lib/x86/setup.c`, `setup_memory_allocator()`, 1da1819e.
 *
 * @param context the boot
 * @throws {RangeError} if nothing is free; the guest returns to the firmware then
 */
export function takeLargestEfiRange(context: BootContext): void {
  const { first, end } = largestFree(context);
  initEarly(context, physAddr(first), end - first, "early-init-efi");
}

/**
 * Looks for a range of RAM that is at least as long as low memory, and gives it to the early allocator,
 * which forgets its log. Only x86_64 does so, and only where not everything is handed over anyway.
 *
 * After boot by EFI there is no list, and the word at address 0 is read instead: the start-up code, whose
 * bit 6 happens to be clear.
 *
 * Source: `lib/x86/setup.c`, `find_highmem()`, 1da1819e.
 *
 * @param context the boot
 */
export function findHighmem(context: BootContext): void {
  const { machine: { arch, edition }, inputs } = context;
  if (!looksForHighMemory(arch) || handsAllOver(edition)) return;
  if (inputs.firmware === "efi") return lookAtNull(context);
  const best = bestRange(context);
  if (best === null) return;
  const start = alignUpWrapped(64, best.start, 2n * MIB);
  const end = best.end & ~(2n * MIB - 1n);
  initEarly(context, physAddr(start), end - start, "find-highmem");
}

function lookAtNull(context: BootContext): void {
  if (!hasPage0(context)) return;
  const flags = context.machine.space.read(virtAddr(0n), 4, "find_highmem()");
  if ((flags & 0x40n) === 0n) return;
  stop({
    kind: "undefined-behaviour",
    source: callerOf(context, "find-highmem"),
    what: "takes the words from address 0 on for a list of memory",
    seen: "",
  });
}

function bestRange(context: BootContext): { start: bigint; end: bigint } | null {
  const { inputs, machine } = context;
  const { imageEnd, memory } = inputs;
  const upperEnd = lowMemoryEnd(context, endOfLowRange(context));
  const limit = highMemoryLimitOf(inputs, machine.edition);
  let best = { start: imageEnd as bigint, end: upperEnd };
  let found = false;
  for (const range of memory) {
    if (isPassedOver(range, imageEnd, upperEnd)) continue;
    if (range.size < best.end - best.start || range.first >= limit) continue;
    const end = range.first + range.size;
    best = { start: range.first, end: end < limit ? end : limit };
    found = true;
  }
  return found ? best : null;
}

function isPassedOver(range: FirmwareRange, imageEnd: bigint, upperEnd: bigint): boolean {
  if (range.kind !== "ram" || range.first <= imageEnd) return true;
  return range.first <= upperEnd && range.first + range.size <= upperEnd;
}
