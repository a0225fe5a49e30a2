import { assertEquals, assertStringIncludes } from "@std/assert";
import { runCli } from "./cli_host.ts";

const FILES = {
  "dead.buddy":
    "area any 0x1000 0x1020\na = alloc_page\nb = alloc_page\nfree_pages a\nfree_pages b\n",
  "wrong.buddy": "alloc_pag\n",
};

Deno.test("check says which rule broke first, where and why, with the frame, and exits with 1", async () => {
  const args = ["check", "dead.buddy", "--edition", "head,repaired"];
  const { code, out, err } = await runCli(args, { files: FILES });
  assertEquals([code, err], [1, ""]);
  assertEquals(
    out,
    `dead.buddy  x86_64  fresh-2021-01

      call                    result     listed blocks by order 0 1 2 3 4
 0    area any 0x1000 0x1020  -                                 1 1 1 1 1
 1    a = alloc_page          0x1001000                         0 1 1 1 1
 2    b = alloc_page          0x1002000                         1 0 1 1 1
 3    free_pages a            -                                 2 0 1 1 1
 4    free_pages b            -                                 3 0 1 1 1
      violates no mergeable buddies are both usable: 0x1002 and 0x1003 are usable blocks of order 0

first violation

rule   no mergeable buddies are both usable
       Of two buddies of the same order at most one is usable: free joins them.
step   4: free_pages b  dead.buddy:5
why    0x1002 and 0x1003 are usable blocks of order 0

before step 4  area 2  low

          0  1  2  3  4  5  6  7  8  9  a  b  c  d  e  f
  1000   ## f0 A0 .0 .2 -- -- -- .3 -- -- -- -- -- -- --
               ^^
  1010   .4 -- -- -- -- -- -- -- -- -- -- -- -- -- -- --

after step 4  area 2  low

          0  1  2  3  4  5  6  7  8  9  a  b  c  d  e  f
  1000   ## f0 f0 .0 .2 -- -- -- .3 -- -- -- -- -- -- --
               ^^
  1010   .4 -- -- -- -- -- -- -- -- -- -- -- -- -- -- --

dead.buddy  x86_64  repaired

      call                    result     listed blocks by order 0 1 2 3 4
 0    area any 0x1000 0x1020  -                                 1 1 1 1 1
 1    a = alloc_page          0x1001000                         0 1 1 1 1
 2    b = alloc_page          0x1002000                         1 0 1 1 1
 3    free_pages a            -                                 2 0 1 1 1
 4    free_pages b            -                                 1 1 1 1 1

ok      no rule was broken in 5 calls

2 runs, 1 with a broken rule
`,
  );
});

Deno.test("check refuses a rule that there is not, and its help lists all", async () => {
  const near = await runCli(["check", "dead.buddy", "--rules=states agre"]);
  assertStringIncludes(near.err, 'Unknown rule "states agre"; the nearest is "states agree"');
  const far = await runCli(["check", "dead.buddy", "--except=x"]);
  assertStringIncludes(far.err, 'Unknown rule "x"; `buddyscope help check` lists all');
  const { out } = await runCli(["help", "check"]);
  assertStringIncludes(out, "\n    states agree\n");
});

Deno.test("check --rules and --except choose the rules", async () => {
  const broken = "no mergeable buddies are both usable";
  const codeOf = async (...args: string[]): Promise<number> =>
    (await runCli(["check", "dead.buddy", "--edition=head", ...args], { files: FILES })).code;
  assertEquals(await codeOf(`--rules=${broken}`), 1);
  assertEquals(await codeOf("--rules=states agree,links are mutual"), 0);
  assertEquals(await codeOf(`--except=${broken}`), 0);
  const args = ["check", "dead.buddy", "--rules=states agree", "--except=states agree"];
  const { code, err } = await runCli(args, { files: FILES });
  assertEquals(code, 2);
  assertStringIncludes(err, "Options --rules and --except must leave a rule to check");
  const typo = await runCli(["check", "dead.buddy", "--rules=states agre"], { files: FILES });
  assertEquals(typo.code, 2);
  assertStringIncludes(typo.err, 'the nearest is "states agree"');
});

Deno.test("check --json prints watched runs and totals", async () => {
  const args = ["check", "dead.buddy", "wrong.buddy", "--edition=head", "--json"];
  const { code, out, err } = await runCli(args, { files: FILES });
  assertEquals(code, 2);
  assertStringIncludes(err, "wrong.buddy");
  const { runs, totals } = JSON.parse(out);
  assertEquals(totals, { runs: 1, broken: 1, errors: 1 });
  const sentence = "0x1002 and 0x1003 are usable blocks of order 0";
  const violation = {
    rule: "no mergeable buddies are both usable",
    area: 2,
    pfn: 0x1002,
    sentence,
  };
  assertEquals(runs[0].firstViolation, { step: 4, violation });
  assertEquals(runs[0].steps.map((step: { violations: unknown }) => step.violations), [
    [],
    [],
    [],
    [],
    [violation],
  ]);
});

Deno.test("check needs a file", async () => {
  const { code, err } = await runCli(["check"], { files: FILES });
  assertEquals(code, 2);
  assertStringIncludes(err, "check needs a file with a scenario, or - for standard input");
});

Deno.test("check says from which step on nothing is judged, and why, and exits with 0", async () => {
  const files = { "misuse.buddy": "area any 0x1000 0x1010\nfill 0x1000000 16 0xff\n" };
  const { code, out } = await runCli(["check", "misuse.buddy", "--edition=repaired"], { files });
  assertEquals(code, 0);
  assertStringIncludes(
    out,
    `ok      no rule was broken in 1 call
        not judged from step 1 on: memory at 0x1000000 was written, which is not the caller's:
        nobody knows who owns what from here on
`,
  );
  const json = await runCli(["check", "misuse.buddy", "--json"], { files });
  assertEquals(JSON.parse(json.out).runs[0].unjudgedFrom.step, 1);
});
