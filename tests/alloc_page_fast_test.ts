/**
 * The fast engine against the literal one: the same calls, every observable after every call.
 */

import { assert } from "@std/assert";
import { EDITIONS, requestFlags } from "../mod.ts";
import { exploreSmallArea } from "./alloc_page_fast_small.ts";
import { allocBoth, freeBoth, type Layout, type Pair, pairOn } from "./alloc_page_fast_support.ts";
import { randomNumbers } from "./random_calls.ts";
import { arch } from "./support.ts";

const BUDDY_EDITIONS = EDITIONS.filter(({ pageAllocator }) => pageAllocator === "buddy-areas");

const LAYOUTS: Readonly<Record<string, Layout>> = {
  "one small area": { arch: arch("arm64"), ranges: [[255, 0x1000, 0x1047]] },
  "an area across slabs": { arch: arch("arm64"), ranges: [[255, 0x3fd, 0x1805]] },
  "x86's zones": { arch: arch("x86_64"), ranges: [[255, 0xff0, 0x100100]] },
  "s390x's zones": { arch: arch("s390x"), ranges: [[255, 0x7ffc0, 0x80233]] },
  "32 bits": { arch: arch("i386"), ranges: [[255, 0xfe00, 0x10a01]] },
  "several ranges of a zone": {
    arch: arch("arm64"),
    ranges: [[255, 0x1000, 0x1020], [255, 0x2000, 0x2203], [255, 0x1100, 0x1120]],
  },
  "several ranges of one of several zones": {
    arch: arch("x86_64"),
    ranges: [[255, 0xff0, 0x1080], [255, 0x2000, 0x2203]],
  },
  "pages of 64 KiB": { arch: arch("arm64"), pageShift: 16, ranges: [[255, 0x33, 0x933]] },
  "a root of level 2": { arch: arch("arm64"), ranges: [[255, 0x12345, 2 ** 26 + 77]] },
};

/** One random call on both; nothing if only the literal engine knows what it does. */
function randomStep(pair: Pair, random: (bound: number) => number, orders: number): void {
  const { machine, live } = pair;
  if (random(9) >= 5 && live.length > 0) {
    return freeBoth(pair, random(live.length));
  }
  const fresh = random(6) === 0;
  const wishes = { areasMask: random(3) > 0 ? null : 1 + random(15), dontZero: true, fresh };
  const sizeOrder = random(orders);
  const alignOrder = random(3) > 0 ? sizeOrder : random(orders);
  const flags = requestFlags(machine.edition, wishes);
  allocBoth(pair, alignOrder, sizeOrder, flags);
}

for (const [name, layout] of Object.entries(LAYOUTS)) {
  Deno.test(`fast and literal engine agree after each random call, every edition: ${name}`, () => {
    let runs = 0;
    for (const [number, edition] of BUDDY_EDITIONS.entries()) {
      const random = randomNumbers(1000 + number);
      const pair = pairOn(layout, edition);
      if (pair === null) continue;
      for (let step = 0; step < 60; step++) {
        randomStep(pair, random, step % 20 === 0 ? 14 : 1 + random(6));
      }
      while (pair.live.length > 0) freeBoth(pair, random(pair.live.length));
      runs++;
    }
    assert(runs > 0);
  });
}

for (const edition of BUDDY_EDITIONS) {
  Deno.test(`fast and literal engine agree on areas of 4 to 8 frames: ${edition.name}`, () => {
    // The whole space of 4 frames has 30 to 183 states; of the larger ones only the nearest are looked at.
    const states = [4, 5, 6, 7, 8].map((frames) =>
      exploreSmallArea(frames, edition, frames === 4 ? 1000 : 20)
    );
    assert(states.every((count) => count >= 20));
  });
}
