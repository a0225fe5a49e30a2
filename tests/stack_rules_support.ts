/**
 * What the tests of the rules above the page allocator share: a watched machine.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import {
  boot,
  byteCount,
  calloc,
  cloneMachine,
  free,
  type Machine,
  malloc,
  memalign,
  type Outcome,
  outcomeOf,
  physAddr,
  runOnMachine,
  virtAddr,
} from "../mod.ts";
import { formatViolation, type StackCall, StackWatch, type Violation } from "../src/check/mod.ts";
import { allocVpagesAligned, vmap } from "../src/vmalloc/mod.ts";
import { guestOptions } from "./boot_support.ts";
import { edition } from "./support.ts";

/** Guests of healthy shapes, one for each architecture and further page sizes and firmwares. */
export const HEALTHY_GUESTS: readonly string[] = [
  "x86_64-128M",
  "x86_64-512M-efi",
  "x86_64-8G-memlimit",
  "i386-128M",
  "arm-256M",
  "arm64-256M",
  "arm64-256M-16k",
  "arm64-256M-64k",
  "arm64-256M-efi",
  "arm64-256M-testdev",
  "s390x-128M",
  "s390x-3G",
  "ppc64-256M",
  "ppc64be-256M",
  "riscv64-256M",
  "riscv32-256M",
];

const BOOTED: Map<string, Machine> = new Map();

/** The guest of a name, booted in an edition: a copy, as boot takes most of the time. */
export function booted(name: string, editionName = "head"): Machine {
  const key = `${name} ${editionName}`;
  const known = BOOTED.get(key);
  if (known !== undefined) return cloneMachine(known);
  const { machine, outcome } = boot({ ...guestOptions(name), edition: edition(editionName) });
  assertEquals(outcome.kind, "returned", key);
  BOOTED.set(key, machine);
  return cloneMachine(machine);
}

/** Makes a call of malloc or vmalloc, or of the page allocator to free NULL. */
export function makeCall(machine: Machine, call: StackCall): Outcome<bigint | null | undefined> {
  return runOnMachine(machine, () => {
    switch (call.kind) {
      case "malloc":
        return malloc(machine, call.size);
      case "calloc":
        return calloc(machine, call.count, call.size);
      case "memalign":
        return memalign(machine, call.alignment, call.size);
      case "free":
        free(machine, virtAddr(call.address));
        return undefined;
      case "vmap":
        return vmap(machine, physAddr(call.physical), byteCount(call.size));
      case "alloc-vpages":
        return allocVpagesAligned(machine, call.count, call.alignOrder);
      case "user-write":
        machine.space.fill(virtAddr(call.address), byteCount(call.size), 0x5a, "a test");
        return undefined;
      default:
        throw new RangeError(`Cannot make the call ${call.kind} in a test`);
    }
  });
}

/** A machine with a watch on it, and what was found so far. */
export class Watched {
  readonly machine: Machine;
  readonly watch: StackWatch;
  readonly found: Violation[] = [];

  constructor(machine: Machine) {
    this.machine = machine;
    this.watch = new StackWatch(machine);
  }

  /** Makes a call, judges it, and checks the state; gives the address that came out, or 0. */
  do(
    call: StackCall,
    make: () => Outcome<bigint | null | undefined> = () => makeCall(this.machine, call),
  ): bigint {
    this.watch.before(this.machine);
    const outcome = make();
    this.found.push(...this.watch.after(this.machine, call, outcome));
    this.found.push(...this.watch.findViolations(this.machine));
    return outcome.kind === "returned" ? outcome.value ?? 0n : 0n;
  }

  /** The names of the rules that were broken so far, each once. */
  get rules(): string[] {
    return [...new Set(this.found.map(({ rule }) => rule))];
  }

  /** What was found, as lines. */
  get lines(): string[] {
    return this.found.map(formatViolation);
  }
}

/** Runs something that is no call of malloc or vmalloc, such as a poke. */
export function doing(action: () => void): () => Outcome<undefined> {
  return () =>
    outcomeOf(() => {
      action();
      return undefined;
    });
}
