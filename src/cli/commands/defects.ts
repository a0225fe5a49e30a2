/**
 * `defects`: the known defects, found again from scratch.
 *
 * @module
 */

import { ARCHS } from "../../../arch/mod.ts";
import {
  countCells,
  DEFECTS,
  fillMatrix,
  isAsExpected,
  METHOD_NAMES,
  newMethods,
} from "../../check/mod.ts";
import type { Defect, DefectCell, MatrixOptions, Method } from "../../check/mod.ts";
import { EDITIONS } from "../../edition.ts";
import type { Edition } from "../../edition.ts";
import { escapeText } from "../../report/mod.ts";
import { nearestWord } from "../../scenario/words.ts";
import { JSON_OPTION, writeJson, writeLines } from "../command.ts";
import type { Command, Context } from "../command.ts";
import { EDITION_OPTION, editionsOf } from "../edition_option.ts";
import { EXIT, refuseWord } from "../exit.ts";
import type { ExitCode } from "../exit.ts";
import type { OptionRow } from "../options.ts";
import { Progress } from "../progress.ts";
import { wrapText } from "../table.ts";

/** A cell, and how long it took in milliseconds. */
interface TimedCell extends DefectCell {
  readonly ms: number;
}

const METHOD_OPTION: OptionRow = {
  name: "method",
  value: "NAME,…",
  choices: METHOD_NAMES,
  help: `how to look for them: ${METHOD_NAMES.join(", ")}; all by default`,
};

const DEFECT_OPTION: OptionRow = {
  name: "defect",
  value: "NAME,…",
  help: "the defects to look for, such as D1,D4a; all by default",
};

function chosenDefects({ args }: Context): readonly Defect[] {
  const ids = DEFECTS.map(({ id }) => id);
  const wanted = args.list(DEFECT_OPTION.name).map((word) => {
    const found = DEFECTS.find(({ id }) => id === word);
    return found ?? refuseWord("defect", word, nearestWord(word, ids), DEFECTS_COMMAND.name);
  });
  return wanted.length === 0 ? DEFECTS : DEFECTS.filter((defect) => wanted.includes(defect));
}

function chosen(context: Context): MatrixOptions {
  const named = editionsOf(context.args, DEFECTS_COMMAND.name);
  const methods = context.args.list(METHOD_OPTION.name);
  return {
    defects: chosenDefects(context),
    editions: EDITIONS.filter((edition) => named.length === 0 || named.includes(edition)),
    methods: newMethods().filter(({ name }) => methods.length === 0 || methods.includes(name)),
    environment: { archs: ARCHS },
  };
}

function fill({ io }: Context, options: MatrixOptions): TimedCell[] {
  const progress = new Progress(io, countCells(options), "cells");
  const cells: TimedCell[] = [];
  let start = io.now();
  for (const cell of fillMatrix(options)) {
    const now = io.now();
    cells.push({ ...cell, ms: now - start });
    progress.update(cells.length);
    start = now;
  }
  progress.clear();
  return cells;
}

function columnOf(edition: Edition): string {
  return String(EDITIONS.indexOf(edition) + 1);
}

/** The letters by which the methods stand in the table. */
function letterOf({ name }: Method): string {
  return name[0] ?? "";
}

const CELL_WIDTH = 5;
const ID_WIDTH = 11;

/** One cell of the table: a letter for each method that found it, `-` for one that should have. */
function cellText(context: Context, cells: readonly TimedCell[]): string {
  const { paint } = context;
  const letters = cells.map((cell) => {
    if (cell.result.finding !== null) return letterOf(cell.method);
    return isAsExpected(cell) ? "" : "-";
  }).join("");
  const text = (letters === "" ? "." : letters).padEnd(CELL_WIDTH);
  if (!cells.every(isAsExpected)) return paint.bad(text);
  return letters === "" ? paint.dim(text) : text;
}

function tableLines(
  context: Context,
  options: MatrixOptions,
  cells: readonly TimedCell[],
): string[] {
  const { editions, defects } = options;
  const head = editions.map((edition) => columnOf(edition).padEnd(CELL_WIDTH)).join("");
  const rows = defects.map((defect) => {
    const texts = editions.map((edition) =>
      cellText(
        context,
        cells.filter((cell) => cell.defect === defect && cell.edition === edition),
      )
    );
    return (defect.id.padEnd(ID_WIDTH) + texts.join("")).trimEnd();
  });
  return [context.paint.bold(`${" ".repeat(ID_WIDTH)}${head}`.trimEnd()), ...rows];
}

function legendLines({ editions, methods }: MatrixOptions): string[] {
  const names = editions.map((edition) => `${columnOf(edition)} ${edition.name}`).join(", ");
  const letters = methods.map((method) => `${letterOf(method)} found by ${method.name}`);
  const legend = `${letters.join(", ")}, . not there, - there and not found`;
  return [...wrapText(`editions: ${names}`, 100), legend];
}

