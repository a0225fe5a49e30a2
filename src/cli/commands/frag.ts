/**
 * `frag`: judges the fragmentation of a real machine's free memory, from the files in which Linux shows it.
 *
 * @module
 */

import {
  compareIndices,
  freePagesOf,
  hugePageOrder,
  indicesOf,
  isIndexTable,
  largestOrderOf,
  readFreeMemory,
  shareInBlocks,
  zoneCountsOf,
} from "../../fragmentation/mod.ts";
import type { FreeMemoryTable } from "../../fragmentation/mod.ts";
import { escapeText, printFreeMemory, printIndexComparison } from "../../report/mod.ts";
import { attempt } from "../attempt.ts";
import { bytesOption } from "../boot_memory.ts";
import { JSON_OPTION, writeJson, writeLines } from "../command.ts";
import type { Command, Context } from "../command.ts";
import { worstOf } from "../exit.ts";
import type { ExitCode } from "../exit.ts";
import { STANDARD_INPUT } from "../io.ts";

/** The format of the JSON. */
const FORMAT = "buddyscope-frag-1";
/** A log of readings may be long, but a file is not read without end. */
const MOST_BYTES = 64 * 2 ** 20;
const USUAL_SHIFT = 12;
const LARGEST_SHIFT = 20;

/** A file and its tables. */
interface ReadFile {
  readonly file: string;
  readonly tables: readonly FreeMemoryTable[];
}

/** What a text has that is none: bytes of 0, or such as stand for no character. */
const BINARY = /[\0\ufffd]/;
/** Events of the page allocator. */
const EVENTS = /\bmm_page_(?:alloc|free)\b/;

/** Refuses what is often taken for such a file, and says what reads it. */
function checkText(text: string): void {
  if (BINARY.test(text)) {
    throw new SyntaxError(
      "Cannot read the file: it must be text in UTF-8; `gzip -dc FILE | buddyscope frag -` reads " +
        "one that is compressed, `iconv -f UTF-16 -t UTF-8 FILE | buddyscope frag -` one in UTF-16",
    );
  }
  if (EVENTS.test(text)) {
    throw new SyntaxError(
      "Cannot read the file: it must be a table of free memory, it is a trace; " +
        "`buddyscope replay FILE --show fragmentation` runs it",
    );
  }
}

async function readTables({ io }: Context, path: string): Promise<ReadFile> {
  const { chunks } = await io.readBytes(path);
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) {
      throw new SyntaxError("Cannot read the file: it must be at most 64 MiB, cut it in parts");
    }
    text += decoder.decode(chunk, { stream: true });
  }
  text += decoder.decode();
  checkText(text);
  return { file: path, tables: readFreeMemory(text, path) };
}

function pageShiftFor({ args }: Context): number {
  const bytes = bytesOption(args, "page-size");
  if (bytes === null) return USUAL_SHIFT;
  for (let shift = USUAL_SHIFT; shift <= LARGEST_SHIFT; shift++) {
    if (bytes === 1n << BigInt(shift)) return shift;
  }
  return args.refuse("Option --page-size must be a power of two from 4K to 1M");
}

/** A table as plain data, its counts with their indices. */
function tableToJson(table: FreeMemoryTable, pageShift: number): unknown {
  if (isIndexTable(table)) return table;
  return {
    ...table,
    zones: zoneCountsOf(table).map(({ node, zone, counts, atLeast }) => ({
      node,
      zone,
      counts,
      atLeast,
      freePages: Number(freePagesOf(counts)),
      largestOrder: largestOrderOf(counts),
      shareInHugePages: shareInBlocks(counts, hugePageOrder(pageShift)),
      indices: indicesOf(counts),
    })),
  };
}

function printJson(context: Context, files: readonly ReadFile[], pageShift: number): void {
  writeJson(context, {
    format: FORMAT,
    pageSize: 2 ** pageShift,
    hugePageOrder: hugePageOrder(pageShift),
    files: files.map(({ file, tables }) => ({
      file,
      tables: tables.map((table) => tableToJson(table, pageShift)),
    })),
    printedIndices: compareIndices(files.flatMap(({ tables }) => tables)),
  });
}

function printText(context: Context, files: readonly ReadFile[], pageShift: number): void {
  const { args, io, paint } = context;
  const isDrawn = io.stdout.isTerminal && !io.noColor && args.value("color") !== "never";
  const glyphs = isDrawn ? "blocks" : "ascii";
  for (const [index, { file, tables }] of files.entries()) {
    const name = file === STANDARD_INPUT ? "standard input" : escapeText(file);
    writeLines(context, [...(index === 0 ? [] : [""]), paint.bold(name), ""]);
    io.stdout.write(printFreeMemory(tables, { paint, glyphs, pageShift }));
  }
  const comparison = printIndexComparison(compareIndices(files.flatMap(({ tables }) => tables)));
  if (comparison !== "") io.stdout.write(`\n${comparison}`);
}

async function run(context: Context): Promise<ExitCode> {
  const { args } = context;
  if (args.words.length === 0) args.refuse("frag needs a file, or - for standard input");
  const pageShift = pageShiftFor(context);
  const files: ReadFile[] = [];
  const codes: ExitCode[] = [];
  for (const path of args.words) {
    await attempt(context, path, codes, async () => {
      files.push(await readTables(context, path));
    });
  }
  if (args.has("json")) printJson(context, files, pageShift);
  else printText(context, files, pageShift);
  return worstOf(codes);
}

/** The command. */
export const FRAG: Command = {
  name: "frag",
  summary: "judges the fragmentation of a machine from /proc/buddyinfo and its like",
  usage: "FILE…",
  options: [
    { name: "page-size", value: "SIZE", help: "the machine's page size; 4K by default" },
    JSON_OPTION,
  ],
  notes: [
    "A FILE is /proc/buddyinfo, /proc/pagetypeinfo, or extfrag_index or unusable_index of",
    "/sys/kernel/debug/extfrag, from any machine, several behind each other or read again and again;",
    "or - for standard input. Shown are each zone's free pages, its largest block and, for each order,",
    "the kernel's two indices in its own arithmetic and the share of free memory in blocks from that",
    "order on. Printed indices are compared with those that printed counts of the same zone give.",
    "docs/fragmentation.md says what the numbers mean.",
  ],
  examples: ["frag - < /proc/buddyinfo", "frag examples/buddyinfo.txt --json"],
  run,
};
