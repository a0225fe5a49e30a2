/**
 * Boot, malloc and free, copies of a booted machine, and the replay of recordings. The goals: the default
 * guest of each architecture well under a second, one of 3 GiB mapped page by page in about one.
 */

import { archNamed, ARCHS } from "../../arch/mod.ts";
import { boot, cloneMachine, free, malloc } from "../../mod.ts";
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

for (const arch of ARCHS) {
  const { machine } = boot({ arch, edition: edition("head") });
  // Virtual addresses are never given back: each measurement takes a copy when they run low.
  let worker = cloneMachine(machine);
  let calls = 0;
  Deno.bench({ name: `malloc(100) and free on ${arch.name}`, group: "malloc" }, () => {
    if (++calls % 10_000 === 0) worker = cloneMachine(machine);
    free(worker, malloc(worker, 100n));
    worker.events.length = 0;
  });
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
