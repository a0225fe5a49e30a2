import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import config from "../deno.json" with { type: "json" };
import { COMMANDS } from "../src/cli/commands/mod.ts";
import { runCli } from "./cli_host.ts";

Deno.test("buddyscope without a command shows the help as an error", async () => {
  const { code, out, err } = await runCli([]);
  assertEquals([code, out], [2, ""]);
  assertStringIncludes(err, "buddyscope COMMAND");
});

Deno.test("buddyscope --help, -h and help show the same help, with every command", async () => {
  const { code, out } = await runCli(["help"]);
  assertEquals(code, 0);
  for (const { name, summary } of COMMANDS) {
    const line = out.split("\n").find((text) => text.startsWith(`  ${name} `)) ?? "";
    assertStringIncludes(line, summary.slice(0, 30));
  }
  assertEquals(await runCli(["--help"]), { code, out, err: "" });
  assertEquals(await runCli(["-h"]), { code, out, err: "" });
});

Deno.test("buddyscope help names the exit codes and fits 80 columns", async () => {
  const { out } = await runCli(["help"]);
  assertStringIncludes(out, "  0  all held\n");
  assertStringIncludes(out, "  3  the model itself is wrong\n");
  assertEquals(out.split("\n").filter((line) => [...line].length > 80), []);
});

Deno.test("each command has help with its usage, its options and an example", async () => {
  for (const { name, options } of COMMANDS) {
    const { code, out, err } = await runCli([name, "--help"]);
    assertEquals([code, err], [0, ""]);
    assertStringIncludes(out, `\n  buddyscope ${name}`);
    for (const option of options) assertStringIncludes(out, `\n  --${option.name} `);
    assert(/\nExamples?\n {2}buddyscope /.test(out), out);
    assertEquals(out.split("\n").filter((line) => [...line].length > 100), []);
    assertEquals(await runCli(["help", name]), { code, out, err });
  }
});

Deno.test("buddyscope --version is the version of deno.json", async () => {
  const expected = { code: 0, out: `buddyscope ${config.version}\n`, err: "" };
  assertEquals(await runCli(["--version"]), expected);
});

Deno.test("an unknown command is refused with the nearest one", async () => {
  const { code, out, err } = await runCli(["confrm", "x"]);
  assertEquals([code, out], [2, ""]);
  assertEquals(err, 'Unknown command "confrm"; the nearest is "conform"\nSee: buddyscope help\n');
});

Deno.test("an unknown command that resembles none is refused without a guess", async () => {
  const { err } = await runCli(["xylophone"]);
  assertEquals(err, 'Unknown command "xylophone"\nSee: buddyscope help\n');
});

Deno.test("help of an unknown command is refused with the nearest one", async () => {
  const { code, err } = await runCli(["help", "hlep"]);
  assertEquals(code, 2);
  assertStringIncludes(err, 'the nearest is "help"');
});

Deno.test("an unknown option is refused with the nearest one, whatever its value", async () => {
  for (const option of ["--jsn", "--jsn=1"]) {
    const { code, err } = await runCli(["conform", option, "x.json"]);
    assertEquals(code, 2);
    const hint = 'Unknown option "--jsn"; the nearest is "--json"\nSee: buddyscope help conform\n';
    assertEquals(err, hint);
  }
});

Deno.test("an option needs its value, one of its choices, and stands once", async () => {
  const cases: [string[], string][] = [
    [["--color"], "Option --color needs a value"],
    [["--color=blue"], 'Option --color must be auto, always or never, it is "blue"'],
    [["--color=nevr"], 'it is "nevr"; the nearest is "never"'],
    [["--color=never", "--color=auto"], "Option --color must stand once only"],
  ];
  for (const [options, message] of cases) {
    const { code, err } = await runCli(["conform", "x.json", ...options]);
    assertEquals(code, 2);
    assertStringIncludes(err, message);
  }
});

Deno.test("options may stand before the command", async () => {
  const { code, out } = await runCli(["--color=never", "help", "conform"]);
  assertEquals(code, 0);
  assertStringIncludes(out, "buddyscope conform");
});

Deno.test("a word from outside is shown without its control characters", async () => {
  const { err } = await runCli(["\x1b[2Jrun\u202e\x07"]);
  assertStringIncludes(err, '"\\u{1b}[2Jrun\\u{202e}\\u{7}"');
});

Deno.test("help takes one command at most", async () => {
  const { code, err } = await runCli(["help", "help", "conform"]);
  assertEquals(code, 2);
  assertStringIncludes(err, "help takes one command at most");
});

Deno.test({
  name: "colours are there on a terminal, with --color=always, and nowhere else",
  ignore: Deno.noColor, // Nothing is coloured then, whatever is asked for.
  fn: async () => {
    const isColoured = async (
      args: readonly string[],
      settings: Parameters<typeof runCli>[1],
    ): Promise<boolean> => (await runCli(args, settings)).out.includes("\x1b[1m");
    assert(await isColoured(["help"], { terminal: "yes" }));
    assert(await isColoured(["help", "--color=always"], {}));
    assert(!await isColoured(["help"], {}));
    assert(!await isColoured(["help", "--color=never"], { terminal: "yes" }));
    assert(!await isColoured(["help"], { terminal: "yes", noColor: true }));
  },
});
