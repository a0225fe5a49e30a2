import { assertEquals, assertThrows } from "@std/assert";
import { parseScenario, ScenarioError } from "../src/scenario/mod.ts";
import { LINE_LENGTH_LIMIT, STATEMENT_LIMIT } from "../src/scenario/parse.ts";

Deno.test("parseScenario() reads a million lines", () => {
  const lines = Array.from({ length: 500_000 }, (_, index) => {
    const name = `p${index % 1000}`;
    return `${name} = alloc_pages ${index % 4} area=LOW dontzero\nfree_pages ${name}`;
  });
  const { scenario } = parseScenario(lines.join("\n"));
  assertEquals(scenario.statements.length, 1_000_000);
});

Deno.test("parseScenario() looks for the nearest of many names in no time", () => {
  const bound = Array.from({ length: 100_000 }, (_, index) => `name_${index} = alloc_page`);
  const unbound = Array.from({ length: 30 }, (_, index) => `free_pages mane_${index}`);
  const error = assertThrows(
    () => parseScenario([...bound, ...unbound].join("\n")),
    ScenarioError,
  );
  assertEquals(error.problems.length, 20);
});

Deno.test("parseScenario() refuses lines of more than 10,000 characters", () => {
  const longest = `show map${" ".repeat(LINE_LENGTH_LIMIT - 8)}`;
  assertEquals(parseScenario(longest).scenario.statements.length, 1);
  const error = assertThrows(() => parseScenario(`${longest}#`), ScenarioError);
  assertEquals(
    error.message.split("\n")[0],
    'scenario:1:10001: Cannot read "#": a line must have at most 10000 characters',
  );
});

Deno.test("parseScenario() reads numbers, names and texts as long as a line", () => {
  const zeros = "0".repeat(9_000);
  assertEquals(parseScenario(`alloc_pages ${zeros}3`).scenario.statements.length, 1);
  assertThrows(() => parseScenario(`alloc_pages ${"9".repeat(9_000)}`), ScenarioError);
  assertThrows(() => parseScenario(`free_pages ${"a".repeat(9_000)}`), ScenarioError);
  assertThrows(() => parseScenario(`show ${"=".repeat(9_000)}`), ScenarioError);
  assertThrows(() => parseScenario(`free_pages a${"+1".repeat(4_000)}`), ScenarioError);
});

Deno.test("parseScenario() refuses more than 2 million statements", () => {
  const text = "show map\n".repeat(STATEMENT_LIMIT);
  assertEquals(parseScenario(text).scenario.statements.length, STATEMENT_LIMIT);
  const error = assertThrows(() => parseScenario(`${text}show map`), ScenarioError);
  assertEquals(error.message.split("\n"), [
    "scenario:2000001: Cannot read on: a scenario must have at most 2000000 statements",
    "  show map",
  ]);
});
