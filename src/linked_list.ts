/**
 * The circular doubly linked list of the modelled code. Its nodes are real words in modelled memory:
 * the link to the previous node at byte 0, the link to the next one a word later.
 *
 * ```text
 *         head                 block A               block B
 *   +------+------+       +------+------+       +------+------+
 *   | prev | next |------>| prev | next |------>| prev | next |----> head
 *   +------+------+       +------+------+       +------+------+
 * ```
 *
 * The front of a list is the head's next node, the back is its previous one.
 * Source: `lib/list.h`, 4a54e8a3.
 *
 * @module
 */

import type { AddressSpace } from "./memory/address_space.ts";
import { cAssert } from "./outcome.ts";
import type { SourceLine } from "./outcome.ts";
import type { VirtAddr } from "./units.ts";
import { wrapToWord } from "./word.ts";

const FILE = "lib/list.h";
const ADD_NODE: SourceLine = { file: FILE, function: "list_add", line: 45 };
const ADD_HEAD: SourceLine = { file: FILE, function: "list_add", line: 46 };
const ADD_TAIL_HEAD: SourceLine = { file: FILE, function: "list_add_tail", line: 58 };

function nextLink(space: AddressSpace, node: VirtAddr): VirtAddr {
  return wrapToWord(space.wordBits, node + (space.wordBits === 64 ? 8n : 4n)) as VirtAddr;
}

/**
 * Reads the link to a node's successor.
 *
 * Ends in a fault if the node does not lie in memory.
 *
 * @param space the memory
 * @param node the node's address
 * @param by who reads
 * @returns the address that the link holds
 */
export function readNext(space: AddressSpace, node: VirtAddr, by: string): VirtAddr {
  return space.readWord(nextLink(space, node), by) as VirtAddr;
}

/**
 * Reads the link to a node's predecessor.
 *
 * Ends in a fault if the node does not lie in memory.
 *
 * @param space the memory
 * @param node the node's address
 * @param by who reads
 * @returns the address that the link holds
 */
export function readPrevious(space: AddressSpace, node: VirtAddr, by: string): VirtAddr {
  return space.readWord(node, by) as VirtAddr;
}

/**
 * Makes an empty list: a head that is linked to itself.
 *
 * Source: `lib/list.h`, `struct linked_list`; `lib/alloc_page.c`, `_page_alloc_init_area()`, 4a54e8a3.
 *
 * @param space the memory
 * @param head the head's address
 * @param by who writes
 */
export function makeEmptyList(space: AddressSpace, head: VirtAddr, by: string): void {
  space.writeWord(head, head, by);
  space.writeWord(nextLink(space, head), head, by);
}

/**
 * Tells whether a list looks empty: a link is null or leads to the node itself.
 *
 * Upstream asks it of elements as well as of heads, so an element whose links were wiped looks like an
 * empty list. The next link is read first.
 *
 * Source: `lib/list.h`, `is_list_empty()`, 4a54e8a3.
 *
 * @param space the memory
 * @param node the address of a head or of an element
 * @returns true if it looks empty
 */
export function isListEmpty(space: AddressSpace, node: VirtAddr): boolean {
  const next = readNext(space, node, "is_list_empty()");
  if (next === 0n) return true;
  const previous = readPrevious(space, node, "is_list_empty()");
  return previous === 0n || next === node || previous === node;
}

/**
 * Takes an element off its list and wipes its links; does nothing if it looks like an empty list.
 *
 * Source: `lib/list.h`, `list_remove()`, 4a54e8a3.
 *
 * @param space the memory
 * @param element the element's address
 * @returns whether something was removed
 */
export function removeFromList(space: AddressSpace, element: VirtAddr): "removed" | "nothing" {
  if (isListEmpty(space, element)) return "nothing";
  const by = "list_remove()";
  const previous = readPrevious(space, element, by);
  space.writeWord(nextLink(space, previous), readNext(space, element, by), by);
  space.writeWord(readNext(space, element, by), readPrevious(space, element, by), by);
  space.writeWord(nextLink(space, element), 0n, by);
  space.writeWord(element, 0n, by);
  return "removed";
}

/**
 * Inserts an element right after a node: at the front of the list if the node is its head.
 *
 * Assumes that
 * - the element's address is not null;
 * - the head's address is not null.
 *
 * The stores come in upstream's order, which matters when the element is linked already.
 *
 * Source: `lib/list.h`, `list_add()`, 4a54e8a3.
 *
 * @param space the memory
 * @param head the address of the node to insert after
 * @param element the element's address
 */
export function addToFront(space: AddressSpace, head: VirtAddr, element: VirtAddr): void {
  const by = "list_add()";
  cAssert(element !== 0n, ADD_NODE, "li");
  cAssert(head !== 0n, ADD_HEAD, "head");
  space.writeWord(element, head, by);
  space.writeWord(nextLink(space, element), readNext(space, head, by), by);
  space.writeWord(readNext(space, head, by), element, by);
  space.writeWord(nextLink(space, head), element, by);
}

/**
 * Inserts an element at the back of a list.
 *
 * Assumes that the head's address is not null, and what {@linkcode addToFront} assumes of the last
 * element.
 *
 * Source: `lib/list.h`, `list_add_tail()`, a7eb7780.
 *
 * @param space the memory
 * @param head the head's address
 * @param element the element's address
 */
export function addToBack(space: AddressSpace, head: VirtAddr, element: VirtAddr): void {
  cAssert(head !== 0n, ADD_TAIL_HEAD, "head");
  addToFront(space, readPrevious(space, head, "list_add_tail()"), element);
}
