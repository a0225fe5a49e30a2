import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { ARCHS } from "../arch/mod.ts";
import {
  CALLS,
  parseScenario,
  printScenario,
  type Statement,
  usageOf,
} from "../src/scenario/mod.ts";
import { SCENARIO } from "./scenario_arbitrary.ts";

/** The statements of a text. */
function read(...lines: readonly string[]): readonly Statement[] {
  return parseScenario(lines.join("\n")).scenario.statements;
}

/** A text as it is written after reading. */
function rewritten(...lines: readonly string[]): string[] {
  return printScenario({ statements: read(...lines) }).split("\n").slice(0, -1);
}

/** Lines that are written exactly as they are read; `p` and `q` are bound before. */
const CANONICAL = [
  "alloc_page",
  "try alloc_page",
  "try p = alloc_page",
  "p = alloc_page area=LOW|DMA24|area3 dontzero fresh",
  "alloc_pages 260",
  "alloc_pages 4294967295 flags=0x30001",
  "memalign_pages 4K 5000 fresh",
  "memalign_pages 2G 16T",
  "memalign_pages 0 0xffffffffffffffff",
  "free_page p",
  "free_pages NULL",
  "free_pages p+0x1000",
  "free_pages p-0x1",
  "free_pages 0xffffffffffffffff",
  "r = reserve_pages 0x1000000 16",
  "unreserve_pages q 0",
  "area any 0x39 0x8000",
  "area 254 0x0 0xfffffffffffff",
  "page_alloc_init_area 2 0x100 0x200",
  "boot",
  "boot early",
  "setup_vm",
  "r = smp_cpu_setup 1",
  "phys_alloc_show",
  "r = malloc 5000",
  "r = calloc 8 4K",
  "r = memalign 64 4K",
  "free p",
  "free NULL",
  "v = alloc_vpage",
  "v = alloc_vpages 3",
  "v = alloc_vpages_aligned 3 2",
  "v = vmap p+0x10 8K",
  "install_page 0x1000 q-0x1000",
  "r = virt_to_pte_phys q",
  "write p 7",
  "write p+0x8 -1 4",
  "write 0x0 0x7e57c0de 8",
  "write p q",
  "v = read p 1",
  "read NULL",
  "fill p 4K 0xa5",
  "expect p == q",
  "expect p != NULL",
  "expect p below 0x80000000",
  "expect p at 0x1000",
  "expect p+0x8 above q-0x8",
  "expect p is null",
  "expect p aligned to 2M",
  "expect p in area LOW",
  "expect p has order 3",
  "expect p has status special",
  "expect last returns 0",
  "expect last returns -1",
  "expect last returns NULL",
  "expect last returns nothing",
  'expect last asserts "lib/alloc_page.c:108: \\"x\\" \\\\ # | = != <b>"',
  "expect last faults",
  "expect last faults at p+0x10",
  "expect last is undefined",
  "expect free pages == 100",
  "expect free pages == 0 in area area1",
  "expect free blocks == 1 of order 10",
  "expect free blocks == 2 of order 0 in area DMA31",
  "expect bytes p+0x8 are 00 0f ff",
  "show map",
  "show touched",
];

const BOUND = ["p = alloc_page", "q = alloc_page"];

for (const line of CANONICAL) {
  Deno.test(`parseScenario() and printScenario() keep "${line}"`, () => {
    assertEquals(rewritten(...BOUND, line), [...BOUND, line]);
  });
}

Deno.test("parseScenario(printScenario(s)) equals s", () => {
  fc.assert(
    fc.property(SCENARIO, (scenario) => {
      assertEquals(parseScenario(printScenario(scenario)).scenario, scenario);
    }),
    { seed: 20201002, numRuns: 500 },
  );
});

Deno.test("parseScenario() reads machine statements", () => {
  for (
    const line of [
      "machine s390x",
      "machine x86_64 edition=head",
      "machine x86_64 edition=01d8952b",
      "machine arm64 page-size=64K power-on=zero",
      "machine ppc64 power-on=garbage:4294967295 byte-order=big",
      "machine i386 areas=0x10000",
    ]
  ) {
    assertEquals(rewritten(line), [line]);
    assertEquals(parseScenario(line, { archs: ARCHS }).lines, [1]);
  }
  assertEquals(rewritten("machine s390x power-on=garbage"), ["machine s390x power-on=garbage:0"]);
});

