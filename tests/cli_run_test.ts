import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { runCli, runCliWriting } from "./cli_host.ts";

const PAIR = `machine x86_64 edition=head
area any 0x1000 0x1020
a = alloc_page
expect a == 0x1001000
`;

/** The lines of a text that begin with a word. */
function linesWith(text: string, begin: string): string[] {
  return text.split("\n").filter((line) => line.startsWith(begin));
}

Deno.test("run shows trace, first and last map, expectations and a summary", async () => {
  const { code, out, err } = await runCli(["run", "p.buddy"], { files: { "p.buddy": PAIR } });
  assertEquals([code, err], [0, ""]);
  const titles = [
    "p.buddy  x86_64",
    " 1    area any",
    "page map after step 1",
    "page map at the end",
  ];
  const places = [...titles, "expectations\n", "ok      a == 0x1001000"].map((text) => {
    assertStringIncludes(out, text);
    return out.indexOf(text);
  });
  assertEquals(places, places.toSorted((a, b) => a - b));
  assert(out.endsWith("\n1 run, 1 expectation, 0 failed\n"), out);
});

Deno.test("run fails with 1 if an expectation fails, and says what was found and where", async () => {
  const text = `${PAIR}expect a is null\n`;
  const { code, out } = await runCli(["run", "p.buddy"], { files: { "p.buddy": text } });
  assertEquals(code, 1);
  assertStringIncludes(out, "\nFAILED  a is null\n        a is 0x1001000  p.buddy:5\n");
  assert(out.endsWith("\n1 run, 2 expectations, 1 failed\n"), out);
});

Deno.test("run shows one map where nothing changes, and none where there is no area", async () => {
  const files = { "a.buddy": "area any 0x1000 0x1020\n", "b.buddy": "machine x86_64\n" };
  const { out } = await runCli(["run", "a.buddy", "b.buddy"], { files });
  assertEquals(linesWith(out, "page map"), ["page map at the end"]);
});

Deno.test("run reads standard input, and names it in messages", async () => {
  const settings = { files: { "-": "area any 0x1000 0x1020\n" } };
  const { code, out } = await runCli(["run", "-"], settings);
  assertEquals([code, out.split(" ")[0]], [0, "-"]);
  const { err } = await runCli(["run", "-"], { files: { "-": "dance" } });
  assertStringIncludes(err, "standard input:1:1: Cannot read");
});

Deno.test("run --edition runs on each edition, and shows together what looks the same", async () => {
  const args = ["run", "p.buddy", "--edition", "dbad82e3,550b4683", "--edition=01d8952b"];
  const { code, out } = await runCli(args, { files: { "p.buddy": PAIR } });
  assertEquals(code, 0);
  assertEquals(linesWith(out, "p.buddy"), [
    "p.buddy  x86_64  status-2021-01, flags-2021-01",
    "p.buddy  x86_64  pfn-2021-01",
  ]);
  assertStringIncludes(out, "\n3 runs, 3 expectations, 0 failed\n");
});

Deno.test("run --edition all runs on all editions, each once", async () => {
  const editions = JSON.parse((await runCli(["editions", "--json"])).out);
  const files = { "p.buddy": "area any 0x1000 0x1020\n" };
  const { out } = await runCli(["run", "p.buddy", "--edition", "all,head"], { files });
  assertStringIncludes(out, `\n${editions.length} runs, 0 expectations, 0 failed\n`);
});

Deno.test("run refuses an unknown edition with the nearest one", async () => {
  const { code, err } = await runCli(["run", "p.buddy", "--edition=haed"], {
    files: { "p.buddy": PAIR },
  });
  assertEquals(code, 2);
  assertEquals(err, 'Unknown edition "haed"; the nearest is "head"\nSee: buddyscope help run\n');
});

Deno.test("run --show shows views of the end in place of trace and maps", async () => {
  const { code, out } = await runCli(["run", "p.buddy", "--show=lists,touched"], {
    files: { "p.buddy": PAIR },
  });
  assertEquals(code, 0);
  assertStringIncludes(out, "free lists at the end\n");
  assertStringIncludes(out, "touched memory at the end\n");
  assert(!out.includes("page map"), out);
  assert(!out.includes("listed blocks by order"), out);
});

Deno.test("run --show knows each view of the language", async () => {
  const views = ["map", "blocks", "lists", "areas", "states", "trace", "touched"];
  const files = { "p.buddy": PAIR };
  for (const view of views) {
    const { code, out } = await runCli(["run", "p.buddy", "--show", view], { files });
    assertEquals([code, linesWith(out, "expectations").length], [0, 1]);
    assert(out.includes(" at the end\n"), out);
  }
});

