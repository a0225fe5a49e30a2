// deno-coverage-ignore-file
/**
 * Stand-in for `@std/assert`; see `tools/std/README.md`.
 *
 * Equality is that of `node:util`'s `isDeepStrictEqual`, a little stricter than the real one: it tells
 * 0 from -0.
 *
 * @module
 */
import nodeAssert from "node:assert";
import { inspect, isDeepStrictEqual } from "node:util";

/** A class, abstract or not, whose instances are `T`. */
// deno-lint-ignore no-explicit-any -- any arguments will do.
type AnyClass<T> = abstract new (...args: any[]) => T;

/** What every failed assertion throws. */
export class AssertionError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "AssertionError";
  }
}

/** Ends in an {@linkcode AssertionError}: what was wrong, the caller's words, the details. */
function failWith(what: string, msg?: string, details = ""): never {
  throw new AssertionError(`${what}${msg === undefined ? "." : `: ${msg}`}${details}`);
}

/** Text of a value on the usual number of lines. */
function show(value: unknown): string {
  return typeof value === "string"
    ? JSON.stringify(value)
    : inspect(value, { depth: 8, sorted: true });
}

/** The difference as `node:assert` words it, or nothing. */
function difference(actual: unknown, expected: unknown): string {
  try {
    nodeAssert.deepStrictEqual(actual, expected);
    return "";
  } catch (error) {
    return error instanceof Error ? `\n\n${error.message}` : "";
  }
}

/** Asserts that a value is truthy. */
export function assert(expr: unknown, msg = ""): asserts expr {
  if (!expr) throw new AssertionError(msg);
}

/** Asserts that two values are deeply equal. */
export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  if (isDeepStrictEqual(actual, expected)) return;
  failWith("Values are not equal", msg, difference(actual, expected));
}

/** Asserts that two values are not deeply equal. */
export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void {
  if (!isDeepStrictEqual(actual, expected)) return;
  failWith(`Expected actual: ${show(actual)} not to be: ${show(expected)}`, msg);
}

/** Asserts that two values are the same by `Object.is`. */
export function assertStrictEquals<T>(
  actual: unknown,
  expected: T,
  msg?: string,
): asserts actual is T {
  if (Object.is(actual, expected)) return;
  const details = difference(actual, expected) || `\n\n${show(actual)}`;
  failWith("Values are not strictly equal", msg, details);
}

/** Asserts that a value is neither `undefined` nor `null`. */
export function assertExists<T>(actual: T, msg?: string): asserts actual is NonNullable<T> {
  if (actual === undefined || actual === null) {
    failWith(`Expected actual: ${show(actual)} to not be null or undefined`, msg);
  }
}

/** Asserts that a value is an instance of a class. */
export function assertInstanceOf<T>(
  actual: unknown,
  expectedType: AnyClass<T>,
  msg?: string,
): asserts actual is T {
  if (actual instanceof expectedType) return;
  failWith(`Expected object to be an instance of "${expectedType.name}": ${show(actual)}`, msg);
}

/** Asserts that one value is greater than another. */
export function assertGreater<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual > expected)) failWith(`Expect ${show(actual)} > ${show(expected)}`, msg);
}

/** Asserts that one value is less than another. */
export function assertLess<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual < expected)) failWith(`Expect ${show(actual)} < ${show(expected)}`, msg);
}

/** Asserts that a text matches a pattern. */
export function assertMatch(actual: string, expected: RegExp, msg?: string): void {
  if (actual.search(expected) >= 0) return;
  failWith(`Expected actual: ${show(actual)} to match: ${show(expected)}`, msg);
}

/** Asserts that a text contains another. */
export function assertStringIncludes(actual: string, expected: string, msg?: string): void {
  if (actual.includes(expected)) return;
  failWith(`Expected actual: ${show(actual)} to contain: ${show(expected)}`, msg);
}

/** Fails. */
export function fail(msg?: string): never {
  failWith("Failed assertion", msg);
}

/** Class of error, part of its message and the caller's words, sorted out of overloaded arguments. */
interface Expectation {
  readonly errorClass: AnyClass<Error> | undefined;
  readonly msgIncludes: string | undefined;
  readonly msg: string | undefined;
}

function readExpectation(
  errorClassOrMsg?: AnyClass<Error> | string,
  msgIncludesOrMsg?: string,
  msg?: string,
): Expectation {
  return typeof errorClassOrMsg === "string"
    ? { errorClass: undefined, msgIncludes: undefined, msg: errorClassOrMsg }
    : { errorClass: errorClassOrMsg, msgIncludes: msgIncludesOrMsg, msg };
}

function checkThrown(thrown: unknown, { errorClass, msgIncludes, msg }: Expectation): void {
  if (errorClass === undefined) return;
  if (!(thrown instanceof Error)) {
    failWith("A non-Error object was thrown", msg, `\n\n${show(thrown)}`);
  }
  const { message, stack = message, name } = thrown;
  if (!(thrown instanceof errorClass)) {
    const what = `Expected error to be instance of "${errorClass.name}", but was "${name}"`;
    failWith(what, msg, `\n\n${stack}`);
  }
  if (msgIncludes !== undefined && !message.includes(msgIncludes)) {
    failWith(
      `Expected error message to include ${show(msgIncludes)}, but got ${show(message)}`,
      msg,
    );
  }
}

/** Asserts that a function throws; returns what it threw. */
export function assertThrows(fn: () => unknown, msg?: string): unknown;
/** Asserts that a function throws an error of a class, with a text in its message; returns it. */
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  ErrorClass: AnyClass<E>,
  msgIncludes?: string,
  msg?: string,
): E;
export function assertThrows(
  fn: () => unknown,
  errorClassOrMsg?: AnyClass<Error> | string,
  msgIncludesOrMsg?: string,
  msg?: string,
): unknown {
  const expectation = readExpectation(errorClassOrMsg, msgIncludesOrMsg, msg);
  try {
    fn();
  } catch (thrown) {
    checkThrown(thrown, expectation);
    return thrown;
  }
  failWith("Expected function to throw", expectation.msg);
}

/** Asserts that a function returns a promise that rejects; resolves to the reason. */
export function assertRejects(fn: () => PromiseLike<unknown>, msg?: string): Promise<unknown>;
/** Asserts that a promise rejects with an error of a class, with a text in its message. */
export function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  ErrorClass: AnyClass<E>,
  msgIncludes?: string,
  msg?: string,
): Promise<E>;
export async function assertRejects(
  fn: () => PromiseLike<unknown>,
  errorClassOrMsg?: AnyClass<Error> | string,
  msgIncludesOrMsg?: string,
  msg?: string,
): Promise<unknown> {
  const expectation = readExpectation(errorClassOrMsg, msgIncludesOrMsg, msg);
  let promise: PromiseLike<unknown>;
  try {
    promise = fn();
  } catch (thrown) {
    failWith("Function throws when expected to reject", expectation.msg, `\n\n${show(thrown)}`);
  }
  try {
    await promise;
  } catch (thrown) {
    checkThrown(thrown, expectation);
    return thrown;
  }
  failWith("Expected function to reject", expectation.msg);
}
