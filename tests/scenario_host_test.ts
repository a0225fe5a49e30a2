import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { ARCHS } from "../arch/mod.ts";
import { printShow, runToJson } from "../src/report/mod.ts";
import {
  parseScenario,
  printScenario,
  type Run,
  runScenario,
  scenario,
  ScenarioError,
} from "../src/scenario/mod.ts";

const AREA = "area any 0x100 0x121";

function runOf(...lines: readonly string[]): Run {
  return runScenario(parseScenario(lines.join("\n")).scenario, { archs: ARCHS });
}

function watched(...lines: readonly string[]): Run {
  const { scenario: parsed } = parseScenario(lines.join("\n"));
  return runScenario(parsed, { archs: ARCHS, watch: "violations" });
}

/** What the steps of a run did to memory, by kind. */
function hostOf(run: Run): string[] {
  return run.steps.map(({ host }) => host.map(({ kind }) => kind).join(" "));
}

function message(line: string): string {
  const error = assertThrows(() => parseScenario(line), ScenarioError);
  return error.problems[0]?.message ?? "";
}

const STATEMENTS = [
  "host discard 0x101000 2",
  "n = host balloon 16",
  "try host report-free-pages 2",
  "host report-free-pages 2 in-place",
  "host mark potentially-volatile 0x101000 1",
  "host every 4 report-free-pages 3 in-place",
  "host every 2 reclaim",
  "host every 6 balloon 3",
  "host every 5 verify-poison",
  "host after-free balloon 4",
  "host after-free verify-poison",
  "host cma",
  "host cma faults",
  "host after-free reclaim",
  "host poison 0xaa late",
  "host init-on-free",
  "host off",
];

Deno.test("parseScenario() reads what printScenario() writes of the host", () => {
  const text = STATEMENTS.map((line) => `${line}\n`).join("");
  const { scenario: parsed } = parseScenario(text);
  assertEquals(printScenario(parsed), text);
  assertEquals(parseScenario(printScenario(parsed)).scenario, parsed);
});

Deno.test("parseScenario() names what may follow host, and the nearest word", () => {
  const rows: readonly (readonly [string, string])[] = [
    ["host discrd 0 1", 'Cannot read "discrd": what the host does must be discard, balloon,'],
    ["host discrd 0 1", 'the nearest is "discard"'],
    ["host", "Cannot read the end of the line: what the host does must be"],
    ["host mark unusd 0 1", "must be stable, unused or potentially-volatile"],
    ["host every x reclaim", 'Cannot read "x": the count must be a number'],
    ["host every 2 relcaim", 'the nearest is "reclaim"'],
    ["host cma fault", 'must be faults; the nearest is "faults"'],
    ["host report-free-pages 2 inplace", 'must be in-place; the nearest is "in-place"'],
    ["host discard 0x1000", 'COUNT must stand here, as in "host discard ADDRESS COUNT"'],
    ["x = host discard 0 1", "gives nothing back that a name could be bound to"],
    ["host = alloc_page", "a name must not be a word of the language"],
    ["hst cma", 'the nearest is "host"'],
  ];
  for (const [line, part] of rows) assert(message(line).includes(part), message(line));
});

Deno.test("host discard refuses frames that are no memory, and names the line", () => {
  for (
    const [line, part] of [
      ["host discard 0x100800 1", "the address must be a multiple of 0x1000"],
      ["host discard 0x900000 1", "all of them must be memory"],
      ["host mark unused 0x100000 4503599627370496", "there must be so much memory"],
      ["host every 0 reclaim", "the number must be 1 or more"],
    ] as const
  ) assertThrows(() => runOf(AREA, line), ScenarioError, part);
});

Deno.test("ScenarioBuilder.host() adds a statement of the host", () => {
  const built = scenario().area("any", 0x100, 0x121)
    .let("n").host("balloon", 4).host("mark unused", "0x110000", 1).build();
  assertMatch(printScenario(built.scenario), /n = host balloon 4\nhost mark unused 0x110000 1\n$/);
});

const LINKS_LOST = [AREA, "host discard 0x110000 1", "b = alloc_pages 4", "b = alloc_pages 3"];

Deno.test("a discarded list node breaks a rule at the host's step, whose sentence says so", () => {
  const { firstViolation } = watched(...LINKS_LOST);
  assertEquals(firstViolation?.step, 1);
  assertEquals(firstViolation?.violation.rule, "links are mutual");
  assertEquals(
    firstViolation?.violation.sentence,
    "the next link of 0x110 in the list of order 4 of area 3 leads to nowhere; " +
      "the host has taken the page at 0x110000",
  );
});

Deno.test("a discarded page that holds no node breaks no rule", () => {
  const { firstViolation } = watched(AREA, "host discard 0x111000 15", "b = alloc_pages 4");
  assertEquals(firstViolation, null);
});

Deno.test("the drivers break no rule of a sound allocator", () => {
  const { firstViolation, steps } = watched(
    AREA,
    ...[
      "host cma",
      "host poison 0xaa",
      "host init-on-alloc",
      "host after-free report-free-pages 1",
    ],
    ...["a = alloc_pages 2", "b = alloc_page", "n = host balloon 5", "free_pages a"],
    ...["n = host balloon 0", "free_pages b", "a = alloc_pages 4"],
  );
  assertEquals(firstViolation, null);
  assert(steps.every(({ outcome }) => outcome.kind === "returned"));
});

