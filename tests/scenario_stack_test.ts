import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { ARCHS } from "../arch/mod.ts";
import {
  type Machine,
  parseScenario,
  physAllocShow,
  type Run,
  runScenario,
  ScenarioError,
  type Step,
} from "../mod.ts";
import { printPhys, printTables, printVmalloc } from "../src/report/mod.ts";

function runText(lines: readonly string[], maps: Readonly<Record<string, string>> = {}): Run {
  const parsed = parseScenario(lines.join("\n"), { file: "a.buddy", archs: ARCHS });
  const mapTexts = new Map(Object.entries(maps));
  return runScenario(parsed.scenario, { archs: ARCHS, source: parsed, mapTexts });
}

function failureOf(lines: readonly string[], maps: Readonly<Record<string, string>> = {}): string {
  const error = assertThrows(() => runText(lines, maps), ScenarioError);
  return error.message.split("\n")[0] ?? "";
}

function endOf(run: Run): Machine {
  return run.machineAfter(run.steps.length - 1);
}

function stepAt(run: Run, index: number): Step {
  const step = run.steps[index];
  if (step === undefined) throw new RangeError(`Cannot find step ${index}: the run must have it`);
  return step;
}

/** Everything of a machine that its calls can see. */
function stateOf(machine: Machine): unknown {
  const { vmalloc, ops, early, platform } = machine;
  const bytes = machine.ram.map.ranges.map(({ first, size }) => machine.ram.peekRuns(first, size));
  const areas = machine.pages.areas();
  return { areas, bytes, vmalloc, ops, phys: physAllocShow(early), platform };
}

/** Upstream's code as it is, on a machine that a scenario gets where it names none. */
const HEAD = "machine x86_64 edition=head";

/** Guests by the amount of RAM, with the roots of their page tables as recorded. */
const ROOTS: ReadonlyArray<readonly [machine: string, root: bigint]> = [
  ["x86_64 ram=32M", 0x105f000n],
  ["x86_64 ram=3G", 0x111d000n],
  ["x86_64 ram=8G", 0x111d000n],
  ["x86_64 ram=70G memlimit=1048576", 0xbfede000n],
  ["i386 ram=512M", 0x1076000n],
  ["arm ram=512M", 0x40180000n],
  ["arm64 ram=512M", 0x40200000n],
  ["arm64 ram=512M page-size=64K", 0x401f0000n],
  ["s390x ram=1G", 0xa0000n],
  ["s390x ram=3G cpus=2", 0x80044000n],
  ["ppc64 ram=1G", 0x4a0000n],
  ["riscv64 ram=1G", 0x8028d000n],
  ["riscv32 ram=2G", 0x80483000n],
];

for (const [machine, root] of ROOTS) {
  Deno.test(`runScenario() boots ${machine} to the recorded root`, () => {
    const run = runText([`machine ${machine} edition=head`, "boot"]);
    assertEquals(run.stoppedAt, null);
    assertEquals(endOf(run).vmalloc.pageRoot, root);
  });
}

const E820 = [
  "BIOS-e820: [mem 0x0000000000000000-0x000000000009fbff] usable",
  "BIOS-e820: [mem 0x0000000000100000-0x00000000bffdffff] usable",
  "BIOS-e820: [mem 0x0000000100000000-0x00000001ffffffff] usable",
].join("\n");

Deno.test("map= gives a machine the ranges of the text, and nothing limits its high memory", () => {
  const run = runText(["machine x86_64 map=dmesg.txt edition=head", "boot"], { "dmesg.txt": E820 });
  assertEquals(endOf(run).pages.areas().map(({ area, top }) => [area, top]), [
    [1, 0x200000],
    [2, 0xbfee0],
  ]);
  const limited = ["machine x86_64 map=dmesg.txt memlimit=1024 edition=head", "boot"];
  assertEquals(endOf(runText(limited, { "dmesg.txt": E820 })).pages.areas().length, 1);
});

Deno.test("map= with an EFI map makes an EFI guest", () => {
  const map = [
    "efi: mem00: [Loader Data        |   |  ] range=[0x0000000000000000-0x00000000014fffff] (21MB)",
    "efi: mem01: [Conventional Memory|   |  ] range=[0x0000000001500000-0x000000000bb74fff] (166MB)",
  ].join("\n");
  const machine = endOf(
    runText(["machine x86_64 map=efi.txt edition=head", "boot"], { "efi.txt": map }),
  );
  assertEquals(machine.platform?.inputs.firmware, "efi");
  assertEquals(machine.vmalloc.pageRoot, 0xbb74000n);
});

