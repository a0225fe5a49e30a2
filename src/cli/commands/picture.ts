/**
 * `picture`: draws a state, a run or a memory map.
 *
 * @module
 */

import type { Edition } from "../../edition.ts";
import {
  bootVerdictOfRun,
  escapeText,
  freeListsSvg,
  heatMapSvg,
  memoryMapSvg,
  metadataSvg,
  PICTURE_WIDTHS,
  splitTreeSvg,
} from "../../report/mod.ts";
import type { HeatOf, PictureOptions } from "../../report/mod.ts";
import { printStatement } from "../../scenario/mod.ts";
import type { Run } from "../../scenario/mod.ts";
import type { Command, Context } from "../command.ts";
import { EDITION_OPTION, editionsOf } from "../edition_option.ts";
import { quoted } from "../escape.ts";
import { EXIT, UsageError } from "../exit.ts";
import type { ExitCode } from "../exit.ts";
import { readScenario, runParsed } from "../scenario_file.ts";
import type { ScenarioFile } from "../scenario_file.ts";

const KINDS = ["metadata", "heat", "lists", "tree", "memory"] as const;
type Kind = typeof KINDS[number];

const HEATS: readonly HeatOf[] = ["state", "order", "age"];

/** Options that mean something for one kind only. */
const OWN_OPTIONS: Readonly<Record<string, readonly Kind[]>> = {
  of: ["heat"],
  frame: ["tree"],
  step: ["metadata", "lists", "tree"],
};

function kindFor({ args }: Context): Kind {
  const word = args.value("picture") ?? "metadata";
  const kind = KINDS.find((one) => one === word) ?? "metadata";
  for (const [name, kinds] of Object.entries(OWN_OPTIONS)) {
    if (args.value(name) !== null && !kinds.includes(kind)) {
      args.refuse(`Option --${name} means nothing for the picture ${kind}`);
    }
  }
  return kind;
}

/** The edition that is named; null for what the scenario says. */
function editionFor({ args }: Context): Edition | null {
  const [edition = null, ...more] = editionsOf(args, PICTURE.name);
  if (more.length > 0) args.refuse("Option --edition must name one edition: a picture shows one");
  return edition;
}

function widthFor({ args }: Context): Pick<PictureOptions, "width"> {
  const width = args.number("width");
  if (width === null) return {};
  const { least, greatest } = PICTURE_WIDTHS;
  if (width >= least && width <= greatest) return { width };
  return args.refuse(`Option --width must be ${least} to ${greatest}, it is ${width}`);
}

/** The step that is shown: the last one, if none is named. */
function stepFor({ args }: Context, { file }: ScenarioFile, { steps }: Run): number {
  const last = steps.length - 1;
  const step = args.number("step");
  if (step === null || step <= last) return step ?? last;
  return args.refuse(
    last < 0
      ? `Option --step must not stand here: ${escapeText(file)} has no steps`
      : `Option --step must be 0 to ${last}, the last step of ${escapeText(file)}, it is ${step}`,
  );
}

/** The frame of the option: digits of base 16, as the pictures and reports have them. */
function frameFor({ args }: Context): { frame?: number } {
  const text = args.value("frame");
  if (text === null) return {};
  if (/^(?:0x)?[0-9a-f]{1,13}$/i.test(text)) {
    return { frame: parseInt(text.replace(/^0x/i, ""), 16) };
  }
  return args.refuse(
    `Option --frame must be a frame's number in base 16, it is ${quoted(text)}`,
  );
}

function heatFor({ args }: Context): HeatOf {
  const word = args.value("of");
  return HEATS.find((of) => of === word) ?? "state";
}

function momentOf({ steps }: Run, step: number): string {
  const statement = steps[step]?.statement;
  return statement === undefined
    ? "before the first step"
    : `after step ${step}: ${printStatement(statement)}`;
}

/** What the model refuses to draw is wrong use: a frame of no area. */
function refusing<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof RangeError) || !error.message.startsWith("Cannot draw ")) throw error;
    throw new UsageError(error.message, PICTURE.name);
  }
}

function memoryPicture(context: Context, parsed: ScenarioFile, run: Run): string {
  const [source] = [...parsed.mapTexts].map(([name, text]) => ({ name, text }));
  const verdict = bootVerdictOfRun(run, source ?? null);
  if (verdict !== null) return memoryMapSvg(verdict, widthFor(context));
  return context.args.refuse(
    `Cannot draw a memory map: ${escapeText(parsed.file)} must have the statement boot`,
  );
}

function draw(context: Context, parsed: ScenarioFile, run: Run): string {
  const kind = kindFor(context);
  if (kind === "memory") return memoryPicture(context, parsed, run);
  if (kind === "heat") return heatMapSvg(run, { ...widthFor(context), of: heatFor(context) });
  const step = stepFor(context, parsed, run);
  const machine = run.machineAfter(step);
  const areas = machine.pages.areas();
  const options = { ...widthFor(context), moment: momentOf(run, step) };
  if (kind === "lists") return freeListsSvg(machine, areas, options);
  if (kind === "metadata") return metadataSvg(machine, areas, options);
  return refusing(() => splitTreeSvg(machine, areas, { ...options, ...frameFor(context) }));
}

async function run(context: Context): Promise<ExitCode> {
  const { args, io } = context;
  const [path, ...more] = args.words;
  if (path === undefined || more.length > 0) {
    return args.refuse("picture needs one file with a scenario, or - for standard input");
  }
  kindFor(context);
  const parsed = await readScenario(io, path);
  const svg = draw(context, parsed, runParsed(parsed, editionFor(context)));
  const output = args.value("output");
  if (output === null) io.stdout.write(svg);
  else await io.writeText(output, svg);
  return EXIT.held;
}

/** The command. */
export const PICTURE: Command = {
  name: "picture",
  summary: "draws a state, a run or a memory map, as SVG",
  usage: "FILE [--picture KIND] [-o OUT.svg]",
  options: [
    {
      name: "picture",
      value: "KIND",
      choices: KINDS,
      help: "metadata (the default), heat, lists, tree or memory",
    },
    { name: "step", value: "N", help: "shows the state after step N; after the last by default" },
    { name: "of", value: "WHAT", choices: HEATS, help: "what heat shows: state, order or age" },
    { name: "frame", value: "PFN", help: "the frame whose block tree splits, in base 16" },
    { ...EDITION_OPTION, value: "NAME", help: "the edition to run on, whatever the scenario says" },
    {
      name: "width",
      value: "PIXELS",
      help: `from ${PICTURE_WIDTHS.least} to ${PICTURE_WIDTHS.greatest}; 960 by default`,
    },
    {
      name: "output",
      short: "o",
      value: "OUT.svg",
      help: "writes the picture to a file; -o does too; to standard output by default",
    },
  ],
  notes: [
    "metadata  the page states of all areas, block by block",
    "heat      time and address: what each frame was after each step of the run",
    "lists     the free lists of each order, front to back",
    "tree      the largest block that can hold a frame, halved down to the blocks that are there",
    "memory    the memory map of a scenario that boots, and what became of it",
    "",
    "A picture is one SVG file without scripts and references to anything outside; it follows the",
    "light or dark colours of the reader. With -o Deno needs --allow-write=OUT.svg.",
  ],
  examples: [
    "picture examples/coalescing_dead.buddy > states.svg",
    "picture examples/coalescing_dead.buddy --picture tree --frame 1001 --step 4 > tree.svg",
  ],
  run,
};
