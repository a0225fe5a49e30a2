/**
 * What the steps of a run did, in columns: some 30 bytes a step, so that a run can have a million.
 *
 * What few steps have, such as a broken rule or a failed assertion, stands beside the columns.
 *
 * @module
 */

import { CALLS } from "../../scenario/mod.ts";
import type { ExpectationResult, MadeAgain, Statement, Step, StepEnd } from "../../scenario/mod.ts";

/** What few steps have. */
interface Rarity {
  /** How it ended, if the columns cannot say it. */
  readonly outcome: StepEnd | null;
  /** Its arguments, if one of them is below zero. */
  readonly args: readonly bigint[] | null;
  readonly host: Step["host"];
  readonly printed: Step["printed"];
  readonly violations: Step["violations"];
  readonly expectation: ExpectationResult | null;
}

const EFFECTS: readonly Step["effect"][] = ["none", "kept", "undone"];
const ROWS = new Map(CALLS.map((row, index) => [row.name, index + 1]));

/** The ends that a column can say, by their number there; the values stand in another one. */
const NOTHING = 0;
const NULL = 1;
const ADDRESS = 2;
const INTEGER = 3;
const STOPPED_BEFORE = 4;
const NO_SUCH_CALL = 5;
const RARE = 6;

function codeOf(end: StepEnd): number {
  if (end.kind === "not-run") return end.why === "no-such-call" ? NO_SUCH_CALL : STOPPED_BEFORE;
  if (end.kind !== "returned") return RARE;
  const { value } = end;
  if (value.kind === "nothing") return NOTHING;
  if (value.kind === "null") return NULL;
  if (!isPlain(value.value)) return RARE;
  return value.kind === "address" ? ADDRESS : INTEGER;
}

/** Whether a column can hold a number. */
function isPlain(value: bigint): boolean {
  return BigInt.asUintN(64, value) === value;
}

/** The steps of a run. */
export class StepLog {
  readonly #calls: Uint8Array;
  readonly #effects: Uint8Array;
  readonly #ends: Uint8Array;
  readonly #values: BigUint64Array;
  /** Flags are -1 before there were any. */
  readonly #flags: Float64Array;
  /** Where the arguments of each step begin. */
  readonly #firstArgs: Uint32Array;
  readonly #rare = new Map<number, Rarity>();
  #args: BigUint64Array<ArrayBuffer>;
  #argCount = 0;
  #count = 0;

  /**
   * Begins without steps.
   *
   * @param most how many steps there can be
   */
  constructor(most: number) {
    this.#calls = new Uint8Array(most);
    this.#effects = new Uint8Array(most);
    this.#ends = new Uint8Array(most);
    this.#values = new BigUint64Array(most);
    this.#flags = new Float64Array(most);
    this.#firstArgs = new Uint32Array(most + 1);
    this.#args = new BigUint64Array(most);
  }

  /** How many steps there are. */
  get count(): number {
    return this.#count;
  }

  /**
   * Adds the next step.
   *
   * @param step the step; its events are not kept
   * @param expectation what became of it, if it is an `expect`; else null
   */
  add(step: Step, expectation: ExpectationResult | null): void {
    const { statement, effect, outcome, flags, args, host, printed, violations } = step;
    const index = this.#count++;
    this.#calls[index] = statement.kind === "call" ? ROWS.get(statement.call) ?? 0 : 0;
    this.#effects[index] = EFFECTS.indexOf(effect);
    this.#ends[index] = codeOf(outcome);
    const code = this.#ends[index];
    const hasValue = (code === ADDRESS || code === INTEGER) && outcome.kind === "returned";
    if (hasValue && "value" in outcome.value) this.#values[index] = outcome.value.value;
    this.#flags[index] = flags;
    const areOdd = !args.every(isPlain);
    if (!areOdd) this.#addArgs(args);
    this.#firstArgs[index + 1] = this.#argCount;
    const extras = host.length + printed.length + violations.length;
    if (extras === 0 && code !== RARE && !areOdd && expectation?.held !== "no") return;
    this.#rare.set(index, {
      outcome: code === RARE ? outcome : null,
      args: areOdd ? args : null,
      host,
      printed,
      violations,
      expectation,
    });
  }

  #addArgs(args: readonly bigint[]): void {
    if (this.#argCount + args.length > this.#args.length) {
      const more = new BigUint64Array(2 * this.#args.length + args.length);
      more.set(this.#args);
      this.#args = more;
    }
    for (const value of args) this.#args[this.#argCount++] = value;
  }

  /**
   * How a step ended.
   *
   * @param index its number
   * @returns the end
   */
  endOf(index: number): StepEnd {
    const value = this.#values[index] ?? 0n;
    switch (this.#ends[index]) {
      case NULL:
        return { kind: "returned", value: { kind: "null" } };
      case ADDRESS:
        return { kind: "returned", value: { kind: "address", value } };
      case INTEGER:
        return { kind: "returned", value: { kind: "integer", value } };
      case STOPPED_BEFORE:
        return { kind: "not-run", why: "machine-stopped" };
      case NO_SUCH_CALL:
        return { kind: "not-run", why: "no-such-call" };
      default:
        return this.#rare.get(index)?.outcome ??
          { kind: "returned", value: { kind: "nothing" } };
    }
  }

  #argsOf(index: number): readonly bigint[] {
    const odd = this.#rare.get(index)?.args ?? null;
    if (odd !== null) return odd;
    return [...this.#args.subarray(this.#firstArgs[index], this.#firstArgs[index + 1])];
  }

  /**
   * The failure of an `expect`.
   *
   * @param index the number of its step
   * @returns what was found; null if it held, or the step is no `expect`
   */
  failureOf(index: number): ExpectationResult | null {
    const found = this.#rare.get(index)?.expectation ?? null;
    return found?.held === "no" ? found : null;
  }

  /**
   * The step as it was recorded, without its events.
   *
   * @param index its number
   * @param statement its statement
   * @returns the step
   */
  stepAt(index: number, statement: Statement): Step {
    const { host = [], printed = [], violations = [] } = this.#rare.get(index) ?? {};
    return {
      index,
      statement,
      args: this.#argsOf(index),
      flags: this.#flags[index] ?? 0,
      outcome: this.endOf(index),
      effect: EFFECTS[this.#effects[index] ?? 0] ?? "none",
      events: [],
      host,
      printed,
      violations,
    };
  }

  /**
   * The call of a step, to make it again.
   *
   * @param index its number
   * @param effect what must have become of it
   * @returns the call; null if there was none, or it came to something else
   */
  callAt(index: number, effect: Step["effect"] = "kept"): MadeAgain | null {
    const row = CALLS[(this.#calls[index] ?? 0) - 1];
    if (row === undefined || EFFECTS[this.#effects[index] ?? 0] !== effect) return null;
    const flags = this.#flags[index] ?? 0;
    const end = (this.#ends[index] ?? 0) < STOPPED_BEFORE ? "returned" : this.endOf(index).kind;
    return { index, row, args: this.#argsOf(index), flags, end };
  }
}
