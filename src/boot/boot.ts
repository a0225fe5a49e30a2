/**
 * Booting a machine: the steps of its architecture, one after the other.
 *
 * @module
 */

import type { BootStepName, FirmwareRange } from "../arch.ts";
import type { BootEvent } from "../boot_event.ts";
import { createMachine, runOnMachine } from "../machine.ts";
import type { Machine, MachineOptions } from "../machine.ts";
import { memoryMapOfText } from "../memory/map_text/mod.ts";
import type { MemoryMap } from "../memory/mod.ts";
import type { Outcome } from "../outcome.ts";
import type { BootInputs } from "../platform.ts";
import { physAddr } from "../units.ts";
import { setupVm } from "../vmalloc/mod.ts";
import { note, noteTable } from "./context.ts";
import type { BootContext, BootPoint } from "./context.ts";
import { mapSerialPort, probeVirtio, readEnvironment } from "./devices.ts";
import { giveFurtherMemory, handMemoryOver, initFreeRegion, setVirtualTop } from "./hand_over.ts";
import { bootInputs, defaultAreasAddress } from "./inputs.ts";
import { listDeviceTreeRegions, listEfiRegions } from "./regions.ts";
import { cutAtVirtualBase } from "./riscv.ts";
import { handTheRestOver, makeCpuTable, takeSclpMemory } from "./s390x.ts";
import { setupMmu } from "./setup_mmu.ts";
import { hasVmalloc, noteOnPort } from "./traits.ts";
import { topOfMemory } from "./usable.ts";
import { findHighmem, takeLargestEfiRange, takeMultibootMemory, writeTrampoline } from "./x86.ts";

/**
 * How far a machine boots. On x86, s390x and ppc64 it is the test that calls `setup_vm`, so that `main`
 * begins before it; elsewhere it begins after.
 */
export type BootEnd = "end" | "setup-vm" | "main";

/** What to boot. What is left out has the values of the recorded guests. */
export interface BootOptions extends Omit<MachineOptions, "memory"> {
  /** Inputs that do not come from the source. */
  readonly inputs?: Partial<BootInputs>;
  /** How far to boot: to the end, right before `setup_vm`, or to the begin of the test's `main`. */
  readonly until?: BootEnd;
  /** Looks at the machine at points of boot. */
  readonly observe?: (point: BootPoint, machine: Machine) => void;
}

/** A machine that booted, or stopped while it did. */
export interface Booted {
  /** The machine. */
  readonly machine: Machine;
  /** What boot did, call by call. */
  readonly events: readonly BootEvent[];
  /** What people should know besides. */
  readonly notes: readonly string[];
  /** How it ended. */
  readonly outcome: Outcome<void>;
}

/**
 * Boots a machine: memory from the firmware, allocations before `setup_vm`, page tables, vmalloc.
 *
 * Source: `lib/<arch>/setup.c` of each architecture, `setup()` or `setup_multiboot()`, and `setup_vm()`;
 * 8131e91a to 1da1819e. Recorded guests say the order.
 *
 * @param options what to boot
 * @returns the machine, and what happened
 * @throws {RangeError} if the options do not fit the architecture, or the memory lacks what boot needs
 *
 * @example The first malloc of an x86_64 guest
 * ```ts
 * import { boot, DEFAULT_EDITION, malloc } from "@buddyscope/sim";
 * import { X86_64 } from "@buddyscope/sim/arch";
 * import { assertEquals } from "@std/assert";
 *
 * const { machine, outcome } = boot({ arch: X86_64, edition: DEFAULT_EDITION });
 * assertEquals(outcome.kind, "returned");
 * assertEquals(malloc(machine, 8n), 0xffffffffffffe008n);
 * ```
 */
export function boot(options: BootOptions): Booted {
  const { until, observe, ...rest } = options;
  return bootMachine(switchOn(rest), until, observe);
}

/**
 * Makes a machine that is ready to boot: its memory is there, and nobody has touched it.
 *
 * @param options what to boot
 * @returns the machine
 * @throws {RangeError} if the options do not fit the architecture, or the memory lacks what boot needs
 */
export function switchOn(options: Omit<BootOptions, "until" | "observe">): Machine {
  const { inputs: given, ...rest } = options;
  const { arch, edition } = options;
  const inputs = bootInputs(arch, edition, given ?? {});
  const machine = createMachine({
    ...rest,
    areasAddress: options.areasAddress ?? defaultAreasAddress(arch, inputs),
    memory: mapOfFirmware(inputs.memory),
  });
  machine.space.switchTo(machine.ram, arch.boot.earlyReach);
  machine.platform = { inputs, regions: [], freeStart: 0n, state: "off", cpusSetUp: [] };
  return machine;
}

/**
 * Boots a machine that was switched on.
 *
 * Source: as for {@linkcode boot}.
 *
 * @param machine the machine
 * @param until how far to boot
 * @param observe looks at the machine at points of boot
 * @returns what happened
 * @throws {RangeError} if the machine has no firmware, has booted, or is stopped
 */
