// deno-coverage-ignore-file
// deno-lint-ignore-file no-boolean-literal-for-arguments -- true and false are values of options here.
/**
 * Stand-in for `@std/cli/parse-args`; see `tools/std/README.md`.
 *
 * @module
 */

/** One name, some names, or none. */
type Names = string | readonly string[] | undefined;

/** The names as a union of types. */
type NameOf<T extends Names> = Exclude<
  T extends string ? T : T extends readonly (infer Name extends string)[] ? Name : never,
  "_"
>;

/** Whether options have a default. */
type Defaults = Record<string, unknown> | undefined;

/** The values of text options: always there with a default or if collected. */
type TextValues<S extends Names, C extends Names, D extends Defaults> =
  & { [K in Extract<NameOf<S>, NameOf<C>>]: string[] }
  & { [K in Exclude<Extract<NameOf<S>, keyof D>, NameOf<C>>]: string }
  & { [K in Exclude<NameOf<S>, NameOf<C> | keyof D>]?: string | undefined };

/** The values of switches. */
type SwitchValues<B extends boolean | Names> = B extends Names ? { [K in NameOf<B>]: boolean }
  : object;

/** The values of options that are collected but neither text nor switch. */
type OtherCollected<B extends boolean | Names, S extends Names, C extends Names> = {
  [K in Exclude<NameOf<C>, NameOf<S> | (B extends Names ? NameOf<B> : never)>]: unknown[];
};

/** Any option may appear if no option was described. */
// deno-lint-ignore no-explicit-any -- as the real package types it.
type Undescribed<B, S> = [B, S] extends [undefined, undefined] ? Record<string, any> : object;

/** What {@linkcode parseArgs} returns: the options, what is left, and what came after `--`. */
export type Args<
  B extends boolean | Names = undefined,
  S extends Names = undefined,
  C extends Names = undefined,
  D extends Defaults = undefined,
  DD extends boolean | undefined = undefined,
> =
  & { _: (string | number)[] }
  & TextValues<S, C, D>
  & SwitchValues<B>
  & OtherCollected<B, S, C>
  & Undescribed<B, S>
  & (DD extends true ? { "--": string[] } : object);

/** How {@linkcode parseArgs} reads arguments. */
export interface ParseOptions<
  B extends boolean | Names = boolean | Names,
  S extends Names = Names,
  C extends Names = Names,
  D extends Defaults = Defaults,
  DD extends boolean | undefined = boolean | undefined,
