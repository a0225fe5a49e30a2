/**
 * The areas of the fast engine, and which node a frame has.
 *
 * @module
 */

// bits: states are bytes, orders are below 64, nodes and frames of a unit below 2^31.

import { newMoves } from "./moves.ts";
import type { Moves } from "./moves.ts";
import {
  childPosition,
  enterUnit,
  levelOfNode,
  linkBehind,
  newPool,
  takeRootSlabs,
} from "./pool.ts";
import type { Pool } from "./pool.ts";
import type { FastRules } from "./rules.ts";
import * as constants from "./constants.ts";

/** Imported constants are slow; these are compiled in. */
const { FIRST_NODE, HEAD, HEADS_PER_AREA, SLAB_BITS, SLAB_MASK, SLAB_NODES, UNIT_FRAMES } =
  constants;

/** The most units that an area has at the level of its root: 64 TiB of pages of 4 KiB have three levels. */
const ROOT_UNITS = 65536;

/** An area. */
export interface FastArea {
  /** Its slot. */
  readonly slot: number;
  /** Its zone. */
  readonly zone: number;
  /** The first usable frame. */
  readonly base: number;
  /** The first frame after. */
  readonly top: number;
  /** The head of its list of order 0. */
  readonly heads: number;
  /** The level of its root. */
  readonly level: number;
  /** The frame of its first node. */
  readonly rootPfn: number;
  /** The first node of its root. */
  readonly root: number;
  /** The number of nodes of its root. */
  readonly rootNodes: number;
  /** How many units its first node lies behind a multiple of 2^18 units. */
  readonly phase: number;
  /** The number of frames of a unit of its root. */
  readonly unitFrames: number;
  /** 1 / unitFrames. */
  readonly unitsPerFrame: number;
  /** Where the slabs below its root are noted. */
  readonly children: number;
}

/** Receives the frames whose list nodes are to be wiped in memory, because they are handed out. */
export interface Wiper {
  /** The first two words of the frame are 0, and its first page is touched. */
  wipe(pfn: number): void;
}

/** The fast engine's whole state. */
export interface FastState {
  /** What the edition does. */
  readonly rules: FastRules;
  /** Nodes and slabs. */
  readonly pool: Pool;
  /** The areas, by ascending slot. */
  areas: FastArea[];
  /** The area that held the last frame asked for. */
  near: FastArea | null;
  /** Who keeps memory as it should be; null where there is none, so that nothing is marked. */
  readonly wiper: Wiper | null;
  /** How often requests and releases split and joined blocks. */
  readonly moves: Moves;
}

/**
 * Makes a state without areas.
 *
 * @param rules what the edition does
 * @param wiper who keeps memory as it should be; null where there is no memory
 * @param moves the books of splits and joins; new ones by default
 * @returns the state
 */
export function newFastState(
  rules: FastRules,
  wiper: Wiper | null,
  moves = newMoves(),
): FastState {
  return { rules, pool: newPool(), areas: [], near: null, wiper, moves };
}

/** Takes the nodes for an area and adds it, without blocks. */
export function addArea(
  state: FastState,
  where: Pick<FastArea, "slot" | "zone" | "base" | "top">,
): FastArea {
  let level = 1;
  while ((where.top - where.base) / (UNIT_FRAMES[level] ?? 0) > ROOT_UNITS) level++;
  const unitFrames = UNIT_FRAMES[level] ?? 0;
  const slabFrames = unitFrames * SLAB_NODES;
  const rootPfn = Math.floor(where.base / unitFrames) * unitFrames;
  const slabs = Math.ceil((where.top - rootPfn) / slabFrames);
  const heads = where.slot * HEADS_PER_AREA;
  const first = takeRootSlabs(state.pool, slabs, level, rootPfn, heads);
  state.pool.maxOrders[where.slot] = state.rules.keepsMaxOrder === 1
    ? 0
    : state.rules.listCount - 1;
  const area: FastArea = {
    ...where,
    heads,
    level,
    rootPfn,
    root: first * SLAB_NODES,
    rootNodes: slabs * SLAB_NODES,
    phase: (rootPfn / unitFrames) % 2 ** 18,
    unitFrames,
    unitsPerFrame: 1 / unitFrames,
    children: state.pool.slabChildren[first] ?? 0,
  };
  state.areas = [...state.areas, area].toSorted((one, other) => one.slot - other.slot);
  return area;
}

/** The area whose usable range holds a frame, or null. */
export function areaOfFrame(state: FastState, pfn: number): FastArea | null {
  const { near } = state;
  if (near !== null && pfn >= near.base && pfn < near.top) return near;
  for (const area of state.areas) {
    if (pfn >= area.base && pfn < area.top) return state.near = area;
  }
  return null;
}

/**
 * The node of the block that begins at a frame.
 *
 * @param state the engine
 * @param area the area that holds the frame
 * @param pfn the frame
 * @returns the node, or 0 if no block begins there
 */
