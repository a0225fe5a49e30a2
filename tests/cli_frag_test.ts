import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { runCli } from "./cli_host.ts";

/** The published pair of 2018: one zone whose memory is in pieces. */
const BUDDYINFO = "Node 0, zone      DMA   1983      0      0      0      0      0      0      0 " +
  "     0      0      0 \n";
const EXTFRAG = "Node 0, zone      DMA -1.000  0.500  0.750  0.875  0.937  0.969  0.984  0.992 " +
  " 0.996  0.998  0.999 \n";

Deno.test("frag shows a zone's free pages, its largest block and the indices of each order", async () => {
  const files = { "buddyinfo": "Node 0, zone Normal 3 1 1\n" };
  const { code, out, err } = await runCli(["frag", "buddyinfo"], { files });
  assertEquals([code, err], [0, ""]);
  assertEquals(out.split("\n"), [
    "buddyinfo",
    "",
    "node 0  zone Normal  buddyinfo",
    "free           9 pages, 36 KiB",
    "largest block  order 2, 16 KiB",
    "huge pages     0.0 % of it is in blocks of 2 MiB and above",
    "",
    "order      size  blocks   extfrag  unusable    usable   share of free memory",
    "    0     4 KiB       3    -1.000     0.000     1.000   ##########",
    "    1     8 KiB       1    -1.000     0.333     0.666   #######",
    "    2    16 KiB       1    -1.000     0.555     0.444   #############",
    "",
  ]);
});

Deno.test("frag compares printed indices with those of the counts, across files", async () => {
  const files = { "buddyinfo": BUDDYINFO, "extfrag_index": EXTFRAG };
  const same = await runCli(["frag", "buddyinfo", "extfrag_index"], { files });
  assertStringIncludes(same.out, "\nprinted indices: all 11 are what the counts give\n");
  assertStringIncludes(
    same.out,
    "    4   0.937   ############################  fails: memory is in",
  );
  const wrong = { ...files, "extfrag_index": EXTFRAG.replace("0.937", "0.938") };
  const other = await runCli(["frag", "buddyinfo", "extfrag_index"], { files: wrong });
  assertEquals(other.code, 0);
  assertStringIncludes(
    other.out,
    "1 of 11 printed indices are not what the counts give: were both read at the same time?\n" +
      "  node 0 zone DMA, extfrag_index, order 4: 0.938 is printed, the counts give 0.937\n",
  );
});

Deno.test("frag --json has the tables, their indices, and what was compared", async () => {
  const files = { "both": BUDDYINFO + EXTFRAG };
  const { code, out } = await runCli(["frag", "both", "--json", "--page-size=64K"], { files });
  assertEquals(code, 0);
  const report = JSON.parse(out);
  assertEquals([report.pageSize, report.hugePageOrder], [65536, 13]);
  const [{ file, tables }] = report.files;
  assertEquals([file, tables.length], ["both", 2]);
  const [zone] = tables[0].zones;
  assertEquals([zone.freePages, zone.largestOrder, zone.shareInHugePages], [1983, 0, 0]);
  assertEquals(zone.indices[10], { order: 10, external: 999, unusable: 1000, share: 0 });
  assertEquals(tables[1].rows[0].indices[4], 937);
  assertEquals(report.printedIndices, { compared: 11, differences: [] });
});

Deno.test("frag draws bars of blocks on a terminal only, and none with NO_COLOR", async () => {
  const files = { "-": BUDDYINFO };
  const drawn = await runCli(["frag", "-"], { files, terminal: "yes" });
  assertStringIncludes(drawn.out, "█████");
  const plain = await runCli(["frag", "-"], { files, terminal: "yes", noColor: true });
  for (const drawing of ["█", "\x1b"]) assert(!plain.out.includes(drawing));
  assertEquals(plain.out, (await runCli(["frag", "-"], { files })).out);
  assertStringIncludes(plain.out, "standard input\n");
});

Deno.test("frag tells the file and the line that cannot be read, and goes on with the others", async () => {
  const files = { "bad": "Node 0, zone DMA 1 2\nNode 0, zone Normal 1\n", "good": BUDDYINFO };
  const { code, out, err } = await runCli(["frag", "bad", "good"], { files });
  assertEquals(code, 2);
  assertEquals(
    err,
    "bad: Cannot read line 2: a row must have 2 counts, one for each order, as those above it, " +
      "it has 1\n",
  );
  assertStringIncludes(out, "good\n\nnode 0  zone DMA  buddyinfo\n");
  const none = await runCli(["frag", "bad"], { files });
  assertEquals([none.code, none.out], [2, ""]);
});

Deno.test("frag says what reads a file that it cannot read", async () => {
  const bytes = {
    gz: new Uint8Array([0x1f, 0x8b, 8, 0, 61, 201]),
    wide: new Uint8Array([0xff, 0xfe, ...[...BUDDYINFO].flatMap((one) => [one.charCodeAt(0), 0])]),
  };
  const files = { trace: "sh-7 [001] 12.5: mm_page_alloc: page=0x1 pfn=1 order=0\n" };
  for (const name of ["gz", "wide"]) {
    const { code, err } = await runCli(["frag", name], { bytes });
    assertEquals(code, 2);
    assertStringIncludes(
      err,
      `${name}: Cannot read the file: it must be text in UTF-8; \`gzip -dc`,
    );
  }
  const { code, err } = await runCli(["frag", "trace"], { files });
  assertEquals(code, 2);
  assertStringIncludes(err, "it is a trace; `buddyscope replay FILE --show fragmentation` runs it");
});

Deno.test("frag refuses what it is not given, and page sizes that no machine has", async () => {
  for (
    const [args, message] of [
      [[], "frag needs a file, or - for standard input"],
      [["x", "--page-size=5000"], "Option --page-size must be a power of two from 4K to 1M"],
    ] as const
  ) {
    const { code, err } = await runCli(["frag", ...args], { files: { "x": BUDDYINFO } });
    assertEquals(code, 2);
    assertStringIncludes(err, message);
  }
});

Deno.test("run --show and replay --show tell fragmentation and buddyinfo of a state", async () => {
  const files = {
    "s.buddy": "machine x86_64 edition=head\narea any 0x1000 0x1100\na = alloc_page\n",
    "t.txt": "buddyscope-trace 1\narch x86_64\narea any 0x1000 0x1100\na 0\n",
  };
  const buddyinfo =
    "Node 0, zone      low      0      1      1      1      1      1      1      1 ";
  for (const args of [["run", "s.buddy"], ["replay", "t.txt", "--edition=head"]]) {
    const { code, out } = await runCli([...args, "--show=fragmentation,buddyinfo"], { files });
    assertEquals(code, 0);
    assertStringIncludes(out, "254 pages, 1016 KiB\nlargest block  order 7, 512 KiB\n");
    assertStringIncludes(out, "    7   512 KiB       1    -1.000     0.496     0.503   #####");
    assertStringIncludes(out, buddyinfo);
  }
});
