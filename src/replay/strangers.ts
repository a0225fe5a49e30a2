/**
 * Files that people have when they want a trace: they are recognised, to say what leads to one.
 *
 * @module
 */

import type { TraceFormat } from "./reader.ts";

/** A file that is no trace. */
interface Stranger {
  /** What it is. */
  readonly what: string;
  /** What to do. */
  readonly wayOut: string;
  readonly detects: (first: Uint8Array) => boolean;
}

/** Tells whether bytes begin with others. */
function begins(first: Uint8Array, bytes: readonly number[]): boolean {
  return bytes.every((byte, index) => first[index] === byte);
}

function beginsWith(...starts: readonly (readonly number[])[]): Stranger["detects"] {
  return (first) => starts.some((bytes) => begins(first, bytes));
}

const ascii = (text: string): number[] => [...new TextEncoder().encode(text)];

const TEXT_OF_PERF = "the text of `perf script -i perf.data` is one";

/** Headings of `perf kmem stat` and of its tables. */
const KMEM_STAT = /Total alloc \(KB\) *\||^SUMMARY \((?:SLAB|page) allocator\)/m;

/** The first line of a table of free memory, behind comments. */
const FREE_MEMORY = /^\ufeff?(?:#.*\n|\s*\n)*(?:Node +\d+, zone |Page block order: )/;

const STRANGERS: readonly Stranger[] = [
  {
    what: "a recording of trace-cmd, in binary",
    wayOut: "the text of `trace-cmd report -i trace.dat` is one",
    detects: beginsWith([0x17, 0x08, 0x44, ...ascii("tracing")]),
  },
  {
    what: "a recording of perf, in binary",
    wayOut: TEXT_OF_PERF,
    detects: beginsWith(ascii("PERFILE2"), ascii("2ELIFREP"), ascii("PERFFILE")),
  },
  {
    what: "compressed by gzip",
    wayOut: "`gzip -dc FILE | buddyscope replay -` reads what is in it",
    detects: beginsWith([0x1f, 0x8b]),
  },
  {
    what: "compressed by xz",
    wayOut: "`xz -dc FILE | buddyscope replay -` reads what is in it",
    detects: beginsWith([0xfd, ...ascii("7zXZ"), 0]),
  },
  {
    what: "compressed by zstd",
    wayOut: "`zstd -dc FILE | buddyscope replay -` reads what is in it",
    detects: beginsWith([0x28, 0xb5, 0x2f, 0xfd]),
  },
  {
    what: "a text in UTF-16",
    wayOut: "`iconv -f UTF-16 -t UTF-8 FILE | buddyscope replay -` reads it",
    detects: beginsWith([0xff, 0xfe], [0xfe, 0xff]),
  },
  {
    what: "a report of `perf kmem stat`, which has sums and no events",
    wayOut: `${TEXT_OF_PERF}, of the same recording`,
    detects: (first) => KMEM_STAT.test(new TextDecoder().decode(first)),
  },
  {
    what: "a table of free memory",
    wayOut: "`buddyscope frag FILE` reads it",
    detects: (first) => FREE_MEMORY.test(new TextDecoder().decode(first)),
  },
];

/** Formats that say what a file is, and do not read it. */
export const STRANGER_FORMATS: readonly TraceFormat[] = STRANGERS.map(
  ({ what, wayOut, detects }) => ({
    name: what,
    beginning: null,
    detects,
    open: () => {
      throw new SyntaxError(
        `Cannot read the trace: it must be a trace of operations, it is ${what}; ${wayOut}`,
      );
    },
  }),
);
