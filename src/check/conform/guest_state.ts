/**
 * The state of a machine in the form of the recordings of guests.
 *
 * @module
 */

import { descriptorLayout } from "../../alloc_page/mod.ts";
import type { Machine } from "../../machine.ts";
import type { AreaView } from "../../page_allocator.ts";
import { physAddr } from "../../units.ts";
import { wordBytes } from "../../word.ts";
import { FNV32_START, fnv32Byte, fnv32OfRuns } from "./fnv_runs.ts";

/** The recorder stops walking a list behind so many blocks. */
const LONGEST_LIST = 400;

/** A free list as the recorder walks it: forwards, with a look at each link back. */
interface WalkedList {
  readonly pfns: number[];
  readonly broken: string[];
}

function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}

/** Where the lists of a machine's areas begin. */
function listHead(machine: Machine, area: number, order: number): bigint {
  const { arch, edition, pageShift, options } = machine;
  const { sizeBytes, freeLists, listHeadBytes } = descriptorLayout(arch, edition, pageShift);
  return options.areasAddress + BigInt(area * sizeBytes + freeLists + order * listHeadBytes);
}

function walkList(machine: Machine, head: bigint): WalkedList {
  const word = wordBytes(machine.arch.wordBits);
  const link = (node: bigint, offset: number): bigint =>
    machine.ram.peek(physAddr(node + BigInt(offset)), word) ?? 0n;
  const shift = BigInt(machine.pageShift);
  const pfns: number[] = [];
  const broken: string[] = [];
  let before = head;
  let node = link(head, word);
  while (node !== head) {
    if (node === 0n || node % (1n << shift) !== 0n) {
      broken.push(`BADNEXT:${hex(node)}`);
      return { pfns, broken };
    }
    pfns.push(Number(node >> shift));
    const previous = link(node, 0);
    if (previous !== before) broken.push(`BADPREV:${hex(previous)}`);
    if (pfns.length > LONGEST_LIST) {
      broken.push("TRUNCATED");
      return { pfns, broken };
    }
    before = node;
    node = link(node, word);
  }
  const tail = link(head, 0);
  if (tail !== before) broken.push(`BADTAIL:${hex(tail)}`);
  return { pfns, broken };
}

function dumpGuestArea(machine: Machine, view: AreaView): Record<string, unknown> {
  const { listCount } = descriptorLayout(machine.arch, machine.edition, machine.pageShift);
  const freelists: Record<string, number[]> = {};
  const broken: Record<string, string[]> = {};
  for (let order = 0; order < listCount; order++) {
    const walked = walkList(machine, listHead(machine, view.area, order));
    if (walked.pfns.length > 0) freelists[order] = walked.pfns;
    if (walked.broken.length > 0) broken[order] = walked.broken;
  }
  return {
    area: view.area,
    base: view.base,
    top: view.top,
    states: hex(BigInt(view.metadata) << BigInt(machine.pageShift)),
    ...(view.maxOrder === null ? {} : { maxOrder: view.maxOrder }),
    pageStates: view.states.map(({ state, count }) => [state, count]),
    freelists,
    ...(Object.keys(broken).length > 0 ? { broken } : {}),
  };
}

/**
 * The state of a machine in the form of the recordings.
 *
 * @param machine the machine
 * @returns areas, vmalloc's upper end, root, allocator of malloc, early allocator
 */
export function dumpGuestState(machine: Machine): Record<string, unknown> {
  const { pages, vmalloc, ops, early } = machine;
  return {
    areasMask: pages.areasMask,
    areas: pages.areas().map((view) => dumpGuestArea(machine, view)),
    vfreeTop: hex(vmalloc.vfreeTop),
    pageRoot: hex(vmalloc.pageRoot),
    allocOps: ops.current,
    phys: {
      base: hex(early.base),
      top: hex(early.top),
      alignMin: Number(early.alignMin),
      regions: early.regions.map(({ base, size }) => [hex(base), hex(size)]),
      nrRegions: early.regions.length,
    },
  };
}

/**
 * The hashes of a machine's areas in the form of the recordings.
 *
 * @param machine the machine
 * @returns for each area the hash of its page states, the hash of its lists, its highest order
 */
export function hashGuestState(machine: Machine): Record<string, unknown> {
  const hashes: Record<string, unknown> = {};
  for (const view of machine.pages.areas()) {
    const states = fnv32OfRuns(view.states).toString(16).padStart(8, "0");
    const lists = hashLists(machine, view).toString(16).padStart(8, "0");
    hashes[view.area] = [states, lists, view.maxOrder];
  }
  return hashes;
}

function hashLists(machine: Machine, view: AreaView): number {
  const { listCount } = descriptorLayout(machine.arch, machine.edition, machine.pageShift);
  let hash = FNV32_START;
  for (let order = 0; order < listCount; order++) {
    hash = fnv32Byte(hash, order);
    const list = view.freeLists.find((candidate) => candidate.order === order);
    for (const pfn of list?.forward.pfns ?? []) {
      let rest: number = pfn;
      for (let byte = 0; byte < 8; byte++) {
        hash = fnv32Byte(hash, rest % 256);
        rest = Math.floor(rest / 256);
      }
    }
  }
  return hash;
}
