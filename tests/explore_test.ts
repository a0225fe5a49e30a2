/**
 * Exhaustive exploration: numbers of states, and what is found in which edition in how many calls.
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { ARCHS, X86_64 } from "../arch/mod.ts";
import { parseScenario, printScenario, runScenario } from "../mod.ts";
import {
  closedForm,
  explore,
  type ExploredArea,
  type ExploreOptions,
  type ExploreResult,
} from "../src/check/mod.ts";
import { BLOCK_EDITIONS } from "./explore_support.ts";
import { arch, edition } from "./support.ts";

/** Explores x86_64. */
function explored(
  name: string,
  areas: readonly ExploredArea[],
  options: Omit<ExploreOptions, "edition" | "arch" | "areas"> = {},
): ExploreResult {
  return explore({ edition: edition(name), arch: X86_64, areas, ...options });
}

function statesOf(
  result: ExploreResult,
): { states: number; agrees: string | null; broken: number } {
  return { states: result.states, agrees: result.agrees, broken: result.violations.length };
}

/** What is found: the number of calls by rule. */
function found(result: ExploreResult): Record<string, number> {
  return Object.fromEntries(result.violations.map(({ rule, calls }) => [rule, calls]));
}

Deno.test("closedForm() counts what coalescing leaves, with and without special and fresh pages", () => {
  const orders = [0, 1, 2, 3, 4];
  const plain = orders.map((order) => closedForm(order, { reserved: "no", fresh: "folded" }));
  assertEquals(plain, [2n, 5n, 26n, 677n, 458330n]);
  const special = orders.map((order) => closedForm(order, { reserved: "yes", fresh: "folded" }));
  assertEquals(special, [3n, 10n, 101n, 10202n, 104080805n]);
  const fresh = orders.map((order) => closedForm(order, { reserved: "no", fresh: "told-apart" }));
  assertEquals(fresh, [3n, 8n, 63n, 3968n, 15745023n]);
});

Deno.test("explore() finds as many states of 1, 2, 4 and 8 pages as the closed form says", () => {
  const results = [1, 2, 4, 8].map((frames) => statesOf(explored("repaired", [{ frames }])));
  const expected = [2, 5, 26, 677].map((states) => ({ states, agrees: "yes", broken: 0 }));
  assertEquals(results, expected);
});

Deno.test("explore() finds as many states with special pages as the closed form says", () => {
  const operations = ["alloc", "free", "reserve"] as const;
  const results = [1, 2, 4, 8].map((frames) =>
    statesOf(explored("repaired", [{ frames }], { operations }))
  );
  const expected = [3, 10, 101, 10202].map((states) => ({ states, agrees: "yes", broken: 0 }));
  assertEquals(results, expected);
});

Deno.test("explore() multiplies over the blocks of sizes that are no power of two, and over areas", () => {
  const cases: readonly [readonly ExploredArea[], number][] = [
    [[{ frames: 5 }], 26 * 2],
    [[{ frames: 7 }], 26 * 5 * 2],
    [[{ frames: 7, offset: 1 }], 2 * 5 * 26],
    [[{ frames: 11 }], 677 * 5 * 2],
    [[{ frames: 8, offset: 4 }], 26 * 26],
    [[{ frames: 4 }, { frames: 4 }], 26 * 26],
    [[{ frames: 2 }, { frames: 4 }, { frames: 3 }], 5 * 26 * 5 * 2],
  ];
  for (const [areas, states] of cases) {
    const result = statesOf(explored("repaired", areas));
    assertEquals(result, { states, agrees: "yes", broken: 0 }, JSON.stringify(areas));
  }
});

Deno.test("explore() finds the closed form's states in each edition that coalesces", () => {
  const coalescing = BLOCK_EDITIONS.filter(({ name }) => {
    const result = explored(name, [{ frames: 8 }]);
    return result.states === 677 && result.agrees === "yes" && result.violations.length === 0;
  });
  assertEquals(coalescing.map(({ name }) => name), [
    "rfc-2020-08",
    "buddy-2020-10",
    "malloc-2020-10",
    "reserve-2020-10",
    "areas-2021-01",
    "pfn-2021-01",
    "repaired",
  ]);
});

Deno.test("explore() finds nothing on the repaired edition, whatever is done", () => {
  const operations = ["alloc", "free", "memalign", "reserve", "fresh"] as const;
  const exact = explored("repaired", [{ frames: 4 }], { operations, lists: "exact" });
  assertEquals(statesOf(exact), { states: 579, agrees: null, broken: 0 });
  const folded = explored("repaired", [{ frames: 4 }], { operations });
  // The closed form for pages that are fresh or free is a bound: 224.
  assertEquals([folded.states, folded.expected?.states, folded.agrees], [223, 224n, "yes"]);
  const aligned = explored("repaired", [{ frames: 8 }], { operations: operations.slice(0, 3) });
  assertEquals(statesOf(aligned), { states: 677, agrees: "yes", broken: 0 });
});

