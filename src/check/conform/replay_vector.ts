/**
 * Replaying a recording of the page allocator.
 *
 * @module
 */

import { ANY_AREA, reservationOf } from "../../alloc_page/mod.ts";
import type { Arch } from "../../arch.ts";
import { editionNamed } from "../../edition.ts";
import type { Edition } from "../../edition.ts";
import { cloneMachine, createMachine, declareRam, runOnMachine } from "../../machine.ts";
import type { Machine } from "../../machine.ts";
import type { Outcome, Stopped } from "../../outcome.ts";
import { flagValuesOf } from "../../request_flags.ts";
import { pageCount, pfn, physAddr, virtAddr } from "../../units.ts";
import { wrapToWord } from "../../word.ts";
import { dumpArea, hashAreas, summarizeArea } from "./dump.ts";
import { RecordingError } from "./types.ts";
import type { ConformEnvironment, ConformResult, Mismatch } from "./types.ts";
import type { VectorFile, VectorStep } from "./vector_file.ts";

/** The architecture that stands for each layout of the recordings. */
const ARCH_OF_LAYOUT: Readonly<Record<string, string>> = {
  x86: "x86_64",
  i386: "i386",
  s390x: "s390x",
  generic4k: "arm64",
  generic64k: "arm64",
  generic32: "arm",
};

interface Replay {
  machine: Machine;
  /** The addresses that the recording's names stand for; null for a failed request. */
  readonly blocks: Map<string, bigint | null>;
}

function archOf(file: VectorFile, environment: ConformEnvironment): Arch {
  const arch = environment.archNamed(ARCH_OF_LAYOUT[file.layout] ?? file.layout);
  if (
    arch === null || arch.wordBits !== file.wordBits || !arch.pageShifts.includes(file.pageShift)
  ) {
    throw new RecordingError(
      `Cannot replay the recording: no architecture is known for layout "${file.layout}" with ` +
        `${file.wordBits} bits and page shift ${file.pageShift}`,
    );
  }
  // The recordings were made on x86, whose shifts take the count modulo the width.
  const wideShift = "count-modulo-width";
  return { ...arch, wideShiftOfLong: wideShift, wideShiftOf64Bits: wideShift };
}

function editionOf(file: VectorFile): Edition {
  const edition = editionNamed(file.edition);
  if (edition === null) {
    throw new RecordingError(`Cannot replay the recording: edition "${file.edition}" is not known`);
  }
  return edition;
}

/**
 * Replays a recording of the page allocator up to the first difference.
 *
 * @param file the recording
 * @param environment the architectures
 * @returns the number of steps compared, and the difference if there is one
 * @throws {RecordingError} if a step cannot be understood
 */
export function replayVector(file: VectorFile, environment: ConformEnvironment): ConformResult {
  const edition = editionOf(file);
  const machine = createMachine({
    arch: archOf(file, environment),
    edition,
    pageShift: file.pageShift,
    engine: environment.engine ?? "auto",
  });
  const replay: Replay = { machine, blocks: new Map() };
  const title = `${edition.name} ${file.layout}`;
  for (const [index, step] of file.steps.entries()) {
    const mismatch = replayStep(replay, step, index);
    if (mismatch !== null) return { kind: "vector", title, steps: index + 1, mismatch };
  }
  return { kind: "vector", title, steps: file.steps.length, mismatch: null };
}

function replayStep(
  replay: Replay,
  [operation, recorded]: VectorStep,
  index: number,
): Mismatch | null {
  const compare = (what: string, wanted: unknown, given: unknown): Mismatch | null => {
    const [left, right] = [JSON.stringify(wanted), JSON.stringify(given)];
    return left === right
      ? null
      : { step: index, operation, what, recorded: left ?? "missing", modelled: right ?? "missing" };
  };
  if (operation === "dump" || operation === "hash") {
    return compareState(replay, operation, recorded, compare);
  }
  const tried = operation.startsWith("try ");
  const words = (tried ? operation.slice(4) : operation).split(" ");
  const result = tried ? tryCall(replay, words, index) : call(replay, replay.machine, words, index);
  return compare("result", normalise(recorded), result);
}

function compareState(
  replay: Replay,
  operation: "dump" | "hash",
  recorded: unknown,
  compare: (what: string, wanted: unknown, given: unknown) => Mismatch | null,
): Mismatch | null {
  const areas = replay.machine.pages.areas().map(dumpArea);
  if (operation === "dump") return compare("state", recorded, { areas });
  return compare("state", recorded, { fnv1a: hashAreas(areas), areas: areas.map(summarizeArea) });
}

/** Members of a result that say how it was recorded, not what came out. */
function normalise(recorded: unknown): unknown {
  if (typeof recorded !== "object" || recorded === null || !("rolledBack" in recorded)) {
    return recorded;
  }
  const { rolledBack: _, ...rest } = recorded;
  return rest;
}

