/**
 * The literal page allocator: single calls, churn, and the observer's view.
 */

import { archNamed } from "../../arch/mod.ts";
import { type Machine, virtAddr } from "../../mod.ts";
import { replayRecording } from "../../src/check/mod.ts";
import { arch, bareMachine, edition } from "../support.ts";

const DONT_ZERO = 0x10000;

function machineOf(name: string, frames: number): Machine {
  return bareMachine(0x1000, 0x1000 + frames, { edition: edition(name), arch: arch("arm64") });
}

function flagsOf(name: string): number {
  return name === "head" ? DONT_ZERO : -1;
}

for (const name of ["head", "pfn-2021-01"]) {
  for (const frames of [64, 262144]) {
    const machine = machineOf(name, frames);
    const flags = flagsOf(name);
    Deno.bench({
      name: `one page allocated and freed, ${frames} frames, ${name}`,
      group: "one page",
      baseline: name === "head" && frames === 64,
      fn: () => {
        machine.pages.freePages(machine.pages.allocPages(0, flags) ?? virtAddr(0n));
        machine.events.length = 0;
      },
    });
  }
}

Deno.bench({ name: "an area of 262,144 frames handed over", group: "init" }, () => {
  machineOf("head", 262144);
});

const viewed = machineOf("head", 4096);
for (let page = 0; page < 200; page++) viewed.pages.allocPages(page % 3, DONT_ZERO);
Deno.bench({ name: "areas() of 4,096 frames", group: "view" }, () => {
  viewed.pages.areas();
});

const recording = Deno.readTextFileSync(
  new URL("../vectors/4a54e8a3-x86-1.json", import.meta.url),
);
Deno.bench({ name: "conform: a recording of 207 steps", group: "conform" }, () => {
  replayRecording(recording, { archNamed });
});
