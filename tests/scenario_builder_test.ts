import { assertEquals, assertThrows } from "@std/assert";
import { ARCHS } from "../arch/mod.ts";
import {
  parseScenario,
  printScenario,
  scenario,
  type ScenarioBuilder,
  ScenarioError,
} from "../src/scenario/mod.ts";

Deno.test("scenario() builds what the text says, statement by statement", () => {
  const built = scenario("ppc64", {
    edition: "head",
    pageSize: 4096n,
    powerOn: { kind: "garbage", seed: 7 },
    areasAddress: 0x10000n,
    byteOrder: "big",
  })
    .area("any", 0x39, 0x8000)
    .pageAllocInitArea(2, 0x9000, 0xa000)
    .let("p").allocPage()
    .let("q").allocPages(260, { areas: ["LOW", "area3"], fresh: true })
    .try().let("r").memalignPages(4096, 5000n, { dontzero: true })
    .allocPages(0, { flags: 0x20000 })
    .freePage("p")
    .try().freePages("q+0x1000")
    .freePages(null)
    .let("s").reservePages(0x1000000n, 16)
    .unreservePages(0x1000000n, 16)
    .write("p", -1, 4)
    .write(0x1000, "q")
    .let("v").read("p-8", 8)
    .read(0)
    .fill("p", 4096, 0xa5)
    .expect("p below 2G")
    .expect({ form: "has-order", subject: { kind: "name", name: "p", offset: 0n }, order: 0 })
    .show("lists")
    .build({ archs: ARCHS });
  const text = [
    "machine ppc64 edition=head page-size=4K power-on=garbage:7 areas=0x10000 byte-order=big",
    "area any 0x39 0x8000",
    "page_alloc_init_area 2 0x9000 0xa000",
    "p = alloc_page",
    "q = alloc_pages 260 area=LOW|area3 fresh",
    "try r = memalign_pages 4K 5000 dontzero",
    "alloc_pages 0 flags=0x20000",
    "free_page p",
    "try free_pages q+0x1000",
    "free_pages NULL",
    "s = reserve_pages 0x1000000 16",
    "unreserve_pages 0x1000000 16",
    "write p -1 4",
    "write 0x1000 q",
    "v = read p-0x8 8",
    "read 0x0",
    "fill p 4K 0xa5",
    "expect p below 0x80000000",
    "expect p has order 0",
    "show lists",
    "",
  ].join("\n");
  assertEquals(printScenario(built.scenario), text);
  assertEquals(built, parseScenario(text));
});

Deno.test("scenario() without an architecture has no machine statement", () => {
  assertEquals(scenario().allocPage().build(), parseScenario("alloc_page"));
});

/** What the builder refuses when it builds, and what it says. */
const WRONG: ReadonlyArray<readonly [string, (begun: ScenarioBuilder) => ScenarioBuilder, string]> =
  [
    [
      "names that are not bound",
      (begun) => begun.freePages("p"),
      'scenario:1:12: Cannot read "p": no result is bound to this name',
    ],
    [
      "words of the language as names",
      (begun) => begun.let("last").allocPage(),
      'scenario:1:1: Cannot read "last": a name must not be a word of the language',
    ],
    [
      "numbers out of range",
      (begun) => begun.allocPages(-1),
      'scenario:1:13: Cannot read "-1": the order must fit 32 bits',
    ],
    [
      "results of calls without one",
      (begun) => begun.let("p").freePages(0),
      'scenario:1:1: Cannot read "p": free_pages gives nothing back that a name could be bound to',
    ],
    [
      "let before try",
      (begun) => begun.let("p").try().allocPage(),
      'scenario:1:5: Cannot read "try": try must stand once, before the name',
    ],
    [
      "a second line in a text",
      (begun) => begun.expect("0 is null\nfree_pages 0"),
      'scenario:1:17: Cannot read "\\u{a}": a line must not hold control characters',
    ],
  ];

for (const [what, begin, message] of WRONG) {
  Deno.test(`ScenarioBuilder refuses ${what}`, () => {
    const error = assertThrows(() => begin(scenario()).build(), ScenarioError);
    assertEquals(error.message.split("\n")[0], message);
  });
}

Deno.test("ScenarioBuilder has the calls of the whole stack, as their text has them", () => {
  const built = scenario("x86_64", { map: "my map.txt", memLimit: 4096n })
    .boot("early").setupVm().boot().smpCpuSetup(1).physAllocShow()
    .let("p").malloc(5000).let("q").calloc(8n, 16).let("r").memalign(64, 8).free("p").free(null)
    .let("v").allocVpage().allocVpages(3).allocVpagesAligned(3, 2).vmap("p+0x10", 4096)
    .installPage(0x1000, "v").virtToPtePhys("v")
    .build();
  assertEquals(printScenario(built.scenario).split("\n"), [
    'machine x86_64 map="my map.txt" memlimit=4096',
    ...["boot early", "setup_vm", "boot", "smp_cpu_setup 1", "phys_alloc_show"],
    ...["p = malloc 5000", "q = calloc 8 16", "r = memalign 64 8", "free p", "free NULL"],
    ...["v = alloc_vpage", "alloc_vpages 3", "alloc_vpages_aligned 3 2", "vmap p+0x10 4K"],
    ...["install_page 0x1000 v", "virt_to_pte_phys v", ""],
  ]);
});

Deno.test("ScenarioBuilder takes one word for one word", () => {
  for (const text of ["", "p q", "p\nq", "p=q", "p#", 'p"', "a|b"]) {
    assertThrows(() => scenario().let(text), TypeError, "it must be one word of the text");
    assertThrows(() => scenario().freePages(text), TypeError);
    assertThrows(() => scenario().allocPage({ areas: [text] }), TypeError);
    assertThrows(() => scenario(text), TypeError);
    assertThrows(() => scenario("s390x", { edition: text }), TypeError);
  }
});

Deno.test("ScenarioBuilder refuses numbers that are not exact", () => {
  for (const number of [0.5, NaN, Infinity, 2 ** 53]) {
    assertThrows(() => scenario().freePages(number), TypeError, "a number must be a safe integer");
  }
});

Deno.test("ScenarioBuilder wants a call behind let and try", () => {
  const message = "a call must follow let and try";
  assertThrows(() => scenario().let("p").show("map"), TypeError, message);
  assertThrows(() => scenario().try().expect("0 is null"), TypeError, message);
  assertThrows(() => scenario().try().build(), TypeError, message);
});