Deno.test("map= names what is wrong: no text, no map, no memory where the image lies", () => {
  const machine = "machine x86_64 map=a.txt edition=head";
  assertEquals(
    failureOf([machine]),
    'a.buddy:1: Cannot read the memory map "a.txt": its text must be given with the scenario',
  );
  assertStringIncludes(
    failureOf([machine], { "a.txt": "hello" }),
    "a.buddy:1: Cannot read the memory",
  );
  assertStringIncludes(
    failureOf([machine], { "a.txt": "0x10000000-0x20000000 ram" }),
    "the area descriptors at 0x42a4a0 must lie in memory",
  );
});

Deno.test("ram= names what QEMU cannot lay out", () => {
  assertStringIncludes(
    failureOf(["machine x86_64 ram=4K"]),
    "a.buddy:1: Cannot lay out 0x1000 bytes of RAM",
  );
});

Deno.test("area is refused where the machine has its memory, and the way out is named", () => {
  const message =
    "Cannot declare RAM at frame 0x100: the machine has the memory that ram=, map= or " +
    "boot give it, hand frames of it over with page_alloc_init_area";
  assertEquals(
    failureOf(["machine x86_64 ram=64M", "area any 0x100 0x200"]),
    `a.buddy:2: ${message}`,
  );
  assertEquals(failureOf(["area any 0x100 0x200", "boot"]), `a.buddy:1: ${message}`);
  const run = runText(["machine s390x ram=64M", "page_alloc_init_area any 0x1000 0x2000"]);
  assertEquals(endOf(run).pages.areas().map(({ metadata, top }) => [metadata, top]), [
    [0x1000, 0x2000],
  ]);
});

Deno.test("calls that need boot say so, and boot runs once", () => {
  assertEquals(
    failureOf(["setup_vm"]),
    "a.buddy:1: Cannot set up vmalloc: the machine did not boot, boot it first",
  );
  for (const call of ["vmap 0x1000 4K", "install_page 0x1000 0x2000", "virt_to_pte_phys 0x1000"]) {
    assertStringIncludes(failureOf([call]), "there must be page tables, boot first");
  }
  assertEquals(
    failureOf(["boot early", "boot"]),
    "a.buddy:2: Cannot boot the machine: it has booted already",
  );
});

Deno.test("malloc on a machine that did not boot has no memory", () => {
  const run = runText([HEAD, "malloc 8", 'expect last asserts "lib/alloc_phys.c"']);
  assertEquals(run.expectations.map(({ held }) => held), ["yes"]);
});

for (const { name } of ARCHS) {
  Deno.test(`boot early and setup_vm do on ${name} what boot does, and setup_vm does nothing twice`, () => {
    const whole = endOf(runText([`machine ${name} edition=head`, "boot"]));
    const parts = endOf(
      runText([`machine ${name} edition=head`, "boot early", "setup_vm", "setup_vm"]),
    );
    assertEquals(stateOf(parts), stateOf(whole));
  });

  Deno.test(`machineAfter() steps back through the calls of the whole stack on ${name}`, () => {
    const lines = [
      `machine ${name} edition=head`,
      ...["boot", "p = malloc 8", "q = memalign 8K 70000", "v = vmap p 4K", "free q"],
      ...["w = alloc_vpage", "install_page p w", "fill q 64 0xa5", "x = calloc 3 5", "try free q"],
    ];
    const run = runText(lines);
    for (const step of [10, 3, 7, 2]) {
      const fresh = endOf(runText(lines.slice(0, step + 1)));
      assertEquals(stateOf(run.machineAfter(step)), stateOf(fresh));
    }
  });

  Deno.test(`expect follows the page tables of ${name}, and touches nothing`, () => {
    const lines = [
      `machine ${name} edition=head`,
      "boot",
      "p = malloc 70000",
      "write p 0x5a 1",
      "fill p+0x4000 2 0xa5",
      "expect bytes p are 5a 00",
      "expect bytes p+0x4000 are a5 a5 00",
      "expect p has status allocated",
    ];
    const run = runText(lines);
    assertEquals(run.expectations.map(({ held }) => held), ["yes", "yes", "yes"]);
    assertEquals(stateOf(run.machineAfter(7)), stateOf(run.machineAfter(4)));
  });
}

Deno.test("free is nothing while the early allocator serves malloc, and phys_alloc_show prints", () => {
  const run = runText([HEAD, "boot early", "p = malloc 100", "free p", "phys_alloc_show"]);
  const lines = [
    "phys_alloc minimum alignment: 0",
    "000000000105e000-000000000105e063 [USED]",
    "000000000105e064-0000000007edffff [FREE]",
  ];
  assertEquals(stepAt(run, 4).printed, lines);
  assertEquals(printPhys(endOf(run)), `${lines.join("\n")}\n`);
});

