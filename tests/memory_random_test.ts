/**
 * Memory against a second, dumber implementation: one byte at a time, in a Map.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { type AccessSize, memoryMap, type PowerOn, Ram } from "../src/memory/mod.ts";
import { outcomeOf } from "../src/outcome.ts";
import { byteCount, physAddr, type VirtAddr, virtAddr } from "../src/units.ts";
import type { ByteOrder, WordBits } from "../src/word.ts";

/** Steps of each run. */
const STEPS = 3000;

/** A generator of numbers below a limit, the same for the same seed. */
function dice(seed: number): (limit: number) => number {
  let state = BigInt(seed);
  return (limit) => {
    state = BigInt.asUintN(64, state * 6364136223846793005n + 1442695040888963407n);
    return Number(state >> 33n) % limit;
  };
}

/** A machine's ranges, `[first, end)`; devices are marked. */
interface World {
  readonly wordBits: WordBits;
  readonly ranges:
    readonly (readonly [first: bigint, end: bigint, kind: "ram" | "reserved" | "mmio"])[];
  /** Addresses around which things happen. */
  readonly places: readonly bigint[];
}

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

/** Memory as a Map from address to byte, and the state of each page as another. */
class Model {
  readonly #world: World;
  readonly #atPowerOn: (address: bigint) => number;
  #bytes: Map<bigint, number> = new Map();
  #backing: Map<bigint, "touched" | "discarded"> = new Map();
  refaults = 0;

  constructor(world: World, atPowerOn: (address: bigint) => number) {
    this.#world = world;
    this.#atPowerOn = atPowerOn;
  }

  wrap(address: bigint): bigint {
    return BigInt.asUintN(this.#world.wordBits, address);
  }

  isMemory(address: bigint): boolean {
    return this.#world.ranges.some(([first, end, kind]) =>
      kind !== "mmio" && first <= address && address < end
    );
  }

  backing(address: bigint): "untouched" | "touched" | "discarded" {
    return this.#backing.get(address / PAGE) ?? "untouched";
  }

  peek(address: bigint): number {
    if (this.backing(address) === "discarded") return 0;
    return this.#bytes.get(address) ?? this.#atPowerOn(address);
  }

