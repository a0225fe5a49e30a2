/**
 * How a call of the modelled code can end.
 *
 * Four things are kept apart: the modelled code *returned*; an `assert` of its own *failed*; the
 * hardware stopped it with a *fault*; it did what C leaves *undefined*, or would never end. Wrong use
 * of the model throws `RangeError`, `TypeError` or `SyntaxError`; a defect of the model throws an
 * `Error` whose message begins with "Model error".
 *
 * Inside the model an end other than a return travels as a private exception, so that the code stays
 * as straight as the C; {@linkcode outcomeOf} turns it into a value at the edge.
 *
 * @module
 */

/** A place in upstream's source. */
export interface SourceLine {
  /** The path as the compiler saw it, such as `lib/alloc_page.c`. */
  readonly file: string;
  /** The function's name. */
  readonly function: string;
  /** The line in the edition that runs; null where that edition's text is not known. */
  readonly line: number | null;
}

/** The modelled code returned. */
export interface Returned<T> {
  /** Tells the outcomes apart. */
  readonly kind: "returned";
  /** What it returned. */
  readonly value: T;
}

/** An `assert` of the modelled code failed; the guest prints it and exits. */
export interface AssertionFailed {
  /** Tells the outcomes apart. */
  readonly kind: "assertion-failed";
  /** Where the assertion stands. */
  readonly source: SourceLine;
  /** The condition's text, exactly as upstream prints it. */
  readonly expression: string;
  /** The formatted text of `assert_msg`, or an empty string. */
  readonly message: string;
}

/** What the faulting access wanted to do. */
export interface FaultAccess {
  /** The kind of access. */
  readonly kind: "read" | "write" | "fill";
  /** The first byte wanted. */
  readonly address: bigint;
  /** How many bytes were wanted. */
  readonly sizeBytes: bigint;
  /** The byte to be stored by a fill; null for the others. */
  readonly byte: number | null;
}

/** Why the hardware refused. */
export type FaultReason =
  | "hole"
  | "mmio"
  | "unmapped"
  | "read-only"
  | "beyond-bus"
  | "unused-block"
  | "volatile-block";

/** The hardware stopped the modelled code. */
export interface Fault {
  /** Tells the outcomes apart. */
  readonly kind: "fault";
  /** The first byte that could not be accessed. */
  readonly address: bigint;
  /** Why. */
  readonly reason: FaultReason;
  /** The function of the modelled code, or of the scenario, that made the access. */
  readonly by: string;
  /** The whole access. */
  readonly access: FaultAccess;
}

/** The modelled code did what C leaves undefined, or would never end. */
export interface UndefinedBehaviour {
  /** Tells the outcomes apart. */
  readonly kind: "undefined-behaviour";
  /** Where. */
  readonly source: SourceLine;
  /** What it did, as a verb phrase: "walks a list that never ends". */
  readonly what: string;
  /** What real targets were seen to do; empty if nothing is known. */
  readonly seen: string;
}

/** An end after which the machine is stopped, as the guest is. */
export type Stopped = AssertionFailed | Fault | UndefinedBehaviour;

/** How a call ended. */
export type Outcome<T> = Returned<T> | Stopped;

class Stop extends Error {
  readonly outcome: Stopped;
  constructor(outcome: Stopped) {
    super(formatStopped(outcome));
    this.outcome = outcome;
  }
}

/**
 * Ends the modelled code with an outcome other than a return.
 *
 * @param outcome the outcome
 * @returns never
 */
export function stop(outcome: Stopped): never {
  throw new Stop(outcome);
}

/**
 * Runs modelled code and tells how it ended.
 *
 * @param action the code
 * @returns what it returned, or why it was stopped
 * @throws whatever the action throws that is no end of the modelled code, unchanged
 *
 * @example A failed assertion becomes a value
 * ```ts
 * import { cAssert, outcomeOf } from "@buddyscope/sim";
 * import { assertEquals } from "@std/assert";
 *
 * const where = { file: "lib/alloc_page.c", function: "split", line: 108 };
 * const outcome = outcomeOf(() => cAssert(1 > 2, where, "1 > 2"));
 * assertEquals(outcome.kind, "assertion-failed");
 * ```
 */
export function outcomeOf<T>(action: () => T): Outcome<T> {
  try {
    return { kind: "returned", value: action() };
  } catch (error) {
    if (error instanceof Stop) return error.outcome;
    throw error;
  }
}

/**
 * Upstream's `assert`: stops the modelled code unless a condition holds.
 *
 * Source: `lib/libcflat.h`, `assert()` and `assert_msg()`, 4a54e8a3.
 *
 * @param condition what has to hold
 * @param source where upstream's assertion stands
 * @param expression the condition's text, exactly as upstream prints it
 * @param message the formatted text of `assert_msg`
 */
export function cAssert(
  condition: boolean,
  source: SourceLine,
  expression: string,
  message = "",
): asserts condition {
  if (!condition) stop({ kind: "assertion-failed", source, expression, message });
}

/**
 * Says that the model itself is wrong.
 *
 * @param what what cannot be
 * @returns never
 * @throws {Error} always
 */
export function unreachable(what: string): never {
  throw new Error(`Model error: ${what}`);
}

/**
 * Upstream's place in words: `lib/alloc_page.c:108`, or without a number where it is not known.
 *
 * @param source the place
 * @returns the text
 */
export function formatSource(source: SourceLine): string {
  return `${source.file}:${source.line ?? "?"}`;
}

const FAULT_REASONS: Readonly<Record<FaultReason, string>> = {
  "hole": "where there is no memory",
  "mmio": "which is a device, not memory",
  "unmapped": "which is not mapped",
  "read-only": "which is mapped read-only",
  "beyond-bus": "which is beyond the end of the address space",
  "unused-block": "which was marked as unused and is gone: an addressing exception",
  "volatile-block": "which was volatile and is gone: a block-volatility exception",
};

function formatFault(fault: Fault): string {
  const { access } = fault;
  const bytes = access.sizeBytes === 1n
    ? "1 byte"
    : `${
      access.sizeBytes < 0x10000n ? access.sizeBytes : "0x" + access.sizeBytes.toString(16)
    } bytes`;
  const first = `0x${access.address.toString(16)}`;
  const verb = access.kind === "fill"
    ? `fills ${bytes} from ${first} with 0x${(access.byte ?? 0).toString(16)}`
    : `${access.kind}s ${bytes} at ${first}`;
  const where = access.address === fault.address
    ? ""
    : ` and reaches 0x${fault.address.toString(16)}`;
  return `fault: ${fault.by} ${verb}${where}, ${FAULT_REASONS[fault.reason]}`;
}

/**
 * An end of the modelled code in one line; a failed assertion reads as the guest prints it.
 *
 * @param outcome the outcome
 * @returns the line, without a newline
 */
export function formatStopped(outcome: Stopped): string {
  switch (outcome.kind) {
    case "assertion-failed": {
      const message = outcome.message === "" ? "" : `: ${outcome.message}`;
      return `${formatSource(outcome.source)}: assert failed: ${outcome.expression}${message}`;
    }
    case "fault":
      return formatFault(outcome);
    case "undefined-behaviour": {
      const seen = outcome.seen === "" ? "" : ` (${outcome.seen})`;
      return `undefined behaviour: ${formatSource(outcome.source)}, ${outcome.source.function}() ` +
        `${outcome.what}${seen}`;
    }
  }
}
