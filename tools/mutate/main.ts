/**
 * Mutation check: changes the source of the literal page allocator in small mechanical ways, one at a
 * time, and says which changes the tests notice.
 *
 * `deno task mutate [--jobs N] [--file NAME] [--every N] [--tests nearest|all]`: one table row for each survivor, one for each
 * kind of change. Exit code: 0 if 95 of 100 that change something were caught, 1 if not, 2 for wrong use.
 *
 * @module
 */
// deno-lint-ignore-file no-console -- what it has to say is its only work.

import { parseArgs } from "@std/cli/parse-args";
import { mutantsOf } from "./mutants.ts";
import type { Mutant } from "./mutants.ts";
import { equivalentOf, EQUIVALENTS } from "./survivors.ts";
import { Workshop } from "./workshop.ts";
import type { Verdict } from "./workshop.ts";

/** The literal allocator. What observes and builds it for tests is left out. */
const FILES: readonly string[] = [
  "linked_list",
  "alloc_page/page_state",
  "alloc_page/areas",
  "alloc_page/blocks",
  "alloc_page/split",
  "alloc_page/coalesce",
  "alloc_page/free",
  "alloc_page/search",
  "alloc_page/request",
  "alloc_page/reserve",
  "alloc_page/init_area",
  "alloc_page/state",
].map((name) => `src/${name}.ts`);

const GOAL_PERCENT = 95;

interface Judged {
  readonly mutant: Mutant;
  readonly verdict: Verdict;
}

function allMutants(only: string | undefined, every: number): Mutant[] {
  const files = FILES.filter((path) => only === undefined || path.includes(only));
  const url = (path: string): URL => new URL(`../../${path}`, import.meta.url);
  const all = files.flatMap((path) => mutantsOf(path, Deno.readTextFileSync(url(path))));
  return all.filter((_, index) => index % every === 0);
}

function place({ path, line }: Mutant): string {
  return `${path.replace("src/", "")}:${line}`;
}

async function judgeAll(
  mutants: readonly Mutant[],
  jobs: number,
  tests: "nearest" | "all",
): Promise<Judged[]> {
  const judged: Judged[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    const workshop = await Workshop.open();
    try {
      await workshop.checkOriginal();
      for (let mutant = mutants[next++]; mutant !== undefined; mutant = mutants[next++]) {
        const verdict = await workshop.judge(mutant.path, mutant.text, tests);
        judged.push({ mutant, verdict });
        const mark = verdict === "survived" ? "SURVIVED" : "caught  ";
        console.error(
          `${judged.length}/${mutants.length}  ${mark}  ${place(mutant)}  ${mutant.operator}`,
        );
      }
    } finally {
      await workshop.close();
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  return judged;
}

function printTable(judged: readonly Judged[]): void {
  const operators = [...new Set(judged.map(({ mutant }) => mutant.operator))].toSorted();
  console.log("change                   mutants  nearest  all tests  survived");
  for (const operator of [...operators, null]) {
    const rows = judged.filter(({ mutant }) => operator === null || mutant.operator === operator);
    const count = (verdict: Verdict): string =>
      String(rows.filter((row) => row.verdict === verdict).length);
    console.log([
      (operator ?? "all").padEnd(24),
      String(rows.length).padStart(8),
      count("nearest tests").padStart(9),
      count("all tests").padStart(11),
      count("survived").padStart(10),
    ].join(""));
  }
}

/** Prints who survived and why; returns how many nobody explains. */
function printSurvivors(judged: readonly Judged[]): void {
  const survivors = judged.filter(({ verdict }) => verdict === "survived")
    .map(({ mutant }) => mutant)
    .toSorted((one, other) => one.path < other.path ? -1 : one.line - other.line);
  if (survivors.length > 0) console.log("\nsurvivors");
  for (const mutant of survivors) {
    console.log(`  ${place(mutant)}  ${mutant.operator}`);
    console.log(`    ${mutant.before}\n    ${mutant.after === "" ? "(dropped)" : mutant.after}`);
    console.log(`    ${equivalentOf(mutant)?.reason ?? "NOT EXPLAINED"}`);
  }
  const unused = EQUIVALENTS.filter((row) =>
    !survivors.some((mutant) => equivalentOf(mutant) === row)
  );
  for (const { path, before } of unused) console.log(`\nexplained, but caught: ${path}  ${before}`);
}

const args = parseArgs(Deno.args, { string: ["jobs", "file", "every", "tests"] });
const jobs = Number(args.jobs ?? 2);
const every = Number(args.every ?? 1);
if (!Number.isInteger(jobs) || jobs < 1 || !Number.isInteger(every) || every < 1) {
  console.error("Cannot run: --jobs and --every must be whole numbers from 1 on");
  Deno.exit(2);
}
const mutants = allMutants(args.file, every);
if (mutants.length === 0) {
  console.error(`Cannot run: --file must name one of ${FILES.join(", ")}`);
  Deno.exit(2);
}
const tests = args.tests ?? "all";
if (tests !== "all" && tests !== "nearest") {
  console.error("Cannot run: --tests must be nearest or all");
  Deno.exit(2);
}
const judged = await judgeAll(mutants, jobs, tests);
printTable(judged);
printSurvivors(judged);
const caught = judged.filter(({ verdict }) => verdict !== "survived").length;
const explained =
  judged.filter(({ verdict, mutant }) => verdict === "survived" && equivalentOf(mutant) !== null)
    .length;
const left = judged.length - caught - explained;
const percentOf = (all: number): string => (100 * caught / all).toFixed(1);
console.log(
  `\n${judged.length} mutants, ${caught} caught: ${
    percentOf(judged.length)
  } %; ${explained} of the ` +
    `others change nothing, without them ${
      percentOf(judged.length - explained)
    } %; ${left} survive`,
);
Deno.exit(100 * caught >= GOAL_PERCENT * (judged.length - explained) ? 0 : 1);
