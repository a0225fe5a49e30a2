/**
 * The trace that is read: of operations, or of a kernel, which is mapped to a machine of the user's choice.
 *
 * @module
 */

import { archNamed, ARCHS } from "../../arch/mod.ts";
import type { Arch } from "../arch.ts";
import { KERNEL_MACHINE, traceFormats, TraceInput } from "../replay/mod.ts";
import type { KernelMachine } from "../replay/mod.ts";
import { sizeWords } from "../report/mod.ts";
import { nearestWord } from "../scenario/mod.ts";
import { bytesOption } from "./boot_memory.ts";
import { refuseWord } from "./exit.ts";
import type { Arguments, OptionRow } from "./options.ts";
import type { EditionReplay } from "./replay_run.ts";
import { grouped } from "./replay_text.ts";
import { tableLines } from "./table.ts";

const COLUMNS = 100;
const RAM = 2n ** 30n;

/** The options that say what a kernel's trace runs on. */
export const KERNEL_OPTIONS: readonly OptionRow[] = [
  {
    name: "arch",
    value: "NAME",
    help: `the architecture a kernel's trace runs on; ${KERNEL_MACHINE.arch} by default`,
  },
  {
    name: "ram",
    value: "SIZE",
    help: `the RAM a kernel's trace runs on, metadata included; ${sizeWords(RAM)} by default`,
  },
];

function archOf(args: Arguments, command: string): Arch {
  const name = args.value("arch") ?? KERNEL_MACHINE.arch;
  return archNamed(name) ??
    refuseWord("architecture", name, nearestWord(name, ARCHS.map((arch) => arch.name)), command);
}

/** The machine that the options name. */
function kernelMachineOf(args: Arguments, command: string): KernelMachine {
  const arch = archOf(args, command);
  const [pageShift] = arch.pageShifts;
  const bytes = bytesOption(args, "ram") ?? RAM;
  const least = 2n ** BigInt(pageShift + 4);
  const most = 2n ** BigInt(arch.wordBits - 2);
  if (bytes < least || bytes > most) {
    args.refuse(
      `Option --ram must be ${sizeWords(least)} to ${sizeWords(most)} on ${arch.name}, it is ` +
        sizeWords(bytes),
    );
  }
  return { arch: arch.name, frames: Number(bytes / 2n ** BigInt(pageShift)) };
}

/** A trace while it is read, and what its reader counts. */
export class TraceSource {
  /** Reads it. */
  readonly input: TraceInput;
  readonly #args: Arguments;
  readonly #machine: KernelMachine;

  /**
   * Prepares to read.
   *
   * @param args the options
   * @param command the command, for messages
   * @throws {UsageError} if they name no machine
   */
  constructor(args: Arguments, command: string) {
    this.#args = args;
    this.#machine = kernelMachineOf(args, command);
    this.input = new TraceInput(traceFormats(this.#machine));
  }

  /**
   * Refuses a machine for what says its own.
   *
   * @throws {UsageError} if the options name a machine, and the trace is not a kernel's
   */
  checkMachine(): void {
    if (this.input.counts().length > 0) return;
    for (const { name } of KERNEL_OPTIONS) {
      if (this.#args.value(name) === null) continue;
      this.#args.refuse(`Option --${name} is for a kernel's trace: this one says its machine`);
    }
  }

  /**
   * What was counted of a kernel's trace, as a table.
   *
   * @returns the lines, with an empty one behind; none for another trace
   */
  countLines(): string[] {
    const rows = this.input.counts().filter(({ value }) => value > 0)
      .map(({ title, value }) => [title, grouped(value)]);
    if (rows.length === 0) return [];
    return [...tableLines(rows, { indent: 0, columns: COLUMNS }), ""];
  }

  /**
   * What can be done where a kernel's trace found no memory.
   *
   * @param runs the replays
   * @returns the lines, with an empty one before; none where all went well
   */
  hintLines(runs: readonly EditionReplay[]): string[] {
    const isShort = runs.some(({ replayer: { end, counts } }) =>
      end?.kind === "failed" || counts.failedRequests > 0
    );
    return isShort ? this.#hint("--ram SIZE gives it more, --count goes on") : [];
  }

  /**
   * What can be done where requests of a kernel's trace failed, and the run went on.
   *
   * @param failedRequests how many failed
   * @returns the lines, with an empty one before; none where all went well
   */
  shortageLines(failedRequests: number): string[] {
    return failedRequests > 0 ? this.#hint("--ram SIZE gives it more") : [];
  }

  #hint(what: string): string[] {
    if (this.input.counts().length === 0) return [];
    const [pageShift = 0] = archNamed(this.#machine.arch)?.pageShifts ?? [];
    const bytes = BigInt(this.#machine.frames) * 2n ** BigInt(pageShift);
    return ["", `The trace ran on ${sizeWords(bytes)}: ${what}.`];
  }

  /** What was counted of a kernel's trace, by name; nothing for another trace. */
  toJson(): { readonly mapping?: Readonly<Record<string, string | number>> } {
    const counts = this.input.counts();
    if (counts.length === 0) return {};
    const values = Object.fromEntries(counts.map(({ name, value }) => [name, value]));
    return { mapping: { format: this.input.format ?? "", ...values } };
  }
}
