/**
 * The calls of a guest's scenario, run on the model.
 *
 * @module
 */

import { calloc, free, malloc, memalign } from "../../alloc.ts";
import type { Machine } from "../../machine.ts";
import { byteCount, pageCount, physAddr, virtAddr } from "../../units.ts";
import { wrapToWord } from "../../word.ts";
import { allocVpagesAligned, vmap } from "../../vmalloc/mod.ts";

/** A call on a machine, ready to run. */
export type GuestAction = () => bigint | number | null;

/**
 * The action of a call such as `malloc 100` or `free_pages 0x1000`.
 *
 * @param machine the machine
 * @param call the function and its arguments in order
 * @returns the action, or null if there is no such call
 */
export function guestAction(machine: Machine, call: string): GuestAction | null {
  const [name = "", ...words] = call.split(" ");
  const args = words.map((text) => wrapToWord(machine.arch.wordBits, BigInt(text)));
  const [first = 0n, second = 0n, third = 0n] = args;
  const address = virtAddr(first);
  const { pages } = machine;
  switch (name) {
    case "malloc":
      return () => malloc(machine, first);
    case "memalign":
      return () => memalign(machine, first, second);
    case "calloc":
      return () => calloc(machine, first, second);
    case "free":
      return () => (free(machine, address), null);
    case "alloc_pages_flags":
      return () => pages.allocPages(Number(first), Number(second));
    case "memalign_pages_flags":
      return () => pages.memalignPages(first, second, Number(third));
    case "free_pages":
      return () => (pages.freePages(address), null);
    case "alloc_vpages_aligned":
      return () => allocVpagesAligned(machine, first, Number(second));
    case "vmap":
      return () => vmap(machine, physAddr(BigInt(words[0] ?? "0")), byteCount(second));
    case "reserve_pages":
      return () => pages.reservePages(physAddr(BigInt(words[0] ?? "0")), pageCount(Number(second)));
    case "unreserve_pages": {
      const phys = physAddr(BigInt(words[0] ?? "0"));
      return () => (pages.unreservePages(phys, pageCount(Number(second))), null);
    }
    default:
      return null;
  }
}
