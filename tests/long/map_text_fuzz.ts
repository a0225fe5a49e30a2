/**
 * The long run of the random tests of memory maps from text: `deno test tests/long/map_text_fuzz.ts`.
 *
 * @module
 */

import { assert } from "@std/assert";
import fc from "fast-check";
import { ANY_TEXT, PRINTED_MAP } from "../map_text_arbitrary.ts";
import { checkAnyText, checkPrintedMap } from "../map_text_properties.ts";

Deno.test("parseMemoryMapText() reads back every printed map, for 20,000 random maps", () => {
  fc.assert(fc.property(PRINTED_MAP, checkPrintedMap), { numRuns: 20_000 });
});

Deno.test("parseMemoryMapText() gives a sound map or names a line, for 100,000 random texts", () => {
  let maps = 0;
  const property = fc.property(ANY_TEXT, (text) => {
    if (checkAnyText(text)) maps++;
  });
  fc.assert(property, { numRuns: 100_000 });
  assert(maps > 10_000 && maps < 90_000, `${maps} of the texts are maps: too one-sided`);
});
