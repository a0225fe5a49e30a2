/**
 * Why bytes were written, and where upstream does it: from the hand that wrote them and the event that
 * followed.
 *
 * @module
 */

// bits: addresses are bigints.

import type { Machine } from "../../machine.ts";
import type { AllocatorEvent } from "../../page_allocator.ts";
import {
  type EventPlace,
  eventPlaceText,
  placeIn,
  placesOfEvents,
} from "../../report/event_places.ts";
import { eventText } from "../../report/events.ts";
import { formatOf } from "../../report/subject.ts";
import { listStorePlace, placeText } from "../../sources.ts";
import type { SourcePlace, SourceStatement } from "../../sources.ts";
import type { StepWrite } from "./writes.ts";

/** A step, as far as it explains writes. */
export interface WriterContext {
  /** The machine. */
  readonly machine: Machine;
  /** The call that the scenario made. */
  readonly call: string;
  /** What the allocator reported. */
  readonly events: readonly AllocatorEvent[];
}

/** Why something was written. */
export interface Reason {
  /** In words; empty where there is nothing to add. */
  readonly why: string;
  /** Function, file and line upstream; empty where upstream has none. */
  readonly source: string;
}

/** What the bytes are to the page allocator. */
export type WrittenKind = "states" | "member" | "head" | "heads" | "node" | "max-order" | "bytes";

/** What `list_remove()` and `list_add()` are reported as. */
const LIST_EVENTS: Readonly<Record<string, AllocatorEvent["kind"]>> = {
  "list_remove()": "unlink",
  "list_add()": "link",
};

/** The statements by which functions write page states. */
const STATE_STATEMENTS: Readonly<Record<string, SourceStatement>> = {
  "split()": "splitStates",
  "coalesce()": "mergeStates",
  "_free_pages()": "freeStates",
  "_reserve_one_page()": "reserveStates",
  "_unreserve_one_page()": "unreserveStates",
  "_page_alloc_init_area()": "initStates",
};

/** What writes that upstream knows nothing of are for. */
const OUTSIDERS: Readonly<Record<string, string>> = {
  "the scenario": "written by the scenario",
  "the host": "the host took the pages away: they read as zero",
  "poison": "the guest poisons what it gives back",
  "init-on-free": "the guest wipes what it gives back",
  "init-on-alloc": "the guest wipes what it hands out",
  "unmap_page()": "the page is no longer mapped, which upstream leaves as it is",
};

/** What members of areas are for, and what other bytes are. */
const MEANINGS: { readonly [Kind in WrittenKind]?: string } = {
  "max-order": "the largest order worth searching",
  "member": "the area is described",
  "heads": "an empty list is a head that is linked to itself",
};

