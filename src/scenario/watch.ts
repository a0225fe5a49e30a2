/**
 * Judging a run: each call by the rules of a sound allocator.
 *
 * @module
 */

import { findViolations, Ledger, pageCallOf } from "../check/invariants/mod.ts";
import type { CheckOptions, PageCall, Violation } from "../check/invariants/mod.ts";
import { StackWatch } from "../check/stack_rules/mod.ts";
import type { StackCall, StackValue } from "../check/stack_rules/mod.ts";
import type { Machine } from "../machine.ts";
import type { HostEvent } from "../memory/mod.ts";
import type { Outcome } from "../outcome.ts";
import { nestedObservers } from "../page_allocator.ts";
import type { AllocatorCall, AllocatorObserver, AllocatorResult } from "../page_allocator.ts";
import type { CallRow } from "./call_row.ts";
import { hex } from "./numbers.ts";
import { NO_OPTIONS } from "./types.ts";
import type { CallOptions, Value } from "./types.ts";

/** The one rule about calls that is broken for as long as a state lasts. */
const LASTING = "frames are conserved";

/** What makes two violations the same one: a further sentence about the same frame is no news. */
function keyOf({ rule, area, pfn, sentence }: Violation): string {
  return [rule, area, pfn ?? sentence].join("|");
}

/** What the rules about malloc and vmalloc are told of a result. */
function stackValueOf(value: Value): StackValue {
  if (value.kind === "null") return null;
  return value.kind === "nothing" ? undefined : value.value;
}

/** What the host did to memory in a step, for a sentence about what is wrong after it; empty if nothing. */
function causeOf(host: readonly HostEvent[]): string {
  const done = host.flatMap((event) => {
    const isTaken = event.kind === "discard";
    if (!isTaken && event.kind !== "fill") return [];
    return [
      `${isTaken ? "the host has taken" : "a hook has filled"} the page at ${hex(event.first)}`,
    ];
  });
  const [first] = done;
  const more = done.length > 1 ? ` and ${done.length - 1} more` : "";
  return first === undefined ? "" : `; ${first}${more}`;
}

/** What a watch knows: who owns which frames, and which blocks of malloc and vmalloc. */
interface Knowledge {
  readonly ledger: Ledger;
  /** Null on a machine that is nothing but a page allocator. */
  readonly stack: StackWatch | null;
}

/** A step as it is judged. */
export interface WatchedStep {
  /** Its call. */
  readonly row: CallRow;
  /** The arguments, resolved. */
  readonly args: readonly bigint[];
  /** The flags of a request. */
  readonly flags: number;
  /** The options, as the scenario has them: what an edition's flags cannot say is meant all the same. */
  readonly options: CallOptions;
}

/**
 * Watches a machine: it sees each call of the page allocator, also those that malloc, boot and the page
 * tables make, and each call of the scenario, and tells what was broken by a step.
 */
export class Watch implements AllocatorObserver {
  readonly #machine: Machine;
  readonly #options: CheckOptions;
  readonly #ledger: Ledger;
  readonly #stack: StackWatch | null;
  /** What did not hold when the step before ended: states, and frames that are lost. */
  #standing: ReadonlySet<string> = new Set();
  #lost: ReadonlySet<string> = new Set();
  /** What the calls of the present step broke. */
  #broken: Violation[] = [];
  /** How many calls of the page allocator are under way: one may come back to it from inside. */
  #depth = 0;
  #sawCalls: "yes" | "no" = "no";
  #asked: CallOptions = NO_OPTIONS;
  #stackCall: StackCall = { kind: "other" };
  /** Whether nobody knew who owns what when the present step began. */
  #wasLost: "yes" | "no" = "no";

  /**
   * Begins to watch.
   *
   * @param machine the machine; its page allocator tells this watch of each call from now on
   * @param options the rules to check
   * @param known who owns what; by default what the machine says
   */
  constructor(machine: Machine, options: Pick<CheckOptions, "rules">, known?: Knowledge) {
    this.#machine = machine;
    this.#options = options.rules === undefined ? {} : { rules: options.rules };
    this.#ledger = known?.ledger ?? new Ledger(machine);
    this.#stack = known?.stack ?? (machine.platform === null ? null : new StackWatch(machine));
    // Inside of the host's hooks: what they do to a block is not what the call did.
    machine.pages.observer = nestedObservers(machine.pages.observer, this);
  }

