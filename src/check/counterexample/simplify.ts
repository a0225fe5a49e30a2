/**
 * Ways to make a scenario a little simpler.
 *
 * @module
 */

import { callNamed, NO_OPTIONS } from "../../scenario/mod.ts";
import type {
  CallStatement,
  MachineStatement,
  Operand,
  QuantityName,
  Scenario,
  Statement,
} from "../../scenario/mod.ts";

/** The frame to which areas are moved, because its number is easy to read. */
const EASY_FRAME = 0x1000n;

/** The names that a statement uses. */
function namesIn(statement: Statement): string[] {
  const operands: unknown[] = statement.kind === "call"
    ? [...statement.args]
    : statement.kind === "expect"
    ? Object.values(statement.expectation)
    : [];
  return operands.filter(isNamed).map(({ name }) => name);
}

function isNamed(value: unknown): value is Extract<Operand, { kind: "name" }> {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "name";
}

/**
 * A scenario without some of its statements, nor those that use their results.
 *
 * @param scenario the scenario
 * @param from the first statement that goes
 * @param count how many go; the machine statement stays
 * @returns the rest
 */
export function without({ statements }: Scenario, from: number, count: number): Scenario {
  const gone = new Set<string>();
  const rest: Statement[] = [];
  for (const [index, statement] of statements.entries()) {
    const isMeant = index >= from && index < from + count && statement.kind !== "machine";
    const goes = isMeant || namesIn(statement).some((name) => gone.has(name));
    const result = statement.kind === "call" ? statement.result : null;
    if (result !== null && goes) gone.add(result);
    else if (result !== null) gone.delete(result);
    if (!goes) rest.push(statement);
  }
  return { statements: rest };
}

/** Smaller numbers to try in place of one, the smallest first. */
function smallerThan(value: bigint, unit: bigint): bigint[] {
  const half = value / 2n / unit * unit;
  const all = [0n, 1n, unit, half, value - value % unit, value - unit];
  return [...new Set(all)].filter((number) => number >= 0n && number < value)
    .sort((one, other) => Number(one - other));
}

function withArgument(statement: CallStatement, index: number, value: bigint): CallStatement {
  return { ...statement, args: statement.args.with(index, { kind: "number", value }) };
}

/** What a number is counted in, where smaller is simpler; null where it is not. */
function unitOf(quantity: QuantityName, pageBytes: bigint): bigint | null {
  switch (quantity) {
    case "count":
    case "order":
    case "order argument":
      return 1n;
    case "address":
    case "physical address":
    case "size":
      return pageBytes;
    default:
      return null;
  }
}

function* simplerNumbers(statement: CallStatement, pageBytes: bigint): Generator<CallStatement> {
  const parameters = callNamed(statement.call)?.parameters ?? [];
  for (const [index, operand] of statement.args.entries()) {
    const unit = unitOf(parameters[index]?.quantity ?? "value", pageBytes);
    if (operand.kind !== "number" || unit === null) continue;
    for (const value of smallerThan(operand.value, unit)) {
      yield withArgument(statement, index, value);
    }
  }
}

function* simplerOptions(statement: CallStatement): Generator<CallStatement> {
  const { options } = statement;
  if (options.areas.length === 0 && !options.fresh && !options.dontzero && options.flags === null) {
    return;
  }
  yield { ...statement, options: NO_OPTIONS };
  for (const [index] of options.areas.entries()) {
    yield { ...statement, options: { ...options, areas: options.areas.toSpliced(index, 1) } };
  }
  if (options.fresh) yield { ...statement, options: { ...options, fresh: false } };
  if (options.dontzero) yield { ...statement, options: { ...options, dontzero: false } };
}

/** Ranges `[first, top)` to try in place of one: fewer frames. */
function smallerRanges(first: bigint, top: bigint): [bigint, bigint][] {
  const size = top - first;
  return [...new Set([size / 2n, size * 3n / 4n, size - 1n])].filter((less) =>
    less > 0n && less < size
  )
    .map((less) => [first, first + less]);
}

