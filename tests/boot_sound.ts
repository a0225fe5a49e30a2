/**
 * What boot of the repaired edition promises, checked by a second and dumber computation.
 *
 * What it hands over, page states included, is exactly the RAM of the map that is
 * - claimed by no other range, and, after boot by EFI, conventional;
 * - above the image; after boot by EFI, behind page 0, and not the device tree;
 * - outside of the GiB below vmalloc's upper end, and below the end of the addresses of an identity map;
 * - below MEMLIMIT, unless it goes on from the image (x86_64);
 * - not the last frame of a 32-bit address space;
 * - a whole page, on s390x of a whole increment;
 *
 * but for pieces of four frames or fewer in a zone, and for the shortest ranges where there are more
 * than areas.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import {
  boot,
  type Booted,
  type BootInputs,
  type BootOptions,
  describeTables,
  type EfiType,
  type FirmwareRange,
  type Machine,
  malloc,
  type TextRange,
  virtAddr,
} from "../mod.ts";
import { bootVerdict } from "../src/report/mod.ts";
import { edition, tell, told } from "./support.ts";

/** The edition. */
export const REPAIRED = edition("repaired");
/** A mebibyte. */
export const MIB = 1n << 20n;
/** A gibibyte. */
export const GIB = 1n << 30n;

/** The end of vmalloc's addresses and of the addresses of an identity map, written down once more. */
const ENDS: Readonly<Record<string, readonly [window: bigint, identity: bigint]>> = {
  "x86_64": [2n ** 64n - 4096n, 2n ** 47n],
  i386: [3n * GIB, 2n ** 32n],
  arm: [4n * GIB, 2n ** 32n],
  arm64: [4n * GIB, 2n ** 48n],
  s390x: [2n ** 64n - 128n * MIB, 2n ** 64n],
  ppc64: [32n * GIB, 2n ** 52n],
  riscv64: [4n * GIB, 2n ** 38n],
  riscv32: [4n * GIB, 2n ** 32n],
};

interface Stretch {
  readonly first: bigint;
  readonly end: bigint;
}

function isFree({ kind, efiType }: FirmwareRange): boolean {
  return kind === "ram" && (efiType ?? "conventional") === "conventional";
}

function holds(stretch: Stretch, address: bigint): boolean {
  return address >= stretch.first && address < stretch.end;
}

/** The whole pages that the device tree takes. */
function treeBytes({ pageShift }: Machine, { deviceTreeBytes }: BootInputs): bigint {
  const pageBytes = 1n << BigInt(pageShift);
  return (deviceTreeBytes + pageBytes - 1n) / pageBytes * pageBytes;
}

/** Whether memory at an address may be handed over, as far as its own place says. */
function mayBeHandedOver({ machine }: Booted, inputs: BootInputs, address: bigint): boolean {
  const { arch: { name, wordBits }, pageShift, platform } = machine;
  const pageBytes = 1n << BigInt(pageShift);
  const freeStart = platform?.freeStart ?? 0n;
  const [windowEnd, identityEnd] = ENDS[name] ?? [0n, 0n];
  const ranges = inputs.memory.filter((range) =>
    holds({ first: range.first, end: range.first + range.size }, address)
  );
  const image = inputs.firmware === "efi"
    ? address < pageBytes ||
      holds({ first: freeStart - treeBytes(machine, inputs), end: freeStart }, address)
    : address < (freeStart > 0n ? freeStart : inputs.imageEnd);
  const isLastFrame = wordBits === 32 && address >= 2n ** 32n - pageBytes && address < 2n ** 32n;
  return ranges.length > 0 && ranges.every(isFree) && !image && address < identityEnd &&
    !holds({ first: windowEnd - GIB, end: windowEnd }, address) && !isLastFrame;
}

/** Every address at which the answer may change. */
function cutsOf({ machine }: Booted, inputs: BootInputs): bigint[] {
  const [windowEnd, identityEnd] = ENDS[machine.arch.name] ?? [0n, 0n];
  const pageBytes = 1n << BigInt(machine.pageShift);
  const freeStart = machine.platform?.freeStart ?? 0n;
  const cuts = [
    ...inputs.memory.flatMap(({ first, size }) => [first, first + size]),
    ...[pageBytes, freeStart, inputs.imageEnd, windowEnd - GIB, windowEnd, identityEnd],
    ...[freeStart - treeBytes(machine, inputs), 2n ** 32n - pageBytes, 2n ** 32n],
  ];
  return [...new Set(cuts)].sort((one, other) => one < other ? -1 : 1);
}

