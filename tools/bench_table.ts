/**
 * Measures speed, and prints a table: the median of warm runs, against the floor and against the literal
 * engine. Takes some minutes; nothing else should run.
 *
 *     deno task bench:table            everything
 *     deno task bench:table churn      what has this word in its name
 *     deno task bench:table --least    least times in place of medians, where other work runs beside
 *     deno task bench:table --picture  the cost of a page against the size of the machine
 *
 * @module
 */

import { bySize, PARTS } from "./bench/loads.ts";
import { measuredRow, type Pick, picked, TABLE_HEAD } from "./bench/measure.ts";
import { pictureOf } from "./bench/picture.ts";
import { runOnce } from "./bench/replays.ts";

/** The argument with which this runs once, in a process of its own. */
const FRESH = "--fresh-process";

function print(line: string): void {
  const bytes = new TextEncoder().encode(`${line}\n`);
  for (let at = 0; at < bytes.length;) at += Deno.stdout.writeSync(bytes.subarray(at));
}

/** So many fresh processes are run. */
const PROCESSES = 7;

/**
 * Runs a million operations in processes that have compiled nothing yet: the time of an operation, from the
 * first to the last, and that of a whole process, which starts, reads its modules and makes the trace.
 */
async function freshRows(pick: Pick): Promise<string[]> {
  const operations: number[] = [];
  const processes: number[] = [];
  while (processes.length < PROCESSES) {
    const start = performance.now();
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--allow-read", import.meta.url, FRESH],
      stderr: "inherit",
    }).output();
    processes.push(performance.now() - start);
    operations.push(Number(new TextDecoder().decode(stdout)));
  }
  return [
    `| an operation of a million of churn in a fresh process | ${
      picked(operations, pick).toFixed(1)
    } ns |  |  |  |`,
    `| the whole of that process | ${picked(processes, pick).toFixed(0)} ms |  |  |  |`,
  ];
}

const words = Deno.args.filter((argument) => !argument.startsWith("--"));
const [word = ""] = words;
const pick = Deno.args.includes("--least") ? "least" : "median";
if (Deno.args.includes(FRESH)) print(runOnce().toFixed(1));
else if (Deno.args.includes("--picture")) {
  for (const line of pictureOf(bySize(), pick)) print(line);
} else {
  print(`Deno ${Deno.version.deno}, V8 ${Deno.version.v8}, ${Deno.build.arch}, ${pick} times\n`);
  for (const line of TABLE_HEAD) print(line);
  for (const part of PARTS) {
    for (const measurement of part()) {
      if (measurement.what.includes(word)) print(measuredRow(measurement, pick));
    }
  }
  if ("fresh process".includes(word) || word === "churn") {
    for (const line of await freshRows(pick)) print(line);
  }
}
