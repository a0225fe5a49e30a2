/**
 * Page tables on a machine without an allocator: frames are handed out in ascending order.
 *
 * @module
 */

import { type Arch, pageTableFormatOf, type TableAllocation } from "../src/arch.ts";
import { memoryMap } from "../src/memory/memory_map.ts";
import {
  createPageTables,
  type PageTables,
  type PageTablesOptions,
  walkAsHardware,
} from "../src/memory/page_table/mod.ts";
import { Ram } from "../src/memory/ram.ts";
import { byteCount, physAddr, virtAddr } from "../src/units.ts";
import type { ByteOrder } from "../src/word.ts";

/** What a test sees of the tables: the tables, what they asked for, what they gave back. */
export interface Tables {
  readonly tables: PageTables;
  readonly ram: Ram;
  /** Each request as a word: `page`, `pages 2`, `memalign 0x1000`. The root's is the first. */
  readonly requests: string[];
  /** What each request was given. */
  readonly given: bigint[];
  /** Tables that were given back. */
  readonly freed: bigint[];
  /** From now on, nothing is left to hand out. */
  exhaust(): void;
}

/** How a test wants its tables. */
export interface Wanted {
  readonly pageShift?: number;
  readonly byteOrder?: ByteOrder;
  /** The first address handed out. */
  readonly pool?: bigint;
  /** Where RAM lies and how much there is. */
  readonly ram?: readonly [first: bigint, size: bigint];
  readonly options?: Partial<PageTablesOptions>;
  /** Hand out nothing at all. */
  readonly isEmpty?: boolean;
}

function wordOf(request: TableAllocation): string {
  if (request.kind === "page") return "page";
  if (request.kind === "pages") return `pages ${request.order}`;
  return `memalign 0x${request.alignment.toString(16)}`;
}

/** The bytes that a request takes at least, as a power of two of which its address is a multiple. */
function bytesOf(request: TableAllocation, pageBytes: bigint): bigint {
  if (request.kind === "page") return pageBytes;
  if (request.kind === "pages") return pageBytes << BigInt(request.order);
  return request.size < pageBytes ? pageBytes : request.size;
}

/** Makes tables of an architecture that map nothing yet, in RAM `[0, 1 TiB)` of its own. */
export function tablesOf(arch: Arch, wanted: Wanted = {}): Tables {
  const pageShift = wanted.pageShift ?? arch.pageShifts[0];
  const pageBytes = 1n << BigInt(pageShift);
  const [first, size] = wanted.ram ?? [0n, arch.wordBits === 32 ? 1n << 32n : 1n << 40n];
  const ram = new Ram({
    map: memoryMap([{ first: physAddr(first), size: byteCount(size), kind: "ram" }]),
    wordBits: arch.wordBits,
    byteOrder: wanted.byteOrder ?? arch.byteOrders[0],
    powerOn: { kind: "zero" },
  });
  const requests: string[] = [];
  const given: bigint[] = [];
  const freed: bigint[] = [];
  let next = wanted.pool ?? 0x100_0000n;
  let isExhausted = wanted.isEmpty ?? false;
  const tables = createPageTables({
    format: pageTableFormatOf(arch, pageShift),
    physical: ram,
    allocate: (request) => {
      requests.push(wordOf(request));
      if (isExhausted) return null;
      const bytes = bytesOf(request, pageBytes);
      const address = (next + bytes - 1n) / bytes * bytes;
      next = address + bytes;
      given.push(address);
      return virtAddr(address);
    },
    free: (table) => freed.push(table),
    ...wanted.options,
  });
  return { tables, ram, requests, given, freed, exhaust: () => isExhausted = true };
}

/** Bytes of memory as pairs of hexadecimal digits. */
export function hexBytes(ram: Ram, address: bigint, count: number): string {
  return Array.from({ length: count }, (_, index) => {
    const byte = ram.peekByte(physAddr(address + BigInt(index)));
    return byte === null ? "??" : byte.toString(16).padStart(2, "0");
  }).join(" ");
}

/** Requests with equal ones in a row folded: `pages 2 ×4, pages 0 ×128`. */
export function foldRequests(requests: readonly string[]): string {
  const runs: { request: string; count: number }[] = [];
  for (const request of requests) {
    const last = runs.at(-1);
    if (last?.request === request) last.count++;
    else runs.push({ request, count: 1 });
  }
  return runs.map(({ request, count }) => count === 1 ? request : `${request} ×${count}`).join(
    ", ",
  );
}

/** The entries through which the hardware goes for an address, as bytes in memory, the root's first. */
export function entryBytes({ tables, ram }: Tables, virtual: bigint): string[] {
  return walkAsHardware(tables, virtAddr(virtual)).steps.map(({ slot: { page, offset } }) =>
    hexBytes(ram, (BigInt(page) << 12n) + BigInt(offset), tables.format.entryBytes)
  );
}
