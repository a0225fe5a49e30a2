import { assert, assertEquals } from "@std/assert";
import { ListRuns } from "../src/alloc_page_list_runs.ts";
import type { TakenRun } from "../src/alloc_page_list_runs.ts";

/** The list page by page, walked as upstream walks it. */
class PlainList {
  frames: number[] = [];

  take(order: number): TakenRun | null {
    const { frames } = this;
    const count = 2 ** order;
    for (let at = 0; at + count <= frames.length; at++) {
      const first = frames[at] ?? 0;
      if (first % count !== 0) continue;
      let length = 1;
      while (length < count && frames[at + length] === first + length) length++;
      if (length < count) continue;
      const [before = null, after = null] = [frames[at - 1], frames[at + count]];
      frames.splice(at, count);
      return { first, before, after };
    }
    return null;
  }
}

/** Takes and gives back at random, on both; returns how often nothing could be had. */
function compare(seed: number, steps: number): number {
  let random = seed;
  const below = (limit: number): number => (random = random * 48271 % 2147483647) % limit;
  const [runs, plain] = [new ListRuns(), new PlainList()];
  const live: { first: number; count: number }[] = [{ first: 8, count: 100 }];
  const made: string[] = [];
  let failed = 0;
  for (let step = 0; step < steps; step++) {
    if (live.length > 0 && below(2) === 0) {
      const [block] = live.splice(below(live.length), 1);
      if (block === undefined) continue;
      made.push(`push ${block.first} ${block.count}`);
      runs.push(block.first, block.count);
      plain.frames.unshift(
        ...Array.from({ length: block.count }, (_, at) => block.first + at),
      );
    } else {
      const order = below(5);
      made.push(`take ${order}`);
      const taken = runs.take(order);
      assertEquals(taken, plain.take(order), made.join("\n"));
      if (taken === null) failed++;
      else live.push({ first: taken.first, count: 2 ** order });
    }
    const frames = [...runs.runs()].flatMap(({ first, end }) =>
      Array.from({ length: end - first }, (_, at) => first + at)
    );
    assertEquals(frames, plain.frames, made.join("\n"));
  }
  return failed;
}

Deno.test("ListRuns takes what a walk over the pages takes, and leaves the same list", () => {
  let failed = 0;
  for (let seed = 1; seed <= 12; seed++) failed += compare(seed * 7919, 300);
  assert(failed > 100, `${failed}`);
});