export function bootMachine(
  machine: Machine,
  until: BootEnd = "end",
  observe: (point: BootPoint, machine: Machine) => void = () => {},
): Booted {
  const { platform } = machine;
  if (platform === null || platform.state === "booted") {
    const why = platform === null ? "it must have a memory map" : "it has booted already";
    throw new RangeError(`Cannot boot the machine: ${why}`);
  }
  const context = contextOf(machine, platform.inputs, observe);
  addNotes(context);
  const outcome = runNoted(context, () => runSteps(context, until));
  return { machine, events: context.events, notes: context.notes, outcome };
}

/**
 * Does what is left of boot on a machine that booted up to `setup_vm`, or on a copy of one.
 *
 * Source: `lib/vmalloc.c`, `setup_vm()`, 8131e91a to 1da1819e, with each architecture's `setup_mmu()`.
 *
 * @param machine the machine
 * @param observe looks at the machine at points of boot
 * @returns what happened
 * @throws {RangeError} if the machine did not boot, or is stopped
 */
export function setUpVm(
  machine: Machine,
  observe: (point: BootPoint, machine: Machine) => void = () => {},
): Booted {
  const { platform } = machine;
  if (platform?.state !== "booted") {
    throw new RangeError("Cannot set up vmalloc: the machine did not boot, boot it first");
  }
  const context = contextOf(machine, platform.inputs, observe);
  context.regions = [...platform.regions];
  context.freeStart = platform.freeStart;
  const outcome = runNoted(context, () => runStep(context, "setup-vm"));
  return { machine, events: context.events, notes: context.notes, outcome };
}

/** The memory of a machine, as its firmware lists it. */
function mapOfFirmware(memory: readonly FirmwareRange[]): MemoryMap {
  const ranges = memory.map(({ first, size, kind }, index) => {
    return { first, size, kind, line: index + 1, text: "" };
  });
  return memoryMapOfText({ ranges });
}

function contextOf(
  machine: Machine,
  inputs: BootInputs,
  observe: (point: BootPoint, machine: Machine) => void,
): BootContext {
  return {
    machine,
    inputs,
    events: [],
    notes: [],
    observe,
    regions: [],
    freeStart: 0n,
    freeRegion: null,
    rootCaller: "root",
  };
}

function addNotes(context: BootContext): void {
  const { arch, edition } = context.machine;
  const port = noteOnPort(arch, edition);
  if (port !== null) context.notes.push(port);
  if (isEarlyOnly(context)) {
    context.notes.push("this edition has no page allocator on ppc64: boot ends with early memory");
  }
}

/** Whether the early allocator is all there is. */
function isEarlyOnly(context: BootContext): boolean {
  const { arch, edition } = context.machine;
  return !hasVmalloc(arch, edition);
}

/** Runs a part of boot while tables are recorded; keeps what was found, whatever the end. */
function runNoted(context: BootContext, action: () => void): Outcome<void> {
  const { machine, inputs } = context;
  machine.mmu.listener = (request, level, table) => noteTable(context, request, level, table);
  const outcome = runOnMachine(machine, action);
  machine.mmu.listener = null;
  const { regions, freeStart } = context;
  const cpusSetUp = machine.platform?.cpusSetUp ?? [];
  machine.platform = { inputs, regions, freeStart, state: "booted", cpusSetUp };
  return outcome;
}

function runSteps(context: BootContext, until: BootEnd): void {
  for (const step of context.machine.arch.boot.steps[context.inputs.firmware] ?? []) {
    if (step === "setup-vm" && until === "setup-vm") return;
    runStep(context, step);
    if (step === "main" && until === "main") return;
  }
}

/** The functions of the steps, by name. */
const STEPS: Readonly<Record<BootStepName, (context: BootContext) => void>> = {
  "write-trampoline": writeTrampoline,
  "take-multiboot-memory": takeMultibootMemory,
  "take-largest-efi-range": takeLargestEfiRange,
  "take-sclp-memory": takeSclpMemory,
  "list-device-tree-regions": listDeviceTreeRegions,
  "list-efi-regions": listEfiRegions,
  "cut-at-virtual-base": cutAtVirtualBase,
  "set-virtual-top": setVirtualTop,
  "hand-memory-over": runHandOver,
  "hand-the-rest-over": handTheRestOver,
  "make-cpu-table": makeCpuTable,
  "map-serial-port": mapSerialPort,
  "probe-virtio": probeVirtio,
  "read-environment": readEnvironment,
  "main": (context) => context.observe("main-entry", context.machine),
  "setup-vm": runSetupVm,
};

function runStep(context: BootContext, step: BootStepName): void {
  STEPS[step](context);
}

function runHandOver(context: BootContext): void {
  initFreeRegion(context);
  if (!isEarlyOnly(context)) handMemoryOver(context);
}

function runSetupVm(context: BootContext): void {
  const { machine, inputs } = context;
  if (isEarlyOnly(context)) return;
  setupVm(machine, {
    vmAvailable: () => inputs.powerMmu === "radix",
    giveFurtherMemory: (part) => giveFurtherMemory(context, part),
    findHighmem: () => findHighmem(context),
    setupMmu: (top) => setupMmu(context, physAddr(topOfMemory(context, top))),
    note: (event) => note(context, event),
  });
  context.observe("after-setup-vm", machine);
}
