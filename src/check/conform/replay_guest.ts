/**
 * Replaying a recording of a real guest: its boot, and each of its scenarios on a copy of the booted
 * machine.
 *
 * @module
 */

import { boot, type BootEnd, type BootOptions, type BootPoint, setUpVm } from "../../boot/mod.ts";
import type { BootEvent } from "../../boot_event.ts";
import { cloneMachine, type Machine, runOnMachine } from "../../machine.ts";
import { formatStopped, type Outcome, outcomeOf } from "../../outcome.ts";
import { physAddr, virtAddr } from "../../units.ts";
import { wordBytes } from "../../word.ts";
import { guestAction } from "./guest_calls.ts";
import { linesOfEvent, linesOfRecordedEvent } from "./guest_events.ts";
import type { GuestBootPart, GuestFile, GuestScenario, GuestStep } from "./guest_file.ts";
import { bootOptionsOf } from "./guest_inputs.ts";
import { dumpGuestState, hashGuestState } from "./guest_state.ts";
import { RecordingError } from "./types.ts";
import type { ConformEnvironment, ConformResult, Mismatch } from "./types.ts";
import { hexMember, isJsonObject, listMember } from "./members.ts";
import type { JsonObject } from "./members.ts";

/** The states of a boot, by the names that the recordings give their points. */
type States = Map<string, Record<string, unknown>>;

/** A machine that booted, with what is to be compared. */
interface BootedGuest {
  readonly machine: Machine;
  readonly events: BootEvent[];
  readonly states: States;
  readonly outcome: Outcome<void>;
}

/** What is compared next, for the report of a difference. */
interface Place {
  readonly scenario: string;
  readonly step: number;
  readonly operation: string;
}

const NAMES: Readonly<Record<Exclude<BootPoint, "after-init-area">, string>> = {
  "main-entry": "main_entry",
  "before-setup-mmu": "before_setup_mmu",
  "after-setup-vm": "after_setup_vm",
};

/** Keeps the state at each point of boot. */
function observer(states: States): (point: BootPoint, machine: Machine) => void {
  return (point, machine) => {
    const areas = [...states.keys()].filter((name) => name.startsWith("after_init_area")).length;
    const name = point === "after-init-area" ? `after_init_area_${areas + 1}` : NAMES[point];
    states.set(name, dumpGuestState(machine));
  };
}

function bootGuest(options: BootOptions, until: BootEnd): BootedGuest {
  const states: States = new Map();
  const { machine, events, outcome } = boot({ ...options, until, observe: observer(states) });
  return { machine, events: [...events], states, outcome };
}

/** Text by which two values can be compared whatever the order of their members. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (!isJsonObject(value)) return JSON.stringify(value) ?? "missing";
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${name}:${canonical(value[name])}`).join(",")}}`;
}

function compare(
  place: Place,
  what: string,
  recorded: unknown,
  modelled: unknown,
): Mismatch | null {
  const [left, right] = [canonical(recorded), canonical(modelled)];
  if (left === right) return null;
  if (isJsonObject(recorded) && isJsonObject(modelled)) {
    for (const name of new Set([...Object.keys(recorded), ...Object.keys(modelled)])) {
      const inner = compare(place, `${what} ${name}`, recorded[name], modelled[name]);
      if (inner !== null) return inner;
    }
  }
  if (Array.isArray(recorded) && Array.isArray(modelled) && what.endsWith("areas")) {
    for (const [index, item] of recorded.entries()) {
      const inner = compare(place, `${what}[${index}]`, item, modelled[index]);
      if (inner !== null) return inner;
    }
  }
  return {
    step: place.step,
    operation: `${place.scenario}: ${place.operation}`,
    what,
    recorded: left,
    modelled: right,
  };
}

function compareBoot(
  guest: BootedGuest,
  parts: readonly GuestBootPart[],
  scenario: string,
): Mismatch | null {
  const isWhole = parts.some(({ at }) => at === "after_setup_vm");
  const recorded = parts.flatMap(({ events }) => events.flatMap(linesOfRecordedEvent));
  const modelled = guest.events.flatMap(linesOfEvent);
  const length = isWhole ? Math.max(recorded.length, modelled.length) : recorded.length;
  for (let index = 0; index < length; index++) {
    const place = { scenario, step: index, operation: "boot" };
    const found = compare(place, `event ${index}`, recorded[index], modelled[index]);
    if (found !== null) return found;
  }
  for (const [step, { at, state }] of parts.entries()) {
    const place = { scenario, step, operation: `boot, ${at}` };
    const found = compare(place, "state", state, guest.states.get(at) ?? null);
    if (found !== null) return found;
  }
  return null;
}

/** A value that a call returned, as the recordings write it. */
function returnedText(value: bigint | number | null): string {
  return `0x${BigInt.asUintN(64, BigInt(value ?? 0)).toString(16)}`;
}

