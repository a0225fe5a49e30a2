import { assert, assertEquals } from "@std/assert";
import { layerProblems, LAYERS, readOrder } from "./layers.ts";
import { isModelSource, readFiles, type SourceFile } from "./source_text.ts";

/** Made-up files from their paths and texts. */
function made(texts: Readonly<Record<string, string>>): SourceFile[] {
  return Object.entries(texts).map(([path, text]) => ({ path, text }));
}

Deno.test("the model's files import only from lower layers", () => {
  const files = readFiles(isModelSource);
  assert(files.length > 0, "no files found");
  assertEquals(layerProblems(files), []);
});

Deno.test("LAYERS is written bottom-up and names each member once", () => {
  const heights = LAYERS.map((layer) => layer.height);
  assertEquals(heights, heights.toSorted((a, b) => a - b));
  const members = LAYERS.flatMap((layer) => layer.members);
  assertEquals(members.length, new Set(members).size);
});

Deno.test("layerProblems() passes imports from below", () => {
  const files = made({
    "src/units.ts": "export const unit = 1;",
    "src/memory/mod.ts": '// Order: ram, mod\nexport { a } from "./ram.ts";',
    "src/memory/ram.ts": 'import type { Pfn } from "../units.ts";',
    "src/machine.ts": 'import { a } from "./memory/mod.ts";\nimport * as u from "./units.ts";',
    "src/cli/mod.ts":
      'import "../../arch/mod.ts";\nimport { parseArgs } from "@std/cli/parse-args";',
    "arch/mod.ts": 'import { pfn } from "../src/units.ts";',
    "mod.ts": 'export type { Machine } from "./src/machine.ts";',
  });
  assertEquals(layerProblems(files), []);
});

Deno.test("layerProblems() names the pair that imports upwards or sideways", () => {
  const files = made({
    "src/units.ts": 'import { wrap } from "./word.ts";',
    "src/word.ts": 'export { run } from "./scenario/mod.ts";',
    "src/machine.ts": 'type A = import("./boot/mod.ts").Boot;',
    "src/boot/mod.ts": 'import "../machine.ts";',
    "src/scenario/mod.ts": "",
  });
  assertEquals(layerProblems(files), [
    "src/units.ts imports src/word.ts: layer 0 may only import from below, not from layer 0",
    "src/word.ts imports src/scenario/mod.ts: layer 0 may only import from below, not from layer 8",
    "src/machine.ts imports src/boot/mod.ts: layer 7 may only import from below, not from layer 7.5",
  ]);
});

Deno.test("layerProblems() keeps arch/ data, and out of src", () => {
  const files = made({
    "src/arch.ts": "",
    "src/word.ts": "",
    "src/machine.ts": 'import { S390X } from "../arch/mod.ts";',
    "arch/mod.ts": 'import { wrap } from "../src/word.ts";',
  });
  assertEquals(layerProblems(files), [
    "src/machine.ts imports arch/mod.ts: a machine is given its architecture",
    "arch/mod.ts imports src/word.ts: arch is data",
  ]);
});

Deno.test("layerProblems() gives packages only to those who may have them", () => {
  const files = made({
    "src/machine.ts": 'import { red } from "@std/fmt/colors";',
    "src/check/mod.ts": 'import fc from "fast-check";\nimport fs from "node:fs";',
  });
  assertEquals(layerProblems(files), [
    "src/machine.ts imports @std/fmt/colors: this package is not for this file",
    "src/check/mod.ts imports node:fs: this package is not for this file",
  ]);
});

Deno.test("layerProblems() finds strangers and missing files", () => {
  const files = made({
    "src/helpers.ts": "",
    "src/machine.ts": 'import "./helpers.ts";\nimport "./units.ts";',
  });
  assertEquals(layerProblems(files), [
    "src/helpers.ts is in no layer",
    "src/machine.ts imports src/helpers.ts: it is in no layer",
    "src/machine.ts imports src/units.ts: there is no such file",
  ]);
});

Deno.test("layerProblems() holds a folder to the order written in its mod.ts", () => {
  const files = made({
    "src/memory/mod.ts": "// Order: ram, tables, gone, mod",
    "src/memory/ram.ts": 'import "./tables.ts";',
    "src/memory/tables.ts": 'import "./ram.ts";\nimport "./map.ts";',
    "src/memory/map.ts": "",
    "src/boot/mod.ts": "",
    "src/boot/steps.ts": "",
  });
  assertEquals(layerProblems(files), [
    'src/boot/mod.ts has no line "// Order: ..." that lists its files',
    "src/memory/map is not in the order that src/memory/mod.ts lists",
    'src/memory/mod.ts lists "gone", which is not there',
    "src/memory/ram.ts imports src/memory/tables.ts: in the order of src/memory/mod.ts it comes later",
  ]);
});

Deno.test("layerProblems() holds folders inside folders to both orders", () => {
  const files = made({
    "src/report/mod.ts": "// Order: text, svg, mod",
    "src/report/text/mod.ts": "// Order: map, mod",
    "src/report/text/map.ts": 'import "./mod.ts";',
    "src/report/svg.ts": 'import "./text/mod.ts";',
    "src/report/text/extra.ts": 'import "../svg.ts";',
  });
  assertEquals(layerProblems(files), [
    "src/report/text/extra is not in the order that src/report/text/mod.ts lists",
    "src/report/text/map.ts imports src/report/text/mod.ts: in the order of src/report/text/mod.ts it comes later",
    "src/report/text/extra.ts imports src/report/svg.ts: in the order of src/report/mod.ts it comes later",
  ]);
});

Deno.test("layerProblems() does not take comments and strings for imports", () => {
  const files = made({
    "src/units.ts": [
      "/** ```ts",
      ' * import { x } from "./machine.ts";',
      " * ``` */",
      "// import './machine.ts'",
      "const text = 'import \"./machine.ts\"';",
      'const list = Array.from("./machine.ts");',
      'const other = `from "./machine.ts" ${list} from "./machine.ts"`;',
    ].join("\n"),
  });
  assertEquals(layerProblems(files), []);
});

Deno.test("readOrder() reads lists over several lines", () => {
  assertEquals(readOrder("// Order: a, b,\n//   c, mod\nimport x;"), ["a", "b", "c", "mod"]);
  assertEquals(readOrder("/** Text. */\n\n// Order: a.ts, inner/, mod.\n"), ["a", "inner", "mod"]);
  assertEquals(readOrder("// No order"), undefined);
});
