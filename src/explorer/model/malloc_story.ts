/**
 * What the calls above the page allocator decided, in words: who serves malloc, how many pages that takes
 * and why, how `free` knows what to give back.
 *
 * @module
 */

// bits: addresses are bigints.

import { hasHeader } from "../../alloc.ts";
import type { Machine } from "../../machine.ts";
import { translate } from "../../memory/mod.ts";
import { counted, hexAddress } from "../../report/columns.ts";
import { eventPlaceText, placeIn } from "../../report/event_places.ts";
import { placeText } from "../../sources.ts";
import type { Step } from "../../scenario/mod.ts";
import { physAddr, virtAddr } from "../../units.ts";
import { keepsMetadata } from "../../vmalloc/memalign.ts";
import { wordBytes, wrapToWord } from "../../word.ts";
import type { StoryLine } from "./state_view.ts";

/** A step, with the machine before it and the machine after it. */
export interface StepBetween {
  /** The step. */
  readonly step: Step;
  /** The machine before it. */
  readonly before: Machine;
  /** The machine after it. */
  readonly after: Machine;
}

/** A place of which only the function and the file are known. */
function inFunction(file: string, name: string): string {
  return placeText({ file, function: name, line: null, lineOf: "nobody" });
}

function pageBytesOf({ pageShift }: Machine): bigint {
  return 1n << BigInt(pageShift);
}

function wordOf({ arch }: Machine): bigint {
  return BigInt(wordBytes(arch.wordBits));
}

/** The address that a step returned; null if it returned none. */
function returnedAddress({ outcome }: Step): bigint | null {
  if (outcome.kind !== "returned" || outcome.value.kind !== "address") return null;
  return outcome.value.value;
}

/** The word at a virtual address; null where nothing can be read. */
function wordIn(machine: Machine, address: bigint): bigint | null {
  const { tables } = machine.mmu;
  const at = wrapToWord(machine.arch.wordBits, address);
  const phys = tables === null ? at : translate(tables, virtAddr(at))?.physical ?? null;
  if (phys === null) return null;
  return machine.ram.peek(physAddr(phys), wordBytes(machine.arch.wordBits));
}

/** The word at a virtual address, in words. */
function wordAt(machine: Machine, address: bigint): string {
  const word = wordIn(machine, address);
  const at = hexAddress(wrapToWord(machine.arch.wordBits, address));
  return `${word === null ? "nothing that can be read" : hexAddress(word)} at ${at}`;
}

/** What malloc's own two words in front of an object say. */
interface Header {
  /** The start of the block. */
  readonly block: bigint;
  /** Its size in bytes. */
  readonly size: bigint;
  readonly line: StoryLine;
}

/** The two words in front of an object; null where malloc keeps none. */
function headerOf(machine: Machine, object: bigint, by: "memalign" | "free"): Header | null {
  if (!hasHeader(machine.edition)) return null;
  const word = wordOf(machine);
  const [slack, size] = [wordIn(machine, object - 2n * word), wordIn(machine, object - word)];
  const text = `${by === "free" ? "reads" : "keeps"} two words in front of the object: ` +
    `how far the block begins before it, ${wordAt(machine, object - 2n * word)}, ` +
    `and the block's size, ${wordAt(machine, object - word)}`;
  const block = wrapToWord(machine.arch.wordBits, object - (slack ?? 0n));
  return { block, size: size ?? 0n, line: { text, source: inFunction("lib/alloc.c", by) } };
}

/** How many virtual pages a machine has taken. */
function takenPages(machine: Machine): bigint {
  const { vfreeTop, holes } = machine.vmalloc;
  const above = wrapToWord(machine.arch.wordBits, -vfreeTop);
  const free = holes.reduce((sum, { first, end }) => sum + end - first, 0n);
  return (above - free) / pageBytesOf(machine);
}

/** What an allocator was asked for. */
interface Wish {
  readonly alignment: bigint;
  readonly size: bigint;
  /** What it gave; null for nothing. */
  readonly given: bigint | null;
}

