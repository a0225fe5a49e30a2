/**
 * Recordings of real guests, replayed; and recordings that were tampered with, which must not pass.
 */

import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { archNamed } from "../arch/mod.ts";
import { fnv1a32, RecordingError } from "../src/check/mod.ts";
import { readGuestFile } from "../src/check/conform/guest_file.ts";
import type { GuestFile } from "../src/check/conform/guest_file.ts";
import { fnv32OfRuns } from "../src/check/conform/fnv_runs.ts";
import { replayGuest } from "../src/check/conform/replay_guest.ts";
import type { JsonObject } from "../src/check/conform/members.ts";

const FOLDER = new URL("./guests/", import.meta.url);
const ENVIRONMENT = { archNamed };

const NAMES = [...Deno.readDirSync(FOLDER)].map(({ name }) => name)
  .filter((name) => name.endsWith(".json")).toSorted();

function textOf(name: string): string {
  return Deno.readTextFileSync(new URL(name, FOLDER));
}

function load(name: string): GuestFile {
  return readGuestFile(JSON.parse(textOf(name)));
}

for (const name of NAMES) {
  Deno.test(`replayGuest() finds no difference in ${name}, on either engine`, () => {
    for (const engine of ["auto", "literal"] as const) {
      const result = replayGuest(load(name), { archNamed, engine });
      assertEquals(result.mismatch, null, engine);
      assert(result.steps > 4);
    }
  });
}

Deno.test("the recordings hold each architecture and each kind of ending", () => {
  const files = NAMES.map(load);
  assertEquals(new Set(files.map(({ arch }) => arch)).size, 8);
  assert(files.some(({ build }) => build.startsWith("ppc64be")));
  const ends = new Set(files.flatMap(({ scenarios }) => scenarios.map(({ end }) => end.kind)));
  assertEquals([...ends].toSorted(), ["assert", "completed", "exception", "hang"]);
});

/** Replays a recording with a piece of its text replaced. */
function tampered(name: string, from: string, to: string): string {
  const text = textOf(name);
  assert(text.includes(from), `${name} must hold ${from}`);
  const { mismatch } = replayGuest(readGuestFile(JSON.parse(text.replace(from, to))), ENVIRONMENT);
  return mismatch === null ? "none" : `${mismatch.operation} / ${mismatch.what}`;
}

Deno.test("replayGuest() notices an event of boot that differs", () => {
  const changed = tampered("x86_64-128M.json", '"first":"0x1065000"', '"first":"0x1064000"');
  assertEquals(changed, "boot: boot / event 6");
});

Deno.test("replayGuest() notices a caller that differs", () => {
  assertEquals(tampered("s390x-128M-smp4.json", "sclp.c:46", "sclp.c:47"), "boot: boot / event 2");
});

Deno.test("replayGuest() notices a state that differs in one page", () => {
  const changed = tampered("arm-128M.json", "[128,69],[0,1]", "[128,70]");
  assertEquals(changed, "boot: boot, main_entry / state areas[0] pageStates");
});

Deno.test("replayGuest() notices a result that differs", () => {
  const changed = tampered("ppc64-512M-4k.json", '"returns":"0x0"', '"returns":"0x1"');
  assertStringIncludes(changed, "/ result");
});

Deno.test("replayGuest() notices a hash that differs", () => {
  const name = "arm64-128M-64k.json";
  const hash = /"hash":\{"0":\["([0-9a-f]{8})/.exec(textOf(name))?.[1] ?? "";
  assertStringIncludes(tampered(name, hash, "00000000"), "/ hash 0");
});

Deno.test("replayGuest() notices an ending that differs", () => {
  assertEquals(
    tampered("riscv64-3G.json", '"line":171', '"line":172'),
    "dbv: free 0xfffff008 / end",
  );
});

Deno.test("replayGuest() notices a call that stops in the model only", () => {
  const name = "x86_64-128M.json";
  const changed = tampered(name, '"call":"free_pages 0x106b000"', '"call":"free_pages 0x106b001"');
  assertStringIncludes(changed, "free_pages 0x106b001 / result");
});

Deno.test("readGuestFile() refuses what is no recording of a guest", () => {
  const file: JsonObject = JSON.parse(textOf("i386-3G.json"));
  for (const member of ["arch", "inputs", "boot", "scenarios", "pageSize", "qemu", "memory"]) {
    const { [member]: _, ...rest } = file;
    const error = assertThrows(() => readGuestFile(rest), RecordingError);
    assertStringIncludes(error.message, `"${member}" must be`);
  }
});

Deno.test("replayGuest() refuses an architecture that is not known", () => {
  const file = { ...load("i386-3G.json"), arch: "vax" };
  assertThrows(() => replayGuest(file, ENVIRONMENT), RecordingError, '"vax"');
});

Deno.test("fnv32OfRuns() gives what hashing byte by byte gives", () => {
  const runs = [
    { state: 0, count: 5000 },
    { state: 0x85, count: 2048 },
    { state: 0xff, count: 3 },
    { state: 0x4d, count: 70_001 },
  ];
  const bytes = runs.flatMap(({ state, count }) => Array.from({ length: count }, () => state));
  assertEquals(fnv32OfRuns(runs), fnv1a32(bytes));
  assertEquals(fnv32OfRuns([]), fnv1a32([]));
});
