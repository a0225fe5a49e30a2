/**
 * The rules of style that a machine can check. Each check takes files and returns its complaints, one
 * line each; none means that all is well.
 *
 * @module
 */

import { codeOf, lineAt, type SourceFile, stringLiterals } from "./source_text.ts";

/** A file longer than this is more than one room. */
export const MAX_FILE_LINES = 350;

/** A function longer than this does more than one thing. */
export const MAX_FUNCTION_LINES = 60;

/** A snapshot wider than this is not read. */
export const MAX_SNAPSHOT_COLUMNS = 100;

/** Something that may be longer than the rest. */
export interface LengthException {
  readonly path: string;
  /** The function; absent if the file itself is meant. */
  readonly name?: string;
  readonly reason: string;
}

/** Everything that may be longer, and why. */
export const LENGTH_EXCEPTIONS: readonly LengthException[] = [];

/** The names of the editions, which only `src/edition.ts` writes; `head` is too common a word to find. */
export const EDITION_NAMES: ReadonlySet<string> = new Set([
  "list-2020",
  "rfc-2020-08",
  "buddy-2020-10",
  "malloc-2020-10",
  "reserve-2020-10",
  "areas-2021-01",
  "pfn-2021-01",
  "max-order-2021-01",
  "status-2021-01",
  "flags-2021-01",
  "zero-2021-01",
  "fresh-2021-01",
  "repaired",
]);

