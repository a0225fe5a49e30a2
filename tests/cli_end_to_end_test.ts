import { assert, assertEquals, assertStringIncludes } from "@std/assert";

const CLI = new URL("../src/cli/mod.ts", import.meta.url).href;
const EXAMPLES = new URL("../examples/", import.meta.url);

/** Runs the command line as a process of its own, in the folder of the examples. */
async function spawn(
  permissions: readonly string[],
  args: readonly string[],
): Promise<{ code: number; out: string; err: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--no-check", "--quiet", ...permissions, CLI, ...args],
    cwd: EXAMPLES,
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}

Deno.test("the command line runs with permission to read and no other", async () => {
  const { code, out, err } = await spawn(["--allow-read"], ["run", "reserve_handed_out.buddy"]);
  assertEquals([code, err], [0, ""]);
  assertStringIncludes(out, "b = alloc_page");
  assert(!out.includes("\x1b"), out);
});

Deno.test("the command line sets the exit code", async () => {
  const args = ["diff", "coalescing_dead.buddy", "--edition=bcffccfc,dbad82e3"];
  assertEquals((await spawn(["--allow-read"], args)).code, 1);
  assertEquals((await spawn([], ["editions"])).code, 0);
});

Deno.test("the command line says which permission is missing", async () => {
  const { code, out, err } = await spawn([], ["run", "reserve_handed_out.buddy"]);
  assertEquals([code, out], [2, "0 runs, 0 expectations, 0 failed\n"]);
  assertEquals(
    err,
    "Cannot read reserve_handed_out.buddy: Deno must be allowed to, " +
      'add --allow-read behind "deno run"\n',
  );
});

Deno.test({
  name: "the command line says how a file of the system is read",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const { code, err } = await spawn(["--allow-read"], ["frag", "/proc/version"]);
    assertEquals(code, 2);
    assertStringIncludes(err, "put - in place of the file, and < /proc/version behind it");
  },
});

Deno.test("the command line says what it cannot read", async () => {
  const { code, err } = await spawn(["--allow-read"], ["run", "none.buddy", "."]);
  assertEquals(code, 2);
  assertStringIncludes(err, "Cannot read none.buddy: there is no such file or folder\n");
  assertStringIncludes(err, "Cannot read .: it is a folder, and must be a file\n");
});

Deno.test("the command line reads standard input, and refuses what is no text", async () => {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--no-check", "--quiet", CLI, "run", "-"],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  });
  const send = async (bytes: Uint8Array<ArrayBuffer>): Promise<[code: number, err: string]> => {
    await using child = command.spawn();
    const writer = child.stdin.getWriter();
    await writer.write(bytes);
    await writer.close();
    const { code, stderr } = await child.output();
    return [code, new TextDecoder().decode(stderr)];
  };
  assertEquals(await send(new TextEncoder().encode("area any 0x1000 0x1020\n")), [0, ""]);
  const [code, err] = await send(new Uint8Array([0x61, 0xff, 0x0a]));
  assertEquals(code, 2);
  assertStringIncludes(err, "Cannot read standard input: it must be text in UTF-8");
});
