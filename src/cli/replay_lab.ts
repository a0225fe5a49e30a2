/**
 * The policy lab on the command line: `replay --report`.
 *
 * @module
 */

import type { Edition } from "../edition.ts";
import { DesignSubject, EditionSubject, Lab } from "../lab/mod.ts";
import type { LabResult, LabSubject } from "../lab/mod.ts";
import { DESIGNS, machineOfHeader } from "../metadata_design/mod.ts";
import type { MetadataDesign } from "../metadata_design/mod.ts";
import type { TraceHeader } from "../replay/mod.ts";
import { escapeText, labPage, labSvg, labToJson, printLab } from "../report/mod.ts";
import { writeJson, writeLines } from "./command.ts";
import type { Context } from "./command.ts";
import { EXIT } from "./exit.ts";
import type { ExitCode } from "./exit.ts";
import { STANDARD_INPUT } from "./io.ts";
import type { Arguments, OptionRow } from "./options.ts";
import { archOf, editionOf } from "./replay_run.ts";
import type { TraceTaker } from "./replay_run.ts";
import type { TraceSource } from "./trace_source.ts";

const ALL = "all";

/** The options of the lab. */
export const LAB_OPTIONS: readonly OptionRow[] = [
  {
    name: "report",
    value: "OUT",
    help: "compares free memory over time, as text (-), a page (OUT.html) or a picture (OUT.svg)",
  },
  {
    name: "design",
    value: "NAME,…",
    choices: [...DESIGNS.map(({ name }) => name), ALL],
    help: "with --report: designs of metadata too, as the command designs names them",
  },
];

/** Options of a replay that mean nothing for the lab. */
const OTHER_OPTIONS = ["engine", "count", "step", "show", "trace-out"] as const;

/** Where the lab's result goes. */
export interface LabOutput {
  /** The file; null for none. */
  readonly path: string | null;
  /** What it is to hold. */
  readonly content: "page" | "picture";
}

/**
 * Where `--report` wants the result.
 *
 * @param args the arguments
 * @returns the output; null without the option
 * @throws {UsageError} if options contradict each other
 */
export function labOutputOf(args: Arguments): LabOutput | null {
  const out = args.value("report");
  if (out === null) {
    if (args.list("design").length > 0) args.refuse("Option --design must stand beside --report");
    return null;
  }
  for (const name of OTHER_OPTIONS) {
    if (!args.has(name) && args.list(name).length === 0) continue;
    args.refuse(
      `Option --${name} must not stand beside --report, which counts failures and goes on to the end`,
    );
  }
  if (out === STANDARD_INPUT) return { path: null, content: "page" };
  if (out.endsWith(".html")) return { path: out, content: "page" };
  if (out.endsWith(".svg")) return { path: out, content: "picture" };
  return args.refuse("Option --report must be - or a file whose name ends in .html or .svg");
}

/** The designs that `--design` names, each once. */
export function designsOf(args: Arguments): readonly MetadataDesign[] {
  const names = args.list("design");
  return DESIGNS.filter(({ name }) => names.includes(ALL) || names.includes(name));
}

/** The lab, made when the header of a trace is known. */
export class LabTaker implements TraceTaker {
  readonly #editions: readonly Edition[];
  readonly #designs: readonly MetadataDesign[];
  #lab: Lab | null = null;

  /**
   * Prepares to compare.
   *
   * @param editions the editions; that of the trace if there are neither editions nor designs
   * @param designs the designs
   */
  constructor(editions: readonly Edition[], designs: readonly MetadataDesign[]) {
    this.#editions = editions;
    this.#designs = designs;
  }

  /** How many operations were run where most of them were. */
  get operations(): number {
    return this.#lab?.operations ?? 0;
  }

  /** Whether nothing goes on. */
  get areDone(): boolean {
    return this.#lab?.areDone ?? false;
  }

  /**
   * Makes the subjects.
   *
   * @param header the machine of the trace
   * @throws {SyntaxError} if there is no such architecture or edition
   * @throws {RangeError} if the machine cannot be made
   */
  begin(header: TraceHeader): void {
    const arch = archOf(header);
    const isOwn = this.#editions.length + this.#designs.length === 0;
    const editions = isOwn ? [editionOf(header)] : this.#editions;
    const subjects: LabSubject[] = editions.map((edition) =>
      new EditionSubject(edition, header, arch)
    );
    if (this.#designs.length > 0) {
      const machine = machineOfHeader(header, arch);
      subjects.push(...this.#designs.map((design) => new DesignSubject(design, machine)));
    }
    const pageShift = header.pageShift ?? arch.pageShifts[0];
    this.#lab = new Lab({ arch: arch.name, pageShift, areas: header.areas }, subjects);
  }

  /** Runs operations. */
  run(words: Uint32Array, length: number, placeOf: (index: number) => string): void {
    this.#lab?.run(words, length, placeOf);
  }

  /**
   * What was found.
   *
   * @param trace the name of the trace
   * @returns the result
   * @throws {SyntaxError} if the trace had no header
   */
  result(trace: string): LabResult {
    if (this.#lab === null) throw new SyntaxError("Cannot compare: the trace must have a header");
    return this.#lab.result(trace);
  }
}

/**
 * Writes what the lab found: as text or JSON to standard output, and to the file of the option.
 *
 * @param context what the command was given
 * @param output where the option wants it
 * @param source the trace that was read
 * @param result what was found
 * @returns the exit code: failed if the modelled code of an edition stopped
 */
export async function writeLab(
  context: Context,
  output: LabOutput,
  source: TraceSource,
  result: LabResult,
): Promise<ExitCode> {
  const { args, io, paint } = context;
  const { path, content } = output;
  if (path !== null) {
    await io.writeText(path, content === "page" ? labPage(result) : labSvg(result));
  }
  if (args.has("json")) writeJson(context, { ...labToJson(result), ...source.toJson() });
  else {
    const isDrawn = io.stdout.isTerminal && !io.noColor && args.value("color") !== "never";
    writeLines(context, source.countLines());
    io.stdout.write(printLab(result, { paint, glyphs: isDrawn ? "blocks" : "ascii" }));
    const failed = result.runs.map(({ failedRequests }) => failedRequests);
    writeLines(context, source.shortageLines(Math.max(...failed)));
    if (path !== null) writeLines(context, ["", `${escapeText(path)} has the ${content}`]);
  }
  return result.runs.some(({ end }) => end !== null) ? EXIT.failed : EXIT.held;
}
