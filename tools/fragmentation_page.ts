/**
 * The generated parts of docs/fragmentation.md: a real machine's free memory judged, and what the lab finds
 * on the published scenarios.
 *
 * @module
 */

import { archNamed } from "../arch/mod.ts";
import { DEFAULT_EDITION, editionNamed } from "../mod.ts";
import { readFreeMemory } from "../src/fragmentation/mod.ts";
import { EditionSubject, Lab, type LabResult } from "../src/lab/mod.ts";
import { makeWorkload, WORKLOADS } from "../src/replay/mod.ts";
import { labSvg, printFreeMemory, printLab } from "../src/report/mod.ts";

/** Where a generated part stands in the page. */
const PLACE = /^<!-- generated: (.+) -->\n\n```text\n[\s\S]*?^```$/gm;

/**
 * Runs a load as it is, on the code as it is and on the code as it is described.
 *
 * @param name the load
 * @returns what the lab finds
 */
export function labOf(name: string): LabResult {
  const workload = WORKLOADS.find((one) => one.name === name);
  if (workload === undefined) throw new Error(`there is no workload ${name}`);
  const { header, words } = makeWorkload(workload, workload.operations);
  const arch = archNamed(header.arch);
  const head = editionNamed("head");
  if (arch === null || head === null) throw new Error("there is always a head, on x86_64");
  const subjects = [head, DEFAULT_EDITION].map((edition) =>
    new EditionSubject(edition, header, arch)
  );
  const pageShift = header.pageShift ?? arch.pageShifts[0];
  const lab = new Lab({ arch: arch.name, pageShift, areas: header.areas }, subjects);
  lab.run(words, words.length, (index) => `operation ${index + 1}`);
  return lab.result(name);
}

/**
 * Draws the picture of the page.
 *
 * @returns the SVG document
 */
export function labPicture(): string {
  return labSvg(labOf("mixed"));
}

/** A report up to its table of orders. */
function curvesOf(name: string): string {
  const text = printLab(labOf(name));
  return text.slice(0, text.search(/^ +fresh-2021-01 +repaired$/m)).trimEnd();
}

function partOf(name: string, example: string): string {
  if (name === "frag") return printFreeMemory(readFreeMemory(example).slice(0, 1)).trimEnd();
  return curvesOf(name);
}

/**
 * Writes the generated parts of the page anew.
 *
 * @param page the page as it is
 * @param example the text of examples/buddyinfo.txt
 * @returns the page as it should be
 */
export function fragmentationPage(page: string, example: string): string {
  return page.replaceAll(
    PLACE,
    (_, name: string) =>
      `<!-- generated: ${name} -->\n\n\`\`\`text\n${partOf(name, example)}\n\`\`\``,
  );
}
