import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { runCli } from "./cli_host.ts";

const MAP = "0-0x9fbff ram\n0x100000-0x3fffffff ram\n";

/** What upstream's code does with a machine, not what its authors describe. */
const HEAD = ["--edition", "head"];

Deno.test("boot tells its verdict in the first line", async () => {
  const { code, out } = await runCli(["boot", "x86_64", "--map", "m", ...HEAD], {
    files: { m: MAP },
  });
  assertEquals([code, out.split("\n")[0]], [0, "boots, but loses 1 MiB of 1023.6 MiB"]);
});

Deno.test("boot reads a map from standard input", async () => {
  const { code, out } = await runCli(["boot", "x86_64", "--map", "-"], { files: { "-": MAP } });
  assertEquals(code, 0);
  assertStringIncludes(out, "multiboot, image up to 0x105e000, standard input\n");
});

Deno.test("boot without a map boots the recorded guest", async () => {
  const { code, out } = await runCli(["boot", "s390x"]);
  assertEquals([code, out.split("\n")[0]], [0, "boots"]);
});

Deno.test("boot draws blocks on a terminal, and ASCII without colours", async () => {
  const args = ["boot", "i386", "--ram", "3G", ...HEAD];
  const bare = await runCli(args);
  const terminal = await runCli(args, { terminal: "yes" });
  const colourless = await runCli(args, { terminal: "yes", noColor: true });
  const never = await runCli([...args, "--color", "never"], { terminal: "yes" });
  assert(terminal.out.includes("█") && !bare.out.includes("█"));
  assertEquals([colourless.out, never.out], [bare.out, bare.out]);
});

Deno.test("boot exits with 1 if an edition stops", async () => {
  const text = `${MAP}0x50000000-0xafffffff ram\n`;
  const args = ["boot", "x86_64", "--map", "m", "--edition", "head,repaired"];
  const { code, out } = await runCli(args, { files: { m: text } });
  assertEquals(code, 1);
  assertStringIncludes(out, "lib/alloc_page.c:474: assert failed: !(areas_mask & BIT(n))\n");
  assertStringIncludes(out, "begins in line 3 of the map\n");
});

Deno.test("boot takes QEMU's limit for maps of QEMU, or as it is told", async () => {
  const map = `${MAP}0x100000000-0x1ffffffff ram\n`;
  const first = async (text: string, ...more: string[]): Promise<string> => {
    const args = ["boot", "x86_64", "--map", "m", ...HEAD, ...more];
    return (await runCli(args, { files: { m: text } })).out.split("\n")[0] ?? "";
  };
  const used = "boots, but loses 1 MiB of 5.0 GiB";
  const unused = "boots, but loses 4.0 GiB of 5.0 GiB";
  assertEquals(await first(map), used);
  assertEquals(await first(map, "--host", "qemu"), unused);
  assertEquals(await first(`# DMI: QEMU Standard PC\n${map}`), unused);
  assertEquals(await first(map, "--host", "qemu", "--memlimit", "9999999"), used);
});

Deno.test("boot prints JSON and nothing else", async () => {
  const args = ["boot", "arm64", "--ram", "4G", "--edition", "areas-2021-01,head", "--json"];
  const { out } = await runCli(args);
  const { format, verdicts } = JSON.parse(out);
  assertEquals(format, "buddyscope-boot-1");
  const told = verdicts.map(({ end, bytes }: { end: string; bytes: Record<string, string> }) => [
    end,
    bytes["notMapped"],
    bytes["underVmalloc"],
  ]);
  assertEquals(told, [["boots", "0x80000000", "0x0"], ["boots", "0x0", "0x40000000"]]);
});

