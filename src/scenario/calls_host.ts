/**
 * What the other side does to memory: the host, and the guest's drivers for it.
 *
 * @module
 */

import type { StackCall } from "../check/stack_rules/mod.ts";
import { perform, setPolicies } from "../host/mod.ts";
import type { HookPlace, RepeatedAct } from "../host/mod.ts";
import type { PageUsage } from "../memory/mod.ts";
import { byteCount, physAddr } from "../units.ts";
import type { ByteCount, PhysAddr } from "../units.ts";
import {
  argument,
  integerValue,
  NOTHING,
  numberArgument,
  optional,
  PAGE_CALL,
  required,
} from "./call_row.ts";
import type { CallInput, CallRow, Parameter } from "./call_row.ts";
import { hex } from "./numbers.ts";
import type { Value } from "./types.ts";

const FRAMES: readonly Parameter[] = [
  required("ADDRESS", "physical address"),
  required("COUNT", "count"),
];
const REPORT: readonly Parameter[] = [required("ORDER", "order"), optional("in-place", "in place")];
const COUNT: Parameter = required("COUNT", "count");
const STEPS: Parameter = required("N", "count");
const LATE: Parameter = optional("late", "late");

/** The host's calls make calls of the page allocator, and none of malloc. */
const stackCall = (): StackCall => PAGE_CALL;

/** A call of the host that gives nothing back. */
function silent(
  name: string,
  parameters: readonly Parameter[],
  help: string,
  act: (input: CallInput) => void,
): CallRow {
  const run = (input: CallInput): Value => {
    act(input);
    return NOTHING;
  };
  return { name, parameters, options: [], result: "nothing", help, stackCall, run };
}

/** A call of the host that says how many pages it was about. */
function counting(
  name: string,
  parameters: readonly Parameter[],
  help: string,
  act: (input: CallInput) => number,
): CallRow {
  const run = (input: CallInput): Value => integerValue(act(input));
  return { name, parameters, options: [], result: "integer", help, stackCall, run };
}

/** The frames that a call names. */
function framesOf(input: CallInput, act: string): { first: PhysAddr; size: ByteCount } {
  const [address, count] = [argument(input, 0), argument(input, 1)];
  const { pageShift, ram } = input.machine;
  const pageBytes = 1n << BigInt(pageShift);
  const refuse = (rule: string): never => {
    throw new RangeError(`Cannot ${act} ${count} frames at ${hex(address)}: ${rule}`);
  };
  if (address % pageBytes !== 0n) refuse(`the address must be a multiple of ${hex(pageBytes)}`);
  const [first, size] = [physAddr(address), byteCount(count << BigInt(pageShift))];
  if (size > 1n << 53n || address + size > 1n << 64n) refuse("there must be so much memory");
  if (ram.peekRuns(first, size).some(({ byte }) => byte === null)) {
    refuse("all of them must be memory");
  }
  return { first, size };
}

function discard(input: CallInput): void {
  const { first, size } = framesOf(input, "discard");
  input.machine.host.account.discard(first, size, "asked");
}

function marking(usage: PageUsage): (input: CallInput) => void {
  return (input) => {
    const { first, size } = framesOf(input, "mark");
    input.machine.host.account.mark(first, size, usage);
  };
}

/** The report that a call asks for, whose arguments begin at a position. */
function reportOf(input: CallInput, index: number): RepeatedAct {
  const form = input.args[index + 1] === undefined ? "isolated" : "in-place";
  return { kind: "report", order: numberArgument(input, index), form };
}

function placeOf(input: CallInput, index: number): HookPlace {
  return input.args[index] === undefined ? "early" : "late";
}

function afterFree({ machine }: CallInput, act: RepeatedAct): void {
  const { afterFree } = machine.host.policies;
  setPolicies(machine, { afterFree: [...afterFree, act] });
}

function every(input: CallInput, act: RepeatedAct): void {
  const { machine } = input;
  const steps = numberArgument(input, 0);
  if (steps === 0) throw new RangeError("Cannot do it every 0 calls: the number must be 1 or more");
  setPolicies(machine, { every: [...machine.host.policies.every, { steps, act }] });
}

const RECLAIM: RepeatedAct = { kind: "reclaim" };
const VERIFY: RepeatedAct = { kind: "verify-poison" };

