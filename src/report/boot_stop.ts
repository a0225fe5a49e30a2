/**
 * Which part of the memory map stopped a boot.
 *
 * @module
 */

import type { Booted } from "../boot/mod.ts";
import type { Stopped } from "../outcome.ts";
import type { BootMap } from "./boot_map.ts";
import { hexAddress } from "./columns.ts";

/** What of the map stopped a boot. */
export interface BootCause {
  /** The place of the range in the map, from 0; null if an address lies in none. */
  readonly range: number | null;
  /** What the range has to do with it, in words. */
  readonly text: string;
}

/** The range of RAM that holds an address, else any range that does. */
function rangeOf({ ranges }: BootMap, address: bigint): number | null {
  const holds = ({ first, size }: BootMap["ranges"][number]): boolean =>
    address >= first && address < first + size;
  const ram = ranges.findIndex((range) => range.kind === "ram" && holds(range));
  const any = ram >= 0 ? ram : ranges.findIndex(holds);
  return any < 0 ? null : any;
}

/**
 * Finds the range of the map that stopped a boot: the one that was touched, or whose memory was handed
 * over last, or where the image lies.
 *
 * @param booted the machine
 * @param stopped how it stopped
 * @param map the map
 * @returns the range, and what it has to do with it
 */
export function causeOf({ machine, events }: Booted, stopped: Stopped, map: BootMap): BootCause {
  if (stopped.kind === "fault") {
    const text = `${hexAddress(stopped.address)}, which is touched, lies`;
    return told(map, stopped.address, text);
  }
  const handed = events.filter(({ call }) => call === "phys_alloc_init").at(-1);
  if (handed?.call === "phys_alloc_init") {
    const end = BigInt.asUintN(64, handed.base + handed.size);
    const memory = `${hexAddress(handed.base)} to ${hexAddress(end)}`;
    const { range, text } = told(map, handed.base, `${memory}, which was handed over last, begins`);
    const isCut = end <= handed.base && machine.arch.boot.freeEnd === "cut-to-a-word";
    return { range, text: isCut ? `${text}: its end was cut to a word, nothing is left` : text };
  }
  const { freeStart = 0n, inputs } = machine.platform ?? {};
  const place = freeStart > 0n ? freeStart : inputs?.imageEnd ?? 0n;
  return told(map, place, `${hexAddress(place)}, the end of the image, lies`);
}

function told(map: BootMap, address: bigint, text: string): BootCause {
  const range = rangeOf(map, address);
  const source = map.ranges[range ?? -1];
  if (source === undefined) {
    return { range: null, text: `${text} in no ${map.numbers} of the map` };
  }
  return { range, text: `${text} in ${map.numbers} ${source.line} of the map` };
}
