/**
 * Which links of a damaged list are wrong, and what they should be: the node that a link should lead to
 * leads back to it.
 *
 * @module
 */

import { blocksAt } from "../check/invariants/mod.ts";
import type { Survey } from "../check/invariants/mod.ts";
import type { PageStateFormat } from "../edition.ts";
import type { ByteOrder } from "../word.ts";
import { linkCauses, stateCauses } from "./causes.ts";
import type { CorruptByte } from "./corrupt.ts";
import { hexOf } from "./corrupt.ts";
import { bytesOf } from "./decode.ts";
import type { DumpMemory } from "./memory.ts";
import type { Links, NodeReader } from "./nodes.ts";

/** What link damage is looked for in. */
export interface ListSubject {
  /** The dump. */
  readonly memory: DumpMemory;
  /** Reads nodes. */
  readonly reader: NodeReader;
  /** The byte order of links. */
  readonly byteOrder: ByteOrder;
  /** The area's states. */
  readonly survey: Survey;
  /** The encoding of page states. */
  readonly format: PageStateFormat;
  /** The address of the list head of order 0. */
  readonly heads: bigint;
  /** The number of lists. */
  readonly listCount: number;
}

/** A node of a list: a block, or the head. */
interface Node {
  readonly address: bigint;
  readonly kind: "head" | "block";
  readonly links: Links;
}

/** More nodes of one list are not compared. */
const MOST_NODES = 2 ** 20;

type Direction = "next" | "prev";

const OTHER: Readonly<Record<Direction, Direction>> = { next: "prev", prev: "next" };
const WORDS: Readonly<Record<Direction, string>> = { next: "next", prev: "previous" };

/** Looks for wrong links in one list. */
class ListDamage {
  readonly bytes: CorruptByte[] = [];
  readonly #subject: ListSubject;
  readonly #order: number;
  readonly #nodes: ReadonlyMap<bigint, Node>;
  /** For each direction: the nodes that lead to an address. */
  readonly #claims: Readonly<Record<Direction, ReadonlyMap<bigint, readonly bigint[]>>>;

  constructor(subject: ListSubject, order: number) {
    this.#subject = subject;
    this.#order = order;
    this.#nodes = this.#readNodes();
    this.#claims = { next: this.#claimsOf("next"), prev: this.#claimsOf("prev") };
    for (const node of this.#nodes.values()) {
      if (this.#isUnlinked(node)) this.#blameState(node);
      else for (const way of ["prev", "next"] as const) this.#checkLink(node, way);
    }
  }

  get #head(): bigint {
    return this.#subject.heads + BigInt(this.#order * 2 * this.#subject.reader.word);
  }

  #readNodes(): Map<bigint, Node> {
    const { reader, survey } = this.#subject;
    const nodes = new Map<bigint, Node>();
    const add = (address: bigint, kind: Node["kind"]): void => {
      const links = reader.linksAt(address);
      if (links !== null) nodes.set(address, { address, kind, links });
    };
    add(this.#head, "head");
    for (const { first, count, order, size, use } of survey.blocks) {
      if (use !== "usable" || order !== this.#order) continue;
      for (let index = 0; index < count && nodes.size < MOST_NODES; index++) {
        add(reader.addressOf(first + index * size), "block");
      }
    }
    return nodes;
  }

  #claimsOf(way: Direction): Map<bigint, bigint[]> {
    const claims = new Map<bigint, bigint[]>();
    for (const { address, links } of this.#nodes.values()) {
      const claimed = claims.get(links[way]);
      if (claimed === undefined) claims.set(links[way], [address]);
      else claimed.push(address);
    }
    return claims;
  }