function outcomeText(outcome: Outcome<bigint | number | null>): string {
  return outcome.kind === "returned" ? returnedText(outcome.value) : formatStopped(outcome);
}

/** A scenario while it is replayed. */
interface Replay {
  readonly guest: BootedGuest;
  readonly scenario: GuestScenario;
  /** The step before which the test calls `setup_vm`; -1 if boot has done so. */
  readonly setupAt: number;
  /** The block of the first malloc, in which the test watches a word. */
  watched: bigint;
}

const WATCHED_WORD = 0x5a5a5a5an;

/**
 * Whether a page holds what EFI left there: memory is not zero then, and what it holds was not recorded.
 */
function isLeftByFirmware(machine: Machine, address: bigint): boolean {
  const isEfi = machine.platform?.inputs.firmware === "efi";
  return isEfi && machine.ram.backing(physAddr(address)) === "untouched";
}

function compareNote(replay: Replay, place: Place, note: JsonObject): Mismatch | null {
  const { machine } = replay.guest;
  const [name] = Object.keys(note);
  if (name === "peek") {
    const at = hexMember(note, "peek");
    if (isLeftByFirmware(machine, at)) return null;
    const word = wordBytes(machine.arch.wordBits);
    const words = [at, at + BigInt(word)].map((address) =>
      `0x${(machine.ram.peek(physAddr(address), word) ?? 0n).toString(16)}`
    );
    return compare(place, "words", listMember(note, "words"), words);
  }
  const address = virtAddr(replay.watched);
  if (name === "malloc_word_before") machine.space.writeWord(address, WATCHED_WORD, "the test");
  const value = outcomeOf(() => machine.space.readWord(address, "the test"));
  const modelled = { [name ?? ""]: outcomeText(value) };
  return compare(place, "note", note, modelled);
}

function replayStep(replay: Replay, step: GuestStep, place: Place): Mismatch | null {
  const { machine } = replay.guest;
  if (step.note !== null) return compareNote(replay, place, step.note);
  if (step.call !== "-") {
    const action = guestAction(machine, step.call);
    if (action === null) {
      throw new RecordingError(`Cannot replay the recording: "${step.call}" is no call`);
    }
    const outcome = runOnMachine(machine, action);
    const result = compare(place, "result", step.returns, outcomeText(outcome));
    if (result !== null) return result;
    if (step.call.startsWith("malloc ") && replay.watched === 0n && step.returns !== null) {
      replay.watched = BigInt(step.returns);
    }
  }
  if (step.state !== null) return compare(place, "state", step.state, dumpGuestState(machine));
  const top = `0x${machine.vmalloc.vfreeTop.toString(16)}`;
  return compare(place, "vfreeTop", step.vfreeTop ?? top, top) ??
    (step.hash === null ? null : compare(place, "hash", step.hash, hashGuestState(machine)));
}

/**
 * How many steps of a scenario with a boot of its own come before the test calls `setup_vm`. Behind them it
 * does the same as the scenario `std`; on some architectures vmalloc is set up already by then.
 */
function stepsBeforeSetup(file: GuestFile, scenario: GuestScenario): number {
  const standard = file.scenarios.find(({ name }) => name === "std");
  if (standard !== undefined) return scenario.steps.length - standard.steps.length;
  const first = scenario.steps.findIndex(({ state }) => state?.["allocOps"] === "vmalloc");
  return first < 0 ? scenario.steps.length : first;
}

