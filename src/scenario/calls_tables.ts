/**
 * The calls of vmalloc and of the page tables.
 *
 * @module
 */

import type { Arch } from "../arch.ts";
import { hasVmalloc } from "../boot/mod.ts";
import type { StackCall } from "../check/stack_rules/mod.ts";
import type { Edition } from "../edition.ts";
import type { Machine } from "../machine.ts";
import { installPage, virtToPtePhys } from "../memory/mod.ts";
import type { PageTables } from "../memory/mod.ts";
import { byteCount, physAddr, virtAddr } from "../units.ts";
import { allocVpage, allocVpages, allocVpagesAligned, vmap } from "../vmalloc/mod.ts";
import { addressValue, argument, NOTHING, numberArgument, required } from "./call_row.ts";
import type { CallInput, CallRow } from "./call_row.ts";
import type { Value } from "./types.ts";

/** The page tables, which a call cannot do without. */
function tablesFor(machine: Machine, call: string): PageTables {
  const { tables } = machine.mmu;
  if (tables !== null) return tables;
  throw new RangeError(`Cannot call ${call}: there must be page tables, boot first`);
}

function runVmap(input: CallInput): Value {
  const { machine } = input;
  tablesFor(machine, "vmap");
  return addressValue(vmap(machine, physAddr(argument(input, 0)), byteCount(argument(input, 1))));
}

function runInstallPage(input: CallInput): Value {
  const tables = tablesFor(input.machine, "install_page");
  installPage(tables, physAddr(argument(input, 0)), virtAddr(argument(input, 1)));
  return NOTHING;
}

function runVirtToPtePhys(input: CallInput): Value {
  const tables = tablesFor(input.machine, "virt_to_pte_phys");
  return addressValue(virtToPtePhys(tables, virtAddr(argument(input, 0))));
}

/** What a call is to the rules that may map a page at an address, because the scenario wants so. */
function mapPage(address: bigint): StackCall {
  return { kind: "map-page", address };
}

/** All these calls came with vmalloc. */
function needsVmalloc(edition: Edition, arch: Arch): boolean {
  return hasVmalloc(arch, edition);
}

const PHYSICAL = required("PHYSICAL", "physical address");

/** The calls of vmalloc and of the page tables, in the order of the documentation. */
export const TABLE_CALLS: readonly CallRow[] = [
  {
    name: "alloc_vpage",
    parameters: [],
    options: [],
    result: "address",
    help: "takes one virtual page, which is not mapped",
    isIn: needsVmalloc,
    stackCall: () => ({ kind: "alloc-vpages", count: 1n, alignOrder: 0 }),
    run: ({ machine }) => addressValue(allocVpage(machine)),
  },
  {
    name: "alloc_vpages",
    parameters: [required("COUNT", "count")],
    options: [],
    result: "address",
    help: "takes COUNT virtual pages, which are not mapped",
    isIn: needsVmalloc,
    stackCall: (input) => ({ kind: "alloc-vpages", count: argument(input, 0), alignOrder: 0 }),
    run: (input) => addressValue(allocVpages(input.machine, argument(input, 0))),
  },
  {
    name: "alloc_vpages_aligned",
    parameters: [required("COUNT", "count"), required("ORDER", "order")],
    options: [],
    result: "address",
    help: "takes COUNT virtual pages at a multiple of 2^ORDER pages",
    isIn: needsVmalloc,
    stackCall: (input) => ({
      kind: "alloc-vpages",
      count: argument(input, 0),
      alignOrder: numberArgument(input, 1),
    }),
    run: (input) => {
      const [count, alignOrder] = [argument(input, 0), numberArgument(input, 1)];
      return addressValue(allocVpagesAligned(input.machine, count, alignOrder));
    },
  },
  {
    name: "vmap",
    parameters: [PHYSICAL, required("SIZE", "size")],
    options: [],
    result: "address",
    help: "maps SIZE bytes from PHYSICAL on at new virtual pages",
    isIn: needsVmalloc,
    stackCall: (input) => ({
      kind: "vmap",
      physical: argument(input, 0),
      size: argument(input, 1),
    }),
    run: runVmap,
  },
  {
    name: "install_page",
    parameters: [PHYSICAL, required("ADDRESS", "address")],
    options: [],
    result: "nothing",
    help: "maps the page at PHYSICAL to the virtual page at ADDRESS",
    isIn: needsVmalloc,
    stackCall: (input) => mapPage(argument(input, 1)),
    run: runInstallPage,
  },
  {
    name: "virt_to_pte_phys",
    parameters: [required("ADDRESS", "address")],
    options: [],
    result: "address",
    help: "translates ADDRESS as the guest's code does, which may map the page",
    isIn: needsVmalloc,
    stackCall: (input) => mapPage(argument(input, 0)),
    run: runVirtToPtePhys,
  },
];
