/**
 * Memory against a second, dumber implementation: one byte at a time, in a Map.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { type AccessSize, memoryMap, type PowerOn, Ram } from "../src/memory/mod.ts";
import { outcomeOf } from "../src/outcome.ts";
import { byteCount, physAddr, type VirtAddr, virtAddr } from "../src/units.ts";
import type { ByteOrder } from "../src/word.ts";
import { type Cell, Model, type World } from "./memory_model.ts";
import { dice } from "./memory_support.ts";

/** Steps of each run. */
const STEPS = 1500;

/** How many runs of each kind. */
const SEEDS = 1;

const PAGE = 0x1000n;

/** Ranges with ragged ends, a device, a hole, and memory on both sides of the wrap at 2^32. */
const SMALL: World = {
  wordBits: 32,
  ranges: [
    [0n, 0x1fc00n, "ram"],
    [0x1fc00n, 0x20000n, "reserved"],
    [0x30000n, 0x31000n, "mmio"],
    [0x31800n, 0x42345n, "ram"],
    [0x200000n, 0x500000n, "ram"],
    [0xffffa000n, 0x100000000n, "ram"],
  ],
  places: [
    0n,
    0x20000n,
    0x31000n,
    0x32000n,
    0x42345n,
    0x200000n,
    0x240000n,
    0x280000n,
    0x500000n,
    0xfffffff8n,
  ],
};

/** Memory beyond what a number holds exactly, up to the very end of 64 bits. */
const LARGE: World = {
  wordBits: 64,
  ranges: [
    [0x1000n, 0x9fc00n, "ram"],
    [1n << 46n, (1n << 46n) + 0x300000n, "ram"],
    [(1n << 53n) - 0x3000n, (1n << 53n) + 0x103800n, "reserved"],
    [(1n << 64n) - 0x60000n, 1n << 64n, "ram"],
  ],
  places: [
    0x1000n,
    0x9f000n,
    1n << 46n,
    (1n << 46n) + 0x40000n,
    1n << 53n,
    (1n << 53n) + 0x100000n,
    (1n << 64n) - 0x41000n,
    (1n << 64n) - 4n,
  ],
};

/** A machine and its model, with what both can be asked to do. */
class Pair {
  ram: Ram;
  model: Model;
  /** The address used last. */
  last: VirtAddr = virtAddr(0n);
  readonly #wordBytes: 4 | 8;

  constructor(ram: Ram, model: Model) {
    this.ram = ram;
    this.model = model;
    this.#wordBytes = ram.wordBits === 64 ? 8 : 4;
  }

  clone(): Pair {
    const copy = new Pair(this.ram.clone(), this.model.clone());
    copy.last = this.last;
    return copy;
  }