Deno.test("explore() with exact lists visits at least the shapes of folded ones", () => {
  const folded = explored("repaired", [{ frames: 4 }]);
  const exact = explored("repaired", [{ frames: 4 }], { lists: "exact" });
  assert(exact.states > folded.states, `${exact.states} and ${folded.states}`);
  assertEquals(exact.expected, null);
});

/** The editions in which a rule is broken, as `name:calls`. */
function editionsBreaking(
  rule: string,
  options: Omit<ExploreOptions, "edition" | "arch" | "areas">,
): string[] {
  return BLOCK_EDITIONS.flatMap(({ name }) => {
    const calls = found(explored(name, [{ frames: 4 }], options))[rule];
    return calls === undefined ? [] : [`${name}:${calls}`];
  });
}

const RESERVING = ["reserve-2020-10", "areas-2021-01", "pfn-2021-01", "max-order-2021-01"];
const SINCE_STATUS = ["status-2021-01", "flags-2021-01", "zero-2021-01", "fresh-2021-01"];

/** Names with a number of calls each. */
function each(names: readonly string[], calls: number): string[] {
  return names.map((name) => `${name}:${calls}`);
}

Deno.test("explore() finds dead coalescing (D1) in 2 calls and lost blocks (D7) in 3, where they are", () => {
  const buddies = editionsBreaking("no mergeable buddies are both usable", {});
  assertEquals(buddies, each(SINCE_STATUS, 2));
  const bound = editionsBreaking("max order is a bound", {});
  assertEquals(bound, each(["max-order-2021-01", ...SINCE_STATUS], 3));
});

Deno.test("explore() finds reserved pages on their lists (D2) in 1 call, handed out in 2", () => {
  const operations = ["alloc", "free", "reserve"] as const;
  const reserving = ["rfc-2020-08", ...RESERVING, ...SINCE_STATUS];
  const listed = editionsBreaking("listed blocks are usable", { operations });
  assertEquals(listed, each(reserving, 1));
  const handedOut = editionsBreaking("special pages are never handed out", {
    operations,
    lists: "exact",
    tolerated: ["listed blocks are usable"],
  });
  assertEquals(handedOut, each(reserving, 2));
});

Deno.test("explore() finds reservations in freed blocks that abort (D3) in 3 calls, where they are", () => {
  const operations = ["alloc", "free", "reserve"] as const;
  const stops = editionsBreaking("a valid call returns", { operations });
  const rollback = stops.filter((text) => !SINCE_STATUS.some((name) => text.startsWith(name)));
  assertEquals(stops.filter((text) => !rollback.includes(text)), each(SINCE_STATUS, 3));
  // Before 01d8952b it is the rollback of a failed reservation that finds a page linked already.
  assertEquals(rollback, each(["rfc-2020-08", "reserve-2020-10", "areas-2021-01"], 4));
});

Deno.test("explore() finds all of fresh requests (D4) in 1 call, in the edition that has them", () => {
  const operations = ["alloc", "free", "fresh"] as const;
  const rules = [
    "a valid call returns",
    "a block handed out has the size and alignment asked for",
    "frames are conserved",
    "links are mutual",
  ];
  for (const rule of rules) {
    assertEquals(editionsBreaking(rule, { operations }), ["fresh-2021-01:1"], rule);
  }
});

Deno.test("explore() finds size and alignment swapped (D5) in 1 call, and nothing reserved (D21)", () => {
  const size = editionsBreaking("a block handed out has the size and alignment asked for", {
    operations: ["alloc", "free", "memalign"],
  });
  const swapped = ["buddy-2020-10", "malloc-2020-10", ...RESERVING, "status-2021-01"];
  assertEquals(size, each(["rfc-2020-08", ...swapped], 1));
  const refused = editionsBreaking("a valid request is refused only for want of room", {
    operations: ["alloc", "free", "reserve"],
  });
  assertEquals(refused, each(["pfn-2021-01", "max-order-2021-01", ...SINCE_STATUS], 1));
});

Deno.test("explore() tolerates dead coalescing and sees what follows: requests without a block", () => {
  const tolerated = ["no mergeable buddies are both usable"] as const;
  const result = explored("head", [{ frames: 4 }], { tolerated });
  assertEquals(found(result), {
    "no mergeable buddies are both usable": 2,
    "a valid request is refused only for want of room": 3,
    "max order is a bound": 3,
  });
});

