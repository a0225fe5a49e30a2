/**
 * The stand-ins of `tools/std` behave as the packages they stand for are documented. These tests must
 * pass with the real packages too.
 */
// deno-lint-ignore-file no-boolean-literal-for-arguments -- true and false are what is compared.

import {
  assert,
  assertEquals,
  assertExists,
  assertGreater,
  assertInstanceOf,
  AssertionError,
  assertLess,
  assertMatch,
  assertNotEquals,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
  fail,
} from "@std/assert";
import { parseArgs } from "@std/cli/parse-args";
import { format as formatBytes } from "@std/fmt/bytes";
import * as colors from "@std/fmt/colors";
import { format as formatDuration } from "@std/fmt/duration";
import {
  type AssertFalse,
  type AssertTrue,
  assertType,
  type Has,
  type IsAny,
  type IsExact,
  type IsNever,
  type IsNullable,
  type IsUnknown,
  type NotHas,
} from "@std/testing/types";

Deno.test("@std/assert passes what holds", async () => {
  assert(1);
  assertEquals({ a: [1, 2n, new Map([["k", new Set([1])]])] }, {
    a: [1, 2n, new Map([["k", new Set([1])]])],
  });
  assertEquals(new Uint8Array([1, 2]), new Uint8Array([1, 2]));
  assertEquals(NaN, NaN);
  assertNotEquals({ a: 1 }, { a: 2 });
  assertStrictEquals("a", "a");
  assertExists(0);
  assertInstanceOf(new RangeError("a"), Error);
  assertGreater(2n, 1n);
  assertLess(1, 2);
  assertMatch("abc", /b/);
  assertStringIncludes("abc", "bc");
  assertThrows(() => JSON.parse("{"));
  await assertRejects(() => Promise.reject(new Error("a")));
});

Deno.test("@std/assert throws AssertionError at what does not hold", () => {
  const failures: (() => void)[] = [
    () => assert(0),
    () => assertEquals<unknown>({ a: 1 }, { a: 1, b: undefined }),
    () => assertEquals<unknown>(1, "1"),
    () => assertEquals<unknown>(1n, 1),
    () => assertEquals(new Uint8Array([1]), new Uint8Array([2])),
    () => assertNotEquals([1], [1]),
    () => assertStrictEquals<unknown>({}, {}),
    () => assertExists(null),
    () => assertExists(undefined),
    () => assertInstanceOf(new Error("a"), RangeError),
    () => assertGreater(1, 1),
    () => assertLess(1, 1),
    () => assertMatch("abc", /d/),
    () => assertStringIncludes("abc", "cb"),
    () => assertThrows(() => 1),
    () => fail("a"),
  ];
  for (const failure of failures) {
    let thrown: unknown;
    try {
      failure();
    } catch (error) {
      thrown = error;
    }
    assert(thrown instanceof AssertionError, `${failure} throws an AssertionError`);
  }
});

Deno.test("assertThrows() checks the class and the message, and returns the error", () => {
  const throwing = (): never => {
    throw new RangeError("Cannot do it");
  };
  const error = assertThrows(throwing, RangeError, "Cannot");
  assertType<IsExact<typeof error, RangeError>>(true);
  assertEquals(error.message, "Cannot do it");
  assertThrows(throwing, Error);
  assertThrows(() => assertThrows(throwing, TypeError), AssertionError);
  assertThrows(() => assertThrows(throwing, RangeError, "can not"), AssertionError);
  assertThrows(
    () => assertThrows(() => 1, RangeError, "a", "my words"),
    AssertionError,
    "my words",
  );
});

Deno.test("assertRejects() checks the class and the message, and does not accept a throw", async () => {
  const rejecting = (): Promise<never> => Promise.reject(new TypeError("Wrong kind"));
  const error = await assertRejects(rejecting, TypeError, "Wrong");
  assertEquals(error.message, "Wrong kind");
  await assertRejects(() => assertRejects(rejecting, RangeError), AssertionError);
  await assertRejects(() => assertRejects(() => Promise.resolve(1)), AssertionError);
  const throwing = (): Promise<never> => {
    throw new TypeError("At once");
  };
  await assertRejects(() => assertRejects(throwing, TypeError), AssertionError);
});

Deno.test("failures quote the caller's words", () => {
  assertThrows(() => assertEquals(1, 2, "my words"), AssertionError, "my words");
  assertThrows(() => assert(false, "my words"), AssertionError, "my words");
});

Deno.test("parseArgs() reads options, switches and words", () => {
  assertEquals({ ...parseArgs(["--foo", "--bar=baz", "./quux.txt"]) }, {
    foo: true,
    bar: "baz",
    _: ["./quux.txt"],
  });
  assertEquals({ ...parseArgs(["-abc", "-n", "5", "--size", "0x10", "7"]) }, {
    a: true,
    b: true,
    c: true,
    n: 5,
    size: 16,
    _: [7],
  });
});

Deno.test("parseArgs() keeps text options as text, and switches from taking a word", () => {
  const args = parseArgs(["--ram", "4", "--json", "run", "--empty"], {
    string: ["ram", "map", "empty"],
    boolean: ["json", "help"],
  });
  assertType<IsExact<typeof args.ram, string | undefined>>(true);
  assertType<IsExact<typeof args.json, boolean>>(true);
  assertEquals(args.ram, "4");
  assertEquals(args.map, undefined);
  assertEquals(args.empty, "");
  assertEquals([args.json, args.help], [true, false]);
  assertEquals(args._, ["run"]);
  const words: Record<string, unknown> = parseArgs(["0x10", "7"], { string: ["_"] });
  assertEquals(words._, ["0x10", "7"]);
  assertEquals(parseArgs(["--json=false"], { boolean: ["json"] }).json, false);
});