function wishOf(step: Step, machine: Machine): Wish | null {
  const { statement, args } = step;
  const [first = 0n, second = 0n] = args;
  const bits = machine.arch.wordBits;
  const given = returnedAddress(step);
  switch (statement.kind === "call" ? statement.call : "") {
    case "malloc":
      return { alignment: wordOf(machine), size: wrapToWord(bits, first), given };
    case "calloc":
      return { alignment: wordOf(machine), size: first * second, given };
    case "memalign":
      return { alignment: wrapToWord(bits, first), size: wrapToWord(bits, second), given };
    default:
      return null;
  }
}

/** Who serves malloc, and how it came to the block. */
function servedLine({ step, before, after }: StepBetween, wish: Wish): StoryLine {
  const asked = `${counted(Number(wish.size), "byte")} at a multiple of ${wish.alignment}`;
  const { given: address } = wish;
  switch (before.ops.current) {
    case "early": {
      const from = hexAddress(before.early.base);
      const given = address === null ? "" : `, and gives ${hexAddress(address)}`;
      const text = `asks the early allocator for ${asked}: it goes upwards from ${from}${given}`;
      return { text, source: inFunction("lib/alloc_phys.c", "phys_alloc_aligned_safe") };
    }
    case "page": {
      const taken = step.events.find(({ kind }) => kind === "state");
      const pages = taken?.kind === "state"
        ? `: the smallest block that holds them has ${counted(taken.count, "page")}`
        : "";
      const text = `asks the page allocator for ${asked}${pages}`;
      return { text, source: inFunction("lib/alloc_page.c", "memalign_pages") };
    }
    case "vmalloc":
      return vmallocLine(before, after, wish, asked);
  }
}

function vmallocLine(
  before: Machine,
  after: Machine,
  { size, given }: Wish,
  asked: string,
): StoryLine {
  const [pageBytes, word] = [pageBytesOf(before), wordOf(before)];
  const text = `asks vmalloc for ${asked}`;
  const source = inFunction("lib/vmalloc.c", "vm_memalign");
  if (given === null) return { text, source };
  if (!keepsMetadata(before.edition)) {
    const pages = takenPages(after) - takenPages(before);
    return { text: `${text}: ${counted(Number(pages), "page")}, and nothing in front`, source };
  }
  if (given % pageBytes !== 0n) {
    return {
      text: `${text}: with what the alignment takes in front they fit one page of ${pageBytes}; ` +
        `the magic word stands in front of the object, ${wordAt(after, given - word)}`,
      source: eventPlaceText(placeIn(before.edition, "onePageMagic")),
    };
  }
  const count = (size + pageBytes - 1n) / pageBytes;
  return {
    text:
      `${text}: with the alignment they do not fit one page of ${pageBytes}, so that it takes ` +
      `${
        counted(Number(count), "page")
      }, and 1 for the metadata in front; the number of pages is ` +
      `${wordAt(after, given - 2n * word)}, the magic word ${wordAt(after, given - word)}`,
    source: eventPlaceText(placeIn(before.edition, "blockCount")),
  };
}

function requestLines(between: StepBetween, wish: Wish): StoryLine[] {
  const { step, before, after } = between;
  const source = inFunction("lib/alloc.c", "memalign");
  if (wish.size === 0n) return [{ text: "asks nobody for 0 bytes: the result is NULL", source }];
  const header = wish.given === null ? null : headerOf(after, wish.given, "memalign");
  const granularity = before.ops.current === "early" ? before.early.alignMin : pageBytesOf(before);
  const asked = header === null ? wish : {
    alignment: wish.alignment > granularity ? wish.alignment : granularity,
    size: header.size,
    given: header.block,
  };
  const call = step.statement.kind === "call" ? step.statement.call : "";
  const cleared = call === "calloc" && wish.given !== null
    ? [{
      text: `clears all ${counted(Number(wish.size), "byte")}`,
      source: inFunction("lib/alloc.c", "calloc"),
    }]
    : [];
  return [...(header === null ? [] : [header.line]), servedLine(between, asked), ...cleared];
}

