import { assert, assertEquals } from "@std/assert";

const FOLDER = new URL("../examples/", import.meta.url);

/** The names of the examples with an ending, in order. */
function examples(ending: string): string[] {
  return [...Deno.readDirSync(FOLDER)].map(({ name }) => name)
    .filter((name) => name.endsWith(ending)).toSorted();
}

/** Runs Deno as a reader would, without any permission. */
async function runExample(name: string): Promise<{ code: number; out: string; err: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", new URL(name, FOLDER).href],
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}
