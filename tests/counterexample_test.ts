/** Counterexamples: shortening, words, bytes, and tests in C that a compiler takes. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  type Counterexample,
  counterexampleC,
  counterexampleOf,
  explainCounterexample,
  judgeScenario,
  minimize,
} from "../src/check/mod.ts";
import { parseScenario, printScenario, type Scenario } from "../mod.ts";
import { ARCHS } from "../arch/mod.ts";

function parsed(text: string): Scenario {
  return parseScenario(text, { archs: ARCHS }).scenario;
}

function counterexample(text: string): Counterexample {
  const found = counterexampleOf(parsed(text), { archs: ARCHS });
  assert(found !== null, text);
  return found;
}

const HALF_FRESH = "machine x86_64 edition=head\narea any 0x1003 0x1008\nalloc_pages 1 fresh\n";
const RESERVED = "machine arm64 edition=head\narea any 0x1000 0x1010\nreserve_pages 0x1001000 1\n";
const ABORTS =
  "machine arm64 edition=head\narea any 0x1000 0x1010\na = alloc_pages 1\nfree_pages a\n" +
  "reserve_pages 0x1002000 1\n";

Deno.test("minimize() drops statements with those that use their results, and shrinks areas", () => {
  const scenario = parsed(
    "machine x86_64 edition=head power-on=garbage\narea any 0x2340 0x2390\nq = alloc_pages 2\n" +
      "r = alloc_pages 0 dontzero\nfree_pages q\nreserve_pages 0x2347000 3\nfree_pages r\n",
  );
  const rule = "listed blocks are usable";
  const shortest = minimize(scenario, (candidate) => {
    const seen = judgeScenario(candidate, { archs: ARCHS });
    return seen.some(({ symptom }) => symptom.rule === rule);
  });
  assertEquals(
    printScenario(shortest),
    "machine x86_64 edition=head\narea any 0x1000 0x1005\nreserve_pages 0x1001000 1\n",
  );
});

Deno.test("minimize() leaves a scenario alone that shows nothing without all of it", () => {
  const scenario = parsed("area any 0x1000 0x1005\na = alloc_pages 0\nfree_pages a\n");
  const text = printScenario(scenario);
  assertEquals(printScenario(minimize(scenario, (one) => printScenario(one) === text)), text);
});

Deno.test("minimize() does not use up a name before its block is there", () => {
  const scenario = parsed(
    "a = alloc_page\nb = alloc_page\nfree_page a\na = alloc_page\nfree_page a\n",
  );
  const last = minimize(scenario, ({ statements }) => {
    return statements.filter((one) => one.kind === "call" && one.call === "free_page").length === 1;
  });
  assertEquals(printScenario(last), "a = alloc_page\nfree_page a\n");
});

Deno.test("counterexampleOf() knows rule, step, states, bytes and editions", () => {
  const found = counterexample(RESERVED);
  assertEquals(found.symptom, {
    rule: "listed blocks are usable",
    call: "reserve_pages",
    stop: null,
  });
  assertEquals([found.step, found.statement], [2, "reserve_pages 0x1001000 1"]);
  assertEquals(found.changes, [{
    address: 0x1000000n,
    unitBytes: 1,
    count: 1,
    before: 0n,
    after: 0xc0n,
    place: "page-states",
    frame: 0x1001,
  }]);
  assertEquals(found.editions.at(-1), "fresh-2021-01");
  assertEquals(found.editions[0], "rfc-2020-08");
  assertEquals(found.before[0]?.states[0], { state: 0, count: 1 });
  assertEquals(found.after[0]?.states[0], { state: 0xc0, count: 1 });
});

Deno.test("counterexampleOf() gives null for a scenario that breaks no rule", () => {
  const scenario = parsed(RESERVED.replace("=head", "=repaired"));
  assertEquals(counterexampleOf(scenario, { archs: ARCHS }), null);
});

Deno.test("explainCounterexample() names rule, step, bytes, upstream's line and editions", () => {
  assertEquals(explainCounterexample(counterexample(RESERVED)), [
    'The rule "listed blocks are usable" is broken. What stands on a free list is the first frame of',
    "a usable block.",
    "Step 2 is reserve_pages 0x1001000 1. The call returns, and then 0x1001 is special and stands on",
    "the list of order 0 of area 0.",
    "The scenario breaks the rule since reserve-2020-10 (34c95065), and before in rfc-2020-08.",
    "Edition repaired keeps the rule.",
    "What the step changes in memory:",
    "  0x1000000  00 → c0  page state of 0x1001: fresh, order 0 → special, order 0",
  ]);
  const stopped = explainCounterexample(counterexample(ABORTS)).join(" ");
  assertStringIncludes(
    stopped,
    "It ends in lib/alloc_page.c:108: assert failed: IS_USABLE(metadata)",
  );
  assertStringIncludes(stopped, "since status-2021-01 (dbad82e3)");
  const rule = "special pages are never handed out";
  const handedOut = counterexampleOf(parsed(`${RESERVED}alloc_pages 0\n`), { archs: ARCHS }, {
    rule,
    call: "alloc_pages",
    stop: null,
  });
  assert(handedOut !== null);
  assertStringIncludes(
    explainCounterexample(handedOut).join(" "),
    "It probably follows from: listed blocks are usable, after reserve_pages.",
  );
});

Deno.test("counterexampleC() makes the calls and checks what C can see", () => {
  const text = counterexampleC(counterexample(HALF_FRESH));
  assertStringIncludes(
    text,
    "static void test_a_block_handed_out_has_the_size_and_alignment_asked_for",
  );
  assertStringIncludes(text, "\tblock0 = alloc_pages_flags(1, FLAG_FRESH);\n");
  assertStringIncludes(text, "((uintptr_t)block0 & ((PAGE_SIZE << 1) - 1)) == 0");
  assertStringIncludes(text, "nobody else gets its pages");
  const reserved = counterexampleC(counterexample(RESERVED));
  assertStringIncludes(reserved, "const phys_addr_t base = 0x42000000;");
  assertStringIncludes(reserved, "report(!reserve_pages(base + 0x1000, 1), ");
});

/** What upstream's headers declare, as far as the tests use it. */
const STUBS = `#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
typedef uint64_t phys_addr_t;
#define PAGE_SIZE 4096ul
#define BIT(n) (1ul << (n))
#define AREA_ANY 0
#define AREA_ANY_NUMBER 0xff
#define AREA_LOW 4
#define FLAG_DONTZERO 0x10000
#define FLAG_FRESH 0x20000
void report(bool pass, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void *alloc_pages_flags(unsigned int order, unsigned int flags);
void *memalign_pages_flags(size_t alignment, size_t size, unsigned int flags);
void free_pages(void *mem);
int reserve_pages(phys_addr_t addr, size_t npages);
void unreserve_pages(phys_addr_t addr, size_t npages);
void page_alloc_init_area(uint8_t n, phys_addr_t base_pfn, phys_addr_t top_pfn);
void *memset(void *s, int c, size_t n);
void *malloc(size_t size);
void free(void *p);
phys_addr_t virt_to_phys(volatile void *address);
`;

