import { assertEquals } from "@std/assert";
import { installPage, type Machine, pageCount, physAddr, translate, virtAddr } from "../mod.ts";
import { unreachable } from "../src/outcome.ts";
import {
  findStackViolations,
  formatViolation,
  type LiveBlock,
  type RuleName,
  STACK_STATE_RULES,
  type Violation,
} from "../src/check/mod.ts";
import { booted, doing, HEALTHY_GUESTS, Watched } from "./stack_rules_support.ts";

function mapPage(machine: Machine, physical: bigint, virtual: bigint): void {
  const tables = machine.mmu.tables ?? unreachable("a booted machine has page tables");
  installPage(tables, physAddr(physical), virtAddr(virtual));
}

/** What a watch with two live blocks of two pages each says after something was done to them. */
function harmed(
  harm: (machine: Machine, one: bigint, other: bigint) => void,
  name = "arm64-256M",
): Violation[] {
  const watched = new Watched(booted(name, "repaired"));
  const [one, other] = [0, 1].map(() => watched.do({ kind: "malloc", size: 0x2000n }));
  assertEquals(watched.lines, []);
  watched.do({ kind: "other" }, doing(() => harm(watched.machine, one ?? 0n, other ?? 0n)));
  return watched.found;
}

/** What is said of a machine after something was done to it. */
function damaged(name: string, damage: (machine: Machine) => void): Violation[] {
  const machine = booted(name, "repaired");
  assertEquals(findStackViolations(machine), []);
  damage(machine);
  return findStackViolations(machine);
}

/** The frame behind a virtual page. */
function physicalOf(machine: Machine, virtual: bigint): bigint {
  const tables = machine.mmu.tables ?? unreachable("a booted machine has page tables");
  return translate(tables, virtAddr(virtual))?.physical ?? 0n;
}

function vpages(first: bigint, end: bigint): LiveBlock {
  const whole = { address: first, size: end - first };
  return { kind: "vpages", from: "vmalloc", ...whole, whole, first, end };
}

/** How a state is made in which only one rule is broken, and what is then said. */
const DAMAGES: readonly [keyof typeof STACK_STATE_RULES, () => Violation[], string][] = [
  [
    "nothing outside memory is mapped",
    () => damaged("x86_64-128M", (machine) => mapPage(machine, 1n << 40n, 1n << 40n)),
    "the virtual page 0x10000000 leads to frame 0x10000000, where the map has nothing",
  ],
  [
    "every frame handed over is mapped onto itself",
    () => damaged("arm64-256M", (machine) => mapPage(machine, 0x4fff0000n, 0x4ffff000n)),
    "0x4ffff was handed over, and its address leads to frame 0x4fff0",
  ],
  [
    "virtual pages given out are nobody's memory",
    () =>
      damaged("arm64-256M", (machine) => {
        machine.pages.reservePages(physAddr(0x4ffff000n), pageCount(1));
        machine.vmalloc.vfreeTop = virtAddr(0x4ffff000n);
      }),
    "vmalloc gave out addresses from page 0x4ffff on, where frame 0x4ffff of area 0 is used",
  ],
  [
    "page tables lie in frames of their own",
    () =>
      damaged("arm64-256M", (machine) => {
        const root = Number(machine.vmalloc.pageRoot >> 12n);
        const [area] = machine.pages.areas();
        const state = BigInt(area?.metadata ?? 0) * 0x1000n + BigInt(root - (area?.base ?? 0));
        machine.ram.writeByte(virtAddr(state), 0x40, "a test");
      }),
    "the table at 0x401f0000 lies in frame 0x401f0, which is not allocated",
  ],
  [
    "a live block keeps its pages and its marks",
    () => harmed((machine, one) => machine.space.writeWord(virtAddr(one - 8n), 0n, "a test")),
    "of 0xffffe000: the word in front is 0x0",
  ],
  [
    "live blocks do not overlap",
    () => {
      const live = [vpages(0xffffe000n, 0x100000000n), vpages(0xffffd000n, 0xfffff000n)];
      return findStackViolations(booted("arm64-256M", "repaired"), { live });
    },
    "0xffffe000 belongs to the block at 0xffffd000 and to the block at 0xffffe000",
  ],
  [
    "no frame lies behind two live blocks",
    () => harmed((machine, one, other) => mapPage(machine, physicalOf(machine, one), other)),
    "frame 0x40279 lies behind the page 0xffffe of the block at 0xffffe000, and behind another",
  ],
  [
    "what was given back is not mapped",
    () =>
      harmed((machine, _, other) => mapPage(machine, machine.vmalloc.pageRoot, other - 0x2000n)),
    "the page 0xffff9 still leads to frame 0x401f0",
  ],
  [
    "nothing is mapped at frame 0 that nobody owns",
    () => harmed((machine, _, other) => mapPage(machine, 0n, other), "x86_64-128M"),
    "the page 0xffffffffffffa leads to frame 0",
  ],
];

for (const [rule, damage, sentence] of DAMAGES) {
  Deno.test(`findStackViolations, broken by a test: ${rule}`, () => {
    const violations = damage();
    assertEquals([...new Set(violations.map((one): RuleName => one.rule))], [rule]);
    assertEquals(violations[0]?.sentence, sentence);
  });
}

Deno.test("STACK_STATE_RULES has a test for each rule that breaks it", () => {
  assertEquals(DAMAGES.map(([rule]) => rule), Object.keys(STACK_STATE_RULES));
});

Deno.test("findStackViolations is silent after boot of every architecture, in head and repaired", () => {
  for (const name of HEALTHY_GUESTS) {
    for (const editionName of ["head", "repaired"]) {
      const lines = findStackViolations(booted(name, editionName)).map(formatViolation);
      assertEquals(lines, [], `${name} ${editionName}`);
    }
  }
});
