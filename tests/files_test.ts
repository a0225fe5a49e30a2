/**
 * Files that the command line writes. The other tests may not write; these have a task of their own.
 *
 * @module
 */

import { assertEquals, assertRejects, assertThrows } from "@std/assert";

import { openFile, writeSparse } from "../src/cli/dump_host.ts";
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

const worded = (path: string, error: unknown): FileError => new FileError(`${path}: ${error}`);
const ERRORS = { read: worded, write: worded };

Deno.test("writeSparse() writes pieces with holes in place of what was there, openFile() reads them back", () => {
  const path = Deno.makeTempFileSync();
  try {
    Deno.writeTextFileSync(path, "what was there before, and is longer than a word");
    const pieces = [{ offset: 2, bytes: Uint8Array.of(1, 2) }, {
      offset: 2 ** 33,
      bytes: Uint8Array.of(3),
    }];
    writeSparse(path, 2 ** 33 + 2, pieces, ERRORS);
    const file = openFile(path, ERRORS);
    const [start, end] = [new Uint8Array(5), new Uint8Array(5)];
    assertEquals([file.size, file.read(0, start), file.read(2 ** 33, end)], [2 ** 33 + 2, 5, 2]);
    assertEquals([[...start], [...end]], [[0, 0, 1, 2, 0], [3, 0, 0, 0, 0]]);
    assertEquals(file.read(file.size, start), 0);
    file.close();
  } finally {
    Deno.removeSync(path);
  }
});

Deno.test("openFile() and writeSparse() refuse standard input and output, folders and devices", () => {
  const refused: ReadonlyArray<readonly [path: string, message: string]> = [
    ["-", "Cannot read standard input at any place: it must be a file"],
    ["tests", "Cannot read tests: it is a folder, and must be a file"],
    ["/dev/null", "Cannot read /dev/null: it must be a file"],
  ];
  for (const [path, message] of refused) {
    assertEquals(assertThrows(() => openFile(path, ERRORS), FileError).message, message);
  }
  assertThrows(() => openFile("tests/no-such-file", ERRORS), FileError, "NotFound");
  assertEquals(
    assertThrows(() => writeSparse("-", 1, [], ERRORS), FileError).message,
    "Cannot write standard output at any place: it must be a file",
  );
});
