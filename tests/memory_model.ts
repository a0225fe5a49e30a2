/**
 * A second, dumber implementation of memory, for the random tests: it handles every byte on its own.
 *
 * @module
 */

import type { MemoryKind } from "../src/memory/mod.ts";
import type { WordBits } from "../src/word.ts";

const PAGE = 0x1000n;

/** A machine's ranges, `[first, end)`; devices are marked. */
export interface World {
  readonly wordBits: WordBits;
  readonly ranges: readonly (readonly [first: bigint, end: bigint, kind: MemoryKind])[];
  /** Addresses around which things happen. */
  readonly places: readonly bigint[];
}

/** A page of the model: each byte on its own. */
interface ModelPage {
  /** Which bytes are memory. */
  readonly isMemory: readonly boolean[];
  readonly bytes: Uint8Array;
  /** 1 for each byte that holds what it held at power-on. */
  readonly isOld: Uint8Array;
  backing: "untouched" | "touched" | "discarded";
}

/** One byte of the model. */
export interface Cell {
  /** The address of its page. */
  readonly start: bigint;
  readonly page: ModelPage;
  readonly offset: number;
}

/** Memory as a map of pages of bytes, changed one byte at a time. */
export class Model {
  readonly #world: World;
  readonly #atPowerOn: (address: bigint) => number;
  #pages: Map<bigint, ModelPage> = new Map();
  refaults = 0;

  constructor(world: World, atPowerOn: (address: bigint) => number) {
    this.#world = world;
    this.#atPowerOn = atPowerOn;
  }

  wrap(address: bigint): bigint {
    return BigInt.asUintN(this.#world.wordBits, address);
  }

  #page(number: bigint): ModelPage {
    const found = this.#pages.get(number);
    if (found !== undefined) return found;
    const addresses = Array.from({ length: 4096 }, (_, offset) => number * PAGE + BigInt(offset));
    const isMemory = addresses.map((address) =>
      this.#world.ranges.some(([first, end, kind]) =>
        kind !== "mmio" && first <= address && address < end
      )
    );
    const bytes = Uint8Array.from(
      addresses,
      (address, offset) => isMemory[offset] ? this.#atPowerOn(address) : 0,
    );
    const page: ModelPage = {
      isMemory,
      bytes,
      isOld: new Uint8Array(4096).fill(1),
      backing: "untouched",
    };
    this.#pages.set(number, page);
    return page;
  }

  cells(first: bigint, count: number): Cell[] {
    const cells: Cell[] = [];
    for (let done = 0; done < count;) {
      const address = this.wrap(first + BigInt(done));
      const page = this.#page(address / PAGE);
      const from = Number(address % PAGE);
      const start = address - BigInt(from);
      for (let offset = from; offset < 4096 && done < count; offset++, done++) {
        cells.push({ start, page, offset });
      }
    }
    return cells;
  }

  address({ start, offset }: Cell): bigint {
    return start + BigInt(offset);
  }

  isMemory({ page, offset }: Cell): boolean {
    return page.isMemory[offset] === true;
  }

  peek({ page, offset }: Cell): number {
    return page.bytes[offset] ?? -1;
  }

  read(cell: Cell): number {
    if (cell.page.backing === "discarded") {
      this.refaults++;
      cell.page.backing = "touched";
    }
    return this.peek(cell);
  }

  write(cell: Cell, byte: number): void {
    this.read(cell);
    cell.page.backing = "touched";
    cell.page.bytes[cell.offset] = byte;
    cell.page.isOld[cell.offset] = 0;
  }

  discard(first: bigint, count: number): void {
    for (let number = first; number < first + BigInt(count); number++) {
      const page = this.#page(number);
      page.backing = "discarded";
      page.bytes.fill(0);
      page.isOld.fill(0);
    }
  }

  clone(): Model {
    const copy = new Model(this.#world, this.#atPowerOn);
    for (const [number, { isMemory, bytes, isOld, backing }] of this.#pages) {
      copy.#pages.set(number, { isMemory, bytes: bytes.slice(), isOld: isOld.slice(), backing });
    }
    copy.refaults = this.refaults;
    return copy;
  }

  /** The pages that are not untouched, ascending: `5 touched`. */
  touched(): string[] {
    return [...this.#pages].filter(([, { backing }]) => backing !== "untouched")
      .sort(([one], [other]) => one < other ? -1 : 1)
      .map(([number, { backing }]) => `${number} ${backing}`);
  }
}
