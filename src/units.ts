/**
 * The units of the model: frame numbers, counts, orders, addresses, sizes in bytes.
 *
 * Each is a branded type, so a physical address, a virtual address and a frame number cannot be
 * mixed up. What fits a double exactly is a `number` (a pfn has at most 52 bits); what may use all
 * 64 bits is a `bigint`. Arithmetic gives a plain `number` or `bigint` again, which has to be made a
 * unit by name: that is the point.
 *
 * @module
 */

/** The brand of a unit. It exists at compile time only. */
export interface Unit<Name extends string> {
  /** The unit's name; no value carries this property at run time. */
  readonly "unit, compile time only": Name;
}

/** The number of a physical page: its physical address divided by the page size. 0 to 2^52 - 1. */
export type Pfn = number & Unit<"page frame number">;
/** A number of frames or of pages. 0 to 2^52. */
export type PageCount = number & Unit<"page count">;
/** The base-2 logarithm of a block's size in frames. 0 to 255, as upstream keeps it in a `u8`. */
export type Order = number & Unit<"order">;
/** The number of an area: its slot in the array of area descriptors. 0 to 31. */
export type AreaNumber = number & Unit<"area number">;
/** A physical address in bytes. 0 to 2^64 - 1. */
export type PhysAddr = bigint & Unit<"physical address">;
/** A virtual address in bytes. 0 to 2^64 - 1. */
export type VirtAddr = bigint & Unit<"virtual address">;
/** A size in bytes. 0 to 2^64 (the size of a whole address space). */
export type ByteCount = bigint & Unit<"byte count">;

/** The largest pfn plus one: 64-bit addresses with the smallest page of 4 KiB. */
export const PFN_LIMIT: number = 2 ** 52;

const ADDRESS_LIMIT = 1n << 64n;

function checkedInteger(value: number, limit: number, what: string): number {
  if (!Number.isInteger(value) || value < 0 || value > limit) {
    throw new RangeError(
      `Cannot make ${what} of ${value}: it must be an integer from 0 to ${limit}`,
    );
  }
  return value;
}

function checkedBigint(value: bigint, limit: bigint, what: string): bigint {
  if (typeof value !== "bigint") {
    throw new TypeError(`Cannot make ${what} of ${value}: it must be a bigint, such as 0x1000n`);
  }
  if (value < 0n || value > limit) {
    throw new RangeError(
      `Cannot make ${what} of ${value}: it must lie between 0 and 0x${limit.toString(16)}`,
    );
  }
  return value;
}

/**
 * Makes a frame number.
 *
 * @param value 0 to 2^52 - 1
 * @returns the same number as a {@linkcode Pfn}
 * @throws {RangeError} if the value is no integer or out of range
 *
 * @example Usage
 * ```ts
 * import { pfn } from "@buddyscope/sim";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(pfn(0x1000), 0x1000);
 * ```
 */
export function pfn(value: number): Pfn {
  return checkedInteger(value, PFN_LIMIT - 1, "a pfn") as Pfn;
}

/**
 * Makes a number of frames.
 *
 * @param value 0 to 2^52
 * @returns the same number as a {@linkcode PageCount}
 * @throws {RangeError} if the value is no integer or out of range
 */
export function pageCount(value: number): PageCount {
  return checkedInteger(value, PFN_LIMIT, "a page count") as PageCount;
}

/**
 * Makes an order.
 *
 * @param value 0 to 255
 * @returns the same number as an {@linkcode Order}
 * @throws {RangeError} if the value is no integer or out of range
 */
export function order(value: number): Order {
  return checkedInteger(value, 255, "an order") as Order;
}

/**
 * Makes the number of an area.
 *
 * @param value 0 to 31
 * @returns the same number as an {@linkcode AreaNumber}
 * @throws {RangeError} if the value is no integer or out of range
 */
export function areaNumber(value: number): AreaNumber {
  return checkedInteger(value, 31, "an area number") as AreaNumber;
}

/**
 * Makes a physical address.
 *
 * @param value in bytes, 0 to 2^64 - 1
 * @returns the same value as a {@linkcode PhysAddr}
 * @throws {RangeError} if the value is out of range
 * @throws {TypeError} if the value is no bigint
 */
