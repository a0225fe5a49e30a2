/**
 * Reading source text, for the tests that look at the project's own files: what is code, what is a
 * comment, what is a string.
 *
 * @module
 */

/** A file of the project: its path from the project's folder, with slashes, and its text. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** A piece of fixed text in the code, between quotes or in a template. */
export interface StringLiteral {
  readonly value: string;
  /** Line number, from 1. */
  readonly line: number;
}

/** The project's folder. */
const PROJECT = new URL("../", import.meta.url);

/** Folders that are not the project's own text. */
const NOT_OURS: ReadonlySet<string> = new Set([".git", "node_modules", "coverage", "out"]);

/** Paths of all files below a folder of the project, sorted; nothing if there is no such folder. */
function* pathsBelow(folder: string): Generator<string> {
  let entries: Deno.DirEntry[];
  try {
    entries = [...Deno.readDirSync(new URL(folder, PROJECT))];
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw error;
  }
  for (const { name, isDirectory } of entries.toSorted((a, b) => a.name < b.name ? -1 : 1)) {
    if (!isDirectory) yield `${folder}${name}`;
    else if (!NOT_OURS.has(name)) yield* pathsBelow(`${folder}${name}/`);
  }
}

/** Reads all files of the project whose path passes. */
export function readFiles(isWanted: (path: string) => boolean): SourceFile[] {
  return [...pathsBelow("./")].map((path) => path.slice(2)).filter(isWanted)
    .map((path) => ({ path, text: Deno.readTextFileSync(new URL(path, PROJECT)) }));
}

/** Whether a file is part of the model: what is published. */
export function isModelSource(path: string): boolean {
  return path === "mod.ts" || /^(?:src|arch)\/.*\.ts$/.test(path);
}

/** After one of these, a slash begins a regular expression. */
const BEFORE_REGEXP =
  /(?:^|[(,=:[!&|?{};+\-*%~^<>]|\b(?:return|typeof|case|in|of|yield|await))\s*$/;

/**
 * Replaces comments and the insides of strings, templates and regular expressions by spaces. Quotes,
 * line ends and positions stay, and so does the code inside `${}`.
 */
export function codeOf(text: string): string {
  const out = text.split("");
  const blank = (from: number, to: number): void => {
    for (let at = from; at < to; at++) if (out[at] !== "\n") out[at] = " ";
  };
  /** For each open template, how many braces are open inside its `${}`. */
  const templates: number[] = [];
  let at = 0;
  /** From after a backtick or a closing brace to after the next backtick or `${`. */
  const readTemplate = (from: number): number => {
    let end = from;
    while (end < text.length && text[end] !== "`" && !text.startsWith("${", end)) {
      end += text[end] === "\\" ? 2 : 1;
    }
    blank(from, Math.min(end, text.length));
    if (text[end] === "`") templates.pop();
    return end + (text[end] === "`" ? 1 : 2);
  };
  /** From after an opening quote or slash to its closing one. */
  const readUntil = (close: string, from: number): number => {
    let end = from;
    let isInClass = false;
    while (end < text.length && text[end] !== "\n" && (text[end] !== close || isInClass)) {
      if (close === "/" && text[end] === "[") isInClass = true;
      if (close === "/" && text[end] === "]") isInClass = false;
      end += text[end] === "\\" ? 2 : 1;
    }
    blank(from, end);
    return end + 1;
  };
  while (at < text.length) {
    const char = text.charAt(at);
    const open = templates.at(-1);
    if (text.startsWith("//", at)) {
      const end = text.indexOf("\n", at);
      blank(at, end < 0 ? text.length : end);
      at = end < 0 ? text.length : end;
    } else if (text.startsWith("/*", at)) {
      const end = text.indexOf("*/", at + 2);
      blank(at, end < 0 ? text.length : end + 2);
      at = end < 0 ? text.length : end + 2;
    } else if (char === '"' || char === "'") {
      at = readUntil(char, at + 1);
    } else if (char === "/" && BEFORE_REGEXP.test(out.slice(Math.max(0, at - 40), at).join(""))) {
      at = readUntil("/", at + 1);
    } else if (char === "`") {
      templates.push(0);
      at = readTemplate(at + 1);
    } else if (char === "}" && open === 0) {
      at = readTemplate(at + 1);
    } else {
      if (open !== undefined && char === "{") templates[templates.length - 1] = open + 1;
      if (open !== undefined && char === "}") templates[templates.length - 1] = open - 1;
      at += 1;
    }
  }
  return out.join("");
}

/** Line number, from 1, of a position. */
export function lineAt(text: string, position: number): number {
  return text.slice(0, position).split("\n").length;
}

/** All fixed texts between quotes in the code, comments left out; templates only if without `${}`. */
export function stringLiterals(text: string): StringLiteral[] {
  return [...codeOf(text).matchAll(/(["'`])\s*\1/g)].map((match) => ({
    value: text.slice(match.index + 1, match.index + match[0].length - 1),
    line: lineAt(text, match.index),
  }));
}

/** All module specifiers that a file imports or re-exports from, dynamic imports included. */
export function importsOf(text: string): string[] {
  const code = codeOf(text);
  const opening = /(?:\bfrom\s*|\bimport\s*\(?\s*)(["'])/g;
  return [...code.matchAll(opening)].map((match) => {
    const start = match.index + match[0].length;
    return text.slice(start, code.indexOf(match[1] ?? '"', start));
  });
}
