import { assertEquals, assertThrows } from "@std/assert";
import { ARCHS } from "../arch/mod.ts";
import { parseScenario, runScenario, ScenarioError } from "../src/scenario/mod.ts";

/** Scenarios that use the model wrongly, and what is said. */
const MISUSE: ReadonlyArray<readonly [string, readonly string[], string]> = [
  [
    "names whose call returned nothing",
    ["area any 0x100 0x200", "try p = memalign_pages 3 4K", "free_pages p"],
    'a.buddy:3: Cannot use "p": the name must have a value, and its call did not return one',
  ],
  [
    "areas that are not there",
    ["machine s390x", "alloc_page area=DMA32"],
    'a.buddy:2: Cannot find area "DMA32" on s390x: it must be NORMAL, LOW, DMA31 or areaN; the nearest is "DMA31"',
  ],
  [
    "areas of expectations that are not there",
    ["machine s390x", "expect 0 in area HIGH"],
    'a.buddy:2: Cannot find area "HIGH" on s390x: it must be NORMAL, LOW, DMA31 or areaN',
  ],
  [
    "area numbers beyond a mask",
    ["alloc_page area=area32"],
    'a.buddy:1: Cannot find area "area32" on x86_64: it must be HIGH, NORMAL, LOW, LOWEST, DMA24, DMA32, PAE36 or areaN',
  ],
  [
    "sizes beyond a word",
    ["machine i386", "memalign_pages 4K 4G"],
    "a.buddy:2: Cannot use 0x100000000: the size must fit 32 bits, the width of a word on i386",
  ],
  [
    "addresses beyond a word",
    ["machine arm", "free_pages 0x100000000"],
    "a.buddy:2: Cannot use 0x100000000: the address must fit 32 bits, the width of a word on arm",
  ],
  [
    "values beyond their width",
    ["area any 0x100 0x200", "write 0x110000 0x100 1"],
    "a.buddy:2: Cannot write 0x100 at 0x110000: the value must fit 8 bits",
  ],
  [
    "negative values beyond their width",
    ["area any 0x100 0x200", "write 0x110000 -129 1"],
    "a.buddy:2: Cannot write -0x81 at 0x110000: the value must fit 8 bits",
  ],
  [
    "architectures that are not there",
    ["machine s309x"],
    'a.buddy:1: Cannot make a machine of "s309x": the architecture must be x86_64, i386, arm, arm64, s390x, ppc64, riscv64 or riscv32; the nearest is "s390x"',
  ],
  [
    "page sizes that an architecture does not have",
    ["machine s390x page-size=64K"],
    'a.buddy:1: Cannot make a machine of "64K": the page size of s390x must be 4K',
  ],
];

for (const [what, lines, message] of MISUSE) {
  Deno.test(`runScenario() refuses ${what}`, () => {
    const error = assertThrows(() => {
      const source = parseScenario(lines.join("\n"), { file: "a.buddy" });
      runScenario(source.scenario, { archs: ARCHS, source });
    }, ScenarioError);
    assertEquals(error.message.split("\n"), [message, `  ${lines.at(-1)}`]);
    assertEquals(error.line, lines.length);
  });
}

Deno.test("runScenario() refuses statements that no text says", () => {
  const call = { kind: "call", mode: "run", result: null, call: "boil", args: [] } as const;
  const options = { areas: [], fresh: false, dontzero: false, flags: null };
  assertThrows(
    () => runScenario({ statements: [{ ...call, options }] }, { archs: ARCHS }),
    ScenarioError,
    'scenario:1: Cannot call "boil": there must be such a call',
  );
  const machine = { kind: "machine", arch: "s390x" } as const;
  assertThrows(
    () => runScenario({ statements: [machine, machine] }, { archs: ARCHS }),
    ScenarioError,
    "scenario:2: Cannot make a machine here: it must be the first statement",
  );
  assertThrows(
    () => runScenario({ statements: [{ ...machine, edition: "x" }] }, { archs: ARCHS }),
    ScenarioError,
    'Cannot make a machine of edition "x"',
  );
});