/** What brings a clock, randomness, input or output into code; a property of that name is something else. */
const IMPURE =
  /(?<![\w$#]|\.\s*)(?:Deno|Date|performance|console|setTimeout|setInterval|fetch|process|crypto)(?![\w$]|\??:)|\bMath\.random\b|\bimport\s*\(/g;

/** A variable of the whole module that can change. */
const MODULE_VARIABLE = /^(?:export\s+)?(?:let|var)\s/gm;

/** A line that opens a function's body, in formatted code. */
const OPENS_FUNCTION = /(?:^\s*(?:export |default |async )*function\b.*|=>|\)(?:: .*)?) \{$/;

/** A line that opens some other block that has parentheses. */
const OPENS_STATEMENT = /^\s*(?:\} )?(?:else )?(?:if|for|while|switch|catch|with|do)\b/;

/** A function found in a file, with its first and last line, from 1. */
interface FunctionLines {
  readonly name: string;
  readonly first: number;
  readonly last: number;
}

function indentOf(line: string): number {
  return line.search(/\S|$/);
}

/** The function's name on its first line, or what stands there. */
function nameOn(line: string): string {
  const name = /\bfunction\*?\s+([\w$]+)|\b(?:const|let)\s+([\w$]+)|([\w$#]+)\s*[(:<]/.exec(line);
  return name?.[1] ?? name?.[2] ?? name?.[3] ?? line.trim();
}

/**
 * Finds functions by their braces: formatted code closes a body at the indentation at which it began.
 * A line such as `): Pfn {` ends a head that began further up, at the same indentation.
 */
export function functionsOf(text: string): FunctionLines[] {
  const lines = codeOf(text).split("\n");
  return lines.flatMap((line, index) => {
    if (!OPENS_FUNCTION.test(line) || OPENS_STATEMENT.test(line)) return [];
    const indent = indentOf(line);
    let first = index;
    if (line.trimStart().startsWith(")")) {
      do first -= 1; while (first > 0 && indentOf(lines[first] ?? "") > indent);
    }
    if (OPENS_STATEMENT.test(lines[first] ?? "")) return [];
    const isEnd = (later: string, at: number): boolean =>
      at > index && indentOf(later) === indent && later.trimStart().startsWith("}");
    const last = lines.findIndex(isEnd);
    const name = nameOn(text.split("\n")[first] ?? "");
    return [{ name, first: first + 1, last: (last < 0 ? lines.length : last) + 1 }];
  });
}

/** Files and functions that are too long, and exceptions that are not needed. */
export function lengthProblems(
  files: readonly SourceFile[],
  exceptions: readonly LengthException[] = LENGTH_EXCEPTIONS,
): string[] {
  const used = new Set<LengthException>();
  const isExcepted = (path: string, name?: string): boolean => {
    const found = exceptions.find((one) => one.path === path && one.name === name);
    if (found) used.add(found);
    return found !== undefined;
  };
  const problems = files.flatMap(({ path, text }) => {
    const lines = text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
    const tooLong = lines > MAX_FILE_LINES && !isExcepted(path)
      ? [`${path} has ${lines} lines; at most ${MAX_FILE_LINES}`]
      : [];
    const functions = functionsOf(text).flatMap(({ name, first, last }) => {
      const length = last - first + 1;
      return length > MAX_FUNCTION_LINES && !isExcepted(path, name)
        ? [`${path}:${first}: ${name} has ${length} lines; at most ${MAX_FUNCTION_LINES}`]
        : [];
    });
    return [...tooLong, ...functions];
  });
  const unused = exceptions.filter((one) => !used.has(one))
    .map(({ path, name }) => `${path}${name ? ` ${name}` : ""} needs no exception`);
  return [...problems, ...unused];
}

function placesOf(pattern: RegExp, path: string, text: string, what: string): string[] {
  return [...codeOf(text).matchAll(pattern)]
    .map((match) => `${path}:${lineAt(text, match.index)}: ${what}: ${match[0].trim()}`);
}

/** What is not pure or not constant below the command line. */
export function purityProblems(files: readonly SourceFile[]): string[] {
  return files.filter(({ path }) => !path.startsWith("src/cli/")).flatMap(({ path, text }) => [
    ...placesOf(IMPURE, path, text, "not pure"),
    ...placesOf(MODULE_VARIABLE, path, text, "a variable of the module"),
  ]);
}

/** Names of editions, as texts in code, outside the file that defines them. */
export function editionNameProblems(files: readonly SourceFile[]): string[] {
  return files.filter(({ path }) => path !== "src/edition.ts").flatMap(({ path, text }) =>
    stringLiterals(text).filter(({ value }) => EDITION_NAMES.has(value))
      .map(({ value, line }) => `${path}:${line}: names the edition "${value}"; ask for a fact`)
  );
}

/** A path of somebody's machine, or the host of a package registry. */
const MACHINE_PATH = /\/(?:tmp|work|farm|root|home)\/[a-z]|registry[.]npmjs/;

/** Paths of machines and hosts of registries; the project speaks of itself alone. */
export function machinePathProblems(files: readonly SourceFile[]): string[] {
  return files.flatMap(({ path, text }) =>
    text.split("\n").flatMap((line, index) => {
      const found = MACHINE_PATH.exec(line)?.[0];
      return found === undefined ? [] : [`${path}:${index + 1}: speaks of a machine: ${found}`];
    })
  );
}

/** The frame that the `.snap` format puts around bodies. */
const SNAPSHOT_FRAME = /^export const snapshot = \{\};$|^snapshot\[`[^`]*`\] = `|`;$/g;

/** Snapshots that are too wide, or whose text is not in the file as it is. */
export function snapshotProblems(files: readonly SourceFile[]): string[] {
  return files.flatMap(({ path, text }) =>
    text.split("\n").flatMap((line, index) => {
      const place = `${path}:${index + 1}`;
      const columns = [...line].length;
      const body = line.replaceAll(SNAPSHOT_FRAME, "");
      const escaped = /[`\\]|\$\{/.exec(body)?.[0];
      return [
        ...(columns > MAX_SNAPSHOT_COLUMNS
          ? [`${place}: ${columns} columns; at most ${MAX_SNAPSHOT_COLUMNS}`]
          : []),
        ...(escaped === undefined ? [] : [`${place}: the format escapes ${escaped}`]),
      ];
    })
  );
}
