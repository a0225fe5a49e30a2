import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { parseScenario } from "../mod.ts";
import { runCli } from "./cli_host.ts";

Deno.test("explore counts the states, compares them with the closed form and finds nothing", async () => {
  const { code, out, err } = await runCli(["explore", "--pages", "8"]);
  assertEquals({ code, out, err }, {
    code: 0,
    out: "repaired  8 pages  alloc, free  lists folded\n" +
      "677 states, 5,905 calls, depth 12\n" +
      "closed form: 677 states, as found\n" +
      "no rule is broken; all states were seen\n",
    err: "",
  });
});

Deno.test("explore shows each broken rule with a scenario that can be run", async () => {
  const args = ["explore", "--pages", "4", "--edition", "dbad82e3"];
  const { code, out } = await runCli(args);
  assertEquals(code, 1);
  assertStringIncludes(
    out,
    "no mergeable buddies are both usable\n" +
      "  0x10000 and 0x10001 are usable blocks of order 0\n" +
      "  2 calls, confirmed by the literal engine\n" +
      "\n" +
      "    machine x86_64 edition=status-2021-01\n" +
      "    area any 0xffff 0x10004\n" +
      "    a = alloc_pages 0\n" +
      "    free_pages a\n",
  );
  assert(out.endsWith("\n2 rules broken; all states were seen\n"), out);
});

Deno.test("explore --first stops at the first violation", async () => {
  const args = ["explore", "--pages", "4", "--edition", "head", "--first"];
  const { code, out } = await runCli(args);
  assertEquals(code, 1);
  assert(out.endsWith("\n1 rule broken; stopped at the first\n"), out);
});

Deno.test("explore --tolerate goes on behind a rule, with exact lists", async () => {
  const args = ["explore", "--pages=4", "--edition=head", "--ops=alloc,free,reserve"];
  const more = ["--lists=exact", "--tolerate=listings"];
  const plain = await runCli(args);
  const { code, out } = await runCli([...args, ...more]);
  assertEquals([plain.code, code], [1, 1]);
  assert(!plain.out.includes("special pages are never handed out"), plain.out);
  assertStringIncludes(out, "special pages are never handed out");
});

Deno.test("explore --areas explores several areas", async () => {
  const { code, out } = await runCli(["explore", "--pages", "4", "--areas", "2"]);
  assertEquals(code, 0);
  assertStringIncludes(out, "repaired  2 areas of 4 pages");
  assertStringIncludes(out, "\nclosed form: 676 states, as found\n");
});

Deno.test("explore --json gives the counts and scenarios as data", async () => {
  const args = ["explore", "--pages", "4", "--edition", "head", "--arch", "arm64", "--json"];
  const { code, out } = await runCli(args);
  assertEquals(code, 1);
  const result = JSON.parse(out);
  assertEquals([result.edition, result.arch, result.ended], ["fresh-2021-01", "arm64", "complete"]);
  assertEquals([result.states, result.expected, result.agrees], [38, null, null]);
  const [violation] = result.violations;
  assertEquals(violation.rule, "no mergeable buddies are both usable");
  assertEquals(parseScenario(violation.scenario).scenario.statements.length, 4);
});

Deno.test("explore ends with 2 where not all was seen and nothing was found", async () => {
  const args = ["explore", "--pages", "8", "--max-states", "1000", "--ops", "alloc,free,fresh"];
  const { code, out } = await runCli(args);
  assertEquals(code, 2);
  assertStringIncludes(out, "stopped at 1,000 states: give fewer pages, fewer operations or");
});

Deno.test("explore refuses what is not feasible, and says how many states there are", async () => {
  const { code, out, err } = await runCli(["explore", "--ops", "alloc,free,reserve"]);
  assertEquals([code, out], [2, ""]);
  assertStringIncludes(err, "there are 104080805 states and must be at most 10000000");
  assertStringIncludes(err, "See: buddyscope help explore\n");
});

Deno.test("explore refuses wrong options", async () => {
  const refusals: readonly [readonly string[], string][] = [
    [["x"], "explore takes no words"],
    [["--ops", "alloc,fre"], 'the nearest is "free"'],
    [["--lists", "fold"], "Option --lists must be folded or exact"],
    [["--areas", "5"], "Option --areas must be 1 to 4, it is 5"],
    [["--pages", "40"], "at most 32 frames in all"],
    [["--edition", "list-2020"], "it must have areas of blocks"],
    [["--edition", "head,repaired"], "explore takes one edition"],
    [["--arch", "x86"], 'Unknown architecture "x86"'],
    [["--tolerate", "listings"], "the lists must be exact"],
  ];
  for (const [args, text] of refusals) {
    const { code, err } = await runCli(["explore", ...args]);
    assertEquals(code, 2, err);
    assertStringIncludes(err, text);
  }
});

Deno.test("explore shows its progress on a terminal only, and takes it away", async () => {
  const args = ["explore", "--pages", "8", "--ops", "alloc,free,fresh,memalign"];
  const terminal = await runCli(args, { terminal: "yes", tick: 2000, noColor: true });
  assertStringIncludes(terminal.err, "of 3968 states");
  assert(terminal.err.endsWith("\r\x1b[K"), JSON.stringify(terminal.err));
  assertEquals((await runCli(args, { tick: 2000 })).err, "");
});
