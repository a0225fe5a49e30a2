/**
 * The policy lab: one trace under several editions and designs, side by side and over time.
 *
 * @example Two editions on a made trace
 * ```ts
 * import { DEFAULT_EDITION, editionNamed } from "@buddyscope/sim";
 * import { X86_64 } from "@buddyscope/sim/arch";
 * import { EditionSubject, Lab } from "@buddyscope/sim/lab";
 * import { makeWorkload, WORKLOADS } from "@buddyscope/sim/replay";
 * import { assertEquals } from "@std/assert";
 *
 * const [churn] = WORKLOADS;
 * if (churn === undefined) throw new Error("there is always a workload");
 * const { header, words } = makeWorkload(churn, 1000);
 * const subjects = [editionNamed("head") ?? DEFAULT_EDITION, DEFAULT_EDITION]
 *   .map((edition) => new EditionSubject(edition, header, X86_64));
 * const lab = new Lab({ arch: "x86_64", pageShift: 12, areas: header.areas }, subjects);
 * lab.run(words, words.length, (index) => `operation ${index + 1}`);
 * assertEquals(lab.result("churn").runs.map(({ name }) => name), ["fresh-2021-01", "repaired"]);
 * ```
 *
 * @module
 */

// Order: series, subject, edition_subject, design_subject, lab, figures, mod

export { COARSE, FINE, Series } from "./series.ts";
export type { Point, Resolution } from "./series.ts";
export type { LabCounts, LabEnd, LabSubject } from "./subject.ts";
export { EditionSubject } from "./edition_subject.ts";
export { DesignSubject } from "./design_subject.ts";
export { Lab } from "./lab.ts";
export type { LabMachine, LabResult, LabRun, PlaceOf } from "./lab.ts";
export { groupsOf, measureOf } from "./figures.ts";
export type { LabGroup, LabMeasure } from "./figures.ts";