function freeLines(between: StepBetween): StoryLine[] {
  const [object = 0n] = between.step.args;
  const { before } = between;
  const header = before.ops.current === "early" ? null : headerOf(before, object, "free");
  return header === null
    ? [freeLine(between, object)]
    : [header.line, freeLine(between, header.block)];
}

function freeLine({ step, before, after }: StepBetween, address: bigint): StoryLine {
  const source = inFunction("lib/vmalloc.c", "vm_free");
  if (before.ops.current === "early") {
    const text = "asks the early allocator, which takes nothing back";
    return { text, source: inFunction("lib/alloc.c", "free") };
  }
  if (before.ops.current === "page") {
    const text =
      "asks the page allocator: the page state of the first frame says how large the block is";
    return { text, source: inFunction("lib/alloc.c", "free") };
  }
  if (!keepsMetadata(before.edition)) {
    return { text: "asks vmalloc, which is told how many bytes go back", source };
  }
  if (address === 0n) return { text: "asks vmalloc to free NULL", source };
  const word = wordOf(before);
  const magic = `the word in front of it, which has to be the magic one, is ${
    wordAt(before, address - word)
  }`;
  const given = step.effect === "kept" && step.outcome.kind === "returned"
    ? framesBack(before, after, step)
    : "";
  const text = address % pageBytesOf(before) === 0n
    ? `asks vmalloc: a page begins at ${
      hexAddress(address)
    }, so that one with metadata lies below; ` +
      `${magic}; the number of pages is ${wordAt(before, address - 2n * word)}${given}`
    : `asks vmalloc: no page begins at ${
      hexAddress(address)
    }, so that the object is alone in one; ` +
      `${magic}${given}`;
  return { text, source };
}

/** How many frames went back, and what became of the virtual pages. */
function framesBack(before: Machine, after: Machine, { events }: Step): string {
  const joins = events.filter(({ kind }) => kind === "coalesce").length;
  const links = events.filter(({ kind }) => kind === "link").length;
  const pages = takenPages(before) - takenPages(after);
  const virtual = pages === 0n
    ? "the virtual pages stay taken"
    : "the virtual pages are free again";
  const frames = links - joins;
  return `; ${counted(frames, "frame")} ${frames === 1 ? "goes" : "go"} back, ${virtual}`;
}

/** What was taken of virtual pages, and what was mapped there. */
function virtualLine({ step, before, after }: StepBetween): StoryLine | null {
  const call = step.statement.kind === "call" ? step.statement.call : "";
  const address = returnedAddress(step);
  if (address === null || !/^(?:vmap|alloc_vpage)/.test(call)) return null;
  const pages = takenPages(after) - takenPages(before);
  const top = before.vmalloc.vfreeTop;
  const below = top === 0n ? "the end of the address space" : hexAddress(top);
  const taken = `takes ${counted(Number(pages), "virtual page")} below ${below}`;
  if (call !== "vmap") {
    const wanted = call === "alloc_vpage" ? 1n : step.args[0] ?? 0n;
    const left = pages > wanted ? `, ${pages - wanted} of them to align the others` : "";
    return {
      text: `${taken}${left}: nothing is mapped there yet`,
      source: inFunction("lib/vmalloc.c", call),
    };
  }
  const [phys = 0n, size = 0n] = step.args;
  const first = phys - phys % pageBytesOf(before);
  const text = `${taken}, as ${counted(Number(size), "byte")} take, and maps them to ` +
    `${hexAddress(first)} and what follows: no frame is allocated but for page tables`;
  return { text, source: inFunction("lib/vmalloc.c", "vmap") };
}

/**
 * Says what a call above the page allocator decided.
 *
 * @param between the step, and the machines before and after
 * @returns sentences without a subject, which is the call; none for any other call
 */
export function mallocStory(between: StepBetween): StoryLine[] {
  const { step, before } = between;
  if (step.statement.kind !== "call" || step.outcome.kind === "not-run") return [];
  const wish = wishOf(step, before);
  if (wish !== null) return requestLines(between, wish);
  if (step.statement.call === "free") return freeLines(between);
  const line = virtualLine(between);
  return line === null ? [] : [line];
}