/** Runs a call on a copy, and keeps the copy only if the call returned. */
function tryCall(replay: Replay, words: readonly string[], index: number): unknown {
  const copy = cloneMachine(replay.machine);
  const result = call(replay, copy, words, index);
  if (copy.stopped === null) replay.machine = copy;
  return result;
}

function call(replay: Replay, machine: Machine, words: readonly string[], index: number): unknown {
  if (words[0] === "reserve" || words[0] === "unreserve") {
    if (reservationOf(machine.edition) === null) return { unsupported: true };
  }
  return resultOf(runOnMachine(machine, understand(replay, machine, words, index)));
}

/** What an operation does, or an error that names it. Numbers are read here, before anything runs. */
function understand(
  replay: Replay,
  machine: Machine,
  words: readonly string[],
  index: number,
): Action {
  const what = `Cannot replay step ${index}: "${words.join(" ")}"`;
  let action: Action | null;
  try {
    action = actionOf(replay, machine, words);
  } catch (error) {
    if (error instanceof RangeError || error instanceof SyntaxError) {
      throw new RecordingError(`${what}: ${error.message}`);
    }
    throw error;
  }
  if (action === null) throw new RecordingError(`${what} is no operation`);
  return action;
}

/** A small number of the recording. */
function integer(text: string): number {
  const value = Number(text);
  if (text === "" || !Number.isSafeInteger(value) || value < 0) {
    throw new RangeError(`Cannot read ${JSON.stringify(text)}: it must be an integer of 0 or more`);
  }
  return value;
}

type Action = () => bigint | number | null;

function actionOf(replay: Replay, machine: Machine, words: readonly string[]): Action | null {
  const { pages } = machine;
  const [name, first = "", second = "", third = "", fourth = ""] = words;
  switch (name) {
    case "init_area": {
      const slot = first === "any" ? ANY_AREA : integer(first);
      const [start, top] = [pfn(integer(second)), pfn(integer(third))];
      if (top > start) declareRam(machine, start, top);
      return () => (pages.initArea(slot, start, top), null);
    }
    case "alloc_pages": {
      const [order, flags] = [integer(second), flagsOf(machine, third)];
      return allocation(replay, first, () => pages.allocPages(order, flags));
    }
    case "memalign_pages": {
      const [alignment, size] = [word(machine, second), word(machine, third)];
      const flags = flagsOf(machine, fourth);
      return allocation(replay, first, () => pages.memalignPages(alignment, size, flags));
    }
    case "free": {
      const block = replay.blocks.get(first);
      return block === undefined ? null : () => (pages.freePages(virtAddr(block ?? 0n)), null);
    }
    case "free_addr": {
      const block = virtAddr(word(machine, first));
      return () => (pages.freePages(block), null);
    }
    default:
      return reservation(machine, words);
  }
}

function reservation(machine: Machine, words: readonly string[]): Action | null {
  const { pages } = machine;
  const [name, address = "", frames = ""] = words;
  if (name !== "reserve" && name !== "unreserve") return null;
  const [start, count] = [physAddr(BigInt(address)), pageCount(integer(frames))];
  if (name === "reserve") return () => pages.reservePages(start, count);
  return () => (pages.unreservePages(start, count), null);
}

function allocation(replay: Replay, name: string, allocate: () => bigint | null): Action {
  return () => {
    const block = allocate();
    replay.blocks.set(name, block);
    return block;
  };
}

function word(machine: Machine, text: string): bigint {
  if (text === "") throw new RangeError("Cannot read an address or a size: it is missing");
  return wrapToWord(machine.arch.wordBits, BigInt(text));
}

function flagsOf(machine: Machine, text: string): number {
  const { any, dontzero, fresh } = flagValuesOf(machine.edition);
  let flags = 0n;
  for (const name of text.split("|")) {
    const area = /^area([0-9]|[12][0-9]|3[01])$/.exec(name);
    if (area !== null) flags |= 1n << BigInt(area[1] ?? "0");
    else if (name === "any") flags |= BigInt(any);
    else if (name === "dontzero") flags |= BigInt(dontzero);
    else if (name === "fresh") flags |= BigInt(fresh);
    else flags |= BigInt(name);
  }
  return Number(flags);
}

function resultOf(outcome: Outcome<bigint | number | null>): unknown {
  if (outcome.kind !== "returned") return stoppedResult(outcome);
  const { value } = outcome;
  return typeof value === "bigint" ? `0x${value.toString(16)}` : value;
}

function stoppedResult(stopped: Stopped): unknown {
  switch (stopped.kind) {
    case "assertion-failed": {
      const { source, expression, message } = stopped;
      const text = message === "" ? expression : `${expression}: ${message}`;
      return { assert: text, file: source.file, line: source.line };
    }
    case "fault": {
      const { access } = stopped;
      const addr = `0x${access.address.toString(16)}`;
      if (access.kind !== "fill") return { fault: "SIGSEGV", addr };
      return {
        fault: "memset",
        addr,
        byte: access.byte,
        len: `0x${access.sizeBytes.toString(16)}`,
      };
    }
    case "undefined-behaviour":
      return { timeout: true };
  }
}
