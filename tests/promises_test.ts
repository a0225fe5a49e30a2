/**
 * The table of promises and the page that is made of it: each scenario holds where its promise is
 * kept and fails where it is broken, and nothing that `repaired` changes is left out.
 */

import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { ARCHS } from "../arch/mod.ts";
import { DEFAULT_EDITION, type Edition, EDITIONS } from "../mod.ts";
import {
  brokenSince,
  DEFECTS,
  newestBroken,
  printPromises,
  PROMISE_GROUPS,
  showPromise,
} from "../src/check/mod.ts";
import { PROMISES } from "./promises.ts";
import { BOOT_PROMISES } from "./promises_boot.ts";
import { STACK_PROMISES } from "./promises_stack.ts";
import { edition } from "./support.ts";

const HEAD = edition("head");
const REPAIRED = edition("repaired");
const KEPT = PROMISE_GROUPS.flatMap(({ promises }) => promises);

/** What an edition has besides facts on what its code does. */
const NO_FACTS = ["name", "aliases", "commit", "summary", "sourceLines"];

Deno.test("the default edition is the repaired one, and head is history", () => {
  assertEquals([DEFAULT_EDITION.name, HEAD.name], ["repaired", "fresh-2021-01"]);
  assertEquals(EDITIONS.at(-1), REPAIRED);
});

Deno.test("PROMISE_GROUPS have a row for each fact that repaired changes, and no other", () => {
  const keys = Object.keys(REPAIRED) as (keyof Edition)[];
  const changed = keys.filter((key) => REPAIRED[key] !== HEAD[key] && !NO_FACTS.includes(key));
  assertEquals([...new Set(KEPT.map(({ fact }) => fact))].toSorted(), changed.toSorted());
});

Deno.test("PROMISE_GROUPS have a promise for each run of the tests, in the same words", () => {
  const wanted = [PROMISES, STACK_PROMISES, BOOT_PROMISES].map((cases) =>
    cases.map(({ fact, promise }) => [fact, promise])
  );
  const promised = PROMISE_GROUPS.map(({ promises }) =>
    promises.map(({ fact, promise }) => [fact, promise])
  );
  assertEquals(promised, wanted);
});

Deno.test("PROMISE_GROUPS tell in sentences, and each promise once", () => {
  assertEquals(new Set(KEPT.map(({ promise }) => promise)).size, KEPT.length);
  for (const { promise, madeBy, broken, scenario, defect } of KEPT) {
    assert(!promise.endsWith("."), promise);
    assert(madeBy !== "" && !madeBy.endsWith("."), promise);
    assert(broken.endsWith("."), promise);
    const lines = scenario?.trimEnd().split("\n") ?? [];
    assert(lines.length <= 12, `${promise}: ${lines.length} lines`);
    assert(scenario === null || !scenario.includes("edition="), promise);
    assert(defect === null || DEFECTS.some(({ id }) => id === defect), `${promise}: ${defect}`);
  }
});

for (const kept of KEPT.filter(({ scenario }) => scenario !== null)) {
  Deno.test(`the scenario of "${kept.promise}" holds on repaired and fails on head`, () => {
    assertEquals(newestBroken(kept), HEAD);
    assertEquals(showPromise(kept, REPAIRED, ARCHS), { end: "kept", line: "" });
    const broken = showPromise(kept, HEAD, ARCHS);
    assertEquals(broken?.end, "broken");
    assertNotEquals(broken?.line, "");
  });
}

Deno.test("showPromise() tells a scenario that an edition cannot run from one that fails", () => {
  const reserved = KEPT.find(({ fact }) => fact === "reservedFrames");
  const zones = KEPT.find(({ fact }) => fact === "zonesFilled");
  const unwritten = KEPT.find(({ scenario }) => scenario === null);
  assert(reserved !== undefined && zones !== undefined && unwritten !== undefined);
  assertEquals(showPromise(reserved, edition("buddy-2020-10"), ARCHS)?.end, "not-possible");
  const nowhere = { ...zones, scenario: zones.scenario?.replace("NORMAL", "HIGH") ?? null };
  assertEquals(showPromise(nowhere, edition("buddy-2020-10"), ARCHS)?.end, "not-possible");
  assertEquals(showPromise(unwritten, HEAD, ARCHS), null);
  assertEquals(brokenSince(unwritten, ARCHS), null);
});

Deno.test("docs/promises.md is what printPromises() makes of the table", () => {
  const page = Deno.readTextFileSync(new URL("../docs/promises.md", import.meta.url));
  const wanted = printPromises(PROMISE_GROUPS, ARCHS);
  assert(page === wanted, "docs/promises.md is out of date: run deno task docs, read what changed");
});