Deno.test("parseArgs() lets the last one win, unless options are collected", () => {
  const argv = ["--area", "a", "--area=b"];
  assertEquals(parseArgs(argv, { string: ["area"] }).area, "b");
  const options = { string: ["area", "other"], collect: ["area", "other"] } as const;
  const args = parseArgs(argv, options);
  assertEquals(args.area, ["a", "b"]);
  assertEquals(args.other, []);
});

Deno.test("parseArgs() knows defaults, other names and negation", () => {
  const args = parseArgs(["-e", "x", "--no-color"], {
    string: ["edition", "arch"],
    boolean: ["color"],
    alias: { edition: "e" },
    default: { arch: "s390x", color: true },
    negatable: ["color"],
  });
  assertEquals(args.edition, "x");
  assertEquals(args.arch, "s390x");
  assertEquals(args.color, false);
  assertEquals(parseArgs(["--no-color"])["no-color"], true);
});

Deno.test("parseArgs() stops where it is told", () => {
  const early = parseArgs(["--json", "run", "--json", "-x"], {
    boolean: ["json"],
    stopEarly: true,
  });
  assertEquals(early._, ["run", "--json", "-x"]);
  assertEquals(parseArgs(["a", "--", "-b", "--c"])._, ["a", "-b", "--c"]);
  const split = parseArgs(["a", "--", "-b"], { "--": true });
  assertEquals([split._, split["--"]], [["a"], ["-b"]]);
});

Deno.test("parseArgs() asks about what is not described", () => {
  const asked: unknown[] = [];
  const args = parseArgs(["run", "--json", "--ram=4", "-x"], {
    boolean: ["json"],
    unknown: (arg, key, value) => {
      asked.push([arg, key, value]);
      return key === undefined;
    },
  });
  assertEquals(asked, [["run", undefined, undefined], ["--ram=4", "ram", 4], ["-x", "x", true]]);
  assertEquals({ ...args }, { json: true, _: ["run"] });
});

Deno.test("parseArgs() treats every option as a switch if told so", () => {
  const args: Record<string, unknown> = parseArgs(["--a", "b", "--c=d"], { boolean: true });
  assertEquals({ ...args }, { a: true, c: "d", _: ["b"] });
});

Deno.test("colors wrap text in escape codes that can be stripped", () => {
  const was = colors.getColorEnabled();
  colors.setColorEnabled(true);
  const canColor = colors.getColorEnabled(); // NO_COLOR wins.
  const text = colors.red(`a ${colors.bold("b")} ${colors.blue("c")} d`);
  const exact = "\x1b[31ma \x1b[1mb\x1b[22m \x1b[34mc\x1b[31m d\x1b[39m";
  assertEquals(text, canColor ? exact : "a b c d");
  assertEquals(colors.stripAnsiCode(exact), "a b c d");
  assertEquals(colors.rgb24("a", 0xff8001), canColor ? "\x1b[38;2;255;128;1ma\x1b[39m" : "a");
  assertEquals(colors.bgRgb8("a", 42), canColor ? "\x1b[48;5;42ma\x1b[49m" : "a");
  colors.setColorEnabled(false);
  assertEquals(colors.gray(colors.inverse("a")), "a");
  colors.setColorEnabled(was);
});

Deno.test("bytes are worded with three digits", () => {
  assertEquals(formatBytes(0), "0 B");
  assertEquals(formatBytes(1337), "1.34 kB");
  assertEquals(formatBytes(100), "100 B");
  assertEquals(formatBytes(-1337), "-1.34 kB");
  assertEquals(formatBytes(1024, { binary: true }), "1 KiB");
  assertEquals(formatBytes(5 * 1024 ** 3, { binary: true }), "5 GiB");
  assertEquals(formatBytes(42, { signed: true }), "+42 B");
  assertEquals(formatBytes(100, { bits: true }), "100 b");
  assertEquals(formatBytes(1500, { minimumFractionDigits: 3 }), "1.500 kB");
  assertThrows(() => formatBytes(Infinity), TypeError);
});

Deno.test("durations are worded in three styles", () => {
  assertEquals(formatDuration(99674, { style: "digital" }), "00:00:01:39:674:000:000");
  assertEquals(formatDuration(99674, { style: "digital", ignoreZero: true }), "01:39:674");
  assertEquals(
    formatDuration(99674, { style: "full" }),
    "0 days, 0 hours, 1 minutes, 39 seconds, 674 milliseconds, 0 microseconds, 0 nanoseconds",
  );
  assertEquals(
    formatDuration(99674, { style: "full", ignoreZero: true }),
    "1 minutes, 39 seconds, 674 milliseconds",
  );
  assertEquals(formatDuration(99674, { ignoreZero: true }), "1m 39s 674ms");
  assertEquals(formatDuration(99674), "0d 0h 1m 39s 674ms 0µs 0ns");
});

Deno.test("types are compared when the test compiles", () => {
  assertType<IsExact<string, string>>(true);
  assertType<IsExact<string, string | number>>(false);
  assertType<IsExact<{ a: number }, { a?: number }>>(false);
  assertType<Has<string | number, number>>(true);
  assertType<NotHas<string | number, boolean>>(true);
  assertType<IsNever<never>>(true);
  assertType<IsAny<unknown>>(false);
  assertType<IsUnknown<unknown>>(true);
  assertType<IsNullable<string | null>>(true);
  type Both = AssertTrue<IsNever<never>> | AssertFalse<IsNullable<string>>;
  assertType<IsNever<Both>>(true);
});
