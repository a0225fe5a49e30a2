/**
 * A machine: an architecture, memory, an edition, and the state of the modelled code on it.
 *
 * @module
 */

import { descriptorLayout, hasAreas } from "./alloc_page/mod.ts";
import { copyEarlyAllocator, newEarlyAllocator } from "./alloc_phys.ts";
import type { AllocOps, EarlyAllocator } from "./alloc_phys.ts";
import type { Arch } from "./arch.ts";
import type { Edition } from "./edition.ts";
import { copyHost, newHost } from "./host/mod.ts";
import type { HostState } from "./host/mod.ts";
import { gapsIn, memoryMap, Ram } from "./memory/mod.ts";
import type { MemoryMap, PowerOn } from "./memory/mod.ts";
import { SwitchableSpace } from "./memory/switchable_space.ts";
import { copyMmu, newMmu, pointerConversionsOf } from "./mmu.ts";
import type { Mmu } from "./mmu.ts";
import { outcomeOf } from "./outcome.ts";
import type { Outcome, Stopped } from "./outcome.ts";
import type { AllocatorEvent, EventScope, PageAllocator } from "./page_allocator.ts";
import { copyPageAllocator, newPageAllocator } from "./page_engines.ts";
import type { Engine } from "./page_engines.ts";
import type { Platform } from "./platform.ts";
import {
  byteCount,
  bytesOfPages,
  pagesBetween,
  physAddr,
  physAddrOfPfn,
  virtAddr,
} from "./units.ts";
import type { ByteCount, Pfn, PhysAddr, VirtAddr } from "./units.ts";
import { newVmalloc } from "./vmalloc/mod.ts";
import type { MemoryStack, VmallocState } from "./vmalloc/mod.ts";
import type { ByteOrder } from "./word.ts";

/** What a machine is made of. What is left out has the architecture's default. */
export interface MachineOptions {
  /** The architecture. */
  readonly arch: Arch;
  /** The edition of the modelled code. */
  readonly edition: Edition;
  /** The base-2 logarithm of the page size; one of the architecture's. */
  readonly pageShift?: number;
  /** The byte order; one of the architecture's. */
  readonly byteOrder?: ByteOrder;
  /** What RAM holds before anything is written; zero by default. */
  readonly powerOn?: PowerOn;
  /** Where the array of area descriptors lies; high above all RAM by default. */
  readonly areasAddress?: VirtAddr;
  /** Where there is memory; the area descriptors lie in it. By default there is none but theirs. */
  readonly memory?: MemoryMap | null;
  /** Which engine runs the page allocator; auto by default. Nothing but speed tells them apart. */
  readonly engine?: Engine;
}

/** A machine and the modelled code's state on it. */
export interface Machine extends MemoryStack {
  /** What it was made of, defaults filled in. */
  readonly options: Required<MachineOptions>;
  /** The architecture. */
  readonly arch: Arch;
  /** The edition. */
  readonly edition: Edition;
  /** The base-2 logarithm of the page size. */
  readonly pageShift: number;
  /** Hardware memory. */
  readonly ram: Ram;
  /** Memory as the modelled code addresses it: physical until page tables are in use. */
  readonly space: SwitchableSpace;
  /** The early allocator. */
  readonly early: EarlyAllocator;
  /** The page allocator. */
  readonly pages: PageAllocator;
  /** The page tables. */
  readonly mmu: Mmu;
  /** What the host knows, and the guest's drivers for it. */
  readonly host: HostState;
  /** vmalloc. */
  readonly vmalloc: VmallocState;
  /** The allocator that serves malloc. */
  readonly ops: AllocOps;
  /** What boot was given and what it found; null on a machine that did not boot. */
  platform: Platform | null;
  /** What the guest printed, line by line. */
  readonly printed: string[];
  /** Which events are recorded; see {@linkcode recordEvents}. */
  recorded: EventScope;
  /** What the allocator did since {@linkcode takeEvents} was last called, as far as it is recorded. */
  readonly events: AllocatorEvent[];
  /** Why the machine is stopped; null while it runs. */
  stopped: Stopped | null;
}

/** The room that is kept for the array of area descriptors on a machine without an image, in bytes. */
const DESCRIPTOR_ROOM = 0x4000n;

/**
 * Where a machine without an image keeps its area descriptors: in the last page of a 32-bit address
 * space, which no area may hold, or 128 KiB below the end of a 64-bit one.
 *
 * @param arch the architecture
 * @returns the address of slot 0
 */