/** The frames that may be handed over: stretches of addresses that may, in whole pages. */
function expectedFrames(booted: Booted, inputs: BootInputs): bigint {
  const stretches: { first: bigint; end: bigint }[] = [];
  const cuts = cutsOf(booted, inputs);
  for (const [index, first] of cuts.entries()) {
    const end = cuts[index + 1];
    if (end === undefined || !mayBeHandedOver(booted, inputs, first)) continue;
    const last = stretches.at(-1);
    if (last?.end === first) last.end = end;
    else stretches.push({ first, end });
  }
  const { pageShift, arch: { name } } = booted.machine;
  const limit = inputs.memLimitMib === null || name !== "x86_64"
    ? 2n ** 64n
    : inputs.memLimitMib * MIB;
  return stretches.reduce((sum, { first, end }, index) => {
    const cut = index === 0 || end < limit ? end : limit;
    const pageBytes = 1n << BigInt(pageShift);
    const whole = cut / pageBytes - (first + pageBytes - 1n) / pageBytes;
    return sum + (whole > 0n ? whole : 0n);
  }, 0n);
}

function leftOutFrames(machine: Machine): bigint {
  return machine.events.reduce(
    (sum, event) => event.kind === "left-out" ? sum + BigInt(event.top - event.start) : sum,
    0n,
  );
}

/** The memory of each area, page states included. */
export function areasOf({ pages, pageShift }: Machine): Stretch[] {
  return pages.areas().map(({ metadata, top }) => ({
    first: BigInt(metadata) << BigInt(pageShift),
    end: BigInt(top) << BigInt(pageShift),
  }));
}

/** What boot has to promise on a map. */
export function assertSound(options: Omit<BootOptions, "edition">, name: string): Booted {
  const booted = boot({ ...options, edition: REPAIRED });
  const { machine, outcome } = booted;
  assertEquals(told(outcome), "void", name);
  const inputs = machine.platform?.inputs;
  assert(inputs !== undefined && machine.mmu.tables !== null, name);
  const [windowEnd = 0n] = ENDS[machine.arch.name] ?? [];
  const mapped = describeTables(machine.mmu.tables).mapped
    .filter(({ virtual, physical, isWritable }) => isWritable && virtual === BigInt(physical));
  let handed = 0n;
  for (const { first, end } of areasOf(machine)) {
    handed += end - first;
    let at = first;
    for (const { virtual, sizeBytes } of mapped) {
      if (at >= virtual && at < virtual + sizeBytes) at = virtual + sizeBytes;
    }
    assert(at >= end, `${name}: 0x${at.toString(16)} is handed out and not mapped`);
    assert(end <= windowEnd - GIB || first >= windowEnd, `${name}: an area lies under vmalloc`);
    for (const address of [first, (first + end) / 2n, end - 1n]) {
      assert(mayBeHandedOver(booted, inputs, address), `${name}: 0x${address.toString(16)}`);
    }
  }
  const frames = (handed >> BigInt(machine.pageShift)) + leftOutFrames(machine);
  assertEquals(frames, expectedFrames(booted, inputs), `${name}: frames handed over`);
  assertWorks(machine, name);
  return booted;
}

/** malloc of a page works, and so does each area's last free block. */
function assertWorks(machine: Machine, name: string): void {
  const block = malloc(machine, 4096n);
  assert(block !== null, name);
  machine.space.writeWord(block, 0x1234n, "the test");
  assertEquals(machine.space.readWord(block, "the test"), 0x1234n);
  for (const { freeLists } of machine.pages.areas()) {
    const last = freeLists.findLast(({ forward }) => forward.pfns.length > 0)?.forward.pfns.at(-1);
    if (last === undefined) continue;
    const node = virtAddr(BigInt(last) << BigInt(machine.pageShift));
    assert(!tell(() => machine.space.readWord(node, "the test")).startsWith("fault"), name);
  }
}

/** What is lost by the report, and why; nothing is at risk. */
export function losses(options: Omit<BootOptions, "edition">): string[] {
  const booted = boot({ ...options, edition: REPAIRED });
  const ranges = (booted.machine.platform?.inputs.memory ?? []).map((range, index): TextRange => {
    const { efiType, ...rest } = range;
    const isKnown = (word: string | undefined): word is EfiType => word !== undefined;
    return { ...rest, line: index + 1, text: "", ...(isKnown(efiType) ? { efiType } : {}) };
  });
  const verdict = bootVerdict(booted, { name: "", numbers: "range", ranges, notes: [] });
  assertEquals(verdict.risks, []);
  return verdict.parts.flatMap(({ first, end, reason }) =>
    reason === null ? [] : [`${first.toString(16)}-${end.toString(16)} ${reason}`]
  );
}
