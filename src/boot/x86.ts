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

import type { Arch, FirmwareRange } from "../arch.ts";
import type { Edition } from "../edition.ts";
import { stop } from "../outcome.ts";
import { byteCount, physAddr, virtAddr } from "../units.ts";
import { alignUpWrapped } from "../word.ts";
import { callerOf } from "./context.ts";
import type { BootContext } from "./context.ts";
import { initEarly } from "./hand_over.ts";
import { firstBytesOfImage } from "./inputs.ts";
import { largestFree } from "./regions.ts";

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

/** Low memory in KiB above 1 MiB: what is RAM there without a gap. */
function memUpperKib(context: BootContext): bigint {
  const { memUpperKib: given, memory } = context.inputs;
  if (given !== null) return given;
  const low = memory.find(({ first, size, kind }) =>
    kind === "ram" && first <= MIB && first + size > MIB
  );
  return low === undefined ? 0n : (low.first + low.size - MIB) >> 10n;
}

/**
 * Gives low memory above the image to the early allocator. The size of memory above 1 MiB is taken for an
 * end address, so that the last MiB is lost.
 *
 * Source: `lib/x86/setup.c`, `setup_multiboot()`, 1da1819e.
 *
 * @param context the boot
 */
export function takeMultibootMemory(context: BootContext): void {
  const { imageEnd } = context.inputs;
  const size = memUpperKib(context) * 1024n - imageEnd;
  initEarly(context, imageEnd, size, "early-init");
}

/**
 * Gives the largest free range of the EFI map to the early allocator, wherever it lies.
 *
 * Source: `lib/x86/setup.c`, `setup_memory_allocator()`, 1da1819e.
 *
 * @param context the boot
 * @throws {RangeError} if nothing is free; the guest returns to the firmware then
 */
export function takeLargestEfiRange(context: BootContext): void {
  const free = largestFree(context.inputs.memory);
  if (free === null) {
    throw new RangeError("Cannot boot by EFI: the memory map must have a conventional range");
  }
  initEarly(context, free.first, free.size, "early-init-efi");
}

/** The first address that `find_highmem` must not use. */
function limitOf(context: BootContext): bigint {
  const { firmwareLimit, memLimitMib } = context.inputs;
  const limit = memLimitMib === null
    ? firmwareLimit ?? firstBytesOfImage(context.machine.edition)
    : memLimitMib * MIB;
  return limit === 0n ? (1n << 64n) - 1n : limit;
}

/**
 * Looks for a range of RAM that is at least as long as low memory, and gives it to the early allocator,
 * which forgets its log. Only x86_64 does so.
 *
 * The limit comes from the environment of the test, or from an item of QEMU's configuration that holds the
 * first bytes of the image: those of a multiboot header make a limit of 442 MiB.
 *
 * After boot by EFI there is no list, and the word at address 0 is read instead: the start-up code, whose
 * bit 6 happens to be clear.
 *
 * Source: `lib/x86/setup.c`, `find_highmem()`, 1da1819e.
 *
 * @param context the boot
 */
export function findHighmem(context: BootContext): void {
  const { machine, inputs } = context;
  const { boot, wordBits } = machine.arch;
  if (boot.family !== "x86" || wordBits !== 64) return;
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
  const { imageEnd, memory } = context.inputs;
  const upperEnd = memUpperKib(context) * 1024n;
  const limit = limitOf(context);
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

/**
 * Tells whether `setup_mmu` sets the upper end of vmalloc's addresses. Until 2025, x86_64 left it at 0.
 *
 * Editions: `x86VirtualTop`.
 *
 * @param arch the architecture
 * @param edition the edition
 * @returns whether it does
 */
export function setsVirtualTop(arch: Arch, edition: Edition): boolean {
  const isX8664 = arch.boot.family === "x86" && arch.wordBits === 64;
  return !isX8664 || edition.x86VirtualTop === "last-page";
}
