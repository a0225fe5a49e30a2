/**
 * Free blocks on doubly linked lists, wherever their links lie.
 *
 * @module
 */

import type { Account } from "./account.ts";
import type { Cells } from "./cells.ts";
import type { LinkPlace } from "./design.ts";
import { NO_BLOCK } from "./free_set.ts";
import type { FreeSet, TakePolicy } from "./free_set.ts";
import type { Layout } from "./layout.ts";

/** A link that leads nowhere; a link to node n is n + 1. */
const END = 0;

/** Lists whose nodes are frames, or external nodes that stand for frames. */
export class FreeLists implements FreeSet {
  readonly #account: Account | null;
  readonly #place: LinkPlace;
  readonly #policy: TakePolicy;
  readonly #heads: Float64Array;
  readonly #next: Cells;
  readonly #previous: Cells;
  readonly #frames: Cells;
  /** Which node stands for a block, where nodes are external. */
  readonly #nodeOf: Cells;
  /** The first node that is free again, linked by their first words; {@linkcode END} for none. */
  #spare = END;
  #madeNodes = 0;

  /** Makes empty lists. */
  constructor(lists: number, policy: TakePolicy, layout: Layout, account: Account | null) {
    this.#account = account;
    this.#policy = policy;
    this.#place = layout.design.links;
    this.#heads = new Float64Array(lists);
    this.#next = layout.next;
    this.#previous = layout.previous;
    this.#frames = layout.frames;
    this.#nodeOf = layout.nodeOf;
  }

  add(list: number, frame: number): void {
    const account = this.#account;
    const node = this.#place === "external" ? this.#takeNode(frame) : frame;
    const second = this.#heads[list] ?? END;
    this.#next.set(node, second);
    this.#previous.set(node, END);
    if (second !== END) {
      this.#previous.set(second - 1, node + 1);
      if (account !== null) this.#touch(second - 1, "write");
    }
    this.#heads[list] = node + 1;
    if (account === null) return;
    this.#touch(node, "write");
    account.touchHead(list, 2, "write");
  }

  remove(list: number, frame: number): void {
    const account = this.#account;
    const node = this.#place === "external" ? this.#nodeFor(frame) : frame;
    const after = this.#next.get(node);
    const before = this.#previous.get(node);
    if (before === END) this.#heads[list] = after;
    else this.#next.set(before - 1, after);
    if (after !== END) this.#previous.set(after - 1, before);
    // Unlinked nodes are wiped, as `list_remove()` does it upstream.
    this.#next.set(node, END);
    this.#previous.set(node, END);
    if (account !== null) {
      this.#touch(node, "write");
      if (before === END) account.touchHead(list, 2, "write");
      else this.#touch(before - 1, "write");
      if (after !== END) this.#touch(after - 1, "write");
    }
    if (this.#place === "external") this.#giveNode(node);
  }

  next(list: number): number {
    this.#account?.touchHead(list, 2, "read");
    const front = this.#heads[list] ?? END;
    if (front === END) return NO_BLOCK;
    return this.#policy === "front" ? this.#frameOf(front - 1) : this.#lowest(front);
  }

  /** The lowest block of a list, which is walked from its front. */
  #lowest(front: number): number {
    let lowest = Infinity;
    for (let link = front; link !== END; link = this.#next.get(link - 1)) {
      const frame = this.#frameOf(link - 1);
      if (this.#account !== null) this.#touch(link - 1, "read");
      if (frame < lowest) lowest = frame;
    }
    return lowest;
  }

  #touch(node: number, access: "read" | "write"): void {
    if (this.#place === "free-page") this.#account?.touchPage(node, access);
    else if (this.#place === "map") this.#account?.touchEntry(node, access);
    else this.#account?.touchNode(node, access);
  }

  #frameOf(node: number): number {
    if (this.#place !== "external") return node;
    this.#account?.touchNode(node, "read");
    return this.#frames.get(node);
  }

  #nodeFor(frame: number): number {
    this.#account?.readEntry(frame);
    return this.#nodeOf.get(frame);
  }

  #takeNode(frame: number): number {
    const account = this.#account;
    let node = this.#spare - 1;
    if (this.#spare === END) node = this.#madeNodes++;
    else this.#spare = this.#next.get(node);
    this.#frames.set(node, frame);
    this.#nodeOf.set(frame, node);
    if (account !== null) {
      account.writeEntries(frame, 0);
      if (this.#madeNodes > account.mostNodes) account.mostNodes = this.#madeNodes;
    }
    return node;
  }

  #giveNode(node: number): void {
    this.#next.set(node, this.#spare);
    this.#spare = node + 1;
  }
}