Deno.test("run refuses an unknown view with the nearest one", async () => {
  const { code, err } = await runCli(["run", "p.buddy", "--show=list"], {
    files: { "p.buddy": PAIR },
  });
  assertEquals(code, 2);
  assertStringIncludes(err, 'it is "list"; the nearest is "lists"');
});

Deno.test("run shows what the scenario shows, at its step", async () => {
  const text = "area any 0x1000 0x1020\nshow lists\nalloc_page\nshow map\n";
  const { out } = await runCli(["run", "p.buddy"], { files: { "p.buddy": text } });
  assertEquals(linesWith(out, "free lists"), ["free lists after step 1"]);
  assertEquals(linesWith(out, "page map"), ["page map after step 0", "page map at the end"]);
});

Deno.test("run --step shows what a step did, what changed, and the state after it", async () => {
  const text = "area any 0x1000 0x1010\nalloc_page\nalloc_page\nalloc_page\n";
  const { code, out } = await runCli(["run", "p.buddy", "--step", "2"], {
    files: { "p.buddy": text },
  });
  assertEquals(code, 0);
  assertStringIncludes(out, "\n      splits 1002 order 1\n");
  const changed = out.slice(out.indexOf("changed by step 2")).split("\n");
  assertEquals(changed.slice(2, 5).map((line) => line.split(/ +/).slice(0, 5).join(" ")), [
    "- 1002 2 1 fresh",
    "+ 1002 1 0 allocated",
    "+ 1003 1 0 fresh",
  ]);
  assertStringIncludes(out, "page map after step 2\n");
  assertStringIncludes(out, "free lists after step 2\n");
});

Deno.test("run --step of a step that changes nothing says so", async () => {
  const { out } = await runCli(["run", "p.buddy", "--step", "3", "--show=map"], {
    files: { "p.buddy": PAIR },
  });
  assertStringIncludes(out, "changed by step 3\n\nnothing\n");
  assert(!out.includes("free lists"), out);
});

Deno.test("run refuses a step that is no number or not there", async () => {
  const files = { "p.buddy": PAIR };
  const cases: [string, string][] = [
    ["--step=4", "Option --step must be 0 to 3, the last step of p.buddy, it is 4"],
    ["--step=x", 'Option --step must be a whole number, it is "x"'],
    ["--step=-1", 'Option --step must be a whole number, it is "-1"'],
  ];
  for (const [option, message] of cases) {
    const { code, err } = await runCli(["run", "p.buddy", option], { files });
    assertEquals(code, 2);
    assertStringIncludes(err, message);
  }
  const { err } = await runCli(["run", "e.buddy", "--step=0"], { files: { "e.buddy": "" } });
  assertStringIncludes(err, "Option --step must not stand here: e.buddy has no steps");
});

Deno.test("run goes on after files that are not there or no scenarios", async () => {
  const files = { "bad.buddy": "area any 5\nalloc_pgae\n", "p.buddy": PAIR };
  const args = ["run", "none.buddy", "bad.buddy", "p.buddy"];
  const { code, out, err } = await runCli(args, { files });
  assertEquals(code, 2);
  assertStringIncludes(err, "Cannot read none.buddy: there is no such file or folder\n");
  assertStringIncludes(err, "bad.buddy:1:11: Cannot read the end of the line: TOP must stand here");
  assertStringIncludes(err, 'bad.buddy:2:1: Cannot read "alloc_pgae"');
  assertStringIncludes(err, '; the nearest is "alloc_page"\n  alloc_pgae\n  ^^^^^^^^^^\n');
  assert(out.endsWith("\n1 run, 1 expectation, 0 failed\n"), out);
});

Deno.test("run names the line of a scenario that asks the machine for what it cannot have", async () => {
  const text = "machine s390x\narea any 0x100 0x200\nalloc_page area=LOWEST\n";
  const { code, err } = await runCli(["run", "p.buddy"], { files: { "p.buddy": text } });
  assertEquals(code, 2);
  assertStringIncludes(err, "p.buddy:3: Cannot ");
});

Deno.test("run escapes what others named", async () => {
  const name = "\x1b[31m.buddy";
  const { out } = await runCli(["run", name], { files: { [name]: PAIR } });
  assert(!out.includes("\x1b"), out);
  assertStringIncludes(out, "\\u{1b}[31m.buddy  x86_64");
});

