/**
 * The literal engine behind a replay: it makes the areas, and the calls that the fast engine leaves to it.
 *
 * @module
 */

import { LiteralPageAllocator, reservationOf } from "../alloc_page/mod.ts";
import type { Arch } from "../arch.ts";
import type { Edition } from "../edition.ts";
import { createMachine, declareRam, runOnMachine } from "../machine.ts";
import type { Machine } from "../machine.ts";
import type { AreaView } from "../page_allocator.ts";
import { requestFlags } from "../request_flags.ts";
import { identityVirtAddr, order, pageCount, pfn, physAddrOfPfn } from "../units.ts";
import { isInUse } from "./frames_in_use.ts";
import { LIVE } from "./handles.ts";
import type { Ledger, Ran } from "./ledger.ts";
import { FLAG_AREAS, FLAG_DONT_ZERO, FLAG_FRESH } from "./operations.ts";
import type { TraceArea, TraceOperation } from "./operations.ts";

/** What a replay runs on. */
export interface ReplayMachine {
  /** The architecture. */
  readonly arch: Arch;
  /** The edition. */
  readonly edition: Edition;
  /** The base-2 logarithm of the page size; the architecture's own if it is null. */
  readonly pageShift: number | null;
  /** What the allocator is given, in order. */
  readonly areas: readonly TraceArea[];
}

/**
 * The flags of a request of a trace, as the edition's call takes them.
 *
 * @param edition the edition
 * @param flags the trace's: a mask of areas, {@linkcode FLAG_DONT_ZERO}, {@linkcode FLAG_FRESH}
 * @returns the edition's
 */
export function editionFlags(edition: Edition, flags: number): number {
  const areas = flags % (FLAG_AREAS + 1);
  const has = (flag: number): boolean => Math.floor(flags / flag) % 2 === 1;
  return requestFlags(edition, {
    areasMask: areas === 0 ? null : areas,
    dontZero: has(FLAG_DONT_ZERO),
    fresh: has(FLAG_FRESH),
  });
}

/**
 * Makes a machine with memory where the trace has areas, on the literal engine.
 *
 * @param options what the replay runs on
 * @returns the machine, stopped if handing the areas over stopped it
 * @throws {RangeError} if the architecture has no such page size, or a frame does not exist
 */
export function machineOf({ arch, edition, pageShift, areas }: ReplayMachine): Machine {
  const machine = createMachine({
    arch,
    edition,
    ...(pageShift === null ? {} : { pageShift }),
    engine: "literal",
  });
  const limit = 2 ** (arch.wordBits - machine.pageShift);
  for (const { area, first, top } of areas) {
    if (machine.stopped !== null) break;
    if (top > limit) {
      throw new RangeError(
        `Cannot hand over frames up to 0x${top.toString(16)}: they must end within ` +
          `${arch.wordBits} bits of address on ${arch.name}`,
      );
    }
    declareRam(machine, first, top);
    runOnMachine(machine, () => machine.pages.initArea(area, first, top));
  }
  return machine;
}

/**
 * Writes areas into the literal engine's memory: page states, free lists, highest order.
 *
 * Frames that are in use keep what they held: what callers do with their blocks is not in a trace.
 *
 * @param machine the machine
 * @param views its areas
 */
export function writeAreas(machine: Machine, views: readonly AreaView[]): void {
  const { pages } = machine;
  if (!(pages instanceof LiteralPageAllocator)) return;
  for (const { area, states, freeLists, maxOrder } of views) {
    const lists = freeLists.map((list) => ({ order: list.order, pfns: list.forward.pfns }));
    pages.rebuildArea(area, { states, freeLists: lists, maxOrder: maxOrder ?? order(0) });
  }
}

/** What an operation gave: a block's first frame, nothing to be had, or nothing to be given. */
type Result = number | "refused" | "done";

/** An operation without handles. */
type Call = Exclude<TraceOperation, { readonly kind: "free" }>;

/**
 * Runs an operation on the literal engine.
 *
 * @param machine the machine, not stopped
 * @param ledger the books
 * @param operation the operation
 * @returns whether it ended the replay
 */
