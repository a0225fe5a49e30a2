/**
 * Boot, malloc and free, copies of a booted machine, and the replay of recordings. The goals: the default
 * guest of each architecture well under a second, one of 3 GiB mapped page by page in about one.
 */

import { archNamed, ARCHS, X86_64 } from "../../arch/mod.ts";
import { type Arch, boot, cloneMachine, type Engine, free, malloc } from "../../mod.ts";
import { readGuestFile } from "../../src/check/conform/guest_file.ts";
import { replayGuest } from "../../src/check/conform/replay_guest.ts";
import { guestOptions } from "../boot_support.ts";
import { edition } from "../support.ts";

for (const arch of ARCHS) {
  Deno.bench({ name: `the recorded guest of ${arch.name}`, group: "boot" }, () => {
    boot({ arch, edition: edition("head") });
  });
}

for (const name of ["arm64-3G-4k", "s390x-3G", "riscv64-3G", "x86_64-70G-noreserve-memlimit"]) {
  const options = guestOptions(name);
  Deno.bench({ name, group: "boot of large guests" }, () => void boot(options));
}

function benchMalloc(arch: Arch, size: bigint, engine: Engine, group: string): void {
  const { machine } = boot({ arch, edition: edition("head"), engine });
  // Virtual addresses are never given back: each measurement takes a copy when they run low.
  let worker = cloneMachine(machine);
  let calls = 0;
  const name = `malloc(${size}) and free on ${arch.name}, ${engine}`;
  Deno.bench({ name, group, baseline: engine === "literal" }, () => {
    if (++calls % 10_000 === 0) worker = cloneMachine(machine);
    free(worker, malloc(worker, size));
    worker.events.length = 0;
  });
}

for (const arch of ARCHS) {
  for (const engine of ["literal", "auto"] as const) {
    benchMalloc(arch, 100n, engine, `malloc on ${arch.name}`);
  }
}
for (const size of [1n, 5_000n, 70_000n]) {
  for (const engine of ["literal", "auto"] as const) {
    benchMalloc(X86_64, size, engine, `malloc(${size})`);
  }
}

const large = boot(guestOptions("s390x-3G")).machine;
Deno.bench({ name: "a copy of s390x with 3 GiB", group: "copy" }, () => void cloneMachine(large));

for (const name of ["x86_64-128M", "arm64-3G-4k"]) {
  const url = new URL(`../guests/${name}.json`, import.meta.url);
  const file = readGuestFile(JSON.parse(Deno.readTextFileSync(url)));
  Deno.bench({ name: `replay of ${name}, cut`, group: "replay" }, () => {
    replayGuest(file, { archNamed });
  });
}
