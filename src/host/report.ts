/**
 * Free page reporting: the guest tells the host which blocks are free, and the host takes them.
 *
 * Upstream has no such driver. This one does what a driver could do from outside of the allocator: it
 * isolates a block by allocating it, and puts it back by freeing it.
 *
 * @module
 */

import { requestFlags } from "../request_flags.ts";
import { bytesOfPages, pageCount, pfn, physAddrOfPfn } from "../units.ts";
import type { VirtAddr } from "../units.ts";
import { freeBlocksOf, stretchAt } from "./blocks.ts";
import type { ReportForm } from "./policy.ts";
import type { HostedMachine } from "./state.ts";

/** An isolated block. */
interface Isolated {
  readonly address: VirtAddr;
  readonly count: number;
}

function highestListed(machine: HostedMachine): number {
  return freeBlocksOf(machine).reduce((most, { order }) => Math.max(most, order), -1);
}

/** Takes all free blocks of at least an order, largest first, so that none has to be split. */
function isolate(machine: HostedMachine, leastOrder: number): Isolated[] {
  const wishes = { areasMask: null, dontZero: true, fresh: false };
  const flags = requestFlags(machine.edition, wishes);
  const isolated: Isolated[] = [];
  for (let order = highestListed(machine); order >= leastOrder; order--) {
    for (;;) {
      const address = machine.pages.allocPages(order, flags);
      if (address === null) break;
      isolated.push({ address, count: 2 ** order });
    }
  }
  return isolated;
}

function reportIsolated(machine: HostedMachine, leastOrder: number): number {
  const blocks = isolate(machine, leastOrder);
  for (const { address, count } of blocks) {
    const { first, size } = stretchAt(machine, address, count);
    machine.host.account.discard(first, size, "reported");
  }
  // The smallest were taken last, and are put back first: the lists end up in much the same order.
  for (const { address } of blocks.reverse()) machine.pages.freePages(address);
  return blocks.reduce((sum, { count }) => sum + count, 0);
}

function reportInPlace(machine: HostedMachine, leastOrder: number): number {
  const { pageShift, host } = machine;
  let reported = 0;
  for (const { first, order } of freeBlocksOf(machine)) {
    if (order < leastOrder) continue;
    const size = bytesOfPages(pageCount(2 ** order), pageShift);
    host.account.discard(physAddrOfPfn(pfn(first), pageShift), size, "reported");
    reported += 2 ** order;
  }
  return reported;
}

/**
 * Reports the free blocks of at least an order, all of which the host takes away.
 *
 * @param machine the machine
 * @param leastOrder the order
 * @param form isolated from the lists, or as they stand there
 * @returns the number of frames reported
 */
export function reportFreePages(
  machine: HostedMachine,
  leastOrder: number,
  form: ReportForm,
): number {
  const { host } = machine;
  host.driver = "at work";
  const reported = form === "in-place"
    ? reportInPlace(machine, leastOrder)
    : reportIsolated(machine, leastOrder);
  host.driver = "idle";
  return reported;
}