export function physAddr(value: bigint): PhysAddr {
  return checkedBigint(value, ADDRESS_LIMIT - 1n, "a physical address") as PhysAddr;
}

/**
 * Makes a virtual address.
 *
 * @param value in bytes, 0 to 2^64 - 1
 * @returns the same value as a {@linkcode VirtAddr}
 * @throws {RangeError} if the value is out of range
 * @throws {TypeError} if the value is no bigint
 */
export function virtAddr(value: bigint): VirtAddr {
  return checkedBigint(value, ADDRESS_LIMIT - 1n, "a virtual address") as VirtAddr;
}

/**
 * Makes a size in bytes.
 *
 * @param value 0 to 2^64
 * @returns the same value as a {@linkcode ByteCount}
 * @throws {RangeError} if the value is out of range
 * @throws {TypeError} if the value is no bigint
 */
export function byteCount(value: bigint): ByteCount {
  return checkedBigint(value, ADDRESS_LIMIT, "a byte count") as ByteCount;
}

/**
 * The number of frames of a block: 2^order.
 *
 * @param blockOrder 0 to 52
 * @returns the count
 * @throws {RangeError} if 2^order exceeds the number of frames that can exist
 */
export function pagesOfOrder(blockOrder: Order): PageCount {
  return pageCount(2 ** blockOrder);
}

/**
 * The smallest order whose block holds a number of frames; 0 for 0 frames.
 *
 * Source: `lib/bitops.h`, `get_order()`, 4a54e8a3.
 *
 * @param count in frames
 * @returns the order, 0 to 52
 */
export function orderOfPages(count: PageCount): Order {
  let result = 0;
  for (let pages = 1; pages < count; pages *= 2) result++;
  return order(result);
}

/**
 * The frame that lies a number of frames after another.
 *
 * @param start the first frame
 * @param count in frames
 * @returns `start + count`
 * @throws {RangeError} if that frame cannot exist
 */
export function pfnAfter(start: Pfn, count: PageCount): Pfn {
  return pfn(start + count);
}

/**
 * The number of frames in `[first, end)`.
 *
 * @param first the first frame
 * @param end the first frame after; not below `first`
 * @returns the count
 * @throws {RangeError} if `end` lies below `first`
 */
export function pagesBetween(first: Pfn, end: Pfn): PageCount {
  return pageCount(end - first);
}

/**
 * Tells whether a frame is the first of a naturally aligned block of an order.
 *
 * @param frame the frame
 * @param alignOrder the order, 0 to 255
 * @returns true if 2^order divides the pfn
 */
export function isAlignedToOrder(frame: Pfn, alignOrder: Order): boolean {
  return frame % 2 ** alignOrder === 0;
}

/**
 * The frame that holds a physical address.
 *
 * @param address in bytes
 * @param pageShift the base-2 logarithm of the page size in bytes
 * @returns the frame
 */
export function pfnOfPhysAddr(address: PhysAddr, pageShift: number): Pfn {
  return Number(address >> BigInt(pageShift)) as Pfn;
}

/**
 * The physical address of a frame's first byte.
 *
 * @param frame the frame
 * @param pageShift the base-2 logarithm of the page size in bytes
 * @returns the address
 * @throws {RangeError} if the address needs more than 64 bits
 */
export function physAddrOfPfn(frame: Pfn, pageShift: number): PhysAddr {
  return physAddr(BigInt(frame) << BigInt(pageShift));
}

/**
 * The size of a number of frames.
 *
 * @param count in frames
 * @param pageShift the base-2 logarithm of the page size in bytes
 * @returns the size in bytes
 * @throws {RangeError} if the size exceeds 2^64
 */
export function bytesOfPages(count: PageCount, pageShift: number): ByteCount {
  return byteCount(BigInt(count) << BigInt(pageShift));
}

/**
 * The virtual address that equals a physical one, as the identity map of the guests has it.
 *
 * @param address the physical address
 * @returns the virtual address with the same number
 */
export function identityVirtAddr(address: PhysAddr): VirtAddr {
  return virtAddr(address);
}

/**
 * The physical address that equals a virtual one, as the identity map of the guests has it.
 *
 * @param address the virtual address
 * @returns the physical address with the same number
 */
export function identityPhysAddr(address: VirtAddr): PhysAddr {
  return physAddr(address);
}
