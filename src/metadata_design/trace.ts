/**
 * What the designs are run on: ranges of frames and operations, in the order in which they came.
 *
 * @module
 */

import type { Arch } from "../arch.ts";
import { DEFAULT_EDITION } from "../edition.ts";
import type { Machine } from "../machine.ts";
import type { AllocatorCall, AllocatorResult } from "../page_allocator.ts";
import type { Outcome } from "../outcome.ts";
import { FLAG_AREAS, Replayer, TraceBuilder, WORDS_OF_KIND } from "../replay/mod.ts";
import type { Trace, TraceHeader, TraceOperation } from "../replay/mod.ts";
import { readRequestFlags } from "../request_flags.ts";
import { orderOfPages, pageCount, pfnOfPhysAddr } from "../units.ts";
import { rangesOfAreas } from "./ranges.ts";
import type { ManagedRange } from "./ranges.ts";

/** A word's lowest bits say the kind of the operation. */
const KINDS = 8;

/** The machine of a trace, as far as designs depend on it. */
export interface DesignMachine {
  /** The name of its architecture. */
  readonly arch: string;
  /** 4 or 8. */
  readonly wordBytes: number;
  /** The base-2 logarithm of the size of a frame. */
  readonly pageShift: number;
}

/** Operations that follow when ranges were handed over. */
export interface TracePart {
  /** What is handed over. */
  readonly ranges: readonly ManagedRange[];
  /** The operations, as traces have them. */
  readonly words: Uint32Array;
}

/** A trace for designs. */
export interface DesignTrace extends DesignMachine {
  /** Its name. */
  readonly name: string;
  /** What it is, in a line. */
  readonly summary: string;
  /** The parts. */
  readonly parts: readonly TracePart[];
  /** A small trace of the same kind, on which a host's policies are run; the first operations if left out. */
  readonly excerpt?: DesignTrace;
}

/**
 * All ranges of a trace.
 *
 * @param trace the trace
 * @returns the ranges, in the order in which they are handed over
 */
export function rangesOfTrace({ parts }: Pick<DesignTrace, "parts">): ManagedRange[] {
  return parts.flatMap(({ ranges }) => ranges);
}

/**
 * The length of an operation.
 *
 * @param words operations, as traces have them
 * @param at where it begins
 * @returns how many words it has
 */
export function wordsAt(words: Uint32Array, at: number): number {
  return WORDS_OF_KIND[(words[at] ?? 0) % KINDS] || 1;
}

/** The machine of an architecture. */
function machineFor({ name, wordBits }: Arch, pageShift: number): DesignMachine {
  return { arch: name, wordBytes: wordBits / 8, pageShift };
}

/** What a trace of the replay form hands over, and on which machine. */
export interface TraceMachine extends DesignMachine {
  /** What is handed over. */
  readonly ranges: readonly ManagedRange[];
}

/**
 * The machine and the frames of a trace in the form of replays: what the repaired edition has for use
 * when it was given the trace's areas.
 *
 * @param header the header of the trace
 * @param arch the architecture that it names
 * @returns the machine, and the ranges
 * @throws {RangeError} if the machine cannot be made, or its allocator stops at these areas
 */
export function machineOfHeader({ areas, pageShift }: TraceHeader, arch: Arch): TraceMachine {
  const replayer = new Replayer({ arch, edition: DEFAULT_EDITION, areas, pageShift });
  const ranges = rangesOfAreas(replayer.areas());
  if (replayer.end !== null || ranges.length === 0) {
    throw new RangeError("Cannot run the trace: no area of it has a frame for use");
  }
  return { ...machineFor(arch, replayer.pageShift), ranges };
}

/**
 * Makes a trace for designs out of one in the form of replays.
 *
 * @param name its name
 * @param summary what it is
 * @param trace the trace
 * @param arch the architecture that it names
 * @returns the trace
 * @throws {RangeError} if the machine cannot be made, or its allocator stops at these areas
 */
