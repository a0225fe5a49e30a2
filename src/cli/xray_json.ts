/**
 * What was found in a dump, as JSON.
 *
 * @module
 */

import { areaNameOf } from "../arch.ts";
import { dumpArea } from "../check/mod.ts";
import { areaTableOf } from "../edition.ts";
import { zoneOf } from "../page_allocator.ts";
import type { Xray, XrayArea } from "../xray/mod.ts";

/** The name and version of the format. */
const FORMAT = "buddyscope-xray-1";

function areaData({ subject }: Xray, { view, descriptor, origin }: XrayArea): unknown {
  const name = areaNameOf(areaTableOf(subject.arch, subject.edition), zoneOf(view));
  return { ...dumpArea(view), name, descriptor, origin };
}

/**
 * A dump as plain data; docs/xray.md describes the members.
 *
 * @param path the file
 * @param found what was found in it
 * @returns the data; addresses are bigints
 */
export function xrayData(path: string, found: Xray): unknown {
  const { form, memory, subject, byteOrder, otherArchs, editions, descriptors, areas } = found;
  const { pageTables } = found;
  return {
    format: FORMAT,
    file: path,
    form,
    memory,
    arch: subject.arch.name,
    otherArchs,
    byteOrder,
    pageSize: 2 ** subject.pageShift,
    edition: subject.edition.name,
    editions: editions.map(({ name }) => name),
    descriptors,
    areas: areas.map((area) => areaData(found, area)),
    violations: found.violations,
    corrupt: found.corrupt,
    vmalloc: found.vmalloc,
    pageTables,
  };
}
