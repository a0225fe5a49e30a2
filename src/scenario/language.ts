/**
 * The language of scenarios as a list, for help texts.
 *
 * @module
 */

import { isHostCall } from "./call_row.ts";
import type { CallRow } from "./call_row.ts";
import { CALLS, usageOf } from "./calls.ts";
import { MACHINE_KEYS } from "./machine_keys.ts";
import type { View } from "./types.ts";
import { VIEWS } from "./types.ts";

/** One thing that can be written. */
export interface LanguageEntry {
  /** How it is written; what stands in capitals is to be replaced. */
  readonly usage: string;
  /** What it means, in a line. */
  readonly help: string;
}

/** Things of one kind. */
export interface LanguageSection {
  /** What they are. */
  readonly title: string;
  /** The things. */
  readonly entries: readonly LanguageEntry[];
}

const STATEMENTS: readonly LanguageEntry[] = [
  { usage: "machine ARCH [KEY=VALUE ...]", help: "the machine; stands first or not at all" },
  { usage: "[NAME =] CALL [OPTION ...]", help: "runs a call and binds its result to a name" },
  { usage: "try [NAME =] CALL ...", help: "undoes the call if it ends in anything but a return" },
  { usage: "[NAME =] host ACT ...", help: "what the other side does to memory" },
  { usage: "expect WHAT", help: "says what must hold" },
  { usage: "show VIEW", help: "asks for a view of the state" },
  { usage: "# TEXT", help: "a comment, to the end of the line" },
];

const VALUES: readonly LanguageEntry[] = [
  {
    usage: "4096, 0x1000, 4K",
    help: "numbers; K, M, G, T for powers of 1024 in sizes and addresses",
  },
  { usage: "NAME, NAME+OFFSET, NAME-OFFSET", help: "the result of an earlier call" },
  { usage: "NULL", help: "the null pointer" },
];

const OPTIONS: readonly LanguageEntry[] = [
  {
    usage: "area=NAME|NAME",
    help: "the areas allowed: zones such as LOW, aliases such as DMA31, areaN",
  },
  { usage: "dontzero", help: "the contents may stay as they are" },
  { usage: "fresh", help: "the frames must never have been touched" },
  { usage: "flags=NUMBER", help: "the number that the edition's call takes, as it is" },
];

const EXPECTATIONS: readonly LanguageEntry[] = [
  { usage: "expect X == Y", help: "X equals Y; a null pointer equals null only" },
  { usage: "expect X != Y", help: "X does not equal Y" },
  { usage: "expect X below Y", help: "X is less than Y" },
  { usage: "expect X at Y", help: "X equals Y" },
  { usage: "expect X above Y", help: "X is greater than Y" },
  { usage: "expect X is null", help: "X is the null pointer" },
  { usage: "expect X aligned to SIZE", help: "X is a multiple of SIZE" },
  { usage: "expect X in area NAME", help: "the frame at X is a usable frame of an area" },
  { usage: "expect X has order N", help: "the page state of the frame at X has this order" },
  { usage: "expect X has status fresh|free|allocated|special", help: "... and this status" },
  { usage: "expect last returns X|null|nothing", help: "the last call returned this" },
  { usage: 'expect last asserts "TEXT"', help: "its assertion failed; the line printed has TEXT" },
  { usage: "expect last faults [at X]", help: "it made a wrong access" },
  { usage: "expect last is undefined", help: "it did what C leaves undefined" },
  { usage: "expect free pages == N [in area NAME]", help: "so many frames are fresh or free" },
  {
    usage: "expect free blocks == N of order K [in area NAME]",
    help: "so many blocks stand on the free lists of this order",
  },
  { usage: "expect bytes X are HH HH ...", help: "memory holds these bytes" },
  { usage: "expect no violations", help: "no call up to here broke a rule of a sound allocator" },
  { usage: "expect nothing lost", help: "all is freed, and the machine as fresh as after set-up" },
];

const VIEW_HELP: Readonly<Record<View, string>> = {
  map: "where things are: one cell for each frame",
  blocks: "one line for each block",
  lists: "the free lists, front first",
  fragmentation: "free memory by order, with Linux's indices of fragmentation",
  buddyinfo: "the free blocks by order, as Linux's /proc/buddyinfo has them",
  areas: "the area descriptors",
  states: "the page states as runs of bytes",
  trace: "the calls up to here and what they gave",
  touched: "the memory that was ever touched",
  vmalloc: "the virtual pages that were taken: blocks with their metadata, and what is mapped",
  tables: "the page tables: the root's bytes, the tables of each level, what is mapped",
  host: "what the host took and was told, and what is switched on",
  phys: "what the early allocator gave out, as the guest prints it",
};

const isHost = (row: CallRow): boolean => isHostCall(row.name);

function entryOf(row: CallRow): LanguageEntry {
  return { usage: usageOf(row), help: row.help };
}

/** Everything that can be written in a scenario, by kind. */
export const LANGUAGE: readonly LanguageSection[] = [
  { title: "statements", entries: STATEMENTS },
  { title: "keys of machine", entries: MACHINE_KEYS.map(({ usage, help }) => ({ usage, help })) },
  { title: "calls", entries: CALLS.filter((row) => !isHost(row)).map(entryOf) },
  { title: "the host", entries: CALLS.filter(isHost).map(entryOf) },
  { title: "options of requests", entries: OPTIONS },
  { title: "values", entries: VALUES },
  { title: "expectations", entries: EXPECTATIONS },
  { title: "views", entries: VIEWS.map((view) => ({ usage: view, help: VIEW_HELP[view] })) },
];