/** The test calls `setup_vm`, which does nothing if vmalloc is set up. */
function callSetupVm(guest: BootedGuest): void {
  if (guest.machine.stopped !== null) return;
  guest.events.push(...setUpVm(guest.machine, observer(guest.states)).events);
}

function replayScenario(replay: Replay): Mismatch | null {
  const { guest, scenario, setupAt } = replay;
  for (const [index, step] of scenario.steps.entries()) {
    const place = { scenario: scenario.name, step: index, operation: step.call };
    if (index === setupAt) callSetupVm(guest);
    if (guest.machine.stopped !== null) {
      return compare(place, "result", "a call", formatStopped(guest.machine.stopped));
    }
    const found = replayStep(replay, step, place);
    if (found !== null) return found;
  }
  if (setupAt === scenario.steps.length) callSetupVm(guest);
  return (scenario.boot === null ? null : compareBoot(guest, scenario.boot, scenario.name)) ??
    replayEnd(replay);
}

function replayEnd({ guest, scenario }: Replay): Mismatch | null {
  const { end } = scenario;
  if (end.kind === "completed" || end.call === null) return null;
  const step = scenario.steps.length;
  const place = { scenario: scenario.name, step, operation: end.call };
  const action = guestAction(guest.machine, end.call);
  if (action === null) {
    throw new RecordingError(`Cannot replay the recording: "${end.call}" is no call`);
  }
  const outcome = runOnMachine(guest.machine, action);
  if (end.kind === "assert") {
    const recorded = `${end.file}:${end.line}: assert failed: ${end.text}`;
    return compare(place, "end", recorded, outcomeText(outcome));
  }
  const isAsRecorded = outcome.kind === "fault" || outcome.kind === "undefined-behaviour";
  return isAsRecorded ? null : compare(place, "end", end.kind, outcomeText(outcome));
}

/** The result of one part of a recording: its boot, or a scenario. */
export interface GuestPartResult {
  /** `boot`, or the scenario's name. */
  readonly name: string;
  /** The number of steps compared. */
  readonly steps: number;
  /** The first difference, or null. */
  readonly mismatch: Mismatch | null;
}

/**
 * Replays a recording of a guest, part by part.
 *
 * @param file the recording
 * @param environment the architectures
 * @returns the boot's result, then that of each scenario with steps
 * @throws {RecordingError} if an input is missing, or a call is not known
 */
export function* replayGuestParts(
  file: GuestFile,
  environment: ConformEnvironment,
): Generator<GuestPartResult> {
  const options = bootOptionsOf(file, environment);
  const booted = bootGuest(options, "end");
  const mismatch = compareBoot(booted, file.boot, "boot");
  yield { name: "boot", steps: file.boot.length, mismatch };
  for (const scenario of file.scenarios) {
    if (scenario.steps.length === 0 && scenario.end.kind !== "assert") {
      if (scenario.end.kind === "completed" || scenario.end.call === null) continue;
    }
    const isWhole = scenario.boot === null;
    const guest = isWhole
      ? { ...booted, machine: cloneMachine(booted.machine) }
      : bootGuest(options, "main");
    const setupAt = isWhole ? -1 : stepsBeforeSetup(file, scenario);
    const mismatch = replayScenario({ guest, scenario, setupAt, watched: 0n });
    const steps = scenario.steps.length + (scenario.boot?.length ?? 0) + 1;
    yield { name: scenario.name, steps, mismatch };
  }
}

/**
 * Replays a recording of a guest up to the first difference.
 *
 * @param file the recording
 * @param environment the architectures
 * @returns the number of steps compared, and the difference if there is one
 * @throws {RecordingError} if an input is missing, or a call is not known
 */
export function replayGuest(file: GuestFile, environment: ConformEnvironment): ConformResult {
  let steps = 0;
  for (const part of replayGuestParts(file, environment)) {
    steps += part.steps;
    if (part.mismatch !== null) {
      return { kind: "guest", title: file.guest, steps, mismatch: part.mismatch };
    }
  }
  return { kind: "guest", title: file.guest, steps, mismatch: null };
}
