/**
 * Files that the command line writes. The other tests may not write; these have a task of their own.
 *
 * @module
 */

import { assertEquals, assertRejects, assertThrows } from "@std/assert";

import { denoIo } from "../src/cli/host.ts";
import { FileError } from "../src/cli/io.ts";

const TRACE = "buddyscope-trace 1\narch x86_64\narea any 0x1000 0x1010\na 0\n";

Deno.test("denoIo().createBytes refuses the file that is read, by whatever name", async () => {
  const folder = await Deno.makeTempDir();
  const io = denoIo();
  try {
    await Deno.writeTextFile(`${folder}/t`, TRACE);
    await Deno.link(`${folder}/t`, `${folder}/hard`);
    await Deno.symlink(`${folder}/t`, `${folder}/soft`);
    for (const name of ["t", "hard", "soft", "./t"]) {
      assertThrows(
        () => io.createBytes(`${folder}/${name}`, `${folder}/t`),
        FileError,
        "it is what is read",
      );
    }
    assertThrows(() => io.createBytes(`${folder}/no/o`, null), FileError, "its folder must exist");
    assertThrows(() => io.createBytes(folder, null), FileError, "it is a folder");
    const target = io.createBytes(`${folder}/o`, `${folder}/t`);
    target.write(new Uint8Array([1, 2, 3]));
    target.rewriteStart(new Uint8Array([7, 8]));
    target.write(new Uint8Array([4]));
    target.close();
    assertEquals([...await Deno.readFile(`${folder}/o`)], [7, 8, 3, 4]);
    assertEquals(await Deno.readTextFile(`${folder}/t`), TRACE);
    io.createBytes(`${folder}/o`, null).discard();
    await assertRejects(() => Deno.stat(`${folder}/o`), Deno.errors.NotFound);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
