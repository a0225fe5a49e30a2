/**
 * Writes the pages that are generated: docs/promises.md and docs/defects.md, from the tables of promises
 * and defects and from runs of their scenarios, the tables within docs/designs.md and
 * docs/fragmentation.md, and the pictures in docs/pictures.
 *
 *     deno task docs
 *
 * @module
 */

import { ARCHS } from "../arch/mod.ts";
import { DEFECTS, printDefects, printPromises, PROMISE_GROUPS } from "../src/check/mod.ts";
import { designsPage } from "../src/cli/designs_page.ts";
import { builtInTraces, compareOn, DESIGNS, sizesOf } from "../src/metadata_design/mod.ts";
import { fragmentationPage } from "./fragmentation_page.ts";
import { docPictures } from "./pictures.ts";

const ROOT = new URL("../", import.meta.url);
const DOCS = new URL("docs/", ROOT);

Deno.mkdirSync(new URL("pictures/", DOCS), { recursive: true });
for (const { path, svg } of docPictures((path) => Deno.readTextFileSync(new URL(path, ROOT)))) {
  Deno.writeTextFileSync(new URL(path, DOCS), svg);
}

const promises = printPromises(PROMISE_GROUPS, ARCHS);
Deno.writeTextFileSync(new URL("promises.md", DOCS), promises);
const defects = printDefects(DEFECTS, { archs: ARCHS });
Deno.writeTextFileSync(new URL("defects.md", DOCS), defects);
const comparisons = builtInTraces(ARCHS).map((make) => compareOn(make()));
const designs = new URL("designs.md", DOCS);
const page = designsPage(Deno.readTextFileSync(designs), comparisons, sizesOf(DESIGNS));
Deno.writeTextFileSync(designs, page);
const fragmentation = new URL("fragmentation.md", DOCS);
const example = Deno.readTextFileSync(new URL("examples/buddyinfo.txt", ROOT));
const written = fragmentationPage(Deno.readTextFileSync(fragmentation), example);
Deno.writeTextFileSync(fragmentation, written);
