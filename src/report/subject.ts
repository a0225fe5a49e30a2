/**
 * What reports need to know of a machine besides its areas.
 *
 * @module
 */

import { pageStateFormatOf } from "../alloc_page/mod.ts";
import { areaNameOf } from "../arch.ts";
import type { Arch } from "../arch.ts";
import { areaTableOf } from "../edition.ts";
import type { Edition, PageStateFormat } from "../edition.ts";
import { zoneOf } from "../page_allocator.ts";
import type { AreaView } from "../page_allocator.ts";
import { bareHex } from "./columns.ts";

/** What a report is about: an architecture and an edition. A machine is one, and so is a run. */
export interface Subject {
  /** The architecture. */
  readonly arch: Arch;
  /** The edition. */
  readonly edition: Edition;
}

/** A {@linkcode Subject} with a page size: what addresses need. A machine is one. */
export interface PagedSubject extends Subject {
  /** The base-2 logarithm of the page size. */
  readonly pageShift: number;
}

/**
 * The first line of a report: what it shows, of which architecture and edition.
 *
 * @param what such as `page map`
 * @param subject the architecture and the edition
 * @returns the line, with a newline
 *
 * @example Usage
 * ```ts
 * import { editionNamed, DEFAULT_EDITION } from "@buddyscope/sim";
 * import { S390X } from "@buddyscope/sim/arch";
 * import { printTitle } from "@buddyscope/sim/report";
 * import { assertEquals } from "@std/assert";
 *
 * const edition = editionNamed("01d8952b") ?? DEFAULT_EDITION;
 * assertEquals(printTitle("page map", { arch: S390X, edition }), "page map  s390x  pfn-2021-01\n");
 * ```
 */
export function printTitle(what: string, subject: Subject): string {
  return `${what}  ${subject.arch.name}  ${subject.edition.name}\n`;
}

/**
 * The encoding of page states of a subject.
 *
 * @param subject the edition
 * @returns the encoding
 */
export function formatOf(subject: Subject): PageStateFormat {
  return pageStateFormatOf(subject.edition);
}

/**
 * An area's number and name.
 *
 * @param subject the architecture and the edition
 * @param view the area
 * @returns such as `area 0  normal`; the name is left out where no zone has that slot
 */
export function areaTitle(subject: Subject, view: Pick<AreaView, "area" | "zone">): string {
  const name = areaNameOf(areaTableOf(subject.arch, subject.edition), zoneOf(view));
  return name === "" ? `area ${view.area}` : `area ${view.area}  ${name}`;
}

/**
 * An area's number, name and limits.
 *
 * @param subject the architecture and the edition
 * @param view the area
 * @returns such as `area 0  normal  base 100001  top 100021  max order 3`
 */
export function areaHeading(subject: Subject, view: AreaView): string {
  const { base, top, metadata, maxOrder } = view;
  return [
    areaTitle(subject, view),
    `base ${bareHex(base)}`,
    `top ${bareHex(top)}`,
    ...(maxOrder === null ? [] : [`max order ${maxOrder}`]),
    ...(metadata < base ? [] : [`metadata ${bareHex(metadata)}`]),
  ].join("  ");
}
