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
import { FileError } from "../io.ts";
import type { ServedFile } from "../io.ts";

/** Where `deno task explorer` writes. */
const DEFAULT_FOLDER = "out/explorer";

const DEFAULT_PORT = 8000;

/** The files of the explorer, each with its media type: no other file is ever read. */
const FILES: readonly (readonly [string, string])[] = [
  ["index.html", "text/html"],
  ["explorer.css", "text/css"],
  ["main.js", "text/javascript"],
  ["worker.js", "text/javascript"],
];

async function readFiles({ io }: Context, folder: string): Promise<Map<string, ServedFile>> {
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

function portFor({ args }: Context): number {
  const port = args.number("port") ?? DEFAULT_PORT;
  return port <= 65_535 ? port : args.refuse(`Option --port must be 0 to 65535, it is ${port}`);
}

async function run(context: Context): Promise<ExitCode> {
  const { args, io } = context;
  const [folder = DEFAULT_FOLDER, ...more] = args.words;
  if (more.length > 0) args.refuse("serve takes one folder at most");
  const port = portFor(context);
  const files = await readFiles(context, folder);
  await io.serve({
    port,
    fileAt: (path) => files.get(path === "/" ? "/index.html" : path) ?? null,
    onListen: (address) => {
      writeLines(context, [
        `The explorer is at ${address} (${escapeText(folder)}); Ctrl+C ends it.`,
      ]);
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
    `The FOLDER is where deno task explorer has built it, ${DEFAULT_FOLDER} by default. Its four files are`,
    "kept in memory, nothing else is served, and only programs on this machine are answered. Any web",
    "server can host the folder as it is. Deno needs --allow-net=127.0.0.1.",
  ],
  examples: ["serve --port 8080"],
  run,
};
