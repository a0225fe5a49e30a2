/**
 * Writes the pages that are generated: docs/promises.md, from the table of promises and from runs of
 * their scenarios.
 *
 *     deno task docs
 *
 * @module
 */

import { ARCHS } from "../arch/mod.ts";
import { printPromises, PROMISE_GROUPS } from "../src/check/mod.ts";

Deno.writeTextFileSync(
  new URL("../docs/promises.md", import.meta.url),
  printPromises(PROMISE_GROUPS, ARCHS),
);
