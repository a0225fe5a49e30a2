/**
 * Making elements, and wording numbers.
 *
 * The functions in this folder that a recorded page runs are shipped as text: they name other such
 * functions and the browser, and nothing else of their module.
 *
 * @module
 */

import type { PageDocument, PageElement } from "./dom.ts";

/**
 * Makes an element.
 *
 * @param page the document
 * @param name its name
 * @param attributes its attributes
 * @param children texts and elements inside it; texts stay texts, whatever they contain
 * @returns the element
 */
export function make(
  page: PageDocument,
  name: string,
  attributes: Readonly<Record<string, string>> = {},
  children: readonly (PageElement | string)[] = [],
): PageElement {
  const element = page.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/**
 * A frame's number.
 *
 * @param frame the number
 * @returns base 16, without 0x
 */
export function frameText(frame: number): string {
  return frame.toString(16);
}

/**
 * The address of a frame.
 *
 * @param frame the number
 * @param pageShift the base-2 logarithm of the page size
 * @returns base 16, with 0x
 */
export function addressText(frame: number, pageShift: number): string {
  // bits: a bigint.
  return `0x${(BigInt(frame) << BigInt(pageShift)).toString(16)}`;
}

/**
 * A count with its noun.
 *
 * @param count the count
 * @param noun the noun, for one
 * @returns such as `2 frames`
 */
export function countText(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/**
 * A page state's bits, status and order apart.
 *
 * @param byte the page state
 * @param orderMask the order bits
 * @returns such as `01 000010`
 */
export function bitsText(byte: number, orderMask: number): string {
  const bits = byte.toString(2).padStart(8, "0");
  const orderBits = orderMask.toString(2).length;
  return `${bits.slice(0, 8 - orderBits)} ${bits.slice(8 - orderBits)}`;
}