export function runLiterally(machine: Machine, ledger: Ledger, operation: TraceOperation): Ran {
  const ran = operation.kind === "free"
    ? runRelease(machine, ledger, operation.handle)
    : runCall(machine, ledger, operation);
  if (ran === "ended") return ran;
  ledger.counts.operations++;
  ledger.counts.literalOperations++;
  if (operation.kind === "alloc") ledger.counts.requests++;
  return ran;
}

function runRelease(machine: Machine, ledger: Ledger, handle: number): Ran {
  const { counts, handles } = ledger;
  const position = handles.positionOf(handle);
  if (position < 0 || handles.uses[position] !== LIVE) {
    return ledger.releaseNothing(counts.operations + 1, handle);
  }
  const ran = runCall(machine, ledger, { kind: "free-at", pfn: handles.pfns[position] ?? 0 });
  if (ran === "ran") handles.drop(handle, position);
  return ran;
}

function runCall(machine: Machine, ledger: Ledger, call: Call): Ran {
  const operation = ledger.counts.operations + 1;
  const refusal = refusalOf(machine, call);
  if (refusal !== null) return refuse(ledger, call, refusal);
  if (ledger.policy === "count" && !isInUse(machine, call)) return ledger.leaveOut();
  const outcome = runOnMachine(machine, () => resultOf(machine, call));
  if (outcome.kind !== "returned") {
    ledger.end = { kind: "stopped", operation, outcome };
    return "ended";
  }
  if (outcome.value === "done") return "ran";
  if (outcome.value !== "refused") ledger.handles.add(outcome.value, LIVE);
  else if (call.kind === "alloc") return ledger.failRequest(operation, call.sizeOrder);
  else return ledger.failReservation(operation);
  return "ran";
}

/** An operation that cannot be asked of the machine: it ends the replay, or fails. */
function refuse(ledger: Ledger, call: Call, why: string): Ran {
  if (ledger.policy === "stop") return ledger.fail(ledger.counts.operations + 1, why);
  if (call.kind === "alloc") {
    return ledger.failRequest(ledger.counts.operations + 1, call.sizeOrder);
  }
  if (call.kind === "reserve") return ledger.failReservation(ledger.counts.operations + 1);
  return ledger.leaveOut();
}

/** Why an operation cannot be asked of a machine; null if it can. */
function refusalOf({ arch, edition, pageShift }: Machine, call: Call): string | null {
  if (call.kind === "alloc") {
    const { alignOrder, sizeOrder } = call;
    const fits = Math.max(alignOrder, sizeOrder) + pageShift < arch.wordBits;
    if (alignOrder === sizeOrder || fits) return null;
    return `an alignment or a size in bytes does not fit a word of ${arch.wordBits} bits`;
  }
  if (call.pfn >= 2 ** (arch.wordBits - pageShift)) {
    return `frame 0x${call.pfn.toString(16)} has no address of ${arch.wordBits} bits`;
  }
  if (call.kind === "free-at" || reservationOf(edition) !== null) return null;
  return `edition ${edition.name} cannot reserve frames`;
}

function resultOf({ edition, pages, pageShift }: Machine, call: Call): Result {
  if (call.kind === "alloc") {
    const { alignOrder, sizeOrder } = call;
    const flags = editionFlags(edition, call.flags);
    const bytes = (blockOrder: number): bigint => 1n << BigInt(blockOrder + pageShift);
    const block = alignOrder === sizeOrder
      ? pages.allocPages(sizeOrder, flags)
      : pages.memalignPages(bytes(alignOrder), bytes(sizeOrder), flags);
    return block === null ? "refused" : Number(block / (1n << BigInt(pageShift)));
  }
  const address = physAddrOfPfn(pfn(call.pfn), pageShift);
  if (call.kind === "free-at") {
    pages.freePages(identityVirtAddr(address));
    return "done";
  }
  const count = pageCount(call.count);
  if (call.kind === "unreserve") {
    pages.unreservePages(address, count);
    return "done";
  }
  const result = pages.reservePages(address, count);
  return result === null || result === -1 ? "refused" : "done";
}
