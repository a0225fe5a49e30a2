/**
 * What became of the memory map that a scenario boots on.
 *
 * @module
 */

import { bootMachine } from "../boot/mod.ts";
import { parseMemoryMapText } from "../memory/mod.ts";
import type { BootInputs } from "../platform.ts";
import type { Run } from "../scenario/mod.ts";
import type { BootMap } from "./boot_map.ts";
import { bootVerdict } from "./boot_report.ts";
import type { BootVerdict } from "./boot_report.ts";

/** A memory map as somebody posted it. */
export interface MapSource {
  /** The name of the file. */
  readonly name: string;
  /** What it holds. */
  readonly text: string;
}

function mapOf({ memory }: BootInputs, source: MapSource | null): BootMap {
  if (source === null) {
    const ranges = memory.map(({ first, size, kind }, index) => {
      return { first, size, kind, line: index + 1, text: "" };
    });
    return { name: "the machine's memory", numbers: "range", ranges, notes: [] };
  }
  const { ranges, notes } = parseMemoryMapText(source.text);
  return { name: source.name, numbers: "line", ranges, notes };
}

/**
 * Tells what became of the memory map that a run boots on. Its boot runs once more, on a copy.
 *
 * @param run the run
 * @param source the memory map that its machine statement names; null if it names none
 * @returns the verdict; null if the run does not boot
 */
export function bootVerdictOfRun(run: Run, source: MapSource | null = null): BootVerdict | null {
  const step = run.steps.find(({ statement, effect, outcome }) =>
    statement.kind === "call" && statement.call === "boot" &&
    (effect === "kept" || outcome.kind !== "not-run")
  );
  if (step === undefined) return null;
  const machine = run.machineAfter(step.index - 1);
  const { platform } = machine;
  if (platform === null) return null;
  const booted = bootMachine(machine, step.args.length > 0 ? "setup-vm" : "end");
  return bootVerdict(booted, mapOf(platform.inputs, source));
}