const REFUSED: readonly (readonly [string, string])[] = [
  ["", "boot needs an architecture"],
  ["x86_65", 'Unknown architecture "x86_65"; the nearest is "x86_64"'],
  ["arm arm64", "boot takes one architecture"],
  ["x86_64 --ram 0", 'Option --ram must be more than 0 and less than 16E, it is "0"'],
  ["x86_64 --ram 1024E", 'Option --ram must be more than 0 and less than 16E, it is "1024E"'],
  [
    "x86_64 --ram 1180591620717411303424",
    'Option --ram must be more than 0 and less than 16E, it is "1180591620717411303424"',
  ],
  [
    "x86_64 --ram 8Q",
    'Option --ram must be a number of bytes, perhaps with K, M, G or T, it is "8Q"',
  ],
  [
    "x86_64 --ram 3M",
    "Cannot boot x86_64: there must be RAM where its image lies, from 0x42a4a0 to 0x105e000",
  ],
  [
    "x86_64 --ram 5000",
    "Cannot lay out 0x1388 bytes of RAM: the size must be a multiple of 0x1000, and at least 0x200000",
  ],
  [
    "arm64 --ram 64T",
    "Cannot boot arm64 with 64 TiB of RAM: it maps page by page, the amount must be at most 1 TiB",
  ],
  ["arm64 --page-size 8K", 'Option --page-size must be 4K, 16K or 64K for arm64, it is "8K"'],
  [
    "x86_64 --ram 1G --machine q53",
    'Option --machine must be pc or q35 for x86_64, it is "q53"; the nearest is "q35"',
  ],
  ["x86_64 --machine q35", "Option --machine needs --ram beside it"],
  ["x86_64 --ram 1G --map m", "Options --map and --ram exclude each other"],
  ["s390x --firmware efi", 'Option --firmware must be sclp for s390x, it is "efi"'],
  ["i386 --memlimit 4", "Option --memlimit means nothing for i386"],
  ["x86_64 --cpus 4", "Option --cpus means nothing for x86_64"],
  ["s390x --cpus 0", "Cannot boot with 0 processors: the number must be from 1 to 4096"],
  ["x86_64 --initrd 5G", "Option --initrd must be at most 4G"],
  [
    "arm64 --firmware efi",
    "Cannot boot arm64 by EFI: the map must have a range of loader code, which holds the image",
  ],
];

for (const [words, message] of REFUSED) {
  Deno.test(`boot ${words} is refused`, async () => {
    const { code, out, err } = await runCli(["boot", ...words.split(" ").filter(Boolean)]);
    assertEquals([code, out, err.split("\n")[0]], [2, "", message]);
  });
}

Deno.test("boot moves the image to where there is RAM, as far as words reach", async () => {
  const told = (name: string, m: string): Promise<{ code: number; out: string; err: string }> =>
    runCli(["boot", name, "--map", "m"], { files: { m } });
  const moved = await told("arm64", "0x80000000-0xbfffffff ram\n");
  assertEquals([moved.code, moved.err], [0, ""]);
  assertStringIncludes(
    moved.out,
    "the image of the recorded guest is moved: it ends at 0x800e0000",
  );
  const high = await told("arm", "0x100000000-0x13fffffff ram\n");
  assertEquals([high.code, high.err.split("\n")[0]], [
    2,
    "m: Cannot boot arm: there must be RAM where its image lies, from 0x400233f0 to 0x40060000",
  ]);
});

Deno.test("boot names the file and the line of a map that cannot be read", async () => {
  const told = async (text: string): Promise<string> => {
    const { code, out, err } = await runCli(["boot", "x86_64", "--map", "m"], {
      files: { m: text },
    });
    assertEquals([code, out], [2, ""]);
    return err;
  };
  assertStringIncludes(await told("no map\n"), "m: Cannot read the memory map: line 1 ");
  assertStringIncludes(
    await told("0-0xfff reserved\n"),
    "m: Cannot read the memory map: line 1 begins a map without RAM",
  );
  assertStringIncludes(
    await told("0-0xfff ram\n5-4 ram\n"),
    "m: Cannot read the memory map: line 2",
  );
  assertStringIncludes(await told("\u0000\u0001\u0002"), "m: Cannot read the memory map: ");
});
