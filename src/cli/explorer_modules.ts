/**
 * The explorer as its sources are: one module each, without types, for a browser.
 *
 * @module
 */

import { explorerHtml, explorerStyle } from "../explorer/mod.ts";
import type { ExampleText } from "../explorer/mod.ts";
import type { Io, ServedFile } from "./io.ts";

/** The two scripts that the page asks for, and the module that each stands for. */
const SCRIPTS: readonly (readonly [string, string])[] = [
  ["/main.js", "/src/explorer/app/main.ts"],
  ["/worker.js", "/src/explorer/app/worker.ts"],
];

/** A line that imports a file, or exports from it, once the types are gone. */
const IMPORT = /^(?:import|export)\s+(?:\*(?:\s+as\s+\w+)?|\{[^}]*\})\s+from\s+"(\.[^"]+)";/gm;

/** The paths, from the root, of the files that a module imports. */
function importsOf(path: string, script: string): string[] {
  const base = new URL(path, "file:///");
  return [...script.matchAll(IMPORT)].map(([, name = ""]) => new URL(name, base).pathname);
}

/** The modules that the scripts reach, by path; a file that none of them imports is never read. */
async function readModules(io: Io, root: string): Promise<Map<string, ServedFile>> {
  const modules = new Map<string, ServedFile>();
  const waiting = SCRIPTS.map(([, path]) => path);
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (modules.has(path)) continue;
    const text = io.withoutTypes(await io.readText(`${root}${path}`));
    modules.set(path, { type: "text/javascript", text });
    waiting.push(...importsOf(path, text));
  }
  return modules;
}

async function readExamples(io: Io, folder: string): Promise<ExampleText[]> {
  const names = (await io.readDir(folder) ?? [])
    .filter(({ name, kind }) => kind === "file" && name.endsWith(".buddy"))
    .map(({ name }) => name).toSorted();
  const examples: ExampleText[] = [];
  for (const name of names) {
    const text = await io.readText(`${folder}/${name}`);
    examples.push({ name: name.replace(/\.buddy$/, ""), text });
  }
  return examples;
}

/**
 * Reads the explorer from the project's sources. The page is the same that `deno task explorer` writes:
 * its two scripts only import the modules which they are bundled from.
 *
 * @param io the host
 * @param root the project's folder, without a slash at the end
 * @returns all that is served, by path
 * @throws {FileError} if a file cannot be read
 */
export async function readExplorer(
  io: Io,
  root: string,
): Promise<ReadonlyMap<string, ServedFile>> {
  const files = await readModules(io, root);
  const examples = await readExamples(io, `${root}/examples`);
  files.set("/index.html", { type: "text/html", text: explorerHtml(examples) });
  files.set("/explorer.css", { type: "text/css", text: explorerStyle() });
  for (const [script, path] of SCRIPTS) {
    files.set(script, { type: "text/javascript", text: `import ".${path}";\n` });
  }
  return files;
}
