/** The mutation check's own parts: what it makes of a source text. */

import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { mutantsOf } from "../tools/mutate/mutants.ts";
import { readFiles } from "./source_text.ts";

const SAMPLE = `/** Says a < b and "front". */
import { order } from "../units.ts";

function link(state: State, end: "front" | "back"): void {
  if (end === "front") addToFront(state, head);
  assertThat(
    state,
    count > 0 && isSmall(count),
  );
  // Not here: a + 1.
  emit(state, { kind: "link", order: order(count - 1) });
}
`;

Deno.test("mutantsOf() changes code, each kind in its own way, and neither comments nor types", () => {
  const made = mutantsOf("link.ts", SAMPLE)
    .map(({ line, operator, after }) => `${line} ${operator}: ${after}`);
  assertEquals(made, [
    '5 flip a comparison: if (end !== "front") addToFront(state, head);',
    '5 front becomes back: if (end === "back") addToFront(state, head);',
    '5 front becomes back: if (end === "front") addToBack(state, head);',
    "5 drop a call: ",
    "6 drop an assertion: ",
    "8 flip a comparison: count >= 0 && isSmall(count),",
    "8 and becomes or: count > 0 || isSmall(count),",
    "11 drop a call: ",
    '11 minus becomes plus: emit(state, { kind: "link", order: order(count + 1) });',
    '11 one more: emit(state, { kind: "link", order: order(count - 2) });',
    '11 one less: emit(state, { kind: "link", order: order(count - 0) });',
  ]);
});

Deno.test("mutantsOf() makes more than 300 mutants of the literal allocator, each of them different", () => {
  const files = readFiles((path) => path.startsWith("src/alloc_page/"));
  const mutants = files.flatMap(({ path, text }) => {
    const made = mutantsOf(path, text);
    for (const mutant of made) assertNotEquals(mutant.text, text, `${path}:${mutant.line}`);
    assertEquals(new Set(made.map((mutant) => mutant.text)).size, made.length, path);
    return made;
  });
  assert(mutants.length > 300, `only ${mutants.length}`);
});