/** Why functions write what is none of the page allocator's. */
const PURPOSES: readonly (readonly [by: RegExp, why: string])[] = [
  [/^(?:vm_memalign|vm_alloc_one_page|memalign)\(/, "read again when the block is given back"],
  [/^calloc\(/, "the block is cleared before it is handed out"],
  [/^(?:install|setup_mmu|mmu_set)/, "pages are mapped"],
  [/^split_large/, "a large page becomes small ones"],
  [/^virt_to_pte_phys/, "the lookup maps what it does not find"],
];

/** The files of functions that are neither the page allocator's nor those of page tables. */
const FILES: Readonly<Record<string, string>> = {
  "memalign()": "lib/alloc.c",
  "calloc()": "lib/alloc.c",
  "bringup_aps()": "lib/x86/smp.c",
  "smp_cpu_setup()": "lib/s390x/smp.c",
};

/** The files of other functions, by how their names begin. */
const FILES_BY_NAME: readonly (readonly [by: RegExp, file: string])[] = [
  [/^(?:list_|is_list_)/, "lib/list.h"],
  [/^(?:vm_|vmap|alloc_vpage)/, "lib/vmalloc.c"],
  [/^(?:malloc|calloc|memalign|free)\(/, "lib/alloc.c"],
  [/^_?(?:page_|alloc_page|free_page|reserve_|unreserve_|split\(|coalesce)/, "lib/alloc_page.c"],
  [/^_(?:un)?reserve_one_page/, "lib/alloc_page.c"],
];

/** A place of which only the function and the file are known. */
function withoutLine(file: string, by: string): SourcePlace {
  return { file, function: by.replace("()", ""), line: null, lineOf: "nobody" };
}

/** Tells whether a write changes a list. */
export function isListWrite({ by }: StepWrite): boolean {
  return by in LIST_EVENTS;
}

/** Tells whether a write changes page tables. */
export function isTableWrite({ by }: StepWrite): boolean {
  return /^(?:install_|setup_mmu|mmu_set_|split_large_page|virt_to_pte_phys|unmap_page)/.test(by);
}

/** The file with upstream's functions for a machine's page tables. */
function tableFileOf({ arch, pageShift }: Machine): string | undefined {
  return arch.pageTables.find((format) => format.pageShift === pageShift)?.file;
}

/**
 * Where upstream made an access of which the function is known.
 *
 * @param machine the machine
 * @param by the function, or who else made the access
 * @param access what it was
 * @returns function, file and, where the function writes at one place only, the line; the name alone for
 * what upstream knows nothing of
 */
export function functionPlace(machine: Machine, by: string, access: "read" | "write"): string {
  if (by in OUTSIDERS) return "";
  const statement = access === "write" ? STATE_STATEMENTS[by] : undefined;
  if (statement !== undefined) return eventPlaceText(placeIn(machine.edition, statement));
  if (by === "list_add()" || by === "list_remove()") {
    const store = listStorePlace(by === "list_add()" ? "list_add" : "list_remove");
    return placeText(access === "write" ? store : { ...store, line: null });
  }
  const file = FILES[by] ?? FILES_BY_NAME.find(([pattern]) => pattern.test(by))?.[1] ??
    tableFileOf(machine);
  return by.endsWith("()") && file !== undefined ? placeText(withoutLine(file, by)) : by;
}

/** Says of the writes of one step why they were made. */
export class Writers {
  readonly #context: WriterContext;
  readonly #places: readonly EventPlace[];

  /**
   * Begins with a step.
   *
   * @param context the step
   */
  constructor(context: WriterContext) {
    this.#context = context;
    const { events, call, machine: { edition } } = context;
    this.#places = placesOfEvents(events, { edition, call });
  }

  /** Tells whether a write wipes the frames that an event tells of. */
  wipesFrames({ event, first, end }: StepWrite): boolean {
    const told = this.#context.events[event];
    if (told?.kind !== "zero") return false;
    const { pageShift } = this.#context.machine;
    const start = BigInt(told.pfn) << BigInt(pageShift);
    return first === start && end - start === BigInt(told.count) << BigInt(pageShift);
  }

  /**
   * Says why something was written.
   *
   * @param write the write
   * @param kind what the bytes are
   * @param frame the frame whose list node they are; null for anything else
   * @returns the reason
   */
  reasonOf(write: StepWrite, kind: WrittenKind, frame: number | null): Reason {
    const { by } = write;
    const outsider = OUTSIDERS[by];
    if (outsider !== undefined) return { why: outsider, source: "" };
    if (by in LIST_EVENTS) return this.#listReason(write, frame);
    const purpose = PURPOSES.find(([pattern]) => pattern.test(by))?.[1] ?? "";
    const why = MEANINGS[kind] ?? purpose;
    const statement = this.#statementOf(write, kind);
    if (statement !== null) {
      return { why, source: eventPlaceText(placeIn(this.#edition, statement)) };
    }
    const file = isTableWrite(write) ? tableFileOf(this.#context.machine) : FILES[by];
    if (file === undefined) return { why: `written by ${by}`, source: "" };
    return { why, source: placeText(withoutLine(file, by)) };
  }

  get #edition(): Machine["edition"] {
    return this.#context.machine.edition;
  }

  /** The list was changed by the event that followed; to make an area, none follows. */
  #listReason({ by, event }: StepWrite, frame: number | null): Reason {
    const told = this.#context.events[event];
    const store = placeText(listStorePlace(by === "list_add()" ? "list_add" : "list_remove"));
    const place = this.#places[event];
    if (told === undefined || place === undefined || told.kind !== LIST_EVENTS[by]) {
      const caller = eventPlaceText(placeIn(this.#edition, "initLinks"));
      return { why: "the area's first blocks are listed", source: `${store}, called by ${caller}` };
    }
    const text = eventText(told, formatOf(this.#context.machine));
    const isNeighbour = frame !== null && "pfn" in told && told.pfn !== frame;
    return {
      why: isNeighbour ? `${text}, its neighbour` : text,
      source: `${store}, called by ${eventPlaceText(place)}`,
    };
  }

  #statementOf({ by, event }: StepWrite, kind: WrittenKind): SourceStatement | null {
    const told = this.#context.events[event]?.kind;
    if (kind === "max-order") return this.#maxOrderStatement(told);
    if (by === "_page_alloc_init_area()" && kind === "heads") return "initEmptiesLists";
    if (by === "area") return "initDescribes";
    if (by === "page_memalign_order()") return told === "link" ? "takeFreshStates" : "takeStates";
    if (by === "vm_alloc_one_page()") return "onePageMagic";
    if (by === "vm_memalign()") return "blockCount";
    if (by === "free_pages()") return "listLinks";
    if (by === "alloc_pages()") return "listUnlinks";
    return STATE_STATEMENTS[by] ?? null;
  }

  #maxOrderStatement(told: AllocatorEvent["kind"] | undefined): SourceStatement {
    if (told === "split") return "splitLowersMaxOrder";
    if (told === "coalesce" || told === "link") return "mergeRaisesMaxOrder";
    return "initRaisesMaxOrder";
  }
}