function* simplerAreas(statement: CallStatement): Generator<CallStatement> {
  const [area, first, top] = statement.args;
  if (statement.call !== "area" || first?.kind !== "number" || top?.kind !== "number") return;
  if (area?.kind === "number" && area.value !== 255n) yield withArgument(statement, 0, 255n);
  for (const [low, high] of smallerRanges(first.value, top.value)) {
    yield withArgument(withArgument(statement, 1, low), 2, high);
  }
  if (top.value - first.value > 1n) yield withArgument(statement, 1, first.value + 1n);
}

/** A number that is an address of a range, moved with it. */
function moved(
  operand: Operand,
  quantity: QuantityName | undefined,
  range: { readonly first: bigint; readonly top: bigint; readonly by: bigint },
  pageBytes: bigint,
): Operand {
  if (operand.kind !== "number" || quantity === undefined) return operand;
  const scale = quantity === "pfn" ? 1n : pageBytes;
  const isAddress = ["pfn", "address", "physical address"].includes(quantity);
  const isInside = operand.value >= range.first * scale && operand.value <= range.top * scale;
  return isAddress && isInside
    ? { kind: "number", value: operand.value + range.by * scale }
    : operand;
}

/** The scenario with an area, and all addresses in it, at a frame whose number is easy to read. */
function* easierPlaces(scenario: Scenario, pageBytes: bigint): Generator<Scenario> {
  for (const statement of scenario.statements) {
    if (statement.kind !== "call" || statement.call !== "area") continue;
    const [, first, top] = statement.args;
    if (first?.kind !== "number" || top?.kind !== "number") continue;
    for (const place of [EASY_FRAME, EASY_FRAME + first.value % 16n]) {
      if (first.value === place || first.value === EASY_FRAME) continue;
      const range = { first: first.value, top: top.value, by: place - first.value };
      yield {
        statements: scenario.statements.map((one) => {
          if (one.kind !== "call") return one;
          const parameters = callNamed(one.call)?.parameters ?? [];
          const args = one.args.map((operand, index) =>
            moved(operand, parameters[index]?.quantity, range, pageBytes)
          );
          return { ...one, args };
        }),
      };
    }
  }
}

function* simplerMachines(statement: MachineStatement): Generator<MachineStatement> {
  for (const setting of ["powerOn", "pageSize", "byteOrder", "areasAddress"] as const) {
    if (statement[setting] === undefined) continue;
    const { [setting]: _, ...rest } = statement;
    yield rest;
  }
}

function* simplerStatements(statement: Statement, pageBytes: bigint): Generator<Statement> {
  if (statement.kind === "machine") yield* simplerMachines(statement);
  if (statement.kind !== "call") return;
  yield* simplerOptions(statement);
  yield* simplerAreas(statement);
  yield* simplerNumbers(statement, pageBytes);
}

/**
 * The scenarios with one statement that is a little simpler.
 *
 * @param scenario the scenario
 * @param index the statement; the number of statements for the places of areas
 * @param pageBytes the page size of its machine
 * @returns the scenarios, the simplest first
 */
export function* simplerScenarios(
  scenario: Scenario,
  index: number,
  pageBytes: bigint,
): Generator<Scenario> {
  const statement = scenario.statements[index];
  if (statement === undefined) return yield* easierPlaces(scenario, pageBytes);
  for (const simpler of simplerStatements(statement, pageBytes)) {
    yield { statements: scenario.statements.with(index, simpler) };
  }
}

/** `a` to `z`, then `p26`, `p27` … */
function shortName(index: number): string {
  return index < 26 ? String.fromCharCode("a".charCodeAt(0) + index) : `p${index}`;
}

/**
 * A scenario whose results have short names, and only those that are used.
 *
 * @param scenario the scenario
 * @returns the same scenario with other names
 */
export function renamed({ statements }: Scenario): Scenario {
  const used = new Set(statements.flatMap(namesIn));
  const names = new Map<string, string>();
  return {
    statements: statements.map((statement) => {
      if (statement.kind !== "call") return statement;
      const args = statement.args.map((operand) =>
        operand.kind === "name"
          ? { ...operand, name: names.get(operand.name) ?? operand.name }
          : operand
      );
      const { result } = statement;
      if (result === null || !used.has(result)) return { ...statement, args, result: null };
      const name = shortName(names.size);
      names.set(result, name);
      return { ...statement, args, result: name };
    }),
  };
}
