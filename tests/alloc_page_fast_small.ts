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

/** A state of both engines: how it is reached, and the frames in use. */
interface Reached {
  readonly path: readonly Call[];
  readonly live: readonly number[];
}

/** The literal engine as it is after some calls. */
function literalAfter(start: Machine, path: readonly Call[]): Machine {
  const machine = cloneMachine(start);
  for (const call of path) callLiteral(machine, call);
  return machine;
}

function reachedBy({ path, live }: Reached, call: Call, found: number): Reached {
  const left = call.kind === "free" ? live.filter((frame) => frame !== call.frame) : live;
  const taken = call.kind === "alloc" && found !== NONE ? [found] : [];
  return { path: [...path, call], live: [...left, ...taken] };
}

/**
 * Follows every call in every state, nearest states first, and compares outcomes and areas. A state is kept
 * as the calls that lead to it: a machine for each of a hundred thousand would not fit into memory.
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
  for (let nearest: Reached[] = [{ path: [], live: [] }]; nearest.length > 0;) {
    const next: Reached[] = [];
    for (const reached of nearest) {
      const { path, live } = reached;
      const machine = literalAfter(start, path);
      for (const call of callsIn(edition, live)) {
        const fast = fastAfter(start, places, path);
        const found = callFast(fast, edition, call);
        if (found === LEAVE) continue;
        const after = cloneMachine(machine);
        const told = (): string => `${edition.name} ${JSON.stringify([...path, call])}`;
        if (found !== callLiteral(after, call)) throw new Error(`other outcome: ${told()}`);
        const views = after.pages.areas();
        const key = JSON.stringify(views);
        if (JSON.stringify(fast.areas.map((area) => viewOf(fast, area, pfn(0xffb)))) !== key) {
          assertEquals(fast.areas.map((area) => viewOf(fast, area, pfn(0xffb))), views, told());
        }
        if (seen.has(key) || seen.size >= mostStates) continue;
        seen.add(key);
        next.push(reachedBy(reached, call, found));
      }
    }
    nearest = next;
  }
  return seen.size;
}
