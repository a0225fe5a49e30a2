import { assertEquals } from "@std/assert";
import plugin from "../tools/lint.ts";

/** Runs the project's rules on a made-up file; returns the short names of the rules that complain. */
function complaints(path: string, ...lines: readonly string[]): string[] {
  return Deno.lint.runPlugin(plugin, path, lines.join("\n"))
    .map(({ id }) => id.replace(/^buddyscope\//, ""));
}

Deno.test("pure-model finds the host, clocks, randomness and dynamic imports", () => {
  const impure = [
    "Deno.exit();",
    "const a = new Date();",
    "const a = performance.now();",
    "const a = Math.random();",
    "console.log(1);",
    'const a = await import("./a.ts");',
    "const a = { Date };",
  ];
  for (const line of impure) {
    assertEquals(complaints("src/machine.ts", line), ["pure-model"], line);
    assertEquals(complaints("src/cli/mod.ts", line), [], line);
    assertEquals(complaints("tests/a_test.ts", line), [], line);
  }
});

Deno.test("pure-model passes names that are only properties", () => {
  const pure = [
    "machine.process();",
    "const a = { process: 1 };",
    "interface A { fetch(): void; console: string }",
    'const a = "Date.now()";',
  ];
  for (const line of pure) assertEquals(complaints("src/machine.ts", line), [], line);
});

Deno.test("bit-operators-need-a-reason finds bit operators on numbers", () => {
  const risky = [
    "a = b << 1;",
    "a = b & c;",
    "a |= b;",
    "a = ~b;",
    "a >>>= 1;",
    "a = b & 0xffffffff;",
  ];
  for (const line of risky) {
    assertEquals(complaints("src/a.ts", line), ["bit-operators-need-a-reason"], line);
    assertEquals(complaints("tests/a.ts", line), [], line);
    assertEquals(complaints("src/word.ts", line), [], line);
  }
});

Deno.test("bit-operators-need-a-reason passes bigints, types and what has a reason", () => {
  const safe = [
    ["a = b & 0xffn;"],
    ["a = b & ~0xffn;"],
    ["a = Number(b >> c);"],
    ["x('µµµµµµµµµµµµµµµµ');", "", "// bits: b is a byte", "a = b << c;"],
    ["a = b & 0xff;"],
    ["a = (b >> 2n) | BigInt(c);"],
    ["type A = B | C & D;"],
    ["a = b << 1; // bits: b is a byte"],
    ["// bits: b is a byte", "a = b << 1;"],
    [
      "/** Text. */",
      "// bits: a is a byte",
      "export function f(a: number): number {",
      "  x();",
      "  return a & 3;",
      "}",
    ],
    [
      "// bits: bytes only",
      "const f = (a: number): number => {",
      "  x();",
      "  return a & 3;",
      "};",
    ],
    ["/** @module */", "// bits: bytes only", "", 'import "./b.ts";', "x();", "a = b & c;"],
  ];
  for (const lines of safe) assertEquals(complaints("src/a.ts", ...lines), [], lines.join("\n"));
});

Deno.test("bit-operators-need-a-reason wants a reason that is near, and not empty", () => {
  const unsafe = [
    ["x();", "// bits: far", "x();", "a = b & c;"],
    ["// bits:", "a = b & c;"],
    ["// bits: f", "function f(): void {", "  x();", "}", "a = b & c;"],
  ];
  for (const lines of unsafe) {
    const found = complaints("src/a.ts", "x();", ...lines);
    assertEquals(found, ["bit-operators-need-a-reason"], lines.join("\n"));
  }
});

Deno.test("error-wording finds periods and contractions", () => {
  const wrong = [
    'throw new RangeError("Cannot do it.");',
    'throw new TypeError("It isn\'t a page");',
    "throw new SyntaxError(`Expected a word, got ${x}.`);",
    'throw new SyntaxError("Line " + n + " won\'t do");',
    'throw new RangeError("It’s too large");',
  ];
  for (const line of wrong) assertEquals(complaints("src/a.ts", line), ["error-wording"], line);
});

Deno.test("error-wording passes messages worded as in Deno's standard library", () => {
  const right = [
    'throw new RangeError("Cannot reserve 3 frames: the address must be a multiple of 0x1000");',
    "throw new SyntaxError(`Expected the machine's name, got ${x}`);",
    'throw new Error("Anything.");',
    "throw new TypeError(message);",
    "throw new RangeError();",
  ];
  for (const line of right) assertEquals(complaints("src/a.ts", line), [], line);
});