/** What the compiler says; null where there is none. */
async function compilerSays(code: string): Promise<string | null> {
  try {
    const flags = ["-fsyntax-only", "-Wall", "-Werror", "-Wno-unused-function", "-xc", "-"];
    const child = new Deno.Command("gcc", {
      args: [...flags],
      stdin: "piped",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(`${STUBS}\n${code}`));
    await writer.close();
    return new TextDecoder().decode((await child.output()).stderr);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

const FOR_C = [
  HALF_FRESH,
  RESERVED,
  ABORTS,
  "machine x86_64 edition=head\narea any 0x1000 0x1005\nalloc_pages 256 area=LOW|area3\n",
  "machine x86_64 edition=status-2021-01\narea any 0x1000 0x1010\nmemalign_pages 1 0x4000\n",
  "machine x86_64 edition=head\narea any 0x1000 0x1010\na = alloc_pages 0\nfill a 0x100 0x5a\n" +
  "reserve_pages 0x1002000 1\nunreserve_pages 0x1002000 1\nfree_pages NULL\n",
  "machine x86_64 edition=head\narea any 0x1000 0x1005\narea any 0x1010 0x1020\n",
  "machine i386 edition=head\nboot\na = malloc 8\nfree a\n",
];

Deno.test("counterexampleC() writes C that a compiler takes, in lines that are not too long", async () => {
  for (const scenario of FOR_C) {
    const code = counterexampleC(counterexample(scenario));
    const says = await compilerSays(code);
    assertEquals(says ?? "", "", code);
    const long = code.split("\n").filter((line) => line.replaceAll("\t", "        ").length > 100);
    assertEquals(long, []);
  }
});
