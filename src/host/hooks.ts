/**
 * Hooks around the page allocator: what `arch_alloc_page`, `arch_free_page` and the like do in Linux.
 *
 * Upstream has no such hooks. They stand outside of the modelled code, around its calls, and change
 * nothing in it.
 *
 * @module
 */

import { hasAreas } from "../alloc_page/mod.ts";
import type { Ram } from "../memory/mod.ts";
import type { FillReason } from "../memory/host.ts";
import type { Outcome } from "../outcome.ts";
import { nestedObservers } from "../page_allocator.ts";
import type { AllocatorCall, AllocatorObserver, AllocatorResult } from "../page_allocator.ts";
import { virtAddr } from "../units.ts";
import { setBalloon } from "./balloon.ts";
import { blockAt, physicalStretch } from "./blocks.ts";
import type { Stretch } from "./blocks.ts";
import { NO_POLICIES } from "./policy.ts";
import type { HookPlace, HostPolicies, RepeatedAct } from "./policy.ts";
import { reportFreePages } from "./report.ts";
import type { HostedMachine } from "./state.ts";

/** The frames that a call gives back; null for another call. */
function givenBack(machine: HostedMachine, call: AllocatorCall): Stretch | null {
  if (call.kind === "free-pages") return blockAt(machine, call.address);
  if (call.kind !== "unreserve-pages") return null;
  return physicalStretch(machine, call.address, call.count);
}

/** The frames that a call has handed out; null if it has none. */
function handedOut(
  machine: HostedMachine,
  call: AllocatorCall,
  value: AllocatorResult,
): Stretch | null {
  if (call.kind === "reserve-pages") {
    const isRefused = value === null || value === -1;
    return isRefused ? null : physicalStretch(machine, call.address, call.count);
  }
  const isRequest = call.kind === "alloc-pages" || call.kind === "memalign-pages";
  return isRequest && typeof value === "bigint" ? blockAt(machine, value) : null;
}

function fill(
  { space, host }: HostedMachine,
  { first, size, address }: Stretch,
  byte: number,
  reason: FillReason,
): void {
  space.fill(virtAddr(address), size, byte, reason);
  host.account.noteFill(first, size, byte, reason);
}

/** Fills frames that are given back, if a hook stands at this place. */
function fillFreed(machine: HostedMachine, frames: Stretch, place: HookPlace): void {
  const { initOnFree, poison } = machine.host.policies;
  if (initOnFree === place) fill(machine, frames, 0, "init-on-free");
  if (poison?.place === place) fill(machine, frames, poison.byte, "poison");
}

/**
 * Does something that is done again and again.
 *
 * @param machine the machine
 * @param act what
 * @returns the frames reported, the pages taken, the size of the balloon, or the pages of broken poison
 */
export function perform(machine: HostedMachine, act: RepeatedAct): number {
  switch (act.kind) {
    case "report":
      return reportFreePages(machine, act.order, act.form);
    case "reclaim":
      return machine.host.account.reclaim();
    case "balloon":
      return setBalloon(machine, act.frames);
    case "verify-poison":
      return machine.host.account.verifyAllPoison();
  }
}

/** The hooks of a machine. */
class Hooks implements AllocatorObserver {
  readonly #machine: HostedMachine;
  #given: Stretch | null = null;
  /** Memory before a request, which may clear what it hands out. */
  #before: Ram | null = null;

  constructor(machine: HostedMachine) {
    this.#machine = machine;
  }

  before(call: AllocatorCall): void {
    const machine = this.#machine;
    const { policies, account, driver } = machine.host;
    if (driver === "at work" || policies === NO_POLICIES) return;
    this.#given = givenBack(machine, call);
    this.#before = account.poisoned === 0 || this.#given !== null ? null : machine.ram.clone();
    if (this.#given === null) return;
    fillFreed(machine, this.#given, "early");
    const { first, size } = this.#given;
    if (policies.cma !== "off") account.mark(first, size, "unused");
  }

  after(call: AllocatorCall, outcome: Outcome<AllocatorResult>): void {
    const machine = this.#machine;
    const { policies, driver } = machine.host;
    if (driver === "at work" || policies === NO_POLICIES || outcome.kind !== "returned") return;
    const given = this.#given;
    this.#given = null;
    if (given !== null) {
      fillFreed(machine, given, "late");
      for (const act of policies.afterFree) perform(machine, act);
      return;
    }
    const frames = handedOut(machine, call, outcome.value);
    if (frames === null) return;
    this.#handOut(frames);
    // Frames are reserved for what they hold already.
    if (policies.initOnAlloc === "off" || call.kind === "reserve-pages") return;
    fill(machine, frames, 0, "init-on-alloc");
  }

  #handOut(frames: Stretch): void {
    const { account, policies } = this.#machine.host;
    const { first, size } = frames;
    if (this.#before !== null) account.verifyPoison(first, size, this.#before);
    account.forgetPoison(first, size);
    if (policies.cma !== "off") account.mark(first, size, "stable");
  }
}

function install(machine: HostedMachine): void {
  if (machine.host.hooks === "installed") return;
  machine.host.hooks = "installed";
  machine.pages.observer = nestedObservers(new Hooks(machine), machine.pages.observer);
}

/**
 * Switches policies on, or all of them off.
 *
 * @param machine the machine
 * @param change what is new; null for everything off
 * @throws {RangeError} if the edition keeps no page states, by which a hook knows the size of a block
 */
export function setPolicies(machine: HostedMachine, change: Partial<HostPolicies> | null): void {
  const { host, edition, pages } = machine;
  if (change === null) {
    host.policies = NO_POLICIES;
    host.account.forgetAllPoison();
    host.account.answerAccesses("with zeroes");
    return;
  }
  if (!("blockFrames" in pages) && !hasAreas(pages)) {
    throw new RangeError(
      `Cannot put hooks around the page allocator of ${edition.name}: it must keep page states, ` +
        "take a later edition",
    );
  }
  host.policies = { ...host.policies, ...change };
  if (change.cma === "faults") host.account.answerAccesses("with faults");
  install(machine);
}

/**
 * Does what is to be done every so many calls of the scenario.
 *
 * @param machine the machine, on which a call of the scenario has returned
 */
export function afterStep(machine: HostedMachine): void {
  const { host } = machine;
  host.steps++;
  for (const { steps, act } of host.policies.every) {
    if (host.steps % steps === 0) perform(machine, act);
  }
}

/**
 * Copies what a host and the drivers know, for a copied machine. The copy has its own hooks.
 *
 * @param to the copy
 * @param from the original
 */
export function copyHost(to: HostedMachine, from: HostedMachine): void {
  to.host.account.copyFrom(from.host.account);
  to.host.balloon.push(...from.host.balloon);
  to.host.policies = from.host.policies;
  to.host.steps = from.host.steps;
  if (from.host.hooks === "installed") install(to);
}
