import fc from "fast-check";
import { ANY_TEXT, PRINTED_MAP } from "./map_text_arbitrary.ts";
import { checkAnyText, checkPrintedMap } from "./map_text_properties.ts";

Deno.test("parseMemoryMapText() reads back every printed map, for 500 random maps", () => {
  fc.assert(fc.property(PRINTED_MAP, checkPrintedMap), { seed: 20201002, numRuns: 500 });
});

Deno.test("parseMemoryMapText() gives a sound map or names a line, for 2,000 random texts", () => {
  const property = fc.property(ANY_TEXT, (text) => {
    checkAnyText(text);
  });
  fc.assert(property, { seed: 20201002, numRuns: 2_000 });
});
