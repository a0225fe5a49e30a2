/**
 * The search: all states, breadth first, so that the first way to a state is a shortest one.
 *
 * @module
 */

import { unreachable } from "../../outcome.ts";
import { initialState } from "./initial.ts";
import { readKey, writeKey } from "./key.ts";
import type { KeyFormat } from "./key.ts";
import { FRESH, sizeOfOrder } from "./model.ts";
import { copyPacked, insertFrame, isUsableByte, newPacked, removeNode } from "./packed.ts";
import type { Packed } from "./packed.ts";
import type { PackedCall, PackedRequest } from "./packed_call.ts";
import { brokenRules, EXPLORED_RULES } from "./packed_rules.ts";
import type { ExploredRule } from "./packed_rules.ts";
import { StateSet } from "./state_set.ts";
import { isCallable, performPacked } from "./step.ts";

/** How far an exploration is. */
export interface ExploreProgress {
  /** The states found. */
  readonly states: number;
  /** The states from which all calls were made. */
  readonly expanded: number;
  /** The calls made. */
  readonly transitions: number;
  /** The number of calls to the states that are being expanded. */
  readonly depth: number;
}

/** A search. */
export interface SearchSetting {
  /** The states and what is left out of them. */
  readonly format: KeyFormat;
  /** The calls to be made. */
  readonly calls: readonly PackedCall[];
  /** The rules, as bits, after whose violation the search goes on. */
  readonly tolerated: number;
  /** Whether the rules that were broken so far, as bits, are enough to stop. */
  readonly isEnough: (broken: number) => boolean;
  /** The most states. */
  readonly maxStates: number;
  /** Receives how far it is, now and then; null for nobody. */
  readonly onProgress: ((progress: ExploreProgress) => void) | null;
}

/** A call on the way to a violation. */
export interface PathStep {
  /** The call. */
  readonly call: PackedCall;
  /** What it gave: the frame handed out, or 0; see {@linkcode performPacked}. */
  readonly result: number;
}

/** The calls on the way to a violation. */
export interface FoundPath {
  /** The rule. */
  readonly rule: ExploredRule;
  /** The calls; the last is the one that breaks it. */
  readonly steps: readonly PathStep[];
}

/** What a search found. */
export interface SearchResult extends ExploreProgress {
  /** Whether all states were seen, or why not. */
  readonly ended: "complete" | "violation" | "max-states";
  /** A shortest way to a violation of each rule that is broken, in the order in which they were found. */
  readonly found: readonly FoundPath[];
}

/** After so many calls the progress is told. */
const PROGRESS_EVERY = 65_536;

/** The state and the call by which a rule was broken first. */
interface Breach {
  readonly rule: ExploredRule;
  readonly state: number;
  readonly action: number;
}

/** An action is a call, by its place, and the frame that was put in its way plus 1, or 0 for none. */
const ACTIONS_A_CALL = 64;

/** A search as it goes on. */
class Search {
  readonly #setting: SearchSetting;
  readonly #set: StateSet;
  readonly #key: Int32Array;
  /** The state that is expanded; as it is before the call, its lists in the order chosen; after it. */
  readonly #origin: Packed;
  readonly #before: Packed;
  readonly #after: Packed;
  readonly #breaches: Breach[] = [];
  /** The area whose list serves a request. */
  #servingArea = 0;
  #expanded = 0;
  #transitions = 0;
  #depth = 0;
  /** The rules broken so far, as bits. */
  #broken = 0;

  constructor(setting: SearchSetting) {
    const { format } = setting;
    this.#setting = setting;
    this.#set = new StateSet(format.words);
    this.#key = new Int32Array(format.words);
    this.#origin = newPacked(format.model);
    this.#before = newPacked(format.model);
    this.#after = newPacked(format.model);
  }