> {
  /** Puts what follows `--` into the result's `--` instead of into `_`. */
  "--"?: DD;
  /** Other names of options. */
  alias?: Record<string, string | readonly string[]>;
  /** Switches; `true` makes every `--name` without `=` one. */
  boolean?: B;
  /** Options that may be repeated; their values are a list. */
  collect?: C;
  /** Values of options that are not given. */
  default?: D;
  /** Options that `--no-name` sets to false. */
  negatable?: Names;
  /** Leaves everything after the first word that is no option to `_`. */
  stopEarly?: boolean;
  /** Options whose values are always text; `_` for the words that are no options. */
  string?: S;
  /** Called for what is not described; `false` keeps it out of the result. */
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

function names(list: Names | boolean): string[] {
  if (list === undefined || typeof list === "boolean") return [];
  return typeof list === "string" ? [list] : [...list];
}

function looksLikeNumber(text: string): boolean {
  return /^0x[0-9a-f]+$/i.test(text) || /^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?$/.test(text);
}

/** The reader's memory while it goes through the arguments. */
class Reader {
  readonly result: Record<string, unknown> = {};
  readonly rest: (string | number)[] = [];
  readonly #options: ParseOptions;
  /** From each name to all names of the same option. */
  readonly #family = new Map<string, string[]>();
  readonly #switches: Set<string>;
  readonly #texts: Set<string>;
  readonly #collected: Set<string>;
  readonly #negatable: Set<string>;
  readonly #given = new Set<string>();

  constructor(options: ParseOptions) {
    this.#options = options;
    for (const [name, others] of Object.entries(options.alias ?? {})) {
      const family = [name, ...names(others)];
      for (const member of family) this.#family.set(member, family);
    }
    const withFamily = (list: Names | boolean): Set<string> =>
      new Set(names(list).flatMap((name) => this.family(name)));
    this.#switches = withFamily(options.boolean);
    this.#texts = withFamily(options.string);
    this.#collected = withFamily(options.collect);
    this.#negatable = withFamily(options.negatable);
  }

  family(name: string): string[] {
    return this.#family.get(name) ?? [name];
  }

  isSwitch(name: string): boolean {
    return this.#switches.has(name);
  }

  isNegatable(name: string): boolean {
    return this.#negatable.has(name);
  }

  /** Whether a name may take the next argument as its value. */
  takesNext(name: string): boolean {
    return this.#options.boolean !== true && !this.isSwitch(name);
  }

  #isDescribed(name: string, arg: string): boolean {
    return this.isSwitch(name) || this.#texts.has(name) || this.#family.has(name) ||
      this.#collected.has(name) || (this.#options.boolean === true && /^--[^=]+$/.test(arg));
  }

  /** Where an option's value is kept: `a.b` is the option `b` of the record `a`. */
  #place(name: string): [record: Record<string, unknown>, key: string] {
    const path = name.split(".");
    const key = path.pop() ?? name;
    let record = this.result;
    for (const step of path) record = (record[step] ??= {}) as Record<string, unknown>;
    return [record, key];
  }

  #put(name: string, value: unknown): void {
    const [record, key] = this.#place(name);
    const earlier = this.#given.has(name) ? record[key] as unknown[] : [];
    record[key] = this.#collected.has(name) ? [...earlier, value] : value;
    this.#given.add(name);
  }

  #putDefault(name: string, value: unknown): void {
    if (this.#given.has(name)) return;
    const [record, key] = this.#place(name);
    record[key] = value;
    this.#given.add(name);
  }

  /** Sets an option under all its names. */
  set(name: string, text: string | boolean, arg: string): void {
    const isNumber = typeof text === "string" && !this.#texts.has(name) && looksLikeNumber(text);
    const isEmptyText = text === true && this.#texts.has(name);
    const value = isNumber ? Number(text) : isEmptyText ? "" : text;
    const { unknown } = this.#options;
    if (unknown && !this.#isDescribed(name, arg) && unknown(arg, name, value) === false) return;
    for (const member of this.family(name)) this.#put(member, value);
  }

  addWord(word: string): void {
    if (this.#options.unknown?.(word) === false) return;
    this.rest.push(!this.#texts.has("_") && looksLikeNumber(word) ? Number(word) : word);
  }

  /** Fills in what was not given. */
  finish(): void {
    for (const [name, value] of Object.entries(this.#options.default ?? {})) {
      for (const member of this.family(name)) this.#putDefault(member, value);
    }
    for (const name of this.#collected) this.#putDefault(name, []);
    for (const name of this.#switches) this.#putDefault(name, false);
  }

  /** Reads `-abc`, `-n5`, `-n=5` and `-n 5`; returns how many arguments it used. */
  readShort(arg: string, next: string | undefined): 1 | 2 {
    const letters = arg.slice(1);
    for (let at = 0; at < letters.length; at++) {
      const name = letters.charAt(at);
      const rest = letters.slice(at + 1);
      const isLast = rest === "";
      if (isLast) return this.#readValue(name, next, arg);
      if (rest.startsWith("=")) {
        this.set(name, rest.slice(1), arg);
        return 1;
      }
      if (/[A-Za-z]/.test(name) && looksLikeNumber(rest)) {
        this.set(name, rest, arg);
        return 1;
      }
      if (/\W/.test(rest.charAt(0))) {
        this.set(name, rest, arg);
        return 1;
      }
      this.set(name, true, arg);
    }
    return 1;
  }

  /** Reads `--name`, `--name=value`, `--name value` and `--no-name`; returns how many arguments it used. */
  readLong(arg: string, next: string | undefined): 1 | 2 {
    const [, name = "", value] = /^--([^=]+)(?:=(.*))?$/s.exec(arg) ?? [];
    if (value !== undefined) {
      this.set(name, this.isSwitch(name) ? value !== "false" : value, arg);
      return 1;
    }
    const negated = name.startsWith("no-") ? name.slice(3) : undefined;
    if (negated !== undefined && this.isNegatable(negated)) {
      this.set(negated, false, arg);
      return 1;
    }
    return this.#readValue(name, next, arg);
  }

  #readValue(name: string, next: string | undefined, arg: string): 1 | 2 {
    if (next !== undefined && this.takesNext(name) && !next.startsWith("-")) {
      this.set(name, next, arg);
      return 2;
    }
    if (next === "true" || next === "false") {
      this.set(name, next === "true", arg);
      return 2;
    }
    this.set(name, true, arg);
    return 1;
  }
}

/** Reads command line arguments into a record of options. */
export function parseArgs<
  const B extends boolean | Names = undefined,
  const S extends Names = undefined,
  const C extends Names = undefined,
  const D extends Defaults = undefined,
  const DD extends boolean | undefined = undefined,
>(args: readonly string[], options: ParseOptions<B, S, C, D, DD> = {}): Args<B, S, C, D, DD> {
  const reader = new Reader(options);
  const cut = args.indexOf("--");
  const before = cut < 0 ? args : args.slice(0, cut);
  const after = cut < 0 ? [] : args.slice(cut + 1);
  for (let at = 0; at < before.length;) {
    const arg = before[at] ?? "";
    const next = before[at + 1];
    if (/^--[^=]/.test(arg)) at += reader.readLong(arg, next);
    else if (/^-[^-]/.test(arg) && !looksLikeNumber(arg)) at += reader.readShort(arg, next);
    else if (options.stopEarly) {
      for (const word of before.slice(at)) reader.rest.push(word);
      break;
    } else {
      reader.addWord(arg);
      at += 1;
    }
  }
  reader.finish();
  const tail = options["--"] ? { "--": after } : {};
  if (!options["--"]) reader.rest.push(...after);
  return { ...reader.result, _: reader.rest, ...tail } as unknown as Args<B, S, C, D, DD>;
}