export function defaultAreasAddress(arch: Arch): VirtAddr {
  return virtAddr(arch.wordBits === 32 ? 0xfffff000n : 0xfffffffffffe0000n);
}

function oneOf<T>(
  what: string,
  value: T | undefined,
  choices: readonly [T, ...T[]],
  arch: Arch,
): T {
  if (value === undefined) return choices[0];
  if (choices.includes(value)) return value;
  throw new RangeError(
    `Cannot make the machine: ${what} ${value} is not one of ${arch.name}, which has ${
      choices.join(", ")
    }`,
  );
}

/**
 * Makes a machine without RAM: a bare page allocator. RAM appears with {@linkcode declareRam}.
 *
 * @param options what it is made of
 * @returns the machine
 * @throws {RangeError} if the architecture has no such page size or byte order
 *
 * @example One area, one page
 * ```ts
 * import { createMachine, declareRam, DEFAULT_EDITION, pfn } from "@buddyscope/sim";
 * import { S390X } from "@buddyscope/sim/arch";
 * import { assertEquals } from "@std/assert";
 *
 * const machine = createMachine({ arch: S390X, edition: DEFAULT_EDITION });
 * declareRam(machine, pfn(0x100), pfn(0x200));
 * machine.pages.initArea(0xff, pfn(0x100), pfn(0x200));
 * assertEquals(machine.pages.allocPages(0, 0), 0x101000n);
 * ```
 */
export function createMachine(options: MachineOptions): Machine {
  const { arch, edition } = options;
  const full: Required<MachineOptions> = {
    arch,
    edition,
    pageShift: oneOf("page shift", options.pageShift, arch.pageShifts, arch),
    byteOrder: oneOf("byte order", options.byteOrder, arch.byteOrders, arch),
    powerOn: options.powerOn ?? { kind: "zero" },
    areasAddress: options.areasAddress ?? defaultAreasAddress(arch),
    memory: options.memory ?? null,
    engine: options.engine ?? "auto",
  };
  const ram = new Ram({
    map: full.memory ?? memoryMap([]),
    wordBits: arch.wordBits,
    byteOrder: full.byteOrder,
    powerOn: full.powerOn,
  });
  const room = descriptorRoom(full);
  if (full.memory === null) ram.addRange({ ...room, kind: "reserved" });
  else checkDescriptorRoom(ram, room);
  ram.fill(full.areasAddress, room.size, 0, "the loader");
  return assemble(full, ram);
}

function checkDescriptorRoom(ram: Ram, room: { first: PhysAddr; size: ByteCount }): void {
  const isMemory = ram.peekRuns(room.first, room.size).every(({ byte }) => byte !== null);
  if (!isMemory) {
    throw new RangeError(
      `Cannot make the machine: the area descriptors at 0x${
        room.first.toString(16)
      } must lie in memory, give another map or areasAddress`,
    );
  }
}

/** The most slots that an edition uses: as many as a request's mask has bits for areas. */
const MOST_SLOTS = 16;

function descriptorRoom(options: Required<MachineOptions>): { first: PhysAddr; size: ByteCount } {
  const { arch, edition, pageShift, areasAddress } = options;
  const left = (1n << BigInt(arch.wordBits)) - areasAddress;
  const needed = BigInt(MOST_SLOTS * descriptorLayout(arch, edition, pageShift).sizeBytes);
  if (left < needed) {
    throw new RangeError(
      `Cannot make the machine: the area descriptors at 0x${areasAddress.toString(16)} need ` +
        `${needed} bytes, and must end inside ${arch.wordBits} bits`,
    );
  }
  const size = left < DESCRIPTOR_ROOM ? left : DESCRIPTOR_ROOM;
  return { first: physAddr(areasAddress), size: byteCount(size) };
}

function assemble(options: Required<MachineOptions>, ram: Ram): Machine {
  const { arch, edition, pageShift, areasAddress } = options;
  const space = new SwitchableSpace(ram);
  const printed: string[] = [];
  const early = newEarlyAllocator(arch.wordBits, edition, (line) => void printed.push(line));
  const parts = { space, ram, arch, edition, pageShift, descriptors: areasAddress };
  const pages = newPageAllocator(options.engine, parts);
  const mmu = newMmu({ arch, edition, pageShift, ram, space, pages });
  const conversions = pointerConversionsOf(mmu);
  if (conversions !== null && hasAreas(pages)) pages.conversions = conversions;
  const events: AllocatorEvent[] = [];
  pages.listen("areas", (event) => void events.push(event));
  return {
    options,
    arch,
    edition,
    pageShift,
    ram,
    space,
    early,
    pages,
    mmu,
    host: newHost(ram),
    vmalloc: newVmalloc(),
    ops: { current: "early" },
    platform: null,
    printed,
    recorded: "areas",
    events,
    stopped: null,
  };
}

