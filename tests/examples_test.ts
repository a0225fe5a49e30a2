import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { EDITIONS } from "../mod.ts";
import { runCli } from "./cli_host.ts";

const FOLDER = new URL("../examples/", import.meta.url);

/** What each example in TypeScript has to print. */
const PRINTS: Readonly<Record<string, readonly string[]>> = {
  "hello.ts": ["b = alloc_page", "splits 100002 order 1", "100000   ## A0 A0 .0 .2 --"],
  "own_design.ts": ["c3    1065928 bytes, 5.00 lines", "flat  1065009 bytes, 19.17 lines"],
  "editions.ts": EDITIONS.map(({ name }) => name),
  "s390x_lowcores.ts": ["holds  lowcore1 below 0x80000000"],
  "small_block_large_alignment.ts": ["found: page is 0x1001000", "free pages are 3839"],
};

/** The names of the examples with an ending, in order. */
function examples(ending: string): string[] {
  return [...Deno.readDirSync(FOLDER)].map(({ name }) => name)
    .filter((name) => name.endsWith(ending)).toSorted();
}

function textOf(name: string): string {
  return Deno.readTextFileSync(new URL(name, FOLDER));
}

Deno.test("every example in TypeScript runs without a permission, and prints what it promises", async (t) => {
  assertEquals(examples(".ts"), Object.keys(PRINTS).toSorted());
  for (const [name, promised] of Object.entries(PRINTS)) {
    await t.step(name, async () => {
      const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "--no-prompt", "--no-check", "--quiet", new URL(name, FOLDER).href],
        stdin: "null",
      }).output();
      const decoder = new TextDecoder();
      assertEquals([code, decoder.decode(stderr)], [0, ""]);
      const out = decoder.decode(stdout);
      for (const text of promised) assertStringIncludes(out, text);
    });
  }
});

Deno.test("every example in TypeScript is short", () => {
  for (const name of examples(".ts")) {
    const lines = textOf(name).split("\n").length;
    assert(lines <= 60, `${name} has ${lines} lines`);
  }
});

Deno.test("every example scenario says what it shows, expects something, and holds", async (t) => {
  for (const name of examples(".buddy")) {
    await t.step(name, async () => {
      const text = textOf(name);
      assert(text.startsWith("# "), text);
      const { code, out, err } = await runCli(["run", name], { files: { [name]: text } });
      assertEquals([code, err], [0, ""]);
      assert(/\n1 run, [1-9]\d* expectations?, 0 failed\n$/.test(out), out);
    });
  }
});