export function designTraceOf(
  name: string,
  summary: string,
  { header, words }: Trace,
  arch: Arch,
): DesignTrace {
  const { ranges, ...machine } = machineOfHeader(header, arch);
  return { name, summary, ...machine, parts: [{ ranges, words }] };
}

/** A call that was made, and what it gave. */
interface MadeCall {
  readonly call: AllocatorCall;
  readonly value: AllocatorResult;
}

/** Writes down the calls that a machine's page allocator gets. */
class CallRecorder {
  readonly #machine: Machine;
  readonly #handles = new Map<bigint, number>();
  readonly #parts: { ranges: ManagedRange[]; builder: TraceBuilder }[] = [];
  /** The requests of all parts, which share their handles. */
  #requests = 0;

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  note({ call, value }: MadeCall): void {
    if (call.kind === "init-area") {
      this.#noteAreas();
      return;
    }
    const builder = this.#parts.at(-1)?.builder;
    const operation = this.#operationOf(call);
    if (builder === undefined || operation === null) return;
    // Nobody gives back what a failed request did not get: it is left out.
    if (operation.kind === "alloc" && typeof value !== "bigint") return;
    builder.add(operation);
    if (operation.kind === "alloc" && typeof value === "bigint") {
      this.#handles.set(value, this.#requests++);
    }
  }

  #noteAreas(): void {
    const views = this.#machine.pages.areas().toSorted((one, other) =>
      one.metadata - other.metadata
    );
    const known = this.#parts.flatMap(({ ranges }) => ranges.map(({ base }) => base));
    const ranges = rangesOfAreas(views).filter(({ base }) => !known.includes(base));
    if (ranges.length > 0) this.#parts.push({ ranges, builder: new TraceBuilder() });
  }

  #operationOf(call: AllocatorCall): TraceOperation | null {
    const { pageShift, edition } = this.#machine;
    const areasOf = (flags: number): number =>
      readRequestFlags(edition, flags, FLAG_AREAS).areasMask;
    const pages = (bytes: bigint): number =>
      Number((bytes + (1n << BigInt(pageShift)) - 1n) >> BigInt(pageShift));
    switch (call.kind) {
      case "alloc-pages":
        return {
          kind: "alloc",
          alignOrder: call.order,
          sizeOrder: call.order,
          flags: areasOf(call.flags),
        };
      case "memalign-pages":
        return {
          kind: "alloc",
          alignOrder: orderOfPages(pageCount(pages(call.alignment))),
          sizeOrder: orderOfPages(pageCount(pages(call.size))),
          flags: areasOf(call.flags),
        };
      case "free-pages": {
        const handle = this.#handles.get(call.address);
        return handle === undefined ? null : { kind: "free", handle };
      }
      case "reserve-pages":
      case "unreserve-pages": {
        const kind = call.kind === "reserve-pages" ? "reserve" : "unreserve";
        return { kind, pfn: pfnOfPhysAddr(call.address, pageShift), count: call.count };
      }
      case "init-area":
        return null;
    }
  }

  parts(): TracePart[] {
    const { arch, pageShift } = this.#machine;
    return this.#parts.map(({ ranges, builder }) => {
      const { words } = builder.build({ arch: arch.name, edition: null, pageShift, areas: [] });
      return { ranges, words };
    });
  }
}

/**
 * Writes down the calls that a machine's page allocator gets while something is done. Wishes for fresh
 * frames and for zeroes are left out: they are no matter of metadata.
 *
 * @param machine a machine whose page allocator was given nothing yet; whoever observed it does no longer
 * @param action what is done
 * @returns the machine, and the parts
 */
export function recordCalls(
  machine: Machine,
  action: () => void,
): DesignMachine & Pick<DesignTrace, "parts"> {
  const recorder = new CallRecorder(machine);
  machine.pages.observer = {
    before: () => {},
    after: (call: AllocatorCall, outcome: Outcome<AllocatorResult>) => {
      if (outcome.kind === "returned") recorder.note({ call, value: outcome.value });
    },
  };
  action();
  machine.pages.observer = null;
  return { ...machineFor(machine.arch, machine.pageShift), parts: recorder.parts() };
}