  /**
   * Why nobody knows any more who owns what, so that nothing is judged; null as long as calls are. A call
   * that the scenario used wrongly, and that returned, is why.
   */
  get whyLost(): string | null {
    return this.#ledger.whyLost ?? this.#stack?.whyLost ?? null;
  }

  /** A watch with the same knowledge, of a copy of the machine as it is now. */
  copyFor(machine: Machine): Watch {
    const ledger = this.#ledger.copyFor(machine);
    const stack = this.#stack?.copy() ?? null;
    const copy = new Watch(machine, this.#options, { ledger, stack });
    copy.#standing = this.#standing;
    copy.#lost = this.#lost;
    return copy;
  }

  /**
   * A step begins.
   *
   * @param step the step
   */
  begin({ row, args, flags, options }: WatchedStep): void {
    this.#broken = [];
    this.#depth = 0;
    this.#sawCalls = "no";
    this.#wasLost = this.whyLost === null ? "no" : "yes";
    this.#asked = options;
    this.#stackCall = row.stackCall?.({ machine: this.#machine, args, flags }) ?? { kind: "other" };
    this.#stack?.before(this.#machine);
  }

  /** A call of the page allocator begins. */
  before(): void {
    if (this.#depth++ === 0) this.#ledger.before();
  }

  /** A call of the page allocator has ended. */
  after(call: AllocatorCall, outcome: Outcome<AllocatorResult>): void {
    if (--this.#depth > 0) return;
    this.#sawCalls = "yes";
    this.#broken.push(...this.#ledger.after(this.#meant(call), outcome, this.#options));
  }

  /** A call with what its edition's flags cannot say. */
  #meant(seen: AllocatorCall): PageCall {
    const call = pageCallOf(this.#machine, seen);
    if (call.kind !== "alloc-pages" && call.kind !== "memalign-pages") return call;
    const dontZero = call.wishes.dontZero || this.#asked.dontzero;
    return { ...call, wishes: { ...call.wishes, dontZero } };
  }

  /**
   * A step ends.
   *
   * @param outcome how its call ended; the state that a stopped machine is left in is not judged
   * @param host what the host did in it: that is no fault of the allocator, and the sentences say so
   * @returns what it broke
   */
  end(outcome: Outcome<Value>, host: readonly HostEvent[]): Violation[] {
    if (this.#wasLost === "yes") return [];
    this.#broken.push(...this.#judgeStack(outcome));
    const broken = this.#broken.filter((one) => !this.#lost.has(keyOf(one)));
    if (this.#sawCalls === "yes") {
      const lost = this.#broken.filter(({ rule }) => rule === LASTING);
      this.#lost = new Set(lost.map(keyOf));
    }
    if (outcome.kind === "returned" && this.whyLost === null) {
      const states = this.#findStates();
      broken.push(...states.filter((one) => !this.#standing.has(keyOf(one))));
      this.#standing = new Set(states.map(keyOf));
    }
    const told = new Set<string>();
    const cause = causeOf(host);
    return broken.filter((one) => told.size < told.add(keyOf(one)).size)
      .map((one) => cause === "" ? one : { ...one, sentence: `${one.sentence}${cause}` });
  }

  #judgeStack(outcome: Outcome<Value>): Violation[] {
    const end: Outcome<StackValue> = outcome.kind === "returned"
      ? { kind: "returned", value: stackValueOf(outcome.value) }
      : outcome;
    const call = this.#stackCall;
    if (this.#stack !== null) return this.#stack.after(this.#machine, call, end, this.#options);
    // Addresses of a machine that is nothing but a page allocator are physical.
    const isWritten = call.kind === "user-write" && end.kind === "returned";
    if (isWritten) this.#ledger.noteWrite(call.address, call.size);
    return [];
  }

  #findStates(): Violation[] {
    return [
      ...findViolations(this.#machine, this.#options),
      ...this.#stack?.findViolations(this.#machine, this.#options) ?? [],
    ];
  }
}