  #access(address: bigint): void {
    if (this.backing(address) !== "discarded") return;
    this.refaults++;
    this.#backing.set(address / PAGE, "touched");
  }

  read(address: bigint): number {
    this.#access(address);
    return this.peek(address);
  }

  write(address: bigint, byte: number): void {
    this.#access(address);
    this.#backing.set(address / PAGE, "touched");
    this.#bytes.set(address, byte);
  }

  discard(first: bigint, end: bigint): void {
    for (let address = first; address < end; address++) this.#bytes.set(address, 0);
    for (let page = first / PAGE; page < end / PAGE; page++) this.#backing.set(page, "discarded");
  }

  clone(): Model {
    const copy = new Model(this.#world, this.#atPowerOn);
    copy.#bytes = new Map(this.#bytes);
    copy.#backing = new Map(this.#backing);
    copy.refaults = this.refaults;
    return copy;
  }

  touched(): [bigint, "touched" | "discarded"][] {
    return [...this.#backing].sort(([one], [other]) => one < other ? -1 : 1);
  }
}

/** A machine and its model, with what both can be asked to do. */
class Pair {
  ram: Ram;
  model: Model;
  readonly #order: ByteOrder;
  readonly #wordBytes: 4 | 8;

  constructor(ram: Ram, model: Model) {
    this.ram = ram;
    this.model = model;
    this.#order = ram.byteOrder;
    this.#wordBytes = ram.wordBits === 64 ? 8 : 4;
  }

  clone(): Pair {
    return new Pair(this.ram.clone(), this.model.clone());
  }

  #addresses(first: bigint, count: number): bigint[] {
    return Array.from({ length: count }, (_, index) => this.model.wrap(first + BigInt(index)));
  }

  /** Compares how an action ended, where the model says which byte is the first missing one. */
  #compare<T>(action: () => T, missing: bigint | undefined, expected: () => T, what: string): void {
    const outcome = outcomeOf(action);
    if (missing === undefined) assertEquals(outcome, { kind: "returned", value: expected() }, what);
    else {assertEquals([outcome.kind, "address" in outcome ? outcome.address : null], [
        "fault",
        missing,
      ], what);}
  }

  read(address: VirtAddr, size: AccessSize): void {
    const addresses = this.#addresses(address, size);
    const missing = addresses.find((one) => !this.model.isMemory(one));
    const expected = (): bigint => {
      const bytes = addresses.map((one) => this.model.read(one));
      if (this.#order === "little") bytes.reverse();
      return bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
    };
    const action = (): bigint => {
      if (size === 1) return BigInt(this.ram.readByte(address, "test"));
      if (size === this.#wordBytes) return this.ram.readWord(address, "test");
      return this.ram.read(address, size, "test");
    };
    this.#compare(action, missing, expected, `read ${size} at ${address.toString(16)}`);
  }

  write(address: VirtAddr, size: AccessSize, value: bigint): void {
    const addresses = this.#addresses(address, size);
    const missing = addresses.find((one) => !this.model.isMemory(one));
    const expected = (): void => {
      const places = this.#order === "little" ? addresses : addresses.toReversed();
      for (const [index, one] of places.entries()) {
        this.model.write(one, Number((value >> BigInt(8 * index)) & 0xffn));
      }
    };
    const action = (): void => {
      if (size === 1) this.ram.writeByte(address, Number(value & 0xffffn), "test");
      else if (size === this.#wordBytes) this.ram.writeWord(address, value, "test");
      else this.ram.write(address, size, value, "test");
    };
    this.#compare(action, missing, expected, `write ${size} at ${address.toString(16)}`);
  }

  fill(address: VirtAddr, length: number, byte: number): void {
    const addresses = this.#addresses(address, length);
    const index = addresses.findIndex((one) => !this.model.isMemory(one));
    const filled = index < 0 ? addresses : addresses.slice(0, index);
    for (const one of filled) this.model.write(one, byte);
    const action = (): void => this.ram.fill(address, byteCount(BigInt(length)), byte, "test");
    const what = `fill ${length} at ${address.toString(16)} with ${byte}`;
    this.#compare(action, index < 0 ? undefined : addresses[index], () => undefined, what);
  }

  firstDifferent(address: VirtAddr, length: number, byte: number): void {
    const addresses = this.#addresses(address, length);
    const index = addresses.findIndex((one) =>
      !this.model.isMemory(one) || this.model.read(one) !== byte
    );
    const at = addresses[index];
    const missing = at !== undefined && !this.model.isMemory(at) ? at : undefined;
    const size = byteCount(BigInt(length));
    const action = (): bigint | null => this.ram.firstDifferent(address, size, byte, "test");
    const what = `firstDifferent ${length} at ${address.toString(16)} from ${byte}`;
    this.#compare(action, missing, () => index < 0 ? null : BigInt(index), what);
  }

  runs(address: VirtAddr, length: number): void {
    const addresses = this.#addresses(address, length);
    const missing = addresses.find((one) => !this.model.isMemory(one));
    const expected = (): number[] => addresses.map((one) => this.model.read(one));
    const action = (): number[] =>
      this.ram.runs(address, byteCount(BigInt(length)), "test")
        .flatMap(({ byte, count }) => Array.from({ length: count }, () => byte));
    this.#compare(action, missing, expected, `runs ${length} at ${address.toString(16)}`);
  }

  discard(page: bigint, pages: number): void {
    const end = (page + BigInt(pages)) * PAGE;
    const isAllMemory = Array.from({ length: pages }, (_, index) => (page + BigInt(index)) * PAGE)
      .every((first) => this.model.isMemory(first) && this.model.isMemory(first + PAGE - 1n));
    if (end > 1n << 64n || !isAllMemory) return;
    this.ram.discard(physAddr(page * PAGE), byteCount(BigInt(pages) * PAGE));
    this.model.discard(page * PAGE, end);
  }

  peek(address: bigint, length: number): void {
    if (address + BigInt(length) > 1n << 64n) return;
    const seen = this.ram.peekRuns(physAddr(address), byteCount(BigInt(length)));
    let at = address;
    for (const { byte, count } of seen) {
      for (let index = 0; index < count; index++, at++) {
        const expected = this.model.isMemory(at) ? this.model.peek(at) : null;
        if (byte === "garbage") assertEquals(this.model.backing(at), "untouched");
        else if (byte !== expected) assertEquals(byte, expected, `peek ${at.toString(16)}`);
      }
    }
    assertEquals(at, address + BigInt(length));
    const first = this.model.isMemory(address) ? this.model.peek(address) : null;
    assertEquals(this.ram.peekByte(physAddr(address)), first);
  }

  compareBacking(): void {
    assertEquals(this.ram.refaults, this.model.refaults);
    const pages = [...this.ram.touchedPages()].flatMap(({ first, count, backing }) =>
      Array.from({ length: count }, (_, index) => [first / PAGE + BigInt(index), backing] as const)
    );
    assertEquals(pages, this.model.touched());
  }
}

/** A length: mostly small, sometimes some pages, now and then enough for an extent. */
function lengthOf(roll: (limit: number) => number): number {
  const pages = [0, 0, 0, 1, 2, 3][roll(6)] ?? 0;
  if (roll(25) === 0) return 4096 * (60 + roll(30)) + [0, 0, 1, 3000][roll(4)]!;
  return pages * 4096 + [0, roll(20), roll(100), roll(4096)][roll(4)]!;
}

function step(pair: Pair, world: World, roll: (limit: number) => number): void {
  const place = world.places[roll(world.places.length)] ?? 0n;
  const near = [
    roll(32),
    roll(100),
    roll(4096),
    4096 * roll(80),
    4096 * roll(80) + roll(70),
  ][roll(5)]!;
  const address = virtAddr(pair.model.wrap(place + BigInt(roll(2) === 0 ? near : -roll(9000))));
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
      return pair.discard(address / PAGE, roll(12) === 0 ? 60 + roll(20) : roll(3));
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
    if (roll(150) === 0) {
      pair.compareBacking();
      // Both sides of a copy go on, so that each would see what the other does.
      if (roll(3) === 0) other = pair.clone();
      [pair, other] = [other, pair];
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
          for (let seed = 1; seed <= 3; seed++) run(world, byteOrder, powerOn, seed);
        },
      );
    }
  }
}
