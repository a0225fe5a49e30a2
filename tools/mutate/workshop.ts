/**
 * A copy of the project in which one file at a time is changed and the tests are run.
 *
 * @module
 */

const PROJECT = new URL("../../", import.meta.url);

/** Folders that the tests do not need. */
const LEFT_OUT: ReadonlySet<string> = new Set([".git", ".ci", "node_modules", "coverage", "out"]);

/** A run of the tests that takes longer than this does not end by itself: of the nearest, and of all. */
const PATIENCE_MS = { nearest: 90_000, all: 900_000 } as const;

/** The tests that stand nearest to the allocator: most mutants do not survive them. */
const NEAREST: readonly string[] = [
  "alloc_page",
  "alloc_page_damage",
  "alloc_page_events",
  "linked_list",
  "editions",
  "repaired",
  "conform",
  "invariants",
].map((name) => `tests/${name}_test.ts`);

/** Tests of texts and processes, which a mutant cannot reach or which cannot run in a copy. */
const BESIDE_THE_POINT = ["publish", "layers", "style", "lint", "mutants", "std", "readme"]
  .map((name) => `tests/${name}_test.ts`);

async function copyFolder(from: URL, to: URL): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (LEFT_OUT.has(name)) continue;
    const suffix = isDirectory ? `${name}/` : name;
    if (isDirectory) await copyFolder(new URL(suffix, from), new URL(suffix, to));
    else await Deno.copyFile(new URL(suffix, from), new URL(suffix, to));
  }
}

/** How the tests went with a mutant: the first stage in which one failed, or none did. */
export type Verdict = "nearest tests" | "all tests" | "survived";

/** A copy of the project. */
export class Workshop {
  readonly #folder: URL;

  private constructor(folder: URL) {
    this.#folder = folder;
  }

  /** Makes a copy in a temporary folder. */
  static async open(): Promise<Workshop> {
    const folder = new URL(`file://${await Deno.makeTempDir({ prefix: "buddyscope-" })}/`);
    await copyFolder(PROJECT, folder);
    return new Workshop(folder);
  }

  /** Removes the copy. */
  async close(): Promise<void> {
    await Deno.remove(this.#folder, { recursive: true });
  }

  /**
   * Runs the tests with a file changed.
   *
   * @param path the file
   * @param text its text
   * @param tests whether to run all tests on what the nearest let pass
   * @returns where the change was noticed
   */
  async judge(path: string, text: string, tests: "nearest" | "all"): Promise<Verdict> {
    const file = new URL(path, this.#folder);
    const original = await Deno.readTextFile(file);
    await Deno.writeTextFile(file, text);
    try {
      if (await this.#fails(NEAREST, PATIENCE_MS.nearest)) return "nearest tests";
      if (tests === "nearest") return "survived";
      const ignored = `--ignore=${BESIDE_THE_POINT.join(",")}`;
      const all = ["--parallel", ignored, "tests/"];
      return await this.#fails(all, PATIENCE_MS.all) ? "all tests" : "survived";
    } finally {
      await Deno.writeTextFile(file, original);
    }
  }

  /**
   * Makes sure that the tests pass as things are.
   *
   * @throws {Error} if they do not: then nothing that follows means anything
   */
  async checkOriginal(): Promise<void> {
    if (await this.#fails(NEAREST, PATIENCE_MS.nearest)) {
      throw new Error("Cannot judge mutants: the tests fail without a change, mend them first");
    }
  }

  async #fails(what: readonly string[], patienceMs: number): Promise<boolean> {
    const args = ["test", "--no-check", "--quiet", "--fail-fast", "--allow-all", ...what];
    const signal = AbortSignal.timeout(patienceMs);
    const cwd = this.#folder;
    const child = new Deno.Command(Deno.execPath(), {
      args,
      cwd,
      signal,
      stdin: "null",
      stdout: "null",
      stderr: "null",
    });
    const { success } = await child.output();
    return !success;
  }
}
