/**
 * Scenarios as text.
 *
 * @module
 */

import { writtenWith } from "./call_row.ts";
import { callNamed } from "./calls.ts";
import { printExpectation } from "./expectations.ts";
import { printMachine } from "./machine_statement.ts";
import { hex } from "./numbers.ts";
import { printOperand } from "./quantities.ts";
import type { CallOptions, CallStatement, Scenario, Statement } from "./types.ts";

function printOptions(options: CallOptions): string[] {
  return [
    ...(options.areas.length === 0 ? [] : [`area=${options.areas.join("|")}`]),
    ...(options.dontzero ? ["dontzero"] : []),
    ...(options.fresh ? ["fresh"] : []),
    ...(options.flags === null ? [] : [`flags=${hex(options.flags)}`]),
  ];
}

function printCall(statement: CallStatement): string {
  const row = callNamed(statement.call);
  const parameters = row?.parameters ?? [];
  const args = statement.args.map((operand, index) =>
    printOperand(operand, parameters[index]?.quantity ?? "value")
  );
  return [
    ...(statement.mode === "try" ? ["try"] : []),
    ...(statement.result === null ? [] : [statement.result, "="]),
    ...(row === null ? [statement.call, ...args] : writtenWith(row, args)),
    ...printOptions(statement.options),
  ].join(" ");
}

/**
 * Writes a statement.
 *
 * @param statement the statement
 * @returns its line, without a newline
 */
export function printStatement(statement: Statement): string {
  switch (statement.kind) {
    case "machine":
      return printMachine(statement);
    case "call":
      return printCall(statement);
    case "expect":
      return `expect ${printExpectation(statement.expectation)}`;
    case "show":
      return `show ${statement.view}`;
  }
}

/**
 * Writes a scenario: one statement a line. {@linkcode parseScenario} reads the same scenario back.
 *
 * @param scenario the scenario
 * @returns the text; each line ends in a newline
 */
export function printScenario(scenario: Scenario): string {
  return scenario.statements.map((statement) => `${printStatement(statement)}\n`).join("");
}
