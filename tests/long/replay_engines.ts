/**
 * The long comparison of replays on both engines: random traces, millions of operations in all, run whole and
 * in pieces, so that the state is compared at many moments. Takes some minutes.
 */

import { assertEquals } from "@std/assert";
import { printTraceText } from "../../src/replay/mod.ts";
import { BUDDY_EDITIONS, optionsOf, outcomeOf, type WaveCalls, wavesOf } from "../replay_waves.ts";

const SEEDS = 200;
const OPERATIONS = 5_000;

/** Most editions stop at some fresh request, so half of the traces have none. */
const CALLS: readonly WaveCalls[] = ["no-more", "fresh", "no-more", "fresh-and-frames"];

for (const [number, on] of BUDDY_EDITIONS.entries()) {
  Deno.test(`Replayer gives what the literal engine gives in ${SEEDS} long traces: ${on.name}`, () => {
    for (let seed = 0; seed < SEEDS; seed++) {
      const calls = CALLS[seed % CALLS.length] ?? "no-more";
      const trace = wavesOf(100_000 + SEEDS * number + seed, OPERATIONS, calls);
      const options = optionsOf(trace, on);
      const literal = outcomeOf(trace, { ...options, engine: "literal" }, Infinity);
      const told = `${on.name}\n${printTraceText(trace)}`;
      for (const piece of [Infinity, 1 + seed % 40]) {
        assertEquals(outcomeOf(trace, options, piece), literal, told);
      }
    }
  });
}
