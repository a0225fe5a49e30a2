/**
 * Writing a machine's memory as a dump, for the commands that have a machine.
 *
 * @module
 */

import type { Machine } from "../machine.ts";
import { keepsAreas } from "../page_engines.ts";
import { escapeText, sizeWords } from "../report/mod.ts";
import { byteCount } from "../units.ts";
import { DUMP_FORMS, firstRamOf, planDump } from "../xray/mod.ts";
import type { DumpForm, DumpPlan } from "../xray/mod.ts";
import { writeLines } from "./command.ts";
import type { Context } from "./command.ts";
import type { OptionRow } from "./options.ts";
import { counted } from "./words.ts";

/** The options of a command that can write a dump. */
export const DUMP_OPTIONS: readonly OptionRow[] = [
  { name: "dump", value: "OUT", help: "writes the machine's memory, as a dump that xray reads" },
  {
    name: "dump-format",
    value: "FORM",
    choices: DUMP_FORMS,
    help: "the form of the dump: elf, a core, by default; raw, plain memory",
  },
];

/** Where a dump goes, and in which form. */
export interface DumpOrder {
  /** The file. */
  readonly path: string;
  /** The form. */
  readonly form: DumpForm;
}

/**
 * The dump that the options ask for.
 *
 * @param context the arguments
 * @returns null if they ask for none
 */
export function dumpOrderOf({ args }: Context): DumpOrder | null {
  const path = args.value("dump");
  const wanted = args.value("dump-format");
  const form = DUMP_FORMS.find((name) => name === wanted) ?? "elf";
  if (path !== null) return { path, form };
  if (wanted !== null) args.refuse("Option --dump-format must stand beside --dump OUT");
  return null;
}

function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}

/** What one has to know to read a dump. */
function planLines(path: string, { arch, edition }: Machine, plan: DumpPlan): string[] {
  const [first] = plan.ranges;
  const held = plan.ranges.reduce((sum, range) => sum + range.end - range.first, 0n);
  const size = `${sizeWords(byteCount(held))} in ${counted(plan.ranges.length, "range")}`;
  const lines = [
    `${escapeText(path)}: ${plan.form === "elf" ? "an ELF core" : "raw memory"}, ${size}`,
  ];
  if (plan.form === "raw" && first !== undefined && first.first !== firstRamOf(arch)) {
    lines.push(`it begins at ${hex(first.first)}: read it with --ram-base ${hex(first.first)}`);
  }
  if (!keepsAreas(edition)) {
    lines.push(`${edition.name} keeps no areas: xray finds nothing in it`);
  }
  for (const range of plan.leftOut) {
    lines.push(`it does not hold the memory at ${hex(range.first)}: an ELF core would`);
  }
  return lines;
}

/**
 * Writes a machine's memory.
 *
 * @param context the host and the arguments
 * @param machine the machine
 * @param order where it goes, and in which form
 * @param sources the files that the machine came from, which are not to be overwritten
 */
export function writeDump(
  context: Context,
  machine: Machine,
  { path, form }: DumpOrder,
  sources: readonly string[],
): void {
  const plan = planDump(machine, form);
  context.io.writeSparse(path, sources, plan.size, plan.pieces());
  if (!context.args.has("json")) writeLines(context, planLines(path, machine, plan));
}