  #missing(cells: readonly Cell[]): Cell | undefined {
    return cells.find((one) => !this.model.isMemory(one));
  }

  /** Compares how an action ended; the model says which byte is the first missing one. */
  #compare<T>(action: () => T, missing: Cell | undefined, expected: () => T, what: string): void {
    const outcome = outcomeOf(action);
    if (missing === undefined) {
      assertEquals(outcome, { kind: "returned", value: expected() }, what);
    } else {
      const at = "address" in outcome ? outcome.address : null;
      assertEquals([outcome.kind, at], ["fault", this.model.address(missing)], what);
    }
  }

  /** The bytes of a value in the order of significance, lowest first. */
  #bySignificance(cells: readonly Cell[]): readonly Cell[] {
    return this.ram.byteOrder === "little" ? cells : cells.toReversed();
  }

  read(address: VirtAddr, size: AccessSize): void {
    const cells = this.model.cells(address, size);
    const expected = (): bigint =>
      this.#bySignificance(cells)
        .reduceRight((sum, cell) => sum * 256n + BigInt(this.model.read(cell)), 0n);
    const action = (): bigint => {
      if (size === 1) return BigInt(this.ram.readByte(address, "test"));
      if (size === this.#wordBytes) return this.ram.readWord(address, "test");
      return this.ram.read(address, size, "test");
    };
    this.#compare(action, this.#missing(cells), expected, `read ${size} at ${address}`);
  }

  write(address: VirtAddr, size: AccessSize, value: bigint): void {
    const cells = this.model.cells(address, size);
    const expected = (): void => {
      for (const [index, cell] of this.#bySignificance(cells).entries()) {
        this.model.write(cell, Number((value >> BigInt(8 * index)) & 0xffn));
      }
    };
    const action = (): void => {
      if (size === 1) this.ram.writeByte(address, Number(value & 0xffffn), "test");
      else if (size === this.#wordBytes) this.ram.writeWord(address, value, "test");
      else this.ram.write(address, size, value, "test");
    };
    this.#compare(action, this.#missing(cells), expected, `write ${size} at ${address}`);
  }

  fill(address: VirtAddr, length: number, byte: number): void {
    const cells = this.model.cells(address, length);
    const missing = this.#missing(cells);
    const filled = missing === undefined ? cells : cells.slice(0, cells.indexOf(missing));
    for (const cell of filled) this.model.write(cell, byte);
    const action = (): void => this.ram.fill(address, byteCount(BigInt(length)), byte, "test");
    const what = `fill ${length} at ${address} with ${byte}`;
    this.#compare(action, missing, () => undefined, what);
  }

  firstDifferent(address: VirtAddr, length: number, byte: number): void {
    const cells = this.model.cells(address, length);
    const index = cells.findIndex((cell) =>
      !this.model.isMemory(cell) || this.model.read(cell) !== byte
    );
    const missing = this.#missing(cells.slice(index, index + 1));
    const size = byteCount(BigInt(length));
    const action = (): bigint | null => this.ram.firstDifferent(address, size, byte, "test");
    const what = `firstDifferent ${length} at ${address} from ${byte}`;
    this.#compare(action, missing, () => index < 0 ? null : BigInt(index), what);
  }

  runs(address: VirtAddr, length: number): void {
    const cells = this.model.cells(address, length);
    const expected = (): number[] => cells.map((cell) => this.model.read(cell));
    const action = (): number[] =>
      this.ram.runs(address, byteCount(BigInt(length)), "test")
        .flatMap(({ byte, count }) => Array.from({ length: count }, () => byte));
    this.#compare(action, this.#missing(cells), expected, `runs ${length} at ${address}`);
  }

  discard(first: bigint, pages: number): void {
    if ((first + BigInt(pages)) * PAGE > 1n << BigInt(this.ram.wordBits)) return;
    // All ranges are larger than a page, so its two ends tell whether a page is memory.
    const ends = Array.from({ length: pages }, (_, index) => (first + BigInt(index)) * PAGE)
      .flatMap((start) => [...this.model.cells(start, 1), ...this.model.cells(start + 0xfffn, 1)]);
    if (this.#missing(ends) !== undefined) return;
    this.ram.discard(physAddr(first * PAGE), byteCount(BigInt(pages) * PAGE));
    this.model.discard(first, pages);
  }

  peek(address: bigint, length: number): void {
    if (address + BigInt(length) > 1n << BigInt(this.ram.wordBits)) return;
    const seen = this.ram.peekRuns(physAddr(address), byteCount(BigInt(length)))
      .flatMap(({ byte, count }) => Array.from({ length: count }, () => byte));
    const expected = this.model.cells(address, length).map((cell, index) => {
      if (!this.model.isMemory(cell)) return null;
      const isOld = cell.page.isOld[cell.offset] === 1 && seen[index] === "garbage";
      return isOld ? "garbage" : this.model.peek(cell);
    });
    assertEquals(seen, expected, `peek ${length} at ${address}`);
    for (const cell of this.model.cells(address, Math.min(length, 5))) {
      const byte = this.model.isMemory(cell) ? this.model.peek(cell) : null;
      assertEquals(this.ram.peekByte(physAddr(this.model.address(cell))), byte);
      assertEquals(this.ram.backing(physAddr(this.model.address(cell))), cell.page.backing);
    }
  }

  compareBacking(): void {
    assertEquals(this.ram.refaults, this.model.refaults);
    const pages = [...this.ram.touchedPages()].flatMap(({ first, count, backing }) =>
      Array.from({ length: count }, (_, index) => `${first / PAGE + BigInt(index)} ${backing}`)
    );
    assertEquals(pages, this.model.touched());
  }
}

/** A length: mostly small, sometimes some pages, now and then enough for an extent. */
function lengthOf(roll: (limit: number) => number): number {
  const pages = [0, 0, 0, 1, 2, 3][roll(6)] ?? 0;
  if (roll(20) === 0) return 4096 * (60 + roll(30)) + ([0, 0, 1, 3000][roll(4)] ?? 0);
  return pages * 4096 + ([0, roll(20), roll(100), roll(4096)][roll(4)] ?? 0);
}

/** An address where something may go wrong; often one close to the last. */
function addressOf(pair: Pair, world: World, roll: (limit: number) => number): VirtAddr {
  const place = world.places[roll(world.places.length)] ?? 0n;
  const near = [roll(32), roll(100), roll(4096), 4096 * roll(80), 4096 * roll(80) + roll(70)];
  const distance = roll(2) === 0 ? near[roll(5)] ?? 0 : -roll(9000);
  const start = pair.last - pair.last % PAGE;
  const address = [
    place + BigInt(distance),
    place + BigInt(distance),
    start + BigInt(roll(4096)),
    pair.last + BigInt(roll(20) - 10),
  ][roll(4)] ?? 0n;
  pair.last = virtAddr(pair.model.wrap(address));
  return pair.last;
}

function step(pair: Pair, world: World, roll: (limit: number) => number): void {
  const address = addressOf(pair, world, roll);
  const size = ([1, 2, 4, 8] as const)[roll(4)] ?? 1;
  const byte = [0, 0, 0, 0xff, 7, roll(256)][roll(6)] ?? 0;
  switch (roll(12)) {
    case 0:
    case 1:
    case 2:
      return pair.read(address, size);
    case 3:
    case 4:
    case 5:
      return pair.write(address, size, BigInt(roll(2 ** 31)) * 0x9e3779b97f4a7c15n);
    case 6:
    case 7:
      return pair.fill(address, lengthOf(roll), byte);
    case 8:
      return pair.firstDifferent(address, lengthOf(roll), byte);
    case 9:
      return pair.runs(address, lengthOf(roll) % 20_000);
    case 10:
      return pair.discard(address / PAGE, roll(6) === 0 ? 60 + roll(20) : roll(3));
    default:
      return pair.peek(address, lengthOf(roll) % 20_000);
  }
}

function run(world: World, byteOrder: ByteOrder, powerOn: PowerOn, seed: number): void {
  const ranges = world.ranges.map(([first, end, kind]) => (
    { first: physAddr(first), size: byteCount(end - first), kind }
  ));
  const make = (): Ram =>
    new Ram({ map: memoryMap(ranges), wordBits: world.wordBits, byteOrder, powerOn });
  const fresh = make();
  const atPowerOn = (address: bigint): number =>
    powerOn.kind === "zero" ? 0 : fresh.peekByte(physAddr(address)) ?? -1;
  const roll = dice(seed);
  let pair = new Pair(make(), new Model(world, atPowerOn));
  let other = pair.clone();
  for (let index = 0; index < STEPS; index++) {
    step(pair, world, roll);
    if (roll(60) === 0) {
      pair.compareBacking();
      // Both sides of a copy go on, so that each would see what the other does.
      if (roll(2) === 0) other = pair.clone();
      if (roll(2) === 0) [pair, other] = [other, pair];
    }
  }
  pair.compareBacking();
  other.compareBacking();
}

for (const [name, world] of Object.entries({ SMALL, LARGE })) {
  for (const byteOrder of ["little", "big"] as const) {
    for (const powerOn of [{ kind: "zero" }, { kind: "garbage", seed: 5 }] as const) {
      Deno.test(
        `Ram equals a map of bytes: ${name} world, ${byteOrder} endian, ${powerOn.kind} at power-on`,
        () => {
          for (let seed = 1; seed <= SEEDS; seed++) run(world, byteOrder, powerOn, seed);
        },
      );
    }
  }
}
