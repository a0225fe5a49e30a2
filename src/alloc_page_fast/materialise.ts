/**
 * Writing what the fast engine knows into modelled memory, as the literal engine would have left it there.
 *
 * @module
 */

import type { DescriptorLayout } from "../alloc_page/mod.ts";
import type { AddressSpace } from "../memory/mod.ts";
import type { VirtAddr } from "../units.ts";
import { byteCount } from "../units.ts";
import { wordBytes, wrapToWord } from "../word.ts";
import { nextOf, pfnOfNode } from "./pool.ts";
import type { FastArea, FastState } from "./state.ts";
import { isBlock, maxOrderOf } from "./state.ts";
import { stateRunsOf } from "./view.ts";
import { wipeAll } from "./wipe.ts";

/** Where the bytes go that are derived. */
export interface Target {
  /** Memory by physical addresses. */
  readonly memory: AddressSpace;
  /** Where the members of a descriptor lie. */
  readonly layout: DescriptorLayout;
  /** The address of the array of descriptors. */
  readonly descriptors: VirtAddr;
  /** The base-2 logarithm of the page size. */
  readonly pageShift: number;
}

const BY = "the fast engine";

/**
 * Writes page states, list heads, list nodes and `max_order` of all areas.
 *
 * Afterwards the literal engine can go on from memory alone; the fast engine can go on as well.
 *
 * @param state the engine
 * @param target where to
 */
export function materialise(state: FastState, target: Target): void {
  wipeAll(state);
  for (const area of state.areas) {
    writeStates(state, target, area);
    writeMaxOrder(state, target, area);
    for (let order = 0; order < state.rules.listCount; order++) {
      writeList(state, target, area, order);
    }
  }
}

function descriptorMember(target: Target, area: FastArea, offset: number): VirtAddr {
  const address = target.descriptors + BigInt(area.slot * target.layout.sizeBytes + offset);
  return wrapToWord(target.memory.wordBits, address) as VirtAddr;
}

function writeStates(state: FastState, target: Target, area: FastArea): void {
  const { memory, layout } = target;
  const first = memory.readWord(descriptorMember(target, area, layout.pageStates), BY);
  let at: bigint = first;
  for (const { state: byte, count } of stateRunsOf(state, area)) {
    memory.fill(at as VirtAddr, byteCount(BigInt(count)), byte, BY);
    at += BigInt(count);
  }
}

function writeMaxOrder(state: FastState, target: Target, area: FastArea): void {
  const { maxOrder } = target.layout;
  if (maxOrder === null || state.rules.keepsMaxOrder === 0) return;
  target.memory.writeByte(descriptorMember(target, area, maxOrder), maxOrderOf(state, area), BY);
}

/** Writes the links of a list, node by node, the head last. */
function writeList(state: FastState, target: Target, area: FastArea, order: number): void {
  const { pool } = state;
  const { memory, layout, pageShift } = target;
  const word = BigInt(wordBytes(memory.wordBits));
  const shift = BigInt(pageShift);
  const head = area.heads + order;
  const headOffset = layout.freeLists + order * layout.listHeadBytes;
  const headAddress = descriptorMember(target, area, headOffset);
  const write = (from: VirtAddr, to: VirtAddr): void => {
    memory.writeWord(wrapToWord(memory.wordBits, from + word) as VirtAddr, to, BY);
    memory.writeWord(to, from, BY);
  };
  let address = headAddress;
  for (let node = nextOf(pool, head); isBlock(node); node = nextOf(pool, node)) {
    const next = (BigInt(pfnOfNode(pool, node)) << shift) as VirtAddr;
    write(address, next);
    address = next;
  }
  write(address, headAddress);
}
