import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { stripTypeScriptTypes } from "node:module";
import { denoIo } from "../src/cli/host.ts";
import type { Serving } from "../src/cli/mod.ts";
import { runCli } from "./cli_host.ts";
import { resolve } from "./layers.ts";
import { importsOf, isModelSource, readFiles } from "./source_text.ts";

const BUILT = {
  "built/index.html": "<!DOCTYPE html>",
  "built/explorer.css": "a{}",
  "built/main.js": "1",
  "built/worker.js": "2",
  "built/secret.txt": "no",
};

/** The project as files of a folder. */
const SOURCES = Object.fromEntries(
  readFiles((path) => isModelSource(path) || path.startsWith("examples/") || path === "deno.json")
    .map(({ path, text }) => [`project/${path}`, text]),
);

/** What `serve` serves, given a host's files. */
async function servedFrom(
  args: readonly string[],
  settings: { files: Record<string, string>; sourceFolder?: string },
): Promise<{ serving: Serving; out: string }> {
  const found: Serving[] = [];
  const { code, out, err } = await runCli(["serve", ...args, "--port", "0"], {
    ...settings,
    served: (one) => void found.push(one),
  });
  const [serving] = found;
  assertEquals([code, err], [0, ""]);
  assert(serving !== undefined);
  return { serving, out };
}

Deno.test("serve serves the four files of the folder and nothing else", async () => {
  const { serving, out } = await servedFrom(["built"], { files: BUILT });
  assertEquals(out, "The explorer is at http://127.0.0.1:8000/ (built); Ctrl+C ends it.\n");
  assertEquals(serving.port, 0);
  assertEquals(serving.fileAt("/"), { type: "text/html", text: "<!DOCTYPE html>" });
  assertEquals(serving.fileAt("/worker.js"), { type: "text/javascript", text: "2" });
  for (const path of ["/secret.txt", "/../built/secret.txt", "", "/built/main.js"]) {
    assertEquals(serving.fileAt(path), null, path);
  }
});

Deno.test("serve serves the page, and each module that its scripts reach as JavaScript", async () => {
  const { serving, out } = await servedFrom([], { files: SOURCES, sourceFolder: "project" });
  assertEquals(out, "The explorer is at http://127.0.0.1:8000/; Ctrl+C ends it.\n");
  assertEquals(serving.fileAt("/")?.type, "text/html");
  assertStringIncludes(serving.fileAt("/index.html")?.text ?? "", "coalescing_dead");
  assertEquals(serving.fileAt("/explorer.css")?.type, "text/css");
  const seen = new Set(["main.js", "worker.js"]);
  for (const path of seen) {
    const file = serving.fileAt(`/${path}`);
    assert(file !== null, `${path} is imported, and must be served`);
    assertEquals(file.type, "text/javascript", path);
    assertEquals(stripTypeScriptTypes(file.text), file.text, `${path} has types`);
    for (const name of importsOf(file.text)) {
      assert(name.startsWith("."), `${path} imports ${name}, which no browser finds`);
      seen.add(resolve(path, name));
    }
  }
  for (const path of ["arch/mod.ts", "src/explorer/app/worker.ts", "src/scenario/mod.ts"]) {
    assert(seen.has(path), path);
  }
});

Deno.test("serve serves no file of the project that the page does not need", async () => {
  const { serving } = await servedFrom([], { files: SOURCES, sourceFolder: "project" });
  const refused = [
    ...["", "/deno.json", "/../deno.json", "/src/../deno.json", "/%2e%2e/deno.json"],
    ...["/src/cli/mod.ts", "/src/cli/host.ts", "/src/", "/examples/coalescing_dead.buddy"],
    ...["/src/explorer/app/../app/main.ts", "//src/explorer/app/main.ts", "/project/mod.ts"],
  ];
  for (const path of refused) assertEquals(serving.fileAt(path), null, path);
});

Deno.test("serve says what it needs if there are no sources, or no built explorer", async () => {
  const homeless = await runCli(["serve"]);
  assertEquals([homeless.code, homeless.err.split("\n")[0]], [
    2,
    "Cannot serve the explorer: this program must run from a folder with its sources, or be given " +
    "a FOLDER that deno task explorer has built",
  ]);
  const unbuilt = await runCli(["serve", "out/explorer"]);
  assertEquals(unbuilt.code, 2);
  assertStringIncludes(unbuilt.err, "Cannot read out/explorer/index.html");
  assertStringIncludes(unbuilt.err, "deno task explorer");
  const incomplete = await runCli(["serve"], { sourceFolder: "empty" });
  assertEquals(incomplete.code, 2);
  assertStringIncludes(incomplete.err, "Cannot read empty/src/explorer/app/");
});

Deno.test("serve refuses a port beyond 65535", async () => {
  const { code, err } = await runCli(["serve", "built", "--port", "70000"], { files: BUILT });
  assertEquals([code, err.split("\n")[0]], [2, "Option --port must be 0 to 65535, it is 70000"]);
});

Deno.test("denoIo knows the project's folder, and takes the types out of a module", () => {
  const { sourceFolder, withoutTypes } = denoIo();
  assertEquals(`${sourceFolder}/tests`, import.meta.dirname);
  assertEquals(withoutTypes("const a: 1 = 1;"), "const a    = 1;");
  assertEquals(withoutTypes('import type { A } from "./a.ts";').trim(), "");
});
