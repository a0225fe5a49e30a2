/**
 * Replays on the fast engine against replays on the literal one, where blocks cross slabs, handles come to
 * stand for frames, and recordings go back over that; and the memory of a replay.
 */

import { assert, assertEquals } from "@std/assert";
import { pfn } from "../mod.ts";
import { printTraceText, recordTrace, Replayer, TraceBuilder } from "../src/replay/mod.ts";
import { randomNumbers } from "./random_calls.ts";
import { BUDDY_EDITIONS, optionsOf, outcomeOf, wavesOf } from "./replay_waves.ts";
import { edition } from "./support.ts";

for (const calls of ["no-more", "fresh", "fresh-and-frames"] as const) {
  Deno.test(`Replayer gives what the literal engine gives across slabs, further calls: ${calls}`, () => {
    for (const [number, on] of BUDDY_EDITIONS.entries()) {
      for (const seed of [1, 2, 3]) {
        const trace = wavesOf(100 * number + seed, 900, calls);
        const options = optionsOf(trace, on);
        const literal = outcomeOf(trace, { ...options, engine: "literal" }, Infinity);
        const told = `${on.name}\n${printTraceText(trace)}`;
        assertEquals(outcomeOf(trace, options, Infinity), literal, told);
        assertEquals(outcomeOf(trace, options, 37), literal, told);
      }
    }
  });
}

Deno.test("Recording goes back over a release by frame, from which on handles stand for frames", () => {
  const random = randomNumbers(5);
  for (const on of BUDDY_EDITIONS) {
    const trace = wavesOf(random(1000), 400, "fresh-and-frames");
    const recording = recordTrace(trace, optionsOf(trace, on));
    for (let look = 0; look < 8; look++) {
      const step = random(recording.steps + 1);
      const fresh = new Replayer(optionsOf(trace, on));
      fresh.run(trace.words, 0, trace.words.length, step);
      const told = `${on.name}, step ${step}\n${printTraceText(trace)}`;
      assertEquals(recording.stateAt(step), fresh.areas(), told);
    }
  }
});

Deno.test("Replayer holds at most 16 bytes for a page in use and its handle, and gives the page's back", () => {
  const pages = 200_000;
  for (const [on, freed] of [["head", "listed"], ["repaired", "joined"]] as const) {
    const builder = new TraceBuilder();
    for (let page = 0; page < pages; page++) builder.alloc(0);
    for (let page = 0; page < pages; page++) builder.free((page * 48_271) % pages);
    const area = { area: 255, first: pfn(2 ** 20), top: pfn(2 ** 20 + 2 ** 18) };
    const trace = builder.build({ arch: "arm64", edition: null, pageShift: 12, areas: [area] });
    const replayer = new Replayer(optionsOf(trace, edition(on)));
    replayer.run(trace.words, 0, pages);
    assert(replayer.residentBytes <= 16 * pages, `${replayer.residentBytes} bytes in use`);
    replayer.run(trace.words, pages, trace.words.length);
    assertEquals(replayer.counts.wrongReleases, 0);
    const left = replayer.residentBytes - replayer.handleBytes;
    if (freed === "joined") assert(left < 2 ** 20, `${left} bytes left`);
  }
});