/** The shortest scenario of a defect, in the newest edition that has it. */
function shortestOf(defect: Defect, cells: readonly TimedCell[]): TimedCell | null {
  const found = cells.filter((cell) => cell.defect === defect && cell.result.finding !== null);
  const length = (cell: TimedCell): number => cell.result.finding?.calls ?? Infinity;
  return found.reduce<TimedCell | null>((best, cell) => {
    return best === null || length(cell) <= length(best) ? cell : best;
  }, null);
}

function detailLines(context: Context, defect: Defect, cells: readonly TimedCell[]): string[] {
  const { paint } = context;
  const shortest = shortestOf(defect, cells);
  const finding = shortest?.result.finding ?? null;
  const head = `${paint.bold(defect.id)}  ${defect.title}`;
  if (shortest === null || finding === null) return [head, "  not found", ""];
  const violation = escapeText(`${finding.violation.rule}: ${finding.violation.sentence}`);
  return [
    head,
    ...wrapText(defect.cause, 96).map((line) => `  ${line}`),
    `  ${defect.source}`,
    ...wrapText(violation, 96).map((line) => `  ${paint.bad(line)}`),
    ...finding.text.trimEnd().split("\n").map((line) => `    ${line}`),
    "",
  ];
}

function timeLines({ methods }: MatrixOptions, cells: readonly TimedCell[]): string[] {
  return methods.map((method) => {
    const mine = cells.filter((cell) => cell.method === method);
    const seconds = mine.reduce((sum, { ms }) => sum + ms, 0) / 1000;
    const tried = mine.reduce((sum, { result }) => sum + result.tried, 0);
    return `${method.name}: ${mine.length} cells, ${tried} ${method.counts}, ${
      seconds.toFixed(1)
    } s`;
  });
}

function cellJson(cell: TimedCell): unknown {
  const { edition, method, result: { finding, tried }, ms } = cell;
  return {
    edition: edition.name,
    method: method.name,
    expected: cell.expected,
    found: finding !== null,
    calls: finding?.calls ?? null,
    scenario: finding?.text ?? null,
    violation: finding?.violation ?? null,
    tried,
    ms: Math.round(ms),
  };
}

function rowJson(defect: Defect, cells: readonly TimedCell[]): unknown {
  const mine = cells.filter((cell) => cell.defect === defect);
  const finding = shortestOf(defect, mine)?.result.finding ?? null;
  const names = mine.filter(({ result }) => result.finding !== null)
    .map(({ edition }) => edition.name);
  return {
    id: defect.id,
    title: defect.title,
    cause: defect.cause,
    source: defect.source,
    editions: [...new Set(names)],
    calls: finding?.calls ?? null,
    scenario: finding?.text ?? null,
    asExpected: mine.every(isAsExpected),
    cells: mine.map(cellJson),
  };
}

/** How many cells are not as expected, as a sentence. */
function verdictOf(cells: readonly TimedCell[]): string {
  const wrong = cells.filter((cell) => !isAsExpected(cell));
  if (wrong.length === 0) return "each defect was found where it is, and nowhere else";
  const [first] = wrong;
  const where = first === undefined
    ? ""
    : `, first ${first.defect.id} on ${first.edition.name} by ${first.method.name}`;
  return `${wrong.length} cells are not as expected${where}`;
}

function run(context: Context): Promise<ExitCode> {
  const options = chosen(context);
  const cells = fill(context, options);
  const code = cells.every(isAsExpected) ? EXIT.held : EXIT.failed;
  if (context.args.has("json")) {
    const rows = options.defects.map((defect) => rowJson(defect, cells));
    writeJson(context, { defects: rows, asExpected: code === EXIT.held });
    return Promise.resolve(code);
  }
  writeLines(context, [
    ...tableLines(context, options, cells),
    "",
    ...legendLines(options),
    "",
    ...options.defects.flatMap((defect) => detailLines(context, defect, cells)),
    ...timeLines(options, cells),
    verdictOf(cells),
  ]);
  return Promise.resolve(code);
}

/** The command. */
export const DEFECTS_COMMAND: Command = {
  name: "defects",
  summary: "finds the known defects again, in each edition and by each method",
  usage: "",
  options: [{ ...EDITION_OPTION, help: "the editions to look in; all by default" }]
    .concat(DEFECT_OPTION, METHOD_OPTION, JSON_OPTION),
  notes: [
    "search runs all sequences of a few calls on the literal engine, shortest first; explore goes",
    "through all states of a small area; fuzz makes random calls. Below the table stands the",
    "shortest scenario of each defect, for check to run; docs/defects.md describes them. Exit code 1",
    "says that a defect was not found where it is, or was found where it is not.",
  ],
  examples: ["defects", "defects --defect D1,D2 --edition pfn-2021-01,head"],
  run,
};
