/**
 * The fast engine against the literal one, exhaustively on small areas: every state that can be reached,
 * and every call in it.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import {
  type AreaView,
  cloneMachine,
  type Edition,
  type Machine,
  pfn,
  requestFlags,
  virtAddr,
} from "../mod.ts";
import {
  addArea,
  carveArea,
  DONE,
  fastRulesOf,
  type FastState,
  freeFrame,
  LEAVE,
  newFastState,
  NONE,
  takeBlock,
  viewOf,
  wishesOf,
} from "../src/alloc_page_fast/mod.ts";
import { arch, bareMachine } from "./support.ts";

/** A call: a request for an order, fresh or not, or the release of a frame. */
type Call =
  | {
    readonly kind: "alloc";
    readonly align: number;
    readonly size: number;
    readonly flags: number;
  }
  | { readonly kind: "free"; readonly frame: number };

const PAGE = 0x1000n;

function callsIn(edition: Edition, live: readonly number[]): Call[] {
  const wishes = { areasMask: null, dontZero: true };
  const any = requestFlags(edition, { ...wishes, fresh: false });
  const fresh = requestFlags(edition, { ...wishes, fresh: true });
  const orders = [0, 1, 2, 3];
  return [
    ...[...new Set([any, fresh])].flatMap((flags) =>
      orders.map((order): Call => ({ kind: "alloc", align: order, size: order, flags }))
    ),
    { kind: "alloc", align: 0, size: 1, flags: any },
    { kind: "alloc", align: 2, size: 0, flags: any },
    ...live.map((frame): Call => ({ kind: "free", frame })),
  ];
}

function callFast(fast: FastState, edition: Edition, call: Call): number {
  if (call.kind === "free") return freeFrame(fast, call.frame);
  const { align, size, flags } = call;
  const [first, second] = fast.rules.swapsOrders === 1 ? [size, align] : [align, size];
  return takeBlock(fast, wishesOf(fast, edition, flags), first, second);
}

function callLiteral(machine: Machine, call: Call): number {
  if (call.kind === "free") {
    machine.pages.freePages(virtAddr(BigInt(call.frame) * PAGE));
    return DONE;
  }
  const { align, size, flags } = call;
  const given = align === size
    ? machine.pages.allocPages(size, flags)
    : machine.pages.memalignPages(PAGE << BigInt(align), PAGE << BigInt(size), flags);
  return given === null ? NONE : Number(given / PAGE);
}

/** The fast engine as it is after some calls. */
function fastAfter(
  machine: Machine,
  places: readonly AreaView[],
  path: readonly Call[],
): FastState {
  const { arch, edition, pageShift } = machine;
  const fast = newFastState(fastRulesOf(arch, edition, pageShift), { wipe: () => {} });
  for (const { area, base, top } of places) {
    carveArea(fast, addArea(fast, { slot: area, zone: area, base, top }));
  }
  for (const call of path) callFast(fast, edition, call);
  return fast;
}

/**
 * Follows every call in every state, nearest states first, and compares outcomes and areas.
 *
 * @param frames the number of usable frames of the area
 * @param edition the edition
 * @param mostStates new states are followed up to this many
 * @returns the number of states that were met
 */
export function exploreSmallArea(frames: number, edition: Edition, mostStates: number): number {
  const start = bareMachine(0xffb, 0xffc + frames, { edition, arch: arch("arm64") });
  const places = start.pages.areas();
  const seen = new Set([JSON.stringify(places)]);
  const queue: { machine: Machine; path: Call[]; live: number[] }[] = [
    { machine: start, path: [], live: [] },
  ];
  for (const { machine, path, live } of queue) {
    for (const call of callsIn(edition, live)) {
      const fast = fastAfter(start, places, path);
      const found = callFast(fast, edition, call);
      if (found === LEAVE) continue;
      const after = cloneMachine(machine);
      const told = `${edition.name} ${JSON.stringify([...path, call])}`;
      assertEquals(found, callLiteral(after, call), told);
      const views = after.pages.areas();
      assertEquals(fast.areas.map((area) => viewOf(fast, area, pfn(0xffb))), views, told);
      const key = JSON.stringify(views);
      if (seen.has(key) || seen.size >= mostStates) continue;
      seen.add(key);
      const left = call.kind === "free" ? live.filter((frame) => frame !== call.frame) : live;
      const taken = call.kind === "alloc" && found !== NONE ? [found] : [];
      queue.push({ machine: after, path: [...path, call], live: [...left, ...taken] });
    }
  }
  return seen.size;
}