Deno.test("run needs a file, and refuses --show beside --json", async () => {
  assertStringIncludes((await runCli(["run"])).err, "run needs a file with a scenario");
  const { code, err } = await runCli(["run", "--json", "--show=map", "p.buddy"]);
  assertEquals(code, 2);
  assertStringIncludes(err, "Option --show must not stand beside --json");
});

Deno.test("run --json prints the runs and totals, and nothing else", async () => {
  const files = { "p.buddy": PAIR, "bad.buddy": "dance" };
  const { code, out } = await runCli(["run", "p.buddy", "bad.buddy", "--json"], { files });
  assertEquals(code, 2);
  const { runs, totals } = JSON.parse(out);
  assertEquals(totals, { runs: 1, expectations: 1, failed: 0, errors: 1 });
  assertEquals([runs[0].file, runs[0].machine.arch], ["p.buddy", "x86_64"]);
  assertEquals(runs[0].areas[0].top, 0x1020);
  assertEquals(runs[0].steps[2].outcome.value, { kind: "address", value: "0x1001000" });
});

Deno.test("run --json --step has the areas after that step", async () => {
  const { out } = await runCli(["run", "p.buddy", "--json", "--step=1"], {
    files: { "p.buddy": PAIR },
  });
  const [{ state, areas }] = JSON.parse(out).runs;
  assertEquals([state.step, state.areas[0].states[0], areas], [1, [0, 1], undefined]);
});

Deno.test({
  name: "run marks what held and what failed on a terminal",
  ignore: Deno.noColor, // Nothing is coloured then.
  fn: async () => {
    const { out } = await runCli(["run", "p.buddy"], {
      files: { "p.buddy": `${PAIR}expect a is null\n` },
      terminal: "yes",
    });
    assertStringIncludes(out, "\x1b[32m✓\x1b[39m  a == 0x1001000");
    assertStringIncludes(out, "\x1b[31m✗\x1b[39m  a is null");
  },
});

Deno.test("an unexpected error is called a defect of the model, with command, file and version", async () => {
  const files = {
    get "p.buddy"(): string {
      throw new Error("Model error: a list has no head");
    },
    "q.buddy": PAIR,
  };
  const { code, out, err } = await runCli(["run", "p.buddy", "q.buddy"], { files });
  assertEquals(code, 3);
  assertStringIncludes(err, "Model error: a list has no head\n\nThis is a defect of buddyscope");
  assertStringIncludes(err, "\n  command  buddyscope run p.buddy q.buddy\n  file     p.buddy\n");
  assertStringIncludes(err, "\n  version  0.");
  assert(out.endsWith("\n1 run, 1 expectation, 0 failed\n"), out);
});

Deno.test("run of very many expectations shows those that failed", async () => {
  const text = `${PAIR}${"expect a == 0x1001000\n".repeat(100)}expect a is null\n`;
  const { code, out } = await runCli(["run", "p.buddy"], { files: { "p.buddy": text } });
  assertEquals(code, 1);
  const shown = out.slice(out.indexOf("expectations\n")).split("\n");
  assertEquals(shown.slice(2, 5), [
    "FAILED  a is null",
    "        a is 0x1001000  p.buddy:105",
    "… 101 more, of which 0 failed",
  ]);
});

Deno.test("run --trace-out writes a trace with broken rules beside its text, of one run only", async () => {
  const text = `${PAIR}b = alloc_page\nfree_pages a\nfree_pages b\n`;
  const files = { "p.buddy": text, "q.buddy": PAIR };
  const words = ["run", "p.buddy", "--trace-out", "t.json"];
  const { code, out, written } = await runCliWriting(words, { files });
  assertEquals([code, Object.keys(written)], [0, ["t.json"]]);
  assert(out.endsWith("\n1 run, 1 expectation, 0 failed\n"), out);
  const events: { ph: string; name: string }[] = JSON.parse(written["t.json"] ?? "").traceEvents;
  assertEquals(events.filter(({ ph }) => ph === "i").map(({ name }) => name), [
    "no mergeable buddies are both usable",
  ]);
  for (const more of [["q.buddy"], ["--edition", "head,repaired"]]) {
    const refused = await runCliWriting([...words, ...more], { files });
    assertEquals([refused.code, refused.written], [2, {}]);
    assertStringIncludes(
      refused.err,
      "Option --trace-out must stand beside one file and one edition",
    );
  }
});