Deno.test("smp_cpu_setup takes a lowcore below 2 GiB and a stack, once for each processor", () => {
  const run = runText([
    "machine s390x ram=3G cpus=2 edition=head",
    ...["boot", "write 0x10 0x1122334455667788", "a = smp_cpu_setup 1", "b = smp_cpu_setup 1"],
    ...["expect a == 0", "expect b == -1"],
  ]);
  assertEquals(run.expectations.map(({ held }) => held), ["yes", "yes"]);
  const blocks = stepAt(run, 3).events.flatMap((event) => {
    const isTaken = event.kind === "state" && event.state >= 0x80;
    return isTaken ? [[Number(event.pfn), Number(event.count)]] : [];
  });
  const [[lowcore = 0] = [], [stack = 0] = []] = blocks;
  assertEquals(blocks.map(([, count]) => count), [2, 4]);
  assert(lowcore < 0x80000 && stack >= 0x80000, `lowcore ${lowcore}, stack ${stack}`);
  const copied = `expect bytes 0x${lowcore.toString(16)}010 are 11 22 33 44 55 66 77 88`;
  const again = runText([
    "machine s390x ram=3G cpus=2 edition=head",
    ...["boot", "write 0x10 0x1122334455667788", "smp_cpu_setup 1", copied],
  ]);
  assertEquals(again.expectations.map(({ held }) => held), ["yes"]);
});

Deno.test("smp_cpu_setup is refused for a processor that the machine does not have", () => {
  const message = "Cannot set up processor 2: its number must be from 1 to one less than cpus=, " +
    "which is 2";
  const lines = ["machine s390x cpus=2", "boot", "smp_cpu_setup 2"];
  assertEquals(failureOf(lines), `a.buddy:3: ${message}`);
  assertStringIncludes(failureOf(["machine s390x", "smp_cpu_setup 1"]), "must have booted");
});

Deno.test("calls that an architecture or an edition does not have are recorded as such", () => {
  const run = runText([HEAD, "boot", "smp_cpu_setup 1", "p = malloc 8"]);
  assertEquals(stepAt(run, 2).outcome, { kind: "not-run", why: "no-such-call" });
  assertEquals(stepAt(run, 3).outcome.kind, "returned");
  const old = runText([
    "machine ppc64 edition=zero-2021-01",
    ...["boot", "p = malloc 8", "setup_vm", "v = alloc_vpage", "free p"],
  ]);
  assertEquals(old.steps.slice(1).map(({ outcome }) => outcome.kind), [
    ...["returned", "returned", "not-run", "not-run", "returned"],
  ]);
});

Deno.test("the views of a machine that did not boot are short", () => {
  const bare = endOf(runText(["area any 0x100 0x200"]));
  assertEquals(printTables(bare), "no page tables\n");
  assertEquals(
    printVmalloc(bare).split("\n")[0],
    [
      "vfree_top 0x0, 0 pages taken below the end of the address space",
    ][0],
  );
  for (const { name } of ARCHS) {
    const early = endOf(runText([`machine ${name} edition=head`, "boot early"]));
    assertStringIncludes(printVmalloc(early).split("\n")[0] ?? "", " 0 pages taken below ");
  }
});

Deno.test("show vmalloc tells blocks, freed ones, holes and mappings apart", () => {
  const run = runText([
    HEAD,
    "boot",
    ...["p = malloc 8", "q = malloc 5000", "v = vmap 0x200000 8K", "w = alloc_vpages 3", "free q"],
  ]);
  assertEquals(printVmalloc(endOf(run)).split("\n"), [
    "vfree_top 0xffffffffffff6000, 9 pages taken below 0xfffffffffffff000",
    "malloc is served by vmalloc",
    "0xffffffffffff6000  3 pages  not mapped",
    "0xffffffffffff9000  2 pages  mapped, no block",
    "    0xffffffffffff9000..0xffffffffffffafff  at 0x200000..0x201fff",
    "0xffffffffffffc000  block of 2 pages, freed, still mapped",
    "    -16   02 00 00 00 00 00 00 00  npages 2",
    "    -8    de c0 57 7e 00 00 00 00  magic",
    "    0xffffffffffffb000  at 0x106f000  metadata",
    "    0xffffffffffffc000..0xffffffffffffdfff  at 0x1070000..0x1071fff",
    "0xffffffffffffe008  block in one page, in use",
    "    -8    de c0 57 7e 00 00 00 00  magic",
    "    0xffffffffffffe000  at 0x106b000",
    "",
  ]);
});
