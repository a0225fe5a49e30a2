/**
 * Free blocks on doubly linked lists, wherever their links lie.
 *
 * @module
 */

import type { Account } from "./account.ts";
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
  readonly #heads: Int32Array;
  readonly #links: Int32Array;
  readonly #stride: number;
  readonly #offset: number;
  /** Which node stands for a block, where nodes are external. */
  readonly #nodeOf: Int32Array;
  readonly #nodeStride: number;
  readonly #nodeOffset: number;
  /** The first node that is free again, linked by their first words; {@linkcode END} for none. */
  #spare = END;
  #madeNodes = 0;

  /** Makes empty lists. */
  constructor(lists: number, policy: TakePolicy, layout: Layout, account: Account | null) {
    this.#account = account;
    this.#policy = policy;
    this.#place = layout.design.links;
    this.#heads = new Int32Array(lists);
    this.#links = layout.links.words;
    this.#stride = layout.links.stride;
    this.#offset = layout.links.offset;
    this.#nodeOf = layout.nodeOf.words;
    this.#nodeStride = layout.nodeOf.stride;
    this.#nodeOffset = layout.nodeOf.offset;
  }

  add(list: number, frame: number): void {
    const account = this.#account;
    const node = this.#place === "external" ? this.#takeNode(frame) : frame;
    const second = this.#heads[list] ?? END;
    this.#write(node, 0, second);
    this.#write(node, 1, END);
    if (second !== END) {
      this.#write(second - 1, 1, node + 1);
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
    const after = this.#read(node, 0);
    const before = this.#read(node, 1);
    if (before === END) this.#heads[list] = after;
    else this.#write(before - 1, 0, after);
    if (after !== END) this.#write(after - 1, 1, before);
    // Unlinked nodes are wiped, as `list_remove()` does it upstream.
    this.#write(node, 0, END);
    this.#write(node, 1, END);
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
    for (let link = front; link !== END; link = this.#read(link - 1, 0)) {
      const frame = this.#frameOf(link - 1);
      if (this.#account !== null) this.#touch(link - 1, "read");
      if (frame < lowest) lowest = frame;
    }
    return lowest;
  }

  #read(node: number, word: number): number {
    return this.#links[node * this.#stride + this.#offset + word] ?? END;
  }

  #write(node: number, word: number, value: number): void {
    this.#links[node * this.#stride + this.#offset + word] = value;
  }

  #touch(node: number, access: "read" | "write"): void {
    if (this.#place === "free-page") this.#account?.touchPage(node, access);
    else if (this.#place === "map") this.#account?.touchEntry(node, access);
    else this.#account?.touchNode(node, access);
  }

  #frameOf(node: number): number {
    if (this.#place !== "external") return node;
    this.#account?.touchNode(node, "read");
    return this.#read(node, 2);
  }

  #nodeFor(frame: number): number {
    this.#account?.readEntry(frame);
    return this.#nodeOf[frame * this.#nodeStride + this.#nodeOffset] ?? 0;
  }

  #takeNode(frame: number): number {
    const account = this.#account;
    let node = this.#spare - 1;
    if (this.#spare === END) node = this.#madeNodes++;
    else this.#spare = this.#read(node, 0);
    this.#write(node, 2, frame);
    this.#nodeOf[frame * this.#nodeStride + this.#nodeOffset] = node;
    if (account !== null) {
      account.writeEntries(frame, 0);
      if (this.#madeNodes > account.mostNodes) account.mostNodes = this.#madeNodes;
    }
    return node;
  }

  #giveNode(node: number): void {
    this.#write(node, 0, this.#spare);
    this.#spare = node + 1;
  }
}
