/**
 * vmalloc: the virtual pages that were taken, the blocks in them with their metadata as bytes, and where
 * they are mapped.
 *
 * @module
 */

import type { Backend } from "../alloc_phys.ts";
import type { Machine } from "../machine.ts";
import { wordBytes } from "../word.ts";
import { hexAddress, textOf } from "./columns.ts";
import { bytesText } from "./memory_bytes.ts";
import { type Paint, type PaintOptions, PLAIN_PAINT } from "./paint.ts";
import { takenOf, takenRangeOf } from "./vmalloc_blocks.ts";
import type { FrameUse, MallocWords, PageRun, Taken } from "./vmalloc_blocks.ts";

/** At most so many blocks are shown. */
const MOST_BLOCKS = 40;

/** Of one block, at most so many runs of pages are shown. */
const MOST_RUNS = 6;

const SERVED_BY: Readonly<Record<Backend, string>> = {
  early: "the early allocator",
  page: "the page allocator",
  vmalloc: "vmalloc",
};

/**
 * Writes what vmalloc gave out: `vfree_top`, then the blocks by ascending address, the newest first, with
 * the words in front of each as bytes and the frames behind it. vmalloc keeps no list of its blocks; they
 * are read off memory, and whether one was freed is read off the page allocator's page states.
 *
 * @param machine the machine
 * @param options colours
 * @returns the text
 */
export function printVmalloc(machine: Machine, options: PaintOptions = {}): string {
  const { paint = PLAIN_PAINT } = options;
  const { first, end } = takenRangeOf(machine);
  const pages = (end - first) >> BigInt(machine.pageShift);
  const taken = takenOf(machine, MOST_BLOCKS);
  const limit = 1n << BigInt(machine.arch.wordBits);
  const below = end === limit ? "the end of the address space" : hexAddress(end);
  return textOf([
    `vfree_top ${hexAddress(machine.vmalloc.vfreeTop)}, ${
      countedPages(pages)
    } taken below ${below}`,
    `malloc is served by ${SERVED_BY[machine.ops.current]}`,
    ...taken.flatMap((one) => linesOf(machine, one, paint)),
    ...(taken.length < MOST_BLOCKS ? [] : [paint.dim("… there may be more above")]),
  ]);
}

function countedPages(pages: bigint): string {
  return `${pages} page${pages === 1n ? "" : "s"}`;
}

const USE_WORDS: Readonly<Record<FrameUse, string>> = {
  "in use": "in use",
  "free": "freed, still mapped",
  "partly free": "partly freed",
};

function coloured(text: string, use: FrameUse, paint: Paint): string {
  return use === "in use" ? paint.allocated(text) : paint.free(text);
}

function linesOf(machine: Machine, taken: Taken, paint: Paint): string[] {
  const word = wordBytes(machine.arch.wordBits);
  const bytes = (physical: bigint): string => bytesText(machine, physical, word);
  switch (taken.kind) {
    case "block": {
      const { address, pages, header, use, runs } = taken;
      const title = `${hexAddress(address)}  block of ${countedPages(pages)}, ${USE_WORDS[use]}`;
      return [
        coloured(title, use, paint),
        `    -${2 * word}`.padEnd(10) + `${bytes(header)}  npages ${pages}`,
        `    -${word}`.padEnd(10) + `${bytes(header + BigInt(word))}  magic`,
        ...wordLines(taken.words, word, bytes),
        ...runLines(machine, runs, "metadata-first"),
      ];
    }
    case "one-page": {
      const { address, header, use, runs } = taken;
      const title = `${hexAddress(address)}  block in one page, ${USE_WORDS[use]}`;
      return [
        coloured(title, use, paint),
        `    -${word}`.padEnd(10) + `${bytes(header)}  magic`,
        ...runLines(machine, runs, "alike"),
      ];
    }
    case "mapped":
      return [
        coloured(`${runTitle(taken.runs)}  mapped, ${mappedWords(taken)}`, taken.use, paint),
        ...wordLines(taken.words, word, bytes),
        ...runLines(machine, taken.runs, "alike"),
      ];
    case "unmapped":
      return [paint.dim(`${runTitle(taken.runs)}  not mapped`)];
  }
}

function mappedWords({ use, words }: Extract<Taken, { readonly kind: "mapped" }>): string {
  if (use === "partly free") return USE_WORDS[use];
  if (use === "free") return "free frames: no block any more";
  return words === null ? "no block" : "in use";
}

/** The words that malloc keeps in front of an object. */
function wordLines(
  words: MallocWords | null,
  word: number,
  bytes: (physical: bigint) => string,
): string[] {
  if (words === null) return [];
  const { object, header, slack, size } = words;
  return [
    `    malloc's object at ${hexAddress(object)}`,
    `    -${2 * word}`.padEnd(10) + `${bytes(header)}  slack ${hexAddress(slack)}`,
    `    -${word}`.padEnd(10) + `${bytes(header + BigInt(word))}  size ${hexAddress(size)}`,
  ];
}

function runTitle([run]: readonly PageRun[]): string {
  if (run === undefined) return "";
  return `${hexAddress(run.virtual)}  ${countedPages(run.pages)}`;
}

/** Where pages are mapped, one line for each run; the metadata page has a line of its own. */
function runLines(
  machine: Machine,
  runs: readonly PageRun[],
  kind: "metadata-first" | "alike",
): string[] {
  const [first, ...others] = runs;
  if (first === undefined) return [];
  const pageBytes = 1n << BigInt(machine.pageShift);
  const rest = { ...partOf(first, 1n, pageBytes), pages: first.pages - 1n };
  const parts = kind === "alike" ? runs.map((run) => ({ run, note: "" })) : [
    { run: { ...first, pages: 1n }, note: "  metadata" },
    ...[...(rest.pages > 0n ? [rest] : []), ...others].map((run) => ({ run, note: "" })),
  ];
  const lines = parts.slice(0, MOST_RUNS).map(({ run, note }) => runLine(run, pageBytes) + note);
  const left = parts.length - lines.length;
  return left > 0 ? [...lines, `    … ${left} more`] : lines;
}

function partOf({ virtual, physical }: PageRun, skipped: bigint, pageBytes: bigint): {
  virtual: bigint;
  physical: bigint | null;
} {
  const distance = skipped * pageBytes;
  return { virtual: virtual + distance, physical: physical === null ? null : physical + distance };
}

function runLine({ virtual, physical, pages }: PageRun, pageBytes: bigint): string {
  const span = (first: bigint): string =>
    pages === 1n
      ? hexAddress(first)
      : `${hexAddress(first)}..${hexAddress(first + pages * pageBytes - 1n)}`;
  return `    ${span(virtual)}  ${physical === null ? "not mapped" : `at ${span(physical)}`}`;
}