Deno.test("explore() confirms each violation by a scenario that the literal engine follows", () => {
  const operations = ["alloc", "free", "memalign", "reserve", "fresh"] as const;
  for (const { name } of BLOCK_EDITIONS) {
    for (const violation of explored(name, [{ frames: 8 }], { operations }).violations) {
      assertEquals(violation.confirmed, "yes", `${name}: ${violation.rule}`);
      const text = printScenario(violation.scenario);
      const parsed = parseScenario(text, { archs: ARCHS });
      assertEquals(parsed.scenario, violation.scenario);
      const run = runScenario(parsed.scenario, { archs: ARCHS });
      assertEquals(run.steps.length, parsed.scenario.statements.length, text);
    }
  }
});

Deno.test("explore() writes what it finds as a scenario", () => {
  const { violations } = explored("head", [{ frames: 4 }, { frames: 4 }], {
    stopAt: "first-violation",
  });
  assertEquals(violations.map(({ scenario }) => printScenario(scenario)), [
    "machine x86_64 edition=fresh-2021-01\n" +
    "area 0 0xffff 0x10004\n" +
    "area 1 0x1ffff 0x20004\n" +
    "a = alloc_pages 0\n" +
    "free_pages a\n",
  ]);
  assertEquals(violations[0]?.sentence, "0x10000 and 0x10001 are usable blocks of order 0");
});

Deno.test("explore() looks with exact lists for what the machine does not follow, or says so", () => {
  const { violations } = explored("fresh-2021-01", [{ frames: 7, offset: 1 }], {
    operations: ["alloc", "free", "reserve"],
  });
  const doubtful = violations.filter(({ confirmed }) => confirmed === "no");
  assertEquals(
    doubtful.map(({ rule, calls, lists, sentence }) => ({ rule, calls, lists, sentence })),
    [
      {
        rule: "usable blocks are listed",
        calls: 5,
        lists: "folded",
        sentence: "the machine does not follow: its lists stand in another order after these calls",
      },
    ],
  );
});

Deno.test("explore() cannot confirm what it finds in areas that upstream does not take", () => {
  const { violations } = explored("head", [{ frames: 2 }]);
  assertEquals(violations.map(({ rule, confirmed }) => [rule, confirmed]), [
    ["no mergeable buddies are both usable", "no"],
  ]);
});

Deno.test("explore() is the same on each architecture that can have the area", () => {
  for (const name of ["arm64", "s390x", "ppc64", "riscv32"]) {
    const result = explore({ edition: edition("head"), arch: arch(name), areas: [{ frames: 8 }] });
    assertEquals(found(result), {
      "no mergeable buddies are both usable": 2,
      "max order is a bound": 3,
    });
    assert(result.violations.every(({ confirmed }) => confirmed === "yes"), name);
  }
});

Deno.test("explore() tells how far it is, and stops at the most states", () => {
  const seen: number[] = [];
  const result = explored("repaired", [{ frames: 8 }], {
    operations: ["alloc", "free", "memalign", "fresh"],
    maxStates: 3000,
    onProgress: ({ transitions, states, expanded }) => {
      assert(states >= expanded);
      seen.push(transitions);
    },
  });
  assertEquals([result.ended, result.agrees], ["max-states", null]);
  assert(result.states > 3000 && result.states < 3500, String(result.states));
  assertEquals(seen, seen.map((_, index) => (index + 1) * 65_536));
  assert(seen.length > 0);
});

Deno.test("explore() refuses what cannot be explored, and says why", () => {
  const refused = (name: string, areas: readonly ExploredArea[], options = {}): string =>
    assertThrows(() => explored(name, areas, options), RangeError).message;
  assertEquals(
    refused("repaired", [{ frames: 16 }], { operations: ["alloc", "free", "reserve"] }),
    "Cannot explore 16 frames: there are 104080805 states and must be at most 10000000, give fewer " +
      "frames, fewer operations or a larger limit",
  );
  assertEquals(
    refused("list-2020", [{ frames: 4 }]),
    "Cannot explore edition list-2020: it must have areas of blocks, later editions do",
  );
  assert(refused("repaired", [{ frames: 33 }]).includes("at most 32 frames"));
  assert(refused("repaired", []).includes("1 to 4 areas"));
  assert(refused("repaired", [{ frames: 0 }]).includes("a whole number from 1"));
  const tolerated = ["listed blocks are usable"];
  assert(refused("head", [{ frames: 4 }], { tolerated }).includes("the lists must be exact"));
  assertThrows(
    () =>
      explore({
        edition: edition("head"),
        arch: arch("arm64"),
        areas: Array(3).fill({ frames: 4 }),
      }),
    RangeError,
    "at most",
  );
});
