/**
 * Options as data, and reading arguments by them.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { alternatives, nearestWord } from "../scenario/words.ts";
import { quoted } from "./escape.ts";
import { refuseWord, UsageError } from "./exit.ts";
import { COLOR_CHOICES } from "./paint.ts";

/** An option. */
export interface OptionRow {
  /** Its name, without the dashes. */
  readonly name: string;
  /** One letter that stands for the name, behind one dash. */
  readonly short?: string;
  /** What stands for its value in the help, in capitals; null for a switch. */
  readonly value: string | null;
  /** The words its value can be, or each item of its list; absent where there are too many. */
  readonly choices?: readonly string[];
  /** What it does, in a line. */
  readonly help: string;
}

/** The options of every command. */
export const COMMON_OPTIONS: readonly OptionRow[] = [
  {
    name: "color",
    value: "WHEN",
    choices: COLOR_CHOICES,
    help: "colours: auto (on a terminal), always or never; not if NO_COLOR is set",
  },
  { name: "help", value: null, help: "shows this help; -h does too" },
];

/** The arguments of a command, sorted by the options it has. */
export class Arguments {
  /** The words that belong to no option. */
  readonly words: readonly string[];
  readonly #switches: ReadonlySet<string>;
  readonly #values: ReadonlyMap<string, readonly string[]>;
  readonly #rows: readonly OptionRow[];
  readonly #command: string | null;

  /**
   * Reads arguments.
   *
   * @param args the arguments, without the command
   * @param rows the options that there are
   * @param command the command, for messages; null for none
   * @throws {UsageError} if an option is unknown, or has no value
   */
  constructor(args: readonly string[], rows: readonly OptionRow[], command: string | null) {
    const names = rows.map(({ name }) => name);
    const takers = rows.filter(({ value }) => value !== null).map(({ name }) => name);
    const switches = rows.filter(({ value }) => value === null).map(({ name }) => name);
    const parsed: Record<string, unknown> & { _: (string | number)[] } = parseArgs(
      withDashes(args, takers),
      {
        string: ["_", ...takers],
        boolean: switches,
        collect: takers,
        alias: { help: "h", ...shortNames(rows) },
        unknown: (arg, key) => {
          if (key === undefined) return true;
          const nearest = nearestWord(key, names);
          const option = arg.replace(/=.*$/s, "");
          return refuseWord("option", option, nearest === null ? null : `--${nearest}`, command);
        },
      },
    );
    this.words = parsed._.map(String);
    this.#switches = new Set(switches.filter((name) => parsed[name] === true));
    this.#values = new Map(takers.map((name) => [name, textsOf(parsed[name])]));
    this.#rows = rows;
    this.#command = command;
    for (const name of takers) {
      if (this.#values.get(name)?.includes("")) {
        this.refuse(`Option --${name} needs a value`);
      }
    }
  }

  /**
   * Refuses the arguments.
   *
   * @param message what is wrong and what was expected, in a sentence without a period
   * @returns never
   * @throws {UsageError} always
   */
  refuse(message: string): never {
    throw new UsageError(message, this.#command);
  }

  /** Whether a switch is set. */
  has(name: string): boolean {
    return this.#switches.has(name);
  }

  /** The value of an option that may stand once; null if it does not stand there. */
  value(name: string): string | null {
    const values = this.#values.get(name) ?? [];
    if (values.length > 1) this.refuse(`Option --${name} must stand once only`);
    const [value = null] = values;
    if (value !== null) this.#check(name, value);
    return value;
  }

  /** The items of an option whose value is a list, separated by commas; it may stand often. */
  list(name: string): string[] {
    const items = (this.#values.get(name) ?? []).flatMap((value) => value.split(","))
      .map((item) => item.trim());
    if (items.includes("")) this.refuse(`Option --${name} has an empty item in its list`);
    for (const item of items) this.#check(name, item);
    return [...new Set(items)];
  }

  /** The value of an option that is a whole number; null if it does not stand there. */
  number(name: string): number | null {
    const value = this.value(name);
    if (value === null) return null;
    if (/^\d{1,15}$/.test(value)) return Number(value);
    return this.refuse(`Option --${name} must be a whole number, it is ${quoted(value)}`);
  }

  #check(name: string, value: string): void {
    const choices = this.#rows.find((row) => row.name === name)?.choices;
    if (choices === undefined || choices.includes(value)) return;
    const nearest = nearestWord(value, choices);
    const hint = nearest === null ? "" : `; the nearest is ${quoted(nearest)}`;
    this.refuse(
      `Option --${name} must be ${alternatives(choices)}, it is ${quoted(value)}${hint}`,
    );
  }
}

/** The letters of options, by their names. */
function shortNames(rows: readonly OptionRow[]): Record<string, string> {
  return Object.fromEntries(
    rows.flatMap(({ name, short }) => short === undefined ? [] : [[name, short]]),
  );
}

/** An option and a dash behind it become one argument: the parser takes the dash for another option. */
function withDashes(args: readonly string[], takers: readonly string[]): string[] {
  const takesDash = (at: number): boolean =>
    args[at + 1] === "-" && takers.some((name) => args[at] === `--${name}`);
  return args.flatMap((arg, index) => {
    if (takesDash(index)) return [`${arg}=-`];
    return arg === "-" && takesDash(index - 1) ? [] : [arg];
  });
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