  /** Searches. */
  run(): SearchResult {
    const { format, maxStates, isEnough } = this.#setting;
    writeKey(format, initialState(format.model), this.#key);
    this.#set.add(this.#key, -1, -1);
    let levelEnd = 1;
    let ended: SearchResult["ended"] = "complete";
    while (this.#expanded < this.#set.size) {
      if (this.#expanded === levelEnd) {
        this.#depth++;
        levelEnd = this.#set.size;
      }
      this.#read(this.#expanded);
      this.#expand();
      this.#expanded++;
      if (isEnough(this.#broken)) ended = "violation";
      else if (this.#set.size > maxStates) ended = "max-states";
      if (ended !== "complete") break;
    }
    const found = this.#breaches.map((breach) => this.#pathTo(breach));
    return { ...this.#progress, ended, found };
  }

  /** Makes a state the one that is expanded. */
  #read(state: number): void {
    const { format } = this.#setting;
    readKey(format, this.#set.keys, state * format.words, this.#origin);
  }

  get #progress(): ExploreProgress {
    return {
      states: this.#set.size,
      expanded: this.#expanded,
      transitions: this.#transitions,
      depth: this.#depth,
    };
  }

  /** Makes all calls from a state. */
  #expand(): void {
    const { calls, format } = this.#setting;
    const isFolded = format.folding.lists === "folded";
    for (let number = 0; number < calls.length; number++) {
      const call = calls[number];
      if (call === undefined || !isCallable(this.#origin, call)) continue;
      copyPacked(this.#origin, this.#before);
      if (isFolded && call.kind === "alloc") this.#tryEachBlock(call, number);
      else this.#try(call, number * ACTIONS_A_CALL);
    }
  }

  /** Makes a request once for each block that it could be served from, were the lists in another order. */
  #tryEachBlock(call: PackedRequest, number: number): void {
    const { cells, model } = this.#origin;
    const { alignments, frames, areaOf } = model.geometry;
    const isFresh = call.fresh === "yes";
    const order = isFresh ? -1 : this.#listServing(call);
    let made = 0;
    for (let frame = 0; frame < frames;) {
      const byte = cells[frame] ?? 0;
      const found = model.orderBits[byte] ?? 0;
      const isWanted = isFresh
        ? model.statuses[byte] === FRESH
        : found === order && areaOf[frame] === this.#servingArea && isUsableByte(model, byte);
      if (isWanted && (alignments[frame] ?? 0) >= found) {
        this.#putFirst(frame, call);
        this.#try(call, number * ACTIONS_A_CALL + frame + 1);
        made++;
      }
      frame += sizeOfOrder(found);
    }
    // A fresh request is also refused, or served from elsewhere, where a free block is the last of a list.
    if (!isFresh && made > 0) return;
    copyPacked(this.#origin, this.#before);
    this.#try(call, number * ACTIONS_A_CALL);
  }

  /** Puts a block where a request looks for one: at the front of its list, or at the back. */
  #putFirst(frame: number, { fresh }: PackedRequest): void {
    const { cells, model } = this.#origin;
    const order = model.orderBits[cells[frame] ?? 0] ?? 0;
    copyPacked(this.#origin, this.#before);
    removeNode(this.#before, frame + 1);
    insertFrame(this.#before, frame, order, fresh === "yes" ? "back" : "front");
  }

  /** The order of the list, and the area, from which a request is served; -1 if it is refused. */
  #listServing({ alignOrder, sizeOrder, only }: PackedRequest): number {
    const { cells, model } = this.#origin;
    const { areas, orders, nextAt } = model.geometry;
    const lowest = Math.max(alignOrder, sizeOrder);
    for (let place = 0; place < areas.length; place++) {
      const area = areas[place];
      if (area === undefined || (only !== null && only !== place)) continue;
      const highest = model.maxOrder === "kept" ? cells[area.maxOrderAt] ?? 0 : orders - 1;
      for (let order = lowest; order <= highest; order++) {
        const head = area.heads + order;
        if (cells[nextAt + head] === head) continue;
        this.#servingArea = place;
        return order;
      }
    }
    return -1;
  }

  /** Makes a call, and keeps the state after it if it is sound and new. */
  #try(call: PackedCall, action: number): void {
    const { format, tolerated, onProgress } = this.#setting;
    copyPacked(this.#before, this.#after);
    const result = performPacked(this.#after, call);
    const broken = brokenRules(this.#before, this.#after, call, result);
    this.#transitions++;
    if (this.#transitions % PROGRESS_EVERY === 0) onProgress?.(this.#progress);
    if (broken !== 0) {
      this.#note(broken, action);
      if ((broken & ~tolerated) !== 0) return; // bits: two sets of at most 20 rules
    }
    writeKey(format, this.#after, this.#key);
    this.#set.add(this.#key, this.#expanded, action);
  }

  /** Notes the rules that are broken for the first time. */
  #note(broken: number, action: number): void {
    const isNew = broken & ~this.#broken; // bits: two sets of at most 20 rules
    if (isNew === 0) return;
    this.#broken |= isNew; // bits: two sets of at most 20 rules
    for (const [place, rule] of EXPLORED_RULES.entries()) {
      const isBroken = Math.floor(isNew / 2 ** place) % 2 === 1;
      if (isBroken) this.#breaches.push({ rule, state: this.#expanded, action });
    }
  }

  #pathTo({ rule, state, action }: Breach): FoundPath {
    const steps = [this.#repeat(state, action)];
    for (let at = state; at > 0;) {
      const parent = this.#set.parentOf(at);
      steps.push(this.#repeat(parent, this.#set.actionOf(at)));
      at = parent;
    }
    return { rule, steps: steps.toReversed() };
  }

  /** Takes an action once more, to see what it gave. */
  #repeat(state: number, action: number): PathStep {
    const call = this.#setting.calls[Math.floor(action / ACTIONS_A_CALL)] ??
      unreachable(`there is no call for action ${action}`);
    const frame = action % ACTIONS_A_CALL - 1;
    this.#read(state);
    if (frame >= 0 && call.kind === "alloc") this.#putFirst(frame, call);
    else copyPacked(this.#origin, this.#before);
    copyPacked(this.#before, this.#after);
    return { call, result: performPacked(this.#after, call) };
  }
}

/**
 * Searches all states that can be reached.
 *
 * A state in which a rule is broken is noted and, unless the rule is tolerated, not expanded.
 *
 * @param setting what is searched
 * @returns how many states there are, and which rules are broken
 */
export function search(setting: SearchSetting): SearchResult {
  return new Search(setting).run();
}
