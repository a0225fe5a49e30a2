/**
 * A growing set of states, each with the call and the state that it was found from.
 *
 * @module
 */

const FIRST_CAPACITY = 1024;

/** Copies numbers into an array twice as long. */
function doubled(numbers: Int32Array): Int32Array<ArrayBuffer> {
  const longer = new Int32Array(numbers.length * 2);
  longer.set(numbers);
  return longer;
}

/** States by key, numbered in the order in which they were found. No object is made for a state. */
export class StateSet {
  /** The keys, one behind the other. */
  keys: Int32Array<ArrayBuffer>;
  /** The number of states. */
  size = 0;
  readonly #words: number;
  #parents: Int32Array<ArrayBuffer>;
  #actions: Int32Array<ArrayBuffer>;
  /** The number of a state plus 1, by a hash of its key; 0 for none. At most half full. */
  #slots: Int32Array<ArrayBuffer>;

  /**
   * Makes an empty set.
   *
   * @param words the length of a key
   */
  constructor(words: number) {
    this.#words = words;
    this.keys = new Int32Array(FIRST_CAPACITY * words);
    this.#parents = new Int32Array(FIRST_CAPACITY);
    this.#actions = new Int32Array(FIRST_CAPACITY);
    this.#slots = new Int32Array(FIRST_CAPACITY * 2);
  }

  /** The state from which a state was found; -1 for the first. */
  parentOf(state: number): number {
    return this.#parents[state] ?? -1;
  }

  /** The action by which a state was found. */
  actionOf(state: number): number {
    return this.#actions[state] ?? 0;
  }

  /**
   * Adds a state, unless it is there.
   *
   * @param key its key
   * @param parent the state from which it was found
   * @param action the action by which it was found
   * @returns whether it is new
   */
  add(key: Int32Array, parent: number, action: number): "new" | "known" {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = hashOf(key, 0, this.#words) & mask; // bits: the length is a power of two
    while (true) {
      const state = (slots[slot] ?? 0) - 1;
      if (state < 0) break;
      if (this.#isAt(state, key)) return "known";
      slot = (slot + 1) & mask; // bits: the length is a power of two
    }
    slots[slot] = this.size + 1;
    const start = this.size * this.#words;
    for (let index = 0; index < this.#words; index++) this.keys[start + index] = key[index] ?? 0;
    this.#parents[this.size] = parent;
    this.#actions[this.size] = action;
    this.size++;
    if (this.size === this.#parents.length) this.#grow();
    return "new";
  }

  #isAt(state: number, key: Int32Array): boolean {
    const start = state * this.#words;
    for (let index = 0; index < this.#words; index++) {
      if (this.keys[start + index] !== key[index]) return false;
    }
    return true;
  }

  #grow(): void {
    this.keys = doubled(this.keys);
    this.#parents = doubled(this.#parents);
    this.#actions = doubled(this.#actions);
    const slots = new Int32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    for (let state = 0; state < this.size; state++) {
      let slot = hashOf(this.keys, state * this.#words, this.#words) & mask; // bits: a power of two
      while (slots[slot] !== 0) slot = (slot + 1) & mask; // bits: a power of two
      slots[slot] = state + 1;
    }
    this.#slots = slots;
  }
}

/** A hash of a key: multiplied and mixed as MurmurHash3 does. */
function hashOf(keys: Int32Array, start: number, words: number): number {
  let hash = words;
  for (let index = start; index < start + words; index++) {
    hash = Math.imul(hash ^ (keys[index] ?? 0), 0x85ebca6b); // bits: a hash of 32 bits
    hash ^= hash >>> 15; // bits: a hash of 32 bits
  }
  hash = Math.imul(hash, 0xc2b2ae35);
  return hash ^ (hash >>> 16); // bits: a hash of 32 bits
}