Deno.test("host every N acts after every N calls, and after-free after each free", () => {
  const run = runOf(
    AREA,
    ...["host every 2 reclaim", "host mark unused 0x110000 1", "a = alloc_page", "b = alloc_page"],
    ...["host off", "host after-free reclaim", "free_pages a", "c = alloc_page"],
  );
  assertEquals(hostOf(run), ["", "", "mark", "discard", "", "", "", "discard", ""]);
});

const FREED = "fill broken-poison";

Deno.test("host every N balloon and verify-poison are policies, too", () => {
  const run = runOf(
    AREA,
    ...["host every 2 balloon 3", "host poison 0x11", "host after-free verify-poison"],
    ...["a = alloc_pages 2", "free_pages a", "host off", "host after-free balloon 1"],
    ...["b = alloc_pages 1", "free_pages b", "show host"],
  );
  const last = run.steps.length - 1;
  const kinds = hostOf(run);
  // After the fourth call since it is on; the next one frees.
  assertEquals(kinds.slice(0, 6), ["", "", "", "", "discard discard discard", FREED]);
  assertEquals(run.machineAfter(last).host.balloon.length, 1);
  assertEquals(
    printShow(run, { step: last, view: "host" }).split("\n").at(-2),
    "switched on: after-free balloon 1",
  );
});

Deno.test("try undoes what the host did", () => {
  const damage = "write 0x110008 0x123456780 8";
  const run = runOf(AREA, "host cma", damage, "try host report-free-pages 4", "show host");
  const [, , , tried] = run.steps;
  assertEquals([tried?.effect, tried?.outcome.kind], ["undone", "fault"]);
  assertEquals(run.machineAfter(4).host.account.taken, 0);
  assertEquals(run.machineAfter(4).host.policies.cma, "on");
});

Deno.test("machineAfter() replays the host's steps", () => {
  const calls = Array.from({ length: 40 }, (_, n) => [
    `a = alloc_pages ${n % 3}`,
    `n = host balloon ${n % 5}`,
    "free_pages a",
  ]).flat();
  const run = runOf(AREA, "host cma", "host poison 0x33", "host every 7 reclaim", ...calls);
  const stopped = run.stoppedAt?.step ?? run.steps.length - 1;
  for (const step of [stopped, 70, 90, 20, stopped]) {
    const { scenario: all } = run;
    const fresh = runScenario({ statements: all.statements.slice(0, step + 1) }, { archs: ARCHS });
    const [seen, wanted] = [run, fresh].map((one) => printShow(one, { step, view: "host" }));
    assertEquals(seen, wanted);
  }
});

Deno.test("the fast engine sees what the host took, as the literal one does", () => {
  const lines = [...LINKS_LOST, "n = host balloon 3", "show host"];
  const [auto, literal] = ["auto", "literal"].map((engine) => {
    const machine = `machine x86_64 edition=head engine=${engine}`;
    const { scenario: parsed } = parseScenario([machine, ...lines].join("\n"));
    const run = runScenario(parsed, { archs: ARCHS, record: "outcomes" });
    const last = run.steps.length - 1;
    return [run.steps.map(({ outcome }) => outcome), printShow(run, { step: last, view: "lists" })];
  });
  assertEquals(auto, literal);
});

Deno.test("the host works on a booted machine, by addresses that the guest maps", () => {
  const run = runOf(
    ...["machine i386 ram=64M", "boot", "host cma", "host poison 0xaa"],
    ...["a = alloc_pages 3", "free_pages a", "n = host balloon 4", "p = malloc 5000", "free p"],
  );
  assertEquals(run.stoppedAt, null);
  const { account } = run.machineAfter(run.steps.length - 1).host;
  assert(account.taken >= 4 && account.unused > 0 && account.poisoned > 0);
});

Deno.test("init-on-free shows that vmalloc's free reads what it has freed", () => {
  const lines = ["boot", "host init-on-free", "p = malloc 12000", "free p"];
  const freed = ["head", "repaired"].map((name) =>
    runOf(`machine x86_64 edition=${name}`, ...lines).steps.at(-1)?.host.length
  );
  assertEquals(freed, [1, 4]);
});

Deno.test("runToJson() tells what the host did", () => {
  const json = JSON.stringify(runToJson(runOf(AREA, "host discard 0x110000 1")));
  const wanted = '"host":[{"kind":"discard","first":"0x110000","size":"0x1000","reason":"asked",' +
    '"resident":1}]';
  assert(json.includes(wanted), json.slice(0, 2000));
});

Deno.test("show host tells what was taken, told and switched on", () => {
  const run = runOf(AREA, "host cma", "host every 3 report-free-pages 2", "n = host balloon 2");
  assertEquals(printShow(run, { step: 3, view: "host" }).split("\n"), [
    "the host, in pages of 4 KiB",
    ...["resident              9", "discarded             2", "taken so far          2"],
    ...["come back             0", "in the balloon        2"],
    "switched on: cma, every 3 report-free-pages 2",
    "",
  ]);
});