  /** The one node that leads back to an address in the other direction; null if there is not just one. */
  #claimant(address: bigint, way: Direction): bigint | null {
    const [only = null, ...more] = this.#claims[OTHER[way]].get(address) ?? [];
    return more.length === 0 ? only : null;
  }

  /** Whether neither a node leads to it, nor it to a node: it is on no list, whatever its state says. */
  #isUnlinked({ address, kind, links }: Node): boolean {
    if (kind === "head") return false;
    const isClaimed = this.#claims.next.has(address) || this.#claims.prev.has(address);
    return !isClaimed && !this.#nodes.has(links.next) && !this.#nodes.has(links.prev);
  }

  #checkLink({ address, kind, links }: Node, way: Direction): void {
    const found = links[way];
    const target = this.#nodes.get(found);
    const back = target?.links ?? this.#linksOfFrame(found);
    // Where a node leads back whose block does not look usable, its page state is wrong.
    if (back?.[OTHER[way]] === address) return;
    const wanted = this.#claimant(address, way);
    // Where nobody else claims the place, it is the other node's link back that is wrong.
    if (target !== undefined && (wanted === null || wanted === found)) return;
    const { memory, reader, byteOrder, survey } = this.#subject;
    const { word } = reader;
    const place = address + (way === "next" ? BigInt(word) : 0n);
    const at = memory.peekBytes(place, word) ?? new Uint8Array(word);
    const should = wanted === null ? null : bytesOf(wanted, word, byteOrder);
    const index = should === null ? 0 : at.findIndex((byte, offset) => byte !== should[offset]);
    const node = kind === "head"
      ? `the head of order ${this.#order} of area ${survey.view.area}`
      : hexOf(reader.frameAt(address) ?? 0);
    this.bytes.push({
      address: place + BigInt(index),
      found: at[index] ?? 0,
      expected: should === null ? [] : [should[index] ?? 0],
      what: `the ${WORDS[way]} link of ${node}, ${hexOf(found)}${
        wanted === null ? "" : ` in place of ${hexOf(wanted)}`
      }`,
      area: survey.view.area,
      causes: linkCauses(memory, {
        found,
        wanted,
        node: address,
        kind,
        word,
        leadsTo: this.#leadsTo(found),
      }),
    });
  }

  /** The links at an address, if it is that of a frame of the area. */
  #linksOfFrame(address: bigint): Links | null {
    return this.#leadsTo(address) === "a frame" ? this.#subject.reader.linksAt(address) : null;
  }

  #leadsTo(link: bigint): "a frame" | "a head" | "elsewhere" {
    const { reader, survey: { view }, heads, listCount } = this.#subject;
    const frame = reader.frameAt(link);
    if (frame !== null && frame >= view.base && frame < view.top) return "a frame";
    const isHead = link >= heads && link < heads + BigInt(listCount * 2 * reader.word);
    return isHead ? "a head" : "elsewhere";
  }

  /** A block that may be handed out, and is on no list: its state is wrong, or its node was taken off. */
  #blameState({ address, links }: Node): void {
    const { reader, survey: { view }, format } = this.#subject;
    const frame = reader.frameAt(address) ?? 0;
    const state = reader.byteAt(reader.addressOf(view.metadata) + BigInt(frame - view.base)) ?? 0;
    const wanted = format.allocated + this.#order;
    const isCleared = links.next === 0n && links.prev === 0n;
    const known = isCleared
      ? ["a removal from its list that left the state: a request that did not finish"]
      : [];
    this.bytes.push({
      address: reader.addressOf(view.metadata) + BigInt(frame - view.base),
      found: state,
      expected: [wanted],
      what: `the page state of ${hexOf(frame)}, which stands on no list`,
      area: view.area,
      causes: state === 0
        ? [...stateCauses(format, state, [wanted]), ...known]
        : [...known, ...stateCauses(format, state, [wanted])],
    });
  }
}

/** The orders whose lists a view shows to be damaged, or that lack a block. */
function damagedOrders({ survey, listCount }: ListSubject): number[] {
  const { freeLists } = survey.view;
  const usable = new Map<number, number>();
  for (const { order, count, use } of survey.blocks) {
    if (use === "usable") usable.set(order, (usable.get(order) ?? 0) + count);
  }
  const isDamaged = (order: number): boolean => {
    const list = freeLists.find((one) => one.order === order);
    if (list === undefined) return (usable.get(order) ?? 0) > 0;
    return list.forward.end.kind !== "own-head" || list.backward !== null ||
      list.forward.pfns.length !== (usable.get(order) ?? 0);
  };
  return Array.from({ length: listCount }, (_, order) => order).filter(isDamaged);
}

/**
 * Finds wrong links in the lists of an area.
 *
 * @param subject the area and the dump
 * @returns the first wrong byte of each wrong link
 */
export function findLinkDamage(subject: ListSubject): CorruptByte[] {
  return damagedOrders(subject).flatMap((order) => new ListDamage(subject, order).bytes);
}

/**
 * Finds an area's `max_order` below a list that has blocks.
 *
 * @param survey the area
 * @param address of `max_order`
 * @returns the byte, or null if it is well
 */
export function findMaxOrderDamage(survey: Survey, address: bigint): CorruptByte | null {
  const { maxOrder, freeLists, area } = survey.view;
  // A head whose link is wrong may lead anywhere: what counts is a block of that order.
  const filled = freeLists.filter(({ order, forward }) =>
    forward.pfns.some((frame) => blocksAt(survey, frame)?.order === order)
  );
  const highest = Math.max(-1, ...filled.map(({ order }) => order));
  if (maxOrder === null || highest <= maxOrder) return null;
  return {
    address,
    found: maxOrder,
    expected: [highest],
    what: `max_order of area ${area}`,
    area,
    causes: ["free_pages, which does not raise it where a block of a higher order comes back"],
  };
}