/**
 * Puts RAM at frames `[first, top)` of a machine, where there is none yet.
 *
 * @param machine the machine
 * @param first the first frame
 * @param top the first frame after
 * @throws {RangeError} if the range is empty, or would cover the area descriptors
 */
export function declareRam(machine: Machine, first: Pfn, top: Pfn): void {
  if (top <= first) {
    throw new RangeError(
      `Cannot declare RAM from frame 0x${first.toString(16)} to 0x${
        top.toString(16)
      }: it must hold a frame`,
    );
  }
  const start = physAddrOfPfn(first, machine.pageShift);
  const size = bytesOfPages(pagesBetween(first, top), machine.pageShift);
  const room = descriptorRoom(machine.options);
  if (start < room.first + room.size && room.first < start + size) {
    throw new RangeError(
      `Cannot declare RAM at frame 0x${first.toString(16)}: it covers the area descriptors at 0x${
        room.first.toString(16)
      }, choose another areasAddress`,
    );
  }
  for (const gap of gapsIn(machine.ram.map, start, size)) {
    machine.ram.addRange({ ...gap, kind: "ram" });
  }
}

/**
 * Copies a machine. The copy and the original share nothing that changes; events are not copied, but
 * recorded as they are on the original.
 *
 * @param machine the machine
 * @returns the copy
 */
export function cloneMachine(machine: Machine): Machine {
  const copy = assemble(machine.options, machine.ram.clone());
  copyPageAllocator(copy.pages, machine.pages);
  copyEarlyAllocator(copy.early, machine.early);
  copyMmu(copy.mmu, machine.mmu);
  copyHost(copy, machine);
  Object.assign(copy.vmalloc, machine.vmalloc);
  copy.ops.current = machine.ops.current;
  copy.platform = machine.platform;
  copy.printed.push(...machine.printed);
  copy.stopped = machine.stopped;
  if (machine.recorded === "all") recordEvents(copy, "all");
  return copy;
}

/**
 * Runs modelled code on a machine. If it ends in anything but a return, the machine is stopped.
 *
 * @param machine the machine
 * @param action the code
 * @returns how it ended
 * @throws {RangeError} if the machine is stopped already
 */
export function runOnMachine<T>(machine: Machine, action: () => T): Outcome<T> {
  if (machine.stopped !== null) {
    throw new RangeError(
      "Cannot run a call: the machine is stopped, make a new one or a copy of an earlier state",
    );
  }
  const outcome = outcomeOf(action);
  if (outcome.kind !== "returned") machine.stopped = outcome;
  return outcome;
}

/**
 * Says which events a machine records from now on. A new machine records those about areas only.
 *
 * To record all takes the literal engine, whatever `engine` says: only that one goes step by step.
 *
 * @param machine the machine
 * @param scope all events, or those that tell what became of memory that was handed over
 *
 * @example The steps of a request
 * ```ts
 * import * as sim from "@buddyscope/sim";
 * import { S390X } from "@buddyscope/sim/arch";
 * import { assertEquals } from "@std/assert";
 *
 * const machine = sim.createMachine({ arch: S390X, edition: sim.DEFAULT_EDITION });
 * sim.declareRam(machine, sim.pfn(0x100), sim.pfn(0x200));
 * machine.pages.initArea(0xff, sim.pfn(0x100), sim.pfn(0x200));
 * sim.recordEvents(machine, "all");
 * machine.pages.allocPages(0, 0);
 * const kinds = sim.takeEvents(machine).map(({ kind }) => kind);
 * assertEquals(kinds, ["area", "unlink", "state", "zero"]);
 * ```
 */
export function recordEvents(machine: Machine, scope: EventScope): void {
  const { events, pages } = machine;
  machine.recorded = scope;
  pages.listen(scope, (event) => void events.push(event));
}

/**
 * Takes what the allocator reported since the last time, as far as it is recorded.
 *
 * @param machine the machine
 * @returns the events, oldest first
 */
export function takeEvents(machine: Machine): AllocatorEvent[] {
  return machine.events.splice(0);
}
