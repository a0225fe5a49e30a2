import { assert, assertEquals } from "@std/assert";
import {
  codeOf,
  isModelSource,
  readFiles,
  type SourceFile,
  stringLiterals,
} from "./source_text.ts";
import {
  EDITION_NAMES,
  editionNameProblems,
  functionsOf,
  lengthProblems,
  machinePathProblems,
  purityProblems,
  snapshotProblems,
} from "./style.ts";

/** A made-up file. */
function made(path: string, ...lines: readonly string[]): SourceFile[] {
  return [{ path, text: lines.join("\n") }];
}

/** Texts that are not ours, or hold versions and hosts by their nature. */
const NOT_WRITTEN_HERE: ReadonlySet<string> = new Set(["LICENSE", "deno.lock"]);

const TEXT = /\.(?:ts|md|json|jsonc|snap|buddy|html|css|js|txt|c|svg|yml)$|^\.ci\/|^[A-Z]+$/;

Deno.test("no file of the model has more than 350 lines, no function more than 60", () => {
  const files = readFiles(isModelSource);
  assert(files.length > 0, "no files found");
  assertEquals(lengthProblems(files), []);
});

Deno.test("below the command line everything is pure", () => {
  assertEquals(purityProblems(readFiles(isModelSource)), []);
});

Deno.test("only src/edition.ts names editions", () => {
  assertEquals(editionNameProblems(readFiles(isModelSource)), []);
});

Deno.test("EDITION_NAMES has all names that src/edition.ts gives", () => {
  const [file] = readFiles((path) => path === "src/edition.ts");
  const dated = stringLiterals(file?.text ?? "").map(({ value }) => value)
    .filter((value) => /^[a-z][a-z-]*-20\d\d(?:-\d\d)?$/.test(value));
  assert(dated.length > 0, "no names found");
  assertEquals(dated.filter((name) => !EDITION_NAMES.has(name)), []);
});

Deno.test("no file speaks of a machine", () => {
  const files = readFiles((path) => TEXT.test(path) && !NOT_WRITTEN_HERE.has(path));
  assert(files.some(({ path }) => path === ".ci/run"), "hidden folders are read");
  assertEquals(machinePathProblems(files), []);
});

Deno.test("snapshots are narrow and hold their text as it is", () => {
  assertEquals(snapshotProblems(readFiles((path) => path.endsWith(".snap"))), []);
});

Deno.test("lengthProblems() counts the lines of files", () => {
  const long = made("src/a.ts", ...Array(351).fill("// text"), "");
  assertEquals(lengthProblems(long, []), ["src/a.ts has 351 lines; at most 350"]);
  assertEquals(lengthProblems(made("src/a.ts", ...Array(350).fill("// text"), ""), []), []);
});

Deno.test("lengthProblems() counts the lines of functions", () => {
  const body: string[] = Array(59).fill("  step();");
  const long = made("src/a.ts", "// Head", "export function walk(): void {", ...body, "}", "");
  assertEquals(lengthProblems(long, []), ["src/a.ts:2: walk has 61 lines; at most 60"]);
  const short = made("src/a.ts", "export function walk(): void {", ...body.slice(1), "}", "");
  assertEquals(lengthProblems(short, []), []);
});

Deno.test("lengthProblems() knows exceptions, and those that nothing needs", () => {
  const long = made("src/a.ts", "function walk(): void {", ...Array(60).fill("  step();"), "}");
  const walk = { path: "src/a.ts", name: "walk", reason: "made up" };
  const file = { path: "src/b.ts", reason: "made up" };
  assertEquals(lengthProblems(long, [walk, file]), ["src/b.ts needs no exception"]);
});

Deno.test("functionsOf() finds functions, methods and arrows in formatted code", () => {
  const text = [
    "export function first(a: number): { b: number } {",
    "  if (a > 1) {",
    "    run();",
    "  }",
    "  return { b: a };",
    "}",
    "class Box {",
    "  async second(",
    "    a: Record<string, string>,",
    "  ): Promise<void> {",
    "    for (const x of a) {",
    "    }",
    "  }",
    "}",
    "const third = (a: string): void => {",
    '  note("function fourth() {");',
    "};",
    "while (",
    "  a",
    ") {",
    "}",
  ].join("\n");
  assertEquals(functionsOf(text).map(({ name, first, last }) => [name, first, last]), [
    ["first", 1, 6],
    ["second", 8, 13],
    ["third", 15, 17],
  ]);
});

Deno.test("purityProblems() finds clocks, randomness, input, output and module variables", () => {
  const impure = [
    'Deno.readTextFileSync("a");',
    "const now = Date.now();",
    "const then = performance.now();",
    "const dice = Math.random();",
    "console.log(dice);",
    "setTimeout(run, 10);",
    'await fetch("a");',
    "process.exit();",
    "crypto.randomUUID();",
    'await import("./a.ts");',
    "let count = 0;",
    "export var other = 0;",
  ];
  for (const line of impure) {
    assertEquals(purityProblems(made("src/machine.ts", line)).length, 1, line);
  }
  assertEquals(purityProblems(made("src/cli/mod.ts", ...impure)), []);
});

Deno.test("purityProblems() passes comments, texts, properties and local variables", () => {
  const pure = made(
    "src/machine.ts",
    "// Date.now() is a clock",
    '/** console.log("x") */',
    'const text = "Deno.exit() and Math.random()";',
    "const list = `let x; ${text} console.log`;",
    "machine.process(machine.console);",
    "const record = { process: 1 };",
    "function f(): void {",
    "  let local = 0;",
    "}",
    'const pattern = /console\\.log`"/;',
    "const DateOfCommit = 1;",
  );
  assertEquals(purityProblems(pure), []);
});

Deno.test("editionNameProblems() finds names of editions in code", () => {
  const named = [
    "// repaired",
    'if (edition.name === "repaired") run();',
    "const a = 'pfn-2021-01';",
  ];
  assertEquals(editionNameProblems(made("src/alloc.ts", ...named)), [
    'src/alloc.ts:2: names the edition "repaired"; ask for a fact',
    'src/alloc.ts:3: names the edition "pfn-2021-01"; ask for a fact',
  ]);
  assertEquals(editionNameProblems(made("src/edition.ts", ...named)), []);
});

Deno.test("machinePathProblems() finds paths of machines and hosts of registries", () => {
  const path = ["", "tmp", "somewhere"].join("/");
  const host = ["https://registry", "npmjs", "org"].join(".");
  assertEquals(machinePathProblems(made("README.md", "text", path, "/proc/iomem", host)).length, 2);
});

Deno.test("snapshotProblems() finds wide lines and what the format escapes", () => {
  const good = made(
    "__snapshots__/a.snap",
    "export const snapshot = {};",
    "",
    "snapshot[`a name 1`] = `",
    "legend  . fresh   f free $ {}",
    "`;",
  );
  assertEquals(snapshotProblems(good), []);
  const bad = ["x".repeat(101), "a \\` b", "a \\\\ b", "\\${x}", "${x}", "snapshot[`a`] = `a\\`"];
  for (const line of bad) {
    assertEquals(snapshotProblems(made("__snapshots__/a.snap", line)).length, 1, line);
  }
});

Deno.test("codeOf() keeps positions and blanks what is not code", () => {
  const text =
    'a("b\\"c"); // d\n/* e\nf */ g(`h${i({ j: "k" })}l${`m${n}`}`); o = p / q; r = /s"/;';
  const code =
    'a("    ");     \n    \n     g(` ${i({ j: " " })} ${` ${n}`}`); o = p / q; r = /  /;';
  assertEquals(codeOf(text), code);
});
