/**
 * The machine statement of a scenario's text, setting by setting, so that controls beside the text can
 * read and change it.
 *
 * @module
 */

import { DEFAULT_ARCH_NAME } from "../../scenario/machine_statement.ts";

/** The machine statement in a text. */
interface MachineLine {
  /** The index of the line; where it would have to stand, if there is none. */
  readonly index: number;
  /** The line, or null. */
  readonly text: string | null;
}

function findMachineLine(lines: readonly string[]): MachineLine {
  const index = lines.findIndex((line) => !/^\s*(?:#|$)/.test(line));
  if (index < 0) {
    return { index: lines.at(-1) === "" ? lines.length - 1 : lines.length, text: null };
  }
  const line = lines[index] ?? "";
  return { index, text: /^\s*machine\s+\S/.test(line) ? line : null };
}

/** The part of a line before a comment. */
function withoutComment(line: string): string {
  return /^(?:"[^"]*"|[^"#])*/.exec(line)?.[0] ?? line;
}

/** `KEY=VALUE` somewhere in a machine statement, with the space before it. */
function settingPattern(name: string): RegExp {
  return new RegExp(`\\s+${name.replaceAll("-", "\\-")}\\s*=\\s*("[^"]*"|[^\\s"#]+)`);
}

/**
 * Reads a setting of the machine statement.
 *
 * @param text a scenario's text
 * @param name `arch`, or a key such as `ram`: lower-case letters and dashes
 * @returns the value as it is written, without quotation marks; null if it is not given
 */
export function machineSetting(text: string, name: string): string | null {
  const line = findMachineLine(text.split("\n")).text;
  if (line === null) return null;
  const code = withoutComment(line);
  if (name === "arch") return /^\s*machine\s+(\S+)/.exec(code)?.[1] ?? null;
  return settingPattern(name).exec(code)?.[1]?.replaceAll('"', "") ?? null;
}

/**
 * Changes a setting of the machine statement, which is added if there is none.
 *
 * @param text a scenario's text
 * @param name `arch`, or a key such as `ram`: lower-case letters and dashes
 * @param value the value; null to leave the key out
 * @returns the text; it may be no scenario if the value is none of that key
 */
export function withMachineSetting(text: string, name: string, value: string | null): string {
  const lines = text.split("\n");
  const found = findMachineLine(lines);
  const line = found.text ?? `machine ${DEFAULT_ARCH_NAME}`;
  const code = withoutComment(line);
  const comment = line.slice(code.length);
  const trimmed = code.trimEnd();
  const space = comment === "" ? "" : " ";
  const changed = name === "arch"
    ? trimmed.replace(
      /^(\s*machine\s+)\S+/,
      (_, before: string) => before + (value ?? DEFAULT_ARCH_NAME),
    )
    : trimmed.replace(settingPattern(name), "") + (value === null ? "" : ` ${name}=${value}`);
  return lines.toSpliced(found.index, found.text === null ? 0 : 1, changed + space + comment)
    .join("\n");
}