export function nodeAt(state: FastState, area: FastArea, pfn: number): number {
  const { children, slabChildren, states } = state.pool;
  let rest = pfn - area.rootPfn;
  const unit = (rest * area.unitsPerFrame) | 0;
  let slab = children[area.children + unit] ?? 0;
  if (area.level === 2 && slab !== 0) {
    rest -= unit * area.unitFrames;
    slab = children[(slabChildren[slab] ?? 0) + (rest >> SLAB_BITS)] ?? 0;
  }
  if (area.level <= 2 && slab !== 0) {
    const node = slab * SLAB_NODES + (rest & SLAB_MASK);
    if ((states[node] ?? 0) >= HEAD) return node;
  }
  return deepNodeAt(state, area, pfn);
}

function deepNodeAt(state: FastState, area: FastArea, pfn: number): number {
  const node = holderOf(state, area, pfn);
  const { states } = state.pool;
  const isHead = (states[node] ?? 0) >= HEAD;
  return isHead && pfnAligned(state.pool, node, pfn) ? node : 0;
}

function pfnAligned(pool: Pool, node: number, pfn: number): boolean {
  return pfn % (UNIT_FRAMES[levelOfNode(pool, node)] ?? 1) === 0;
}

/**
 * The node whose unit holds a frame: the highest that is a block's first, or else the lowest there is.
 */
export function holderOf(state: FastState, area: FastArea, pfn: number): number {
  const { pool } = state;
  let rest = pfn - area.rootPfn;
  const unit = Math.floor(rest * area.unitsPerFrame);
  let node = area.root + unit;
  let level = area.level;
  rest -= unit * area.unitFrames;
  while (level > 0 && (pool.states[node] ?? 0) < HEAD) {
    const slab = pool.children[childPosition(pool, node)] ?? 0;
    if (slab === 0) return node;
    level--;
    const frames = UNIT_FRAMES[level] ?? 1;
    const index = Math.floor(rest / frames);
    node = slab * SLAB_NODES + index;
    rest -= index * frames;
  }
  return node;
}

/**
 * The block that holds a frame.
 *
 * It is the nearest head at or below the frame, among those whose block could reach it.
 *
 * @param state the engine
 * @param area the area that holds the frame
 * @param pfn the frame
 * @returns the node of the block's first frame; 0 if there is none, which is not so while all is sound
 */
export function blockOver(state: FastState, area: FastArea, pfn: number): number {
  for (let size = 1; pfn - pfn % size >= area.base; size *= 2) {
    const node = holderOf(state, area, pfn - pfn % size);
    if ((state.pool.states[node] ?? 0) >= HEAD) return node;
  }
  return 0;
}

/** The order of the block of a node that is a block's first. */
export function orderOfHead(pool: Pool, node: number): number {
  return levelOfNode(pool, node) * SLAB_BITS + ((pool.states[node] ?? 0) & (HEAD - 1));
}

/** The largest order worth searching in an area. */
export function maxOrderOf(state: FastState, area: FastArea): number {
  return state.pool.maxOrders[area.slot] ?? 0;
}

/** Raises an area's highest order, where the edition keeps one. */
export function raiseMaxOrder(state: FastState, area: FastArea, order: number): void {
  const { maxOrders } = state.pool;
  if (state.rules.keepsMaxOrder === 1 && order > maxOrderOf(state, area)) {
    maxOrders[area.slot] = order;
  }
}

/** Makes a block of an order at an aligned frame: its node gets the state; nothing is linked. */
export function placeBlock(
  state: FastState,
  area: FastArea,
  pfn: number,
  order: number,
  status: number,
): number {
  const { pool } = state;
  const unit = Math.floor((pfn - area.rootPfn) * area.unitsPerFrame);
  let node = area.root + unit;
  let level = area.level;
  let rest = pfn - area.rootPfn - unit * area.unitFrames;
  while (order < level * SLAB_BITS) {
    const first = enterUnit(pool, node);
    level--;
    const frames = UNIT_FRAMES[level] ?? 1;
    const index = Math.floor(rest / frames);
    node = first + index;
    rest -= index * frames;
  }
  pool.states[node] = status | (order - level * SLAB_BITS);
  return node;
}

/** Fills an area with the largest naturally aligned blocks, each pushed to the front of its list. */
export function carveArea(state: FastState, area: FastArea): void {
  const { pool, rules } = state;
  let order = 0;
  for (let first = area.base; first < area.top; first += 2 ** order) {
    while (first + 2 ** order > area.top) order--;
    while (first % 2 ** (order + 1) === 0 && first + 2 ** (order + 1) <= area.top) order++;
    const node = placeBlock(state, area, first, order, rules.carved);
    linkBehind(pool, area.heads + order, node);
    raiseMaxOrder(state, area, order);
  }
}

/** Tells whether a link leads to a block and not to a list's head. */
export function isBlock(node: number): boolean {
  return node >= FIRST_NODE;
}