Deno.test("parseScenario() takes other spellings", () => {
  const spellings: ReadonlyArray<readonly [string, string]> = [
    ["free_pages null", "free_pages NULL"],
    ["free_pages 4096", "free_pages 0x1000"],
    ["free_pages 0X1000", "free_pages 0x1000"],
    ["free_pages 4K", "free_pages 0x1000"],
    ["free_pages p+1M", "free_pages p+0x100000"],
    ["free_pages p+0", "free_pages p"],
    ["expect p below 2G", "expect p below 0x80000000"],
    ["expect last returns null", "expect last returns NULL"],
    ["alloc_page flags=3", "alloc_page flags=0x3"],
    ["alloc_page fresh area = LOW | NORMAL dontzero", "alloc_page area=LOW|NORMAL dontzero fresh"],
    ["alloc_pages fresh 3", "alloc_pages 3 fresh"],
    ["area 255 256 512", "area any 0x100 0x200"],
    ["\tx=alloc_pages\t0x3# text", "x = alloc_pages 3"],
    ["expect bytes p are FF aB", "expect bytes p are ff ab"],
    ["  free_pages p   \r", "free_pages p"],
  ];
  for (const [spelling, canonical] of spellings) {
    assertEquals(rewritten(...BOUND, spelling), [...BOUND, canonical]);
  }
});

Deno.test("parseScenario() skips comments and blank lines, and counts them", () => {
  const { scenario, lines, file } = parseScenario(
    '\ufeff# head\r\n\r\nalloc_page # one\r\n   \nexpect last asserts "#" # two',
    { file: "a.buddy" },
  );
  assertEquals(scenario.statements.length, 2);
  assertEquals(lines, [3, 5]);
  assertEquals(file, "a.buddy");
});

Deno.test("parseScenario() reads nothing from nothing", () => {
  assertEquals(read(""), []);
  assertEquals(read("# only a comment"), []);
  assertEquals(printScenario({ statements: [] }), "");
});

Deno.test("parseScenario() lets names be bound again, and be called like areas", () => {
  assertEquals(
    rewritten("LOW = alloc_page area=LOW", "LOW = alloc_page", "free_page LOW").length,
    3,
  );
});

Deno.test("usageOf() shows each call's parameters", () => {
  assertEquals(CALLS.map(usageOf), [
    "boot [early]",
    "setup_vm",
    "smp_cpu_setup CPU",
    "phys_alloc_show",
    "area AREA FIRST TOP",
    "page_alloc_init_area AREA FIRST TOP",
    "alloc_page",
    "alloc_pages ORDER",
    "memalign_pages ALIGNMENT SIZE",
    "free_page ADDRESS",
    "free_pages ADDRESS",
    "reserve_pages ADDRESS COUNT",
    "unreserve_pages ADDRESS COUNT",
    "malloc SIZE",
    "calloc NUMBER SIZE",
    "memalign ALIGNMENT SIZE",
    "free ADDRESS",
    "alloc_vpage",
    "alloc_vpages COUNT",
    "alloc_vpages_aligned COUNT ORDER",
    "vmap PHYSICAL SIZE",
    "install_page PHYSICAL ADDRESS",
    "virt_to_pte_phys ADDRESS",
    "write ADDRESS VALUE [BYTES]",
    "read ADDRESS [BYTES]",
    "fill ADDRESS LENGTH BYTE",
    "host discard ADDRESS COUNT",
    "host balloon COUNT",
    "host report-free-pages ORDER [in-place]",
    "host mark stable ADDRESS COUNT",
    "host mark unused ADDRESS COUNT",
    "host mark potentially-volatile ADDRESS COUNT",
    "host reclaim",
    "host verify-poison",
    "host after-free report-free-pages ORDER [in-place]",
    "host after-free reclaim",
    "host after-free balloon COUNT",
    "host after-free verify-poison",
    "host every N report-free-pages ORDER [in-place]",
    "host every N reclaim",
    "host every N balloon COUNT",
    "host every N verify-poison",
    "host cma [faults]",
    "host poison BYTE [late]",
    "host init-on-free [late]",
    "host init-on-alloc",
    "host off",
  ]);
});
