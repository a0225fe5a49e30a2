/**
 * `serve`: the explorer, for a browser on this machine.
 *
 * @module
 */

import { escapeText } from "../../report/mod.ts";
import type { Command, Context } from "../command.ts";
import { writeLines } from "../command.ts";
import { EXIT } from "../exit.ts";
import type { ExitCode } from "../exit.ts";
import { readExplorer } from "../explorer_modules.ts";
import { FileError } from "../io.ts";
import type { ServedFile } from "../io.ts";

const DEFAULT_PORT = 8000;

/** The files of a built explorer, each with its media type: no other file is ever read. */
const FILES: readonly (readonly [string, string])[] = [
  ["index.html", "text/html"],
  ["explorer.css", "text/css"],
  ["main.js", "text/javascript"],
  ["worker.js", "text/javascript"],
];

async function readBuilt({ io }: Context, folder: string): Promise<Map<string, ServedFile>> {
  const files = new Map<string, ServedFile>();
  for (const [name, type] of FILES) {
    try {
      files.set(`/${name}`, { type, text: await io.readText(`${folder}/${name}`) });
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      throw new FileError(
        `${error.message}\nThe explorer must be built before: deno task explorer`,
      );
    }
  }
  return files;
}

/** What is served without a folder: the project's sources, if this program runs from them. */
async function readSources({ io, args }: Context): Promise<ReadonlyMap<string, ServedFile>> {
  return io.sourceFolder === null
    ? args.refuse(
      "Cannot serve the explorer: this program must run from a folder with its sources, or be given " +
        "a FOLDER that deno task explorer has built",
    )
    : await readExplorer(io, io.sourceFolder);
}

function portFor({ args }: Context): number {
  const port = args.number("port") ?? DEFAULT_PORT;
  return port <= 65_535 ? port : args.refuse(`Option --port must be 0 to 65535, it is ${port}`);
}

async function run(context: Context): Promise<ExitCode> {
  const { args, io } = context;
  const [folder, ...more] = args.words;
  if (more.length > 0) args.refuse("serve takes one folder at most");
  const port = portFor(context);
  const files = folder === undefined
    ? await readSources(context)
    : await readBuilt(context, folder);
  await io.serve({
    port,
    fileAt: (path) => files.get(path === "/" ? "/index.html" : path) ?? null,
    onListen: (address) => {
      const from = folder === undefined ? "" : ` (${escapeText(folder)})`;
      writeLines(context, [`The explorer is at ${address}${from}; Ctrl+C ends it.`]);
    },
  });
  return EXIT.held;
}

/** The command. */
export const SERVE: Command = {
  name: "serve",
  summary: "serves the explorer: a page that runs scenarios and shows each step",
  usage: "[FOLDER]",
  options: [
    { name: "port", value: "N", help: `the port, ${DEFAULT_PORT} by default; 0 for any free one` },
  ],
  notes: [
    "Without a FOLDER it is the explorer of this project's sources: nothing needs to be built. A FOLDER",
    "is one that deno task explorer has built, out/explorer; any web server can host it as it is.",
    "The files are kept in memory, nothing else is served, and only programs on this machine are",
    "answered. Deno needs --allow-net=127.0.0.1.",
  ],
  examples: ["serve", "serve out/explorer --port 8080"],
  run,
};