/** The size of a balloon that a call asks for, whose argument is at a position. */
function balloonOf(input: CallInput, index: number): RepeatedAct {
  return { kind: "balloon", frames: numberArgument(input, index) };
}

/** What is done once. */
const ACTS: readonly CallRow[] = [
  silent(
    "host discard",
    FRAMES,
    "the host takes COUNT frames away, whatever they hold; they read as 0",
    discard,
  ),
  counting(
    "host balloon",
    [COUNT],
    "a driver allocates or frees frames until it has COUNT; the host takes them; gives its size",
    (input) => perform(input.machine, balloonOf(input, 0)),
  ),
  counting(
    "host report-free-pages",
    REPORT,
    "a driver isolates free blocks of ORDER and up, the host takes them; gives their frames",
    (input) => perform(input.machine, reportOf(input, 0)),
  ),
  silent(
    "host mark stable",
    FRAMES,
    "the guest says that the host must keep COUNT frames",
    marking("stable"),
  ),
  silent(
    "host mark unused",
    FRAMES,
    "the guest says that the host may take COUNT frames at any time",
    marking("unused"),
  ),
  silent(
    "host mark potentially-volatile",
    FRAMES,
    "the guest says that the host may take COUNT frames as long as nobody writes to them",
    marking("potentially-volatile"),
  ),
  counting(
    "host reclaim",
    [],
    "the host takes all frames that it may by their marks; gives the pages of 4 KiB",
    ({ machine }) => perform(machine, RECLAIM),
  ),
  counting(
    "host verify-poison",
    [],
    "looks at all poisoned pages that are free; gives those whose poison is broken",
    ({ machine }) => perform(machine, VERIFY),
  ),
];

/** What is switched on and stays so. */
const POLICIES: readonly CallRow[] = [
  silent(
    "host after-free report-free-pages",
    REPORT,
    "does that after each call that frees",
    (input) => afterFree(input, reportOf(input, 0)),
  ),
  silent(
    "host after-free reclaim",
    [],
    "does that after each call that frees",
    (input) => afterFree(input, RECLAIM),
  ),
  silent(
    "host after-free balloon",
    [COUNT],
    "does that after each call that frees",
    (input) => afterFree(input, balloonOf(input, 0)),
  ),
  silent(
    "host after-free verify-poison",
    [],
    "does that after each call that frees",
    (input) => afterFree(input, VERIFY),
  ),
  silent(
    "host every N report-free-pages",
    [STEPS, ...REPORT],
    "does that after every N calls of the scenario",
    (input) => every(input, reportOf(input, 1)),
  ),
  silent(
    "host every N reclaim",
    [STEPS],
    "does that after every N calls of the scenario",
    (input) => every(input, RECLAIM),
  ),
  silent(
    "host every N balloon",
    [STEPS, COUNT],
    "does that after every N calls of the scenario",
    (input) => every(input, balloonOf(input, 1)),
  ),
  silent(
    "host every N verify-poison",
    [STEPS],
    "does that after every N calls of the scenario",
    (input) => every(input, VERIFY),
  ),
  silent(
    "host cma",
    [optional("faults", "faults")],
    "hooks mark what is freed as unused, what is handed out as stable; faults: as z/VM answers",
    ({ machine, args }) => setPolicies(machine, { cma: args[0] === undefined ? "on" : "faults" }),
  ),
  silent(
    "host poison",
    [required("BYTE", "byte"), LATE],
    "fills what is freed with BYTE, and verifies what is handed out; late: once it is on its list",
    (input) => {
      const poison = { byte: numberArgument(input, 0), place: placeOf(input, 1) };
      setPolicies(input.machine, { poison });
    },
  ),
  silent(
    "host init-on-free",
    [LATE],
    "clears what is freed, before the allocator has it; late: once it is on its list",
    (input) => setPolicies(input.machine, { initOnFree: placeOf(input, 0) }),
  ),
  silent(
    "host init-on-alloc",
    [],
    "clears what is handed out",
    ({ machine }) => setPolicies(machine, { initOnAlloc: "on" }),
  ),
  silent(
    "host off",
    [],
    "ends all that was switched on",
    ({ machine }) => setPolicies(machine, null),
  ),
];

/** The calls of the host, in the order of the documentation. */
export const HOST_CALLS: readonly CallRow[] = [...ACTS, ...POLICIES];
