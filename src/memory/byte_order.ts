/**
 * Values of 1 to 8 bytes in a view, in either byte order.
 *
 * @module
 */

import type { AccessSize } from "./address_space.ts";

/**
 * Reads from a view.
 *
 * @param view the view
 * @param at the position
 * @param size in bytes
 * @param isLittle whether the byte at the position is the lowest
 * @returns the value
 */
export function load(view: DataView, at: number, size: AccessSize, isLittle: boolean): bigint {
  switch (size) {
    case 8:
      return view.getBigUint64(at, isLittle);
    case 4:
      return BigInt(view.getUint32(at, isLittle));
    case 2:
      return BigInt(view.getUint16(at, isLittle));
    case 1:
      return BigInt(view.getUint8(at));
  }
}

/**
 * Writes to a view; excess bits of the value are dropped.
 *
 * @param view the view
 * @param at the position
 * @param size in bytes
 * @param value any integer
 * @param isLittle whether the byte at the position is the lowest
 */
export function save(
  view: DataView,
  at: number,
  size: AccessSize,
  value: bigint,
  isLittle: boolean,
): void {
  switch (size) {
    case 8:
      return view.setBigUint64(at, value, isLittle);
    case 4:
      return view.setUint32(at, Number(BigInt.asUintN(32, value)), isLittle);
    case 2:
      return view.setUint16(at, Number(BigInt.asUintN(16, value)), isLittle);
    case 1:
      return view.setUint8(at, Number(BigInt.asUintN(8, value)));
  }
}
