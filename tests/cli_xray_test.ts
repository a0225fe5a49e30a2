/**
 * The command line around dumps: `run --dump`, `boot --dump`, `xray`, and what they refuse.
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { runCli, runCliWriting } from "./cli_host.ts";

const SCENARIO = [
  "machine arm64 page-size=4K edition=head",
  "area any 0x40000 0x40020",
  "a = alloc_pages 1",
  "b = alloc_page",
  "free_pages b",
].join("\n");

async function dumped(args: readonly string[]): Promise<{ file: Uint8Array; out: string }> {
  const ending = await runCliWriting(["run", "s.buddy", "--dump", "out", ...args], {
    files: { "s.buddy": SCENARIO },
  });
  assertEquals([ending.code, ending.err], [0, ""]);
  return { file: ending.packed["out"] ?? new Uint8Array(), out: ending.out };
}

Deno.test("run --dump writes what xray reads; one damaged byte is named", async () => {
  const { file, out } = await dumped([]);
  assertStringIncludes(out, "out: an ELF core, 144 KiB in 2 ranges\n");
  const sound = await runCli(["xray", "out"], { bytes: { out: file } });
  assertEquals([sound.code, sound.err], [0, ""]);
  assertStringIncludes(sound.out, "no rule is broken");

  file[0x1000 + 0x10] = 0x83; // The state of frame 0x40011, in the block of order 4.
  const damaged = await runCli(["xray", "out", "--show", "map"], { bytes: { out: file } });
  assertEquals([damaged.code, damaged.err], [1, ""]);
  assertEquals(damaged.out.slice(damaged.out.indexOf("1 broken rule")).split("\n"), [
    "1 broken rule",
    "  states agree: 0x40011 has state 0x83, its block at 0x40010 has 0x4",
    "",
    "first corrupt byte  0x40000010",
    "  it is 0x83, it should be 0x04",
    "  it belongs to the page state of 0x40011",
    "  left by a split that did not finish, or the free of one half of the block",
    "",
  ]);
});

Deno.test("xray shows form, architecture, editions and views of a dump", async () => {
  const { file } = await dumped([]);
  const { out } = await runCli(["xray", "out"], { bytes: { out: file } });
  assertEquals(out.split("\n").slice(0, 6), [
    "out  an ELF core, 144 KiB in 2 ranges",
    "  0x40000000..0x4001ffff",
    "  0xfffffffffffe0000..0xfffffffffffe3fff",
    "arm64, little endian, pages of 4 KiB",
    "read as fresh-2021-01; what fits: status-2021-01, flags-2021-01, zero-2021-01, fresh-2021-01,",
    "  repaired",
  ]);
  for (const title of ["\npage map\n", "\nfree lists\n", "\nvmalloc\n"]) {
    assertStringIncludes(out, title);
  }
  assertStringIncludes(out, "area 0: descriptor at 0xfffffffffffe0000, found by its contents\n");
});

Deno.test("xray --json has the areas in the form of the recordings", async () => {
  const { file } = await dumped(["--dump-format", "raw"]);
  const { out, code } = await runCli(["xray", "out", "--json", "--arch", "arm64"], {
    bytes: { out: file },
  });
  const json = JSON.parse(out);
  assertEquals(code, 0);
  assertEquals(json.format, "buddyscope-xray-1");
  assertEquals(json.areas, [{
    area: 0,
    base: 0x40001,
    top: 0x40020,
    states: 0x40000,
    pageStates: [[0x40, 1], [0x81, 2], [2, 4], [3, 8], [4, 16]],
    freelists: { 0: [0x40001], 2: [0x40004], 3: [0x40008], 4: [0x40010] },
    name: "normal",
    descriptor: "0xfffffffffffe0000",
    origin: "worked out",
  }]);
  assertEquals([json.form, json.byteOrder, json.pageSize], ["raw", "little", 4096]);
  assertEquals([json.violations, json.corrupt, json.vmalloc], [[], [], []]);
});

Deno.test("run --dump --step writes the memory after that step", async () => {
  const { file } = await dumped(["--step", "1"]);
  const { out } = await runCli(["xray", "out", "--json"], { bytes: { out: file } });
  assertEquals(JSON.parse(out).areas[0].pageStates, [[0, 1], [1, 2], [2, 4], [3, 8], [4, 16]]);
});

Deno.test("run --dump says where a raw dump begins, and what it does not hold", async () => {
  const { packed, out } = await runCliWriting(
    ["run", "s.buddy", "--dump", "out", "--dump-format", "raw"],
    { files: { "s.buddy": SCENARIO.replace("0x40000 0x40020", "0x1000 0x1020") } },
  );
  assertStringIncludes(out, "out: raw memory, 128 KiB in 1 range\n");
  assertStringIncludes(out, "it begins at 0x1000000: read it with --ram-base 0x1000000\n");
  assertStringIncludes(
    out,
    "it does not hold the memory at 0xfffffffffffe0000: an ELF core would\n",
  );
  const bytes = { out: packed["out"] ?? new Uint8Array() };
  const found = await runCli(["xray", "out", "--ram-base", "0x1000000", "--arch", "arm64"], {
    bytes,
  });
  assertEquals(found.code, 0);
});

Deno.test("run --dump says that an edition without areas has none", async () => {
  const text = "machine arm64 edition=list-2020\narea any 0x1000 0x1020";
  const { out } = await runCliWriting(["run", "s.buddy", "--dump", "out"], {
    files: { "s.buddy": text },
  });
  assertStringIncludes(out, "list-2020 keeps no areas: xray finds nothing in it\n");
});

Deno.test("run --dump holds the memory behind the last step, without what try undid", async () => {
  const settings = { files: { "s.buddy": `${SCENARIO}\ntry free_pages 0x123` } };
  const { packed } = await runCliWriting(["run", "s.buddy", "--dump", "out"], settings);
  assertEquals(packed["out"], (await dumped([])).file);
});

Deno.test("xray shows progress on a terminal only, and not beside --json", async () => {
  const bytes = { out: (await dumped([])).file };
  const look = async (args: string, terminal: "yes" | "no"): Promise<string> =>
    (await runCli(args.split(" "), { bytes, terminal, tick: 20_000 })).err;
  assertStringIncludes(await look("xray out", "yes"), "searched 0 % of 144 KiB");
  assertEquals(await look("xray out", "no"), "");
  assertEquals(await look("xray out --json", "yes"), "");
});

Deno.test("xray says that members do not fit where the descriptors are said to be", async () => {
  const bytes = { out: (await dumped([])).file };
  const wrong = await runCli(["xray", "out", "--descriptor", "0xfffffffffffe0008"], { bytes });
  assertEquals(wrong.code, 1);
  assertStringIncludes(wrong.out, "where you said; its members do not fit each other\n");
  const right = await runCli(["xray", "out", "--descriptor", "0xfffffffffffe0000"], { bytes });
  assertStringIncludes(right.out, "descriptor at 0xfffffffffffe0000, where you said\n");
});

Deno.test("boot --dump writes the memory of a machine that booted", async () => {
  const { packed, code } = await runCliWriting(
    ["boot", "riscv64", "--ram", "128M", "--edition", "head", "--dump", "out"],
  );
  assertEquals(code, 0);
  const bytes = { out: packed["out"] ?? new Uint8Array() };
  const { out } = await runCli(["xray", "out", "--json"], { bytes });
  const json = JSON.parse(out);
  assertEquals([json.arch, json.areas.length, json.corrupt], ["riscv64", 1, []]);
});

Deno.test("xray, run --dump and boot --dump refuse what makes no sense, with exit code 2", async () => {
  const { file } = await dumped([]);
  const settings = {
    files: { "s.buddy": SCENARIO },
    bytes: { out: file, text: Uint8Array.of(65) },
  };
  const cases: ReadonlyArray<readonly [args: string, message: string]> = [
    ["xray", "xray needs a dump of memory"],
    ["xray out out", "xray takes one dump"],
    ["xray out --arch arm65", 'Unknown architecture "arm65"; the nearest is "arm64"'],
    ["xray out --edition list-2021", 'Unknown edition "list-2021"'],
    ["xray out --json --show map", "Option --show must not stand beside --json"],
    ["xray out --ram-base 1x", "Option --ram-base"],
    ["xray out --page-size 8K", "Option --page-size must be"],
    ["xray out --edition list-2020", "out: Cannot look for areas of list-2020"],
    ["xray out --arch s390x", "out: Cannot look at the ELF core of 64 bits as s390x"],
    ["xray out --descriptor 0x40000000", "Cannot find areas at 0x40000000"],
    ["xray nothing", "Cannot read nothing: there is no such file or folder"],
    ["xray text", "text: Cannot find an area of"],
    ["run s.buddy --dump-format raw", "Option --dump-format must stand beside --dump OUT"],
    ["run s.buddy --dump o --edition head,repaired", "Option --dump must stand beside one file"],
    ["run s.buddy --dump s.buddy", "Cannot write s.buddy"],
    ["run s.buddy --dump o --step 9", "Option --step must be 0 to 4"],
    ["boot x86_64 --dump o --edition all", "Option --dump must stand beside one edition"],
  ];
  for (const [args, message] of cases) {
    const ending = await runCli(args.split(" "), settings);
    assertEquals(ending.code, 2, `${args}: ${ending.out}${ending.err}`);
    assert(ending.err.includes(message), `${args}: ${ending.err}`);
  }
});

Deno.test("docs/xray.md shows what the command line prints", async () => {
  const read = (path: string): string =>
    Deno.readTextFileSync(new URL(`../${path}`, import.meta.url));
  const page = read("docs/xray.md");
  const dumpFor = async (path: string, args: readonly string[] = []) => {
    const files = { "state.buddy": read(path) };
    return await runCliWriting(["run", "state.buddy", "--dump", "state.elf", ...args], { files });
  };
  const look = async (file: Uint8Array | undefined, view: string): Promise<string> => {
    const bytes = { "state.elf": file ?? new Uint8Array() };
    return (await runCli(["xray", "state.elf", "--show", view], { bytes })).out;
  };
  const { packed, out } = await dumpFor("examples/read_a_state.buddy");
  assertStringIncludes(page, out.split("\n").slice(-3).join("\n"));
  const file = packed["state.elf"] ?? new Uint8Array();
  assertStringIncludes(page, await look(file, "map"));
  file[0x100f] = 0x83;
  const damaged = await look(file, "map");
  assertStringIncludes(page, damaged.slice(damaged.indexOf("4 broken rules")));

  const guest = await dumpFor("tests/scenarios/follow_malloc_5000.buddy", ["--step", "2"]);
  assertStringIncludes(page, await look(guest.packed["state.elf"], "vmalloc"));

  const head = await dumpFor("examples/coalescing_dead.buddy");
  const unjoined = await look(head.packed["state.elf"], "map");
  assertStringIncludes(page, unjoined.slice(unjoined.indexOf("1 broken rule")));
});
