/**
 * The ranges of memory that a kernel without an e820 map reports, such as arm64's:
 * `  node   0: [mem 0x0000000040000000-0x00000000bfffffff]` under `Early memory node ranges`. Before
 * Linux 3.5 the numbers were pfns: `    0: 0x00040000 -> 0x000c0000`, the last one being the first after.
 *
 * They come from the device tree, without what it keeps from the kernel, so they count as that format.
 *
 * Source: Linux `mm/page_alloc.c` and `mm/mm_init.c`, `free_area_init()`.
 *
 * @module
 */

import {
  addNote,
  addRange,
  type FoundMap,
  foundOf,
  keepProblem,
  type MapDraft,
  type MapReader,
  newDraft,
} from "./map_reader.ts";
import type { SourceLine } from "./source_line.ts";
import { type AddressSpan, hexNumber, hexSpan, spanOf } from "./span.ts";

const NODE = /\bnode {1,8}\d{1,5}: \[mem (?:0x)?([0-9a-f]+)-(?:0x)?([0-9a-f]+)\]/i;
const PFN_HEADER = /active PFN ranges|Early memory PFN ranges/i;
const PFNS = /(?:^|\s)\d{1,5}: 0x([0-9a-f]{1,16}) -> 0x([0-9a-f]{1,16})\s*$/i;
/** A kernel that printed pfns had pages of 4 KiB on nearly every machine. */
const PFN_BYTES = 0x1000n;

function readPfns(source: SourceLine): AddressSpan | null {
  const [, first = "", end = ""] = PFNS.exec(source.text) ?? [];
  const address = (digits: string): bigint => hexNumber(source, digits) * PFN_BYTES;
  return spanOf(source, address(first), address(end), "first-byte-after");
}

/**
 * Makes a reader of the ranges that a kernel reports.
 *
 * @returns the reader
 */
export function nodeRangesReader(): MapReader {
  let draft: MapDraft | null = null;
  let isNewMap = false;
  let isPfns = false;
  const take = (source: SourceLine, read: () => AddressSpan | null): boolean => {
    if (draft === null || isNewMap) draft = newDraft(source);
    isNewMap = false;
    const into = draft;
    keepProblem(into, () => addRange(into, source, read(), { kind: "ram" }));
    return true;
  };
  return {
    read(source: SourceLine): boolean {
      const { text } = source;
      isPfns = PFN_HEADER.test(text) || (isPfns && PFNS.test(text));
      if (text.includes("Early memory node ranges") || PFN_HEADER.test(text)) {
        isNewMap = true;
        return false;
      }
      const match = text.includes("[mem ") ? NODE.exec(text) : null;
      if (match !== null) {
        const [, first = "", last = ""] = match;
        return take(source, () => hexSpan(source, first, last, "last-byte"));
      }
      return isPfns ? take(source, () => readPfns(source)) : false;
    },
    found(): FoundMap | null {
      if (draft === null) return null;
      addNote(draft, {
        line: draft.line,
        severity: "note",
        text:
          "these are the ranges that the kernel reports; what the device tree or the firmware " +
          "keeps from it is missing",
      });
      return foundOf(draft, "device-tree", "the list of early memory node ranges");
    },
  };
}
