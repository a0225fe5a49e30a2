import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { runCli, runCliWriting } from "./cli_host.ts";
import { readSvg } from "./svg_reader.ts";

const BARE = `machine x86_64 edition=head
area any 0x1000 0x1020
a = alloc_page
free_pages a
`;
const BOOTED = "machine x86_64 ram=128M edition=head\nboot\na = malloc 5000\n";
const MAPPED = "machine x86_64 map=my.map\nboot\n";
const FILES = {
  "a.buddy": BARE,
  "b.buddy": BOOTED,
  "m.buddy": MAPPED,
  "my.map": "0 9fc00 ram\n100000 7fe0000 ram\n",
  "-": BARE,
};

const KINDS = ["metadata", "heat", "lists", "tree", "memory"];

Deno.test("buddyscope picture writes one SVG of each kind to standard output", async () => {
  for (const kind of KINDS) {
    const { code, out, err } = await runCli(["picture", "b.buddy", "--picture", kind], {
      files: FILES,
    });
    assertEquals([code, err], [0, ""]);
    assertEquals(readSvg(out)[0]?.attributes["id"], `buddyscope-${kind}`);
  }
});

Deno.test("buddyscope picture -o writes to a file and nothing to standard output", async () => {
  for (const words of [["-o", "x.svg"], ["--output", "x.svg"], ["--output=x.svg"]]) {
    const { code, out, written } = await runCliWriting(["picture", "a.buddy", ...words], {
      files: FILES,
    });
    assertEquals([code, out], [0, ""]);
    assertEquals(Object.keys(written), ["x.svg"]);
    assertEquals(readSvg(written["x.svg"] ?? "")[0]?.name, "svg");
  }
});

Deno.test("buddyscope picture tells of a file that it cannot write", async () => {
  const { code, err } = await runCli(["picture", "a.buddy", "-o", "out/"], { files: FILES });
  assertEquals([code, err], [2, "Cannot write out/: it is a folder, and must be a file\n"]);
});

Deno.test("buddyscope picture shows the step, the edition and the width that are asked for", async () => {
  const { out } = await runCli([
    "picture",
    "a.buddy",
    "--step=2",
    "--edition=01d8952b",
    "--width=640",
  ], { files: FILES });
  const [root, title] = readSvg(out);
  assertEquals(root?.attributes["width"], "640");
  const expected = "page states, x86_64, pfn-2021-01, after step 2: a = alloc_page";
  assertEquals(title?.text, expected);
  const last = await runCli(["picture", "-"], { files: FILES });
  assertStringIncludes(last.out, "after step 3: free_pages a");
});

Deno.test("buddyscope picture reads a frame in base 16, with and without 0x", async () => {
  for (const frame of ["1011", "0x1011"]) {
    const { code, out } = await runCli(
      ["picture", "a.buddy", "--picture=tree", `--frame=${frame}`],
      { files: FILES },
    );
    assertEquals(code, 0);
    assertStringIncludes(out, "and frame 1011 in it");
  }
});

Deno.test("buddyscope picture draws the map that the scenario names", async () => {
  const { code, out } = await runCli(["picture", "m.buddy", "--picture=memory"], { files: FILES });
  assertEquals(code, 0);
  assert(readSvg(out).some(({ text }) => text.endsWith("; my.map")), out);
});

Deno.test("buddyscope picture refuses what means nothing", async () => {
  const cases: [string[], string][] = [
    [[], "picture needs one file"],
    [["a.buddy", "b.buddy"], "picture needs one file"],
    [["a.buddy", "--picture=tre"], 'it is "tre"; the nearest is "tree"'],
    [["a.buddy", "--picture=heat", "--step=1"], "Option --step means nothing for the picture heat"],
    [["a.buddy", "--frame=1001"], "Option --frame means nothing for the picture metadata"],
    [["a.buddy", "--of=age"], "Option --of means nothing for the picture metadata"],
    [["a.buddy", "--picture=tree", "--frame=xyz"], "must be a frame's number in base 16"],
    [["a.buddy", "--picture=tree", "--frame=99"], "frame 0x99 must be one of an area"],
    [["a.buddy", "--picture=memory"], "a.buddy must have the statement boot"],
    [["a.buddy", "--step=9"], "Option --step must be 0 to 3, the last step of a.buddy, it is 9"],
    [["a.buddy", "--width=300"], "Option --width must be 320 to 2560, it is 300"],
    [["a.buddy", "--edition=head,repaired"], "must name one edition"],
  ];
  for (const [words, message] of cases) {
    const { code, out, err } = await runCli(["picture", ...words], { files: FILES });
    assertEquals([code, out], [2, ""], words.join(" "));
    assertStringIncludes(err, message);
  }
});

Deno.test("buddyscope picture -o says which permission is missing, and that a folder is", async () => {
  const cli = new URL("../src/cli/mod.ts", import.meta.url).href;
  const cases: [string, string, string][] = [
    [
      "--allow-env=A",
      "x.svg",
      'Deno must be allowed to, add --allow-write=x.svg behind "deno run"',
    ],
    ["--allow-write", "no_such_folder/x.svg", "its folder must exist"],
  ];
  for (const [permission, path, reason] of cases) {
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--no-prompt", "--no-check", "--quiet", "--allow-read", permission, cli],
        ...["picture", "coalescing_dead.buddy", "-o", path],
      ],
      cwd: new URL("../examples/", import.meta.url),
      stdin: "null",
    }).output();
    assertEquals(code, 2);
    assertEquals(new TextDecoder().decode(stderr), `Cannot write ${path}: ${reason}\n`);
  }
});
