import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { parseScenario } from "../mod.ts";
import { runCli } from "./cli_host.ts";

const FIRST = [
  "fuzz",
  "--edition=head",
  "--arch=arm64",
  "--rule=listed blocks are usable",
  "--first",
  "--runs=200",
];

Deno.test("fuzz shows scenario, words, maps before and after, and how to repeat it", async () => {
  const { code, out, err } = await runCli(FIRST);
  assertEquals([code, err], [1, ""]);
  assertStringIncludes(out, "listed blocks are usable, after reserve_pages\n");
  const text = "machine arm64 edition=fresh-2021-01\narea any 0x1000 0x1005\n" +
    "reserve_pages 0x1001000 1\n";
  assertStringIncludes(out, text);
  assertStringIncludes(out, 'The rule "listed blocks are usable" is broken.');
  assertStringIncludes(out, "before the step\n");
  assertStringIncludes(out, "  1000   ## .0 .1 -- .0\n");
  assertStringIncludes(out, "after the step\n");
  assertStringIncludes(out, "  1000   ## S0 .1 -- .0\n");
  const again = /repeat with: buddyscope (.*)\n/.exec(out)?.[1] ?? "";
  assert(/^fuzz --edition fresh-2021-01 --arch arm64 .* --seed 1 --runs \d+$/.test(again), again);
  const long = out.split("\n").filter((line) => [...line].length > 100);
  assertEquals(long.filter((line) => !line.startsWith("repeat with")), []);
});

Deno.test("fuzz repeated with the runs that it names prints the same", async () => {
  const { out } = await runCli(FIRST);
  const runs = /--runs (\d+)\n/.exec(out)?.[1] ?? "";
  const again = await runCli(FIRST.with(5, `--runs=${runs}`));
  assertEquals(again.out, out);
});

Deno.test("fuzz --c prints the test in C and nothing else", async () => {
  const { code, out } = await runCli([...FIRST, "--c"]);
  assertEquals(code, 1);
  assert(out.startsWith("/*\n * listed blocks are usable\n"), out);
  assert(out.endsWith("}\n"), out);
});

Deno.test("fuzz --json prints data, the text, the words and the test in C", async () => {
  const { code, out } = await runCli([...FIRST, "--json"]);
  assertEquals(code, 1);
  const { arch, edition, seed, counterexamples: [found] } = JSON.parse(out);
  assertEquals([arch, edition, seed], ["arm64", "fresh-2021-01", 1]);
  assertEquals(found.symptom.call, "reserve_pages");
  assertEquals(parseScenario(found.text).scenario.statements.length, 3);
  assertEquals(found.changes[0].address, "0x1000000");
  assertStringIncludes(found.c, "static void test_listed_blocks_are_usable(void)");
});

Deno.test("fuzz finds nothing in the edition that keeps all promises, and exits with 0", async () => {
  const { code, out } = await runCli(["fuzz", "--edition=repaired", "--runs=8"]);
  assertEquals(code, 0);
  assertStringIncludes(out, "8 runs, ");
  assertStringIncludes(out, " calls, 0 found\n");
});

Deno.test("fuzz tells what follows from what in a few lines each", async () => {
  const rules = "listed blocks are usable,special pages are never handed out";
  const { out } = await runCli([...FIRST.slice(0, 3), `--rule=${rules}`, "--runs=40"]);
  const [full, short] = out.split("what probably follows from these\n");
  assertStringIncludes(
    full ?? "",
    "listed blocks are usable, after reserve_pages\n\nmachine arm64",
  );
  assertStringIncludes(short ?? "", "\n  special pages are never handed out, after ");
});

Deno.test("fuzz --against shows the first difference of two editions", async () => {
  const args = ["fuzz", "--edition=bcffccfc", "--against=dbad82e3", "--runs=50"];
  const { code, out } = await runCli(args);
  assertEquals(code, 1);
  assertStringIncludes(out, "  left   x86_64  max-order-2021-01\n");
  assertStringIncludes(out, "--against status-2021-01 --seed 1 --runs ");
  const data = JSON.parse((await runCli([...args, "--json"])).out);
  assertEquals(data.editions, ["max-order-2021-01", "status-2021-01"]);
  assertStringIncludes(data.text, "free_pages a\n");
  const equal = await runCli(["fuzz", "--edition=8131e91a", "--against=f90ddba3", "--runs=4"]);
  assertEquals(equal.code, 0);
  assertStringIncludes(equal.out, "no difference\n");
});

Deno.test("fuzz stops when its time is up, and shows its rate and the time left", async () => {
  const settings = { tick: 600, terminal: "yes" } as const;
  const { code, out, err } = await runCli(
    ["fuzz", "--edition=repaired", "--time=5s"],
    settings,
  );
  assertEquals(code, 0);
  assertStringIncludes(out, "0 found");
  assert(/\d+ runs, \d+ calls, \d+ a second, 0 found, \ds left/.test(err), err);
});

Deno.test("fuzz refuses what it cannot search", async () => {
  const cases: [string[], string][] = [
    [["file.buddy"], "fuzz takes no files"],
    [["--edition=hed"], 'Unknown edition "hed"; the nearest is "head"'],
    [["--arch=arm46"], 'Unknown architecture "arm46"; the nearest is "arm64"'],
    [["--time=10"], "Option --time must be a time such as 10s"],
    [["--time=1s", "--runs=1"], "Option --time must not stand beside --runs"],
    [["--rule=links are mutal"], 'the nearest is "links are mutual"'],
    [["--layer=heap"], "Option --layer must be"],
    [["--edition=head", "--against=head"], "fuzz --against needs another edition"],
    [["--edition=head", "--against=repaired", "--first"], "Option --first must not stand beside"],
    [["--edition=head", "--against=repaired", "--layer=stack"], "Option --layer must not stand"],
  ];
  for (const [args, message] of cases) {
    const { code, err } = await runCli(["fuzz", ...args]);
    assertEquals(code, 2, args.join(" "));
    assertStringIncludes(err, message);
  }
});
