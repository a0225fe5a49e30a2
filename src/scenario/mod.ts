/**
 * Scenarios: operations as data, written as text or in TypeScript, run step by step.
 *
 * @module
 */

// Order: types, words, numbers, errors, lexer, quantities, call_row, calls_pages, calls_stack,
// calls_tables, calls_memory, calls_host, calls, machine_keys, machine_statement, expectations, language, print,
// parse_statement, parse, builder, values, resolve, frames, steps, history, judge, environment, make_machine,
// watch, end_state, run, mod

export type {
  CallOptions,
  CallStatement,
  Comparison,
  Expectation,
  ExpectStatement,
  MachineStatement,
  Operand,
  Scenario,
  ShowStatement,
  Statement,
  Value,
  View,
} from "./types.ts";
export { NO_OPTIONS, VIEWS } from "./types.ts";
export { nearestWord, shownText } from "./words.ts";
export { ScenarioError } from "./errors.ts";
export type { ScenarioProblem } from "./errors.ts";
export type { CallInput, CallRow, OptionName, Parameter, ResultKind } from "./call_row.ts";
export { callNamed, CALLS, usageOf } from "./calls.ts";
export type { QuantityName } from "./quantities.ts";
export { LANGUAGE } from "./language.ts";
export type { LanguageEntry, LanguageSection } from "./language.ts";
export { printScenario, printStatement } from "./print.ts";
export { isName } from "./parse_statement.ts";
export { LineParser, linesOf, parseLineAgain, parseScenario } from "./parse.ts";
export type { NumberedLine, ParsedScenario, ParseOptions } from "./parse.ts";
export { scenario, ScenarioBuilder } from "./builder.ts";
export type { Argument, MachineSettings, RequestOptions } from "./builder.ts";
export { describeValue } from "./values.ts";
export type {
  BrokenRule,
  ExpectationResult,
  NotRun,
  Run,
  ShowRequest,
  Step,
  StepEnd,
  StoppedAt,
  UnjudgedFrom,
} from "./steps.ts";
export type { ScenarioEnvironment, ScenarioSource } from "./environment.ts";
export { History, makeAgain } from "./history.ts";
export type { CallAt, MadeAgain } from "./history.ts";
export { COSTLY_CALLS, Runner, runScenario } from "./run.ts";
