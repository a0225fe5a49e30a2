/**
 * A balloon: the guest's driver takes frames from the page allocator, and the host takes what is behind
 * them.
 *
 * @module
 */

import { requestFlags } from "../request_flags.ts";
import { stretchAt } from "./blocks.ts";
import type { HostedMachine } from "./state.ts";

/**
 * Sets the size of the balloon, as the host does. The guest's driver allocates frames one by one until it
 * has so many, or gives the newest ones back. It inflates no further if the allocator returns NULL.
 *
 * @param machine the machine
 * @param target the size, in frames
 * @returns the size that it reached, in frames
 */
export function setBalloon(machine: HostedMachine, target: number): number {
  const { host, pages, edition } = machine;
  const { balloon } = host;
  const flags = requestFlags(edition, { areasMask: null, dontZero: true, fresh: false });
  while (balloon.length < target) {
    const address = pages.allocPages(0, flags);
    if (address === null) break;
    balloon.push(address);
    const { first, size } = stretchAt(machine, address, 1);
    host.account.discard(first, size, "balloon");
  }
  while (balloon.length > target) {
    const address = balloon.pop();
    if (address !== undefined) pages.freePages(address);
  }
  return balloon.length;
}
