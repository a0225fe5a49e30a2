// deno-coverage-ignore-file
/**
 * Stand-in for `@std/testing/types`; see `tools/std/README.md`.
 *
 * @module
 */

/** Asserts at compile time that a type is `true`: `assertType<IsExact<typeof x, string>>(true)`. */
export function assertType<T extends boolean>(_expectTrue: T): void {}

/** Compiles only if the type is `true`. */
export type AssertTrue<T extends true> = T extends true ? never : T;

/** Compiles only if the type is `false`. */
export type AssertFalse<T extends false> = T extends false ? never : T;

/** Whether a type is `never`. */
export type IsNever<T> = [T] extends [never] ? true : false;

/** Whether a type is `any`. */
export type IsAny<T> = 0 extends (1 & T) ? true : false;

/** Whether a type is `unknown`. */
export type IsUnknown<T> = IsAny<T> extends true ? false : unknown extends T ? true : false;

/** Whether a type includes `null` or `undefined`. */
export type IsNullable<T> = IsNever<Extract<T, null | undefined>> extends true ? false : true;

/** Whether a type has another one as a member of its union, or is it. */
export type Has<T, U> = IsAny<T> extends true ? true
  : IsAny<U> extends true ? false
  : IsNever<Extract<T, U>> extends true ? false
  : true;

/** Whether a type does not have another one as a member of its union, and is not it. */
export type NotHas<T, U> = Has<T, U> extends true ? false : true;

/** Whether two types are exactly the same; `any` is only the same as `any`. */
export type IsExact<T, U> = (<X>() => X extends T ? 1 : 2) extends (<X>() => X extends U ? 1 : 2)
  ? true
  : false;
