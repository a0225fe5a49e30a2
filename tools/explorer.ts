/**
 * Builds the explorer: a folder of files that any web server can host.
 *
 * Usage: `deno task explorer`, which runs this and then bundles the scripts.
 *
 * @module
 */

import { explorerHtml, explorerStyle } from "../src/explorer/mod.ts";
import type { ExampleText } from "../src/explorer/mod.ts";

const EXAMPLES = new URL("../examples/", import.meta.url);
const OUT = new URL("../out/explorer/", import.meta.url);

async function readExamples(): Promise<ExampleText[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(EXAMPLES)) {
    if (name.endsWith(".buddy")) names.push(name);
  }
  return await Promise.all(
    names.sort().map(async (name) => {
      return {
        name: name.replace(/\.buddy$/, ""),
        text: await Deno.readTextFile(new URL(name, EXAMPLES)),
      };
    }),
  );
}

await Deno.mkdir(OUT, { recursive: true });
await Deno.writeTextFile(new URL("index.html", OUT), explorerHtml(await readExamples()));
await Deno.writeTextFile(new URL("explorer.css", OUT), explorerStyle());
