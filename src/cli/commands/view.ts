/**
 * `view`: a run as one page that opens with a double click.
 *
 * @module
 */

import { ARCHS } from "../../../arch/mod.ts";
import {
  MOST_WATCHED,
  packedRecording,
  recordedPageHtml,
  recordedPageParts,
  recordingOf,
  runSession,
} from "../../explorer/mod.ts";
import type { ExplorerSession } from "../../explorer/mod.ts";
import { escapeText } from "../../report/mod.ts";
import type { Command, Context } from "../command.ts";
import { EDITION_OPTION, editionsOf } from "../edition_option.ts";
import { EXIT } from "../exit.ts";
import type { ExitCode } from "../exit.ts";
import { readScenario } from "../scenario_file.ts";
import type { ScenarioFile } from "../scenario_file.ts";
import { counted } from "../words.ts";

/** A page holds the views themselves, not the model that makes them: of more steps it grows unwieldy. */
const MOST_STEPS = 10_000;

/** The hash of a text, as a content security policy names it. */
async function hashOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return `sha256-${btoa(String.fromCharCode(...new Uint8Array(digest)))}`;
}

/** The runs of a scenario, side by side. */
function sessionOf(context: Context, parsed: ScenarioFile): ExplorerSession {
  const { args } = context;
  const editions = editionsOf(args, VIEW.name);
  if (editions.length > 2) args.refuse("view shows one edition, or two side by side");
  const { length } = parsed.scenario.statements;
  if (length > MOST_STEPS) {
    args.refuse(
      `Cannot show ${
        counted(length, "step")
      } in a page: at most ${MOST_STEPS} fit, open the file ` +
        "in the explorer (serve), which takes a million",
    );
  }
  const [mapText = null] = parsed.mapTexts.values();
  const names = editions.map(({ name }) => name);
  return runSession({
    text: parsed.text,
    file: parsed.file,
    editions: names.length === 0 ? [null] : names,
    mapText,
    watch: "auto",
  }, ARCHS);
}

async function pageOf(session: ExplorerSession, file: string): Promise<string> {
  const parts = recordedPageParts();
  const hashes = { style: await hashOf(parts.style), script: await hashOf(parts.script) };
  const recording = await packedRecording(recordingOf(session, file));
  const subjects = session.sides.map(({ run }) => `${run.arch.name} ${run.edition.name}`);
  const title = `${escapeText(file)}: ${subjects.join(" and ")}`;
  return recordedPageHtml({ title, parts, hashes, recording });
}

async function run(context: Context): Promise<ExitCode> {
  const { args, io } = context;
  const [path, ...more] = args.words;
  if (path === undefined || more.length > 0) {
    return args.refuse("view needs one file with a scenario, or - for standard input");
  }
  const parsed = await readScenario(io, path);
  const html = await pageOf(sessionOf(context, parsed), parsed.file);
  const output = args.value("output");
  if (output === null) io.stdout.write(html);
  else await io.writeText(output, html);
  return EXIT.held;
}

/** The command. */
export const VIEW: Command = {
  name: "view",
  summary: "writes a page that shows each step of a run, to open in a browser",
  usage: "FILE [--edition ONE,OTHER] [-o OUT.html]",
  options: [
    {
      ...EDITION_OPTION,
      value: "ONE,OTHER",
      help: "the edition to run on; two stand side by side",
    },
    {
      name: "output",
      short: "o",
      value: "OUT.html",
      help: "writes the page to a file; -o does too; to standard output by default",
    },
  ],
  notes: [
    "The page holds the whole run and asks no server for anything: it opens with a double click. The",
    "keys are → and ← for a step, Home, End, Space to play, n for the next step that breaks a rule, d",
    "for the first difference of two editions. With -o Deno needs --allow-write=OUT.html.",
    "",
    `At most ${MOST_STEPS} steps fit into a page, some 250 bytes each; the explorer (serve) takes a million.`,
    "",
    `Up to ${MOST_WATCHED} steps, the rules are checked after each; in a longer run if the scenario asks`,
    "for it with expect no violations.",
  ],
  examples: ["view examples/coalescing_dead.buddy --edition pfn-2021-01,head > run.html"],
  run,
};
