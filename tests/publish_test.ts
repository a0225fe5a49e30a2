/** Publishes the project to a registry on loopback and uses it from there, as a stranger would. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { startRegistry } from "./registry.ts";
import { importsOf } from "./source_text.ts";

const PROJECT = new URL("../", import.meta.url);

const PACKAGE = "@buddyscope/sim";

/** The packages of others that the registry has as well. */
const STAND_INS = ["assert", "cli", "fmt", "testing"]
  .map((name) => new URL(`tools/std/${name}/`, PROJECT));

/** Runs Deno with an empty cache and the registry; returns its output, or throws with its errors. */
async function deno(
  args: readonly string[],
  cwd: string | URL,
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const command = new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd,
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1", ...env },
    stdin: "null",
  });
  const { code, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  assertEquals(code, 0, `deno ${args.join(" ")}\n${decoder.decode(stderr)}`);
  return decoder.decode(stdout);
}

/** Where this Deno keeps packages from npm. */
async function npmCache(): Promise<string> {
  return JSON.parse(await deno(["info", "--json"], PROJECT, {})).npmCache;
}

/** Gives an empty cache the npm packages that are on this machine, so that none are asked for. */
async function lendNpmPackages(cache: string): Promise<void> {
  const packages = await npmCache();
  try {
    await Deno.stat(packages);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw error;
  }
  await Deno.symlink(packages, `${cache}/npm`);
}

/** A script that uses the model as a stranger would. */
const SCRIPT = `
import * as sim from "jsr:${PACKAGE}";
import * as arch from "jsr:${PACKAGE}/arch";
console.log(Object.keys(sim).length > 0, "S390X" in arch);
`;

Deno.test("what deno publish sends can be imported and run", async (t) => {
  const cache = await Deno.makeTempDir({ prefix: "buddyscope-cache-" });
  const home = await Deno.makeTempDir({ prefix: "buddyscope-home-" });
  await using registry = startRegistry(STAND_INS);
  const env = { JSR_URL: registry.url, DENO_DIR: cache };
  await lendNpmPackages(cache);
  try {
    await t.step("deno publish sends the package", async () => {
      await deno(["publish", "--quiet", "--allow-dirty", "--token", "none"], PROJECT, env);
      const files = registry.filesOf(PACKAGE);
      for (const path of ["/mod.ts", "/arch/mod.ts", "/deno.json", "/LICENSE", "/README.md"]) {
        assert(files.includes(path), `${path} is published`);
      }
      const shape = /^\/(?:mod\.ts|(?:src|arch)\/.*\.ts|README\.md|LICENSE|deno\.json)$/;
      assertEquals(files.filter((path) => !shape.test(path)), [], "nothing else is published");
    });

    await t.step("published files name the real packages", () => {
      const outside = registry.filesOf(PACKAGE).filter((path) => path.endsWith(".ts"))
        .flatMap((path) => importsOf(registry.textOf(PACKAGE, path)))
        .filter((specifier) => !specifier.startsWith("."));
      assertEquals(outside.filter((specifier) => !/^(?:jsr|npm|node):/.test(specifier)), []);
    });

    await t.step("the model can be imported", async () => {
      await Deno.writeTextFile(`${home}/use.ts`, SCRIPT);
      assertEquals(
        await deno(["run", "--no-prompt", "--check", "use.ts"], home, env),
        "true true\n",
      );
    });

    await t.step("the command line runs", async () => {
      const args = ["run", "--no-prompt", "--allow-read", `jsr:${PACKAGE}/cli`, "help"];
      assertStringIncludes(await deno(args, home, env), "run");
    });
  } finally {
    await Deno.remove(cache, { recursive: true });
    await Deno.remove(home, { recursive: true });
  }
});
