import { ARM64, X86_64 } from "../../arch/mod.ts";
import { findViolations, Ledger } from "../../src/check/invariants/mod.ts";
import {
  createMachine,
  declareRam,
  type Machine,
  parseScenario,
  pfn,
  requestFlags,
  runScenario,
  takeEvents,
  virtAddr,
} from "../../mod.ts";
import { edition } from "../support.ts";

const EDITION = edition("repaired");
const WISHES = { areasMask: null, dontZero: true, fresh: false };
const FLAGS = requestFlags(EDITION, WISHES);

/** A machine with one area, of which every other page at its bottom is in use. */
function machineWith(frames: number, pages: number): Machine {
  const machine = createMachine({ arch: X86_64, edition: EDITION, engine: "literal" });
  declareRam(machine, pfn(0x100000), pfn(0x100001 + frames));
  machine.pages.initArea(0xff, pfn(0x100000), pfn(0x100001 + frames));
  const given = Array.from({ length: pages }, () => machine.pages.allocPages(0, FLAGS));
  for (const [index, address] of given.entries()) {
    if (index % 2 === 0) machine.pages.freePages(address ?? virtAddr(0n));
  }
  takeEvents(machine);
  return machine;
}

for (const [frames, pages] of [[16, 4], [262_144, 1000]] as const) {
  const group = `${frames} frames, ${pages / 2} in use`;
  const machine = machineWith(frames, pages);
  const ledger = new Ledger(machine);

  Deno.bench({
    name: "a page allocated and freed, unchecked",
    group,
    baseline: true,
    fn: () => {
      machine.pages.freePages(machine.pages.allocPages(0, FLAGS) ?? virtAddr(0n));
      takeEvents(machine);
    },
  });

  const checked = (check: () => void): void => {
    const { outcome } = ledger.run({ kind: "alloc-pages", order: 0, wishes: WISHES });
    check();
    const address = outcome.kind === "returned" && typeof outcome.value === "bigint"
      ? outcome.value
      : virtAddr(0n);
    ledger.run({ kind: "free-pages", address });
    check();
    takeEvents(machine);
  };

  Deno.bench({
    name: "the same, both calls judged",
    group,
    fn: () => checked(() => {}),
  });

  Deno.bench({
    name: "the same, both calls judged and the state after each",
    group,
    fn: () => checked(() => void findViolations(machine)),
  });

  Deno.bench({
    name: "the state judged, nothing written since",
    group,
    fn: () => void findViolations(machine),
  });
}

const CALLS = Array.from({ length: 500 }, () => "p = alloc_page\nfree_pages p\n").join("");
const { scenario } = parseScenario(`area any 0x1000 0x1011\n${CALLS}`);

for (const watch of ["off", "violations"] as const) {
  Deno.bench({
    name: watch === "off" ? "a scenario of 1,000 calls run" : "the same watched",
    group: "scenario",
    baseline: watch === "off",
    fn: () => void runScenario(scenario, { archs: [X86_64], edition: EDITION, watch }),
  });
}

for (const watch of ["off", "violations"] as const) {
  const boot = parseScenario("machine arm64\nboot\n").scenario;
  Deno.bench({
    name: watch === "off" ? "boot of the recorded arm64 guest" : "the same boot watched",
    group: "boot",
    baseline: watch === "off",
    fn: () => void runScenario(boot, { archs: [ARM64], edition: EDITION, watch }),
  });
}
