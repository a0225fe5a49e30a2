/**
 * Dumps that were damaged, in each way that the invariants know: xray names the first byte that is wrong,
 * what it should be, and what could have left it.
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { ARCHS, ARM64, I386, PPC64, S390X, X86_64 } from "../arch/mod.ts";
import {
  byteCount,
  descriptorLayout,
  type Machine,
  pageCount,
  parseScenario,
  physAddr,
  runScenario,
  virtAddr,
} from "../mod.ts";
import { formatViolation } from "../src/check/mod.ts";
import {
  bytesSource,
  DumpError,
  type Xray,
  xray,
  type XrayArea,
  type XrayOptions,
} from "../src/xray/mod.ts";
import { jsonPieces } from "../src/cli/json_text.ts";
import { paintFor } from "../src/cli/paint.ts";
import { xrayData } from "../src/cli/xray_json.ts";
import { XRAY_VIEWS, xrayLines } from "../src/cli/xray_text.ts";
import { defaultAreasAddress } from "../src/machine.ts";
import { edition } from "./support.ts";
import { bareMachineOf, type Build, buildText, dumpOf, FIRST, xrayOf } from "./xray_support.ts";

/*
 * The area of `bareMachineOf` on `head`: base 101, top 1f0, lists 0: 103 101, 3: 108, 4: 1e0 110, …
 *
 *           1  2  3  4..7  8..f  10..1f  20..3f  40..7f  80..bf  c0..df  e0..ef
 *   100  ## f0 A0 f0 A2    f3    .4      .5      .6      .6      .5      .4
 */

/** A machine with what is needed to damage it. */
class Patient {
  readonly machine: Machine;
  readonly #build: Build;

  constructor(build: Build) {
    this.#build = build;
    this.machine = bareMachineOf(build, edition("head"));
  }

  get layout(): ReturnType<typeof descriptorLayout> {
    const { arch, edition: of, pageShift } = this.machine;
    return descriptorLayout(arch, of, pageShift);
  }

  get word(): 4 | 8 {
    return this.#build.arch.wordBits === 64 ? 8 : 4;
  }

  /** The address of a frame, given without its 0x100. */
  frame(index: number): bigint {
    return BigInt(FIRST + index) << BigInt(this.#build.pageShift);
  }

  /** The address of the page state of a frame. */
  state(index: number): bigint {
    return this.frame(0) + BigInt(index - 1);
  }

  /** The address of the list head of an order. */
  head(order: number): bigint {
    const { freeLists, listHeadBytes } = this.layout;
    return this.descriptor(freeLists + order * listHeadBytes);
  }

  /** The address of a member of the area's descriptor. */
  descriptor(offset: number): bigint {
    const slot = this.machine.pages.areas()[0]?.area ?? 0;
    const { areasAddress } = this.machine.options;
    return areasAddress + BigInt(slot * this.layout.sizeBytes + offset);
  }

  byte(address: bigint, value: number): void {
    this.machine.ram.writeByte(virtAddr(address), value, "the test");
  }

  put(address: bigint, value: bigint): void {
    this.machine.ram.write(virtAddr(address), this.word, value, "the test");
  }

  clear(address: bigint, value: number, length: bigint): void {
    this.machine.ram.fill(virtAddr(address), byteCount(length), value, "the test");
  }
}

/** A way to damage the machine, and what xray is to say. */
interface Damage {
  readonly name: string;
  /** The rule that is broken; null if it is none of an area's. */
  readonly rule: string | null;
  readonly hurt: (patient: Patient) => void;
  /** The address of the word or byte that is wrong. */
  readonly at: (patient: Patient) => bigint;
  /** What should stand there, if that can be told; of a link the whole word. */
  readonly expected?: readonly number[];
  readonly what: string;
  readonly cause: string;
  /** Whether it can be seen without the descriptor. */
  readonly raw: "seen" | "not seen";
}

const DAMAGES: readonly Damage[] = [
  {
    name: "a state that no block has",
    rule: "states agree",
    hurt: (patient) => patient.byte(patient.state(0x41), 0xff),
    at: (patient) => patient.state(0x41),
    expected: [0x06],
    what: "the page state of 0x141",
    cause: "write",
    raw: "seen",
  },
  {
    name: "states that no block has, of a whole block",
    rule: "blocks tile the area",
    hurt: (patient) => patient.clear(patient.state(8), 0xff, 8n),
    at: (patient) => patient.state(8),
    what: "the page state of 0x108",
    cause: "write",
    raw: "seen",
  },
  {
    name: "the state of a block's head",
    rule: "blocks are aligned",
    hurt: (patient) => patient.byte(patient.state(0x20), 0x80),
    at: (patient) => patient.state(0x20),
    expected: [0x05],
    what: "the page state of 0x120",
    cause: "write",
    raw: "seen",
  },
  {
    name: "a state inside a block, cleared",
    rule: "states agree",
    hurt: (patient) => patient.byte(patient.state(0x51), 0),
    at: (patient) => patient.state(0x51),
    expected: [0x06],
    what: "the page state of 0x151",
    cause: "host took away",
    raw: "seen",
  },
  {
    name: "one half of a block freed",
    rule: "blocks are aligned",
    hurt: (patient) => patient.clear(patient.state(0x40), 0x45, 0x20n),
    at: (patient) => patient.state(0x40),
    expected: [0x06],
    what: "the page state of 0x140",
    cause: "free of one half",
    raw: "seen",
  },
  {
    name: "a block that would reach beyond the top",
    rule: "blocks end inside the area",
    hurt: (patient) => patient.byte(patient.state(0xc0), 0x06),
    at: (patient) => patient.state(0xc0),
    expected: [0x05],
    what: "the page state of 0x1c0",
    cause: "coalesce",
    raw: "seen",
  },
  {
    name: "a listed page that is allocated",
    rule: "listed blocks are usable",
    hurt: (patient) => patient.byte(patient.state(3), 0x80),
    at: (patient) => patient.state(3),
    expected: [0x00, 0x40],
    what: "the page state of 0x103",
    cause: "made it allocated",
    raw: "seen",
  },
  {
    name: "an allocated page that is free, and on no list",
    rule: "usable blocks are listed",
    hurt: (patient) => patient.byte(patient.state(2), 0x40),
    at: (patient) => patient.state(2),
    expected: [0x80],
    what: "the page state of 0x102",
    cause: "made it free",
    raw: "seen",
  },
  {
    name: "a next link that is wild",
    rule: "links are mutual",
    hurt: (patient) => patient.put(patient.frame(3) + BigInt(patient.word), 0x1234n),
    at: (patient) => patient.frame(3) + BigInt(patient.word),
    what: "the next link of 0x103, 0x1234 in place of",
    cause: "use after free",
    raw: "seen",
  },
  {
    name: "a previous link that is text",
    rule: "links are mutual",
    hurt: (patient) => patient.clear(patient.frame(1), 0x61, 16n),
    at: (patient) => patient.frame(1),
    what: "the previous link of 0x101",
    cause: "text",
    raw: "seen",
  },
  {
    name: "a page that the host took away",
    rule: "links are mutual",
    hurt: (patient) => patient.clear(patient.frame(0x40), 0, 4096n),
    at: (patient) => patient.frame(0x40),
    what: "the previous link of 0x140, 0x0 in place of",
    cause: "balloon",
    raw: "seen",
  },
  {
    name: "a page that was poisoned",
    rule: "links are mutual",
    hurt: (patient) => patient.clear(patient.frame(0x40), 0xaa, 4096n),
    at: (patient) => patient.frame(0x40),
    what: "the previous link of 0x140",
    cause: "0xaa: poison",
    raw: "seen",
  },
  {
    name: "a list head that was cleared",
    rule: "links are mutual",
    hurt: (patient) => patient.put(patient.head(6) + BigInt(patient.word), 0n),
    at: (patient) => patient.head(6) + BigInt(patient.word),
    what: "the next link of the head of order 6",
    cause: "image",
    raw: "not seen",
  },
  {
    name: "max_order too low",
    rule: "max order is a bound",
    hurt: (patient) => patient.byte(patient.descriptor(patient.layout.maxOrder ?? 0), 2),
    at: (patient) => patient.descriptor(patient.layout.maxOrder ?? 0),
    expected: [6],
    what: "max_order",
    cause: "free_pages",
    raw: "not seen",
  },
  {
    name: "base",
    rule: null,
    hurt: (patient) => patient.put(patient.descriptor(0), 0x1230000000n),
    at: (patient) => patient.descriptor(0),
    what: "base of area",
    cause: "image",
    raw: "not seen",
  },
  {
    name: "top, so that metadata of the same size goes with it",
    rule: null,
    hurt: (patient) => {
      const { byteOrder } = patient.machine.options;
      const { top, pfnBytes } = patient.layout;
      const at = patient.descriptor(top + (byteOrder === "big" ? pfnBytes - 1 : 0));
      patient.byte(at, 0x77);
    },
    at: (patient) => patient.descriptor(patient.layout.top),
    what: "top of area",
    cause: "image",
    raw: "not seen",
  },
  {
    name: "the pointer to the page states",
    rule: null,
    hurt: (patient) => patient.put(patient.descriptor(patient.layout.pageStates), 0n),
    at: (patient) => patient.descriptor(patient.layout.pageStates),
    what: "page_states of area",
    cause: "image",
    raw: "not seen",
  },
];

const SHAPES: readonly Build[] = [
  { arch: ARM64, pageShift: 12, byteOrder: "little" },
  { arch: S390X, pageShift: 12, byteOrder: "big" },
  { arch: PPC64, pageShift: 16, byteOrder: "big" },
  { arch: ARM64, pageShift: 14, byteOrder: "little" },
  { arch: I386, pageShift: 12, byteOrder: "little" },
];

function checkFirst(found: Xray, patient: Patient, damage: Damage, where: string): void {
  const [first] = found.corrupt;
  assert(first !== undefined, `${where}: no corrupt byte`);
  const at = damage.at(patient);
  const within = first.address >= at && first.address < at + 8n;
  assert(within, `${where}: 0x${first.address.toString(16)} in place of 0x${at.toString(16)}`);
  assertEquals(first.found, patient.machine.ram.peekByte(physAddr(first.address)), where);
  if (damage.expected !== undefined) assertEquals(first.expected, damage.expected, where);
  assertStringIncludes(first.what, damage.what, where);
  assertStringIncludes(first.causes.join("; "), damage.cause, where);
}

Deno.test("xray() names the first corrupt byte of each damage that the rules know, and its rule", () => {
  for (const build of SHAPES) {
    for (const damage of DAMAGES) {
      for (const form of ["raw", "elf"] as const) {
        const patient = new Patient(build);
        damage.hurt(patient);
        const found = xrayOf(patient.machine, form, { archs: [build.arch] });
        const where = `${buildText(build)} ${form}: ${damage.name}`;
        if (form === "raw" && damage.raw === "not seen") {
          assertEquals(found.corrupt, [], where);
          continue;
        }
        checkFirst(found, patient, damage, where);
        const rules = found.violations.map(({ rule }) => rule as string);
        if (damage.rule !== null) assert(rules.includes(damage.rule), `${where}: ${rules}`);
        else assertEquals(rules, [], where);
      }
    }
  }
});

Deno.test("xray() names each page state that was cleared, and what it was", () => {
  const build: Build = { arch: ARM64, pageShift: 12, byteOrder: "little" };
  const whole = dumpOf(bareMachineOf(build, edition("head")), "elf");
  for (let index = 0; index < 0xef; index++) {
    const [at, frame] = [0x1000 + index, FIRST + 1 + index];
    const state = whole[at] ?? 0;
    if (state === 0x40) continue; // Free, of order 0: cleared it is fresh, which is as good.
    const dump = whole.slice();
    dump[at] = 0;
    const { corrupt } = xray(bytesSource(dump), { archs: [ARM64] });
    const [first] = corrupt;
    assertEquals(corrupt.length, 1, `frame 0x${frame.toString(16)}`);
    assertEquals(first?.address, 0x100000n + BigInt(index));
    assertEquals([first?.found, first?.expected], [0, [state]]);
  }
});

Deno.test("xray() finds an area whose first page state is damaged, by its descriptor only", () => {
  const patient = new Patient({ arch: ARM64, pageShift: 12, byteOrder: "little" });
  patient.byte(patient.state(1), 0x05);
  const { corrupt: [first] } = xrayOf(patient.machine, "elf");
  assertEquals(first?.address, patient.state(1));
  assertEquals(first?.expected, [0x00, 0x40]);
  let message = "";
  try {
    xrayOf(patient.machine, "raw", { archs: [ARM64] });
  } catch (error) {
    assert(error instanceof DumpError);
    message = error.message;
  }
  assertStringIncludes(message, "Cannot find an area of arm64");
});

Deno.test("xray() says of a page that head reserved and left on its list that reserve_pages does so", () => {
  const patient = new Patient({ arch: ARM64, pageShift: 12, byteOrder: "little" });
  patient.machine.pages.reservePages(physAddr(patient.frame(0x25)), pageCount(1));
  const { corrupt: [first], violations } = xrayOf(patient.machine, "elf");
  assertEquals(first?.address, patient.state(0x25));
  assertEquals([first?.found, first?.expected], [0xc0, [0x00, 0x40]]);
  assertStringIncludes(first?.causes[0] ?? "", "reserve_pages");
  assertEquals(violations.map(formatViolation), [
    "listed blocks are usable: 0x125 is special and stands on the list of order 0 of area 0",
  ]);
});

Deno.test("xray() tells of buddies that head did not join, and calls no byte wrong", () => {
  const patient = new Patient({ arch: ARM64, pageShift: 12, byteOrder: "little" });
  patient.machine.pages.freePages(virtAddr(patient.frame(2)));
  const { violations, corrupt } = xrayOf(patient.machine, "elf");
  assertEquals(violations.map(formatViolation), [
    "no mergeable buddies are both usable: 0x102 and 0x103 are usable blocks of order 0",
  ]);
  assertEquals(corrupt, []);
});

/** A sequence of numbers that looks random, and is the same each time. */
function* numbersFrom(seed: number): Generator<number> {
  for (let state = seed * 2654435761 % 2 ** 32;; state = (state * 1664525 + 1013904223) % 2 ** 32) {
    yield Math.floor(state / 2 ** 8);
  }
}

/** Damages a dump: bytes and words anywhere, in the metadata, in nodes, in headers; or its end is gone. */
function mutate(dump: Uint8Array, seed: number): Uint8Array {
  const numbers = numbersFrom(seed);
  const below = (limit: number): number => (numbers.next().value ?? 0) % limit;
  const copy = dump.slice();
  const places = [0, 0x40, 0x78, 0x1000, 0x2000, 0x3000, copy.length - 0x4000, copy.length];
  for (let count = 1 + below(24); count > 0; count--) {
    const near = places[below(places.length)] ?? 0;
    const at = below(4) === 0 ? below(copy.length) : Math.min(near + below(0x200), copy.length - 1);
    copy.fill([0, 0xff, 0x80, 0x40, below(256)][below(5)] ?? 0, at, at + 1 + below(9));
  }
  return below(8) === 0 ? copy.slice(0, below(copy.length)) : copy;
}

/** A guest with some hundred blocks of all orders and uses, and lists of them. */
const BUSY = [
  "boot",
  ...Array.from(
    { length: 60 },
    (
      _,
      index,
    ) => [`a${index} = malloc ${100 + index * 370}`, `b${index} = alloc_pages ${index % 5}`],
  ).flat(),
  ...Array.from(
    { length: 30 },
    (_, index) => [`free a${2 * index}`, `free_pages b${2 * index + index % 2}`],
  ).flat(),
].join("\n");

/** A place where a byte is damaged at random, of each kind that xray reads. */
function placeIn(
  { areas, subject: { arch, pageShift } }: Xray,
  numbers: Generator<number>,
): bigint {
  const next = (limit: number): number => (numbers.next().value ?? 0) % limit;
  const [{ view, descriptor }] = areas as [XrayArea];
  const shift = BigInt(pageShift);
  const word = arch.wordBits / 8;
  const layout = descriptorLayout(arch, edition("head"), pageShift);
  switch (next(3)) {
    case 0:
      return (BigInt(view.metadata) << shift) + BigInt(next(600)); // bits: bigints.
    case 1: {
      const nodes = view.freeLists.flatMap(({ forward }) => forward.pfns);
      return (BigInt(nodes[next(nodes.length)] ?? 0) << shift) + BigInt(next(2 * word)); // bits: bigints.
    }
    default:
      return descriptor + BigInt(layout.freeLists + next(layout.listCount * 2 * word));
  }
}

Deno.test("xray() names the one byte of a busy guest that was damaged, and what it was", () => {
  for (const arch of [X86_64, I386]) {
    const text = `machine ${arch.name} ram=32M edition=head\n${BUSY}`;
    const run = runScenario(parseScenario(text).scenario, { archs: ARCHS });
    const machine = run.machineAfter(run.steps.length - 1);
    const file = dumpOf(machine, "raw");
    const look = (): Xray => xray(bytesSource(file), { archs: [arch] });
    const sound = look();
    assertEquals(sound.corrupt, []);
    const numbers = numbersFrom(1);
    for (let count = 0; count < 120; count++) {
      const address = placeIn(sound, numbers);
      const at = Number(address);
      const old = file[at] ?? 0;
      file[at] = (old + 1 + (numbers.next().value ?? 0) % 255) % 256;
      const { corrupt: [first] } = look();
      const where = `${arch.name}: 0x${address.toString(16)} was ${old}, is ${file[at]}`;
      assertEquals([first?.address, first?.found], [address, file[at]], where);
      assert(first?.expected.includes(old), `${where}, not ${first?.expected}`);
      file[at] = old;
    }
  }
});

const NO_TERMINAL = false;
const NO_COLOUR = true;
const PLAIN = paintFor("never", NO_TERMINAL, NO_COLOUR);

Deno.test("xray() of 200 damaged dumps ends in a result, which can be shown, or in a DumpError", () => {
  const builds = SHAPES.filter(({ pageShift }) => pageShift === 12);
  for (const form of ["elf", "raw"] as const) {
    const dumps = builds.map((build) => {
      const whole = dumpOf(bareMachineOf(build, edition("head")), form);
      return form === "raw" ? whole.slice(-0xf0000) : whole;
    });
    for (let seed = 0; seed < 100; seed++) {
      const [dump = new Uint8Array(), build] = [dumps[seed % dumps.length], builds[seed % 3]];
      const options: XrayOptions = {
        archs: seed % 2 === 0 || build === undefined ? ARCHS : [build.arch],
        ...(form === "raw" ? { ramBase: physAddr(BigInt(FIRST) << 12n) } : {}),
        ...(form === "elf" && seed % 4 === 3 && build !== undefined
          ? { descriptors: physAddr(defaultAreasAddress(build.arch)) }
          : {}),
      };
      try {
        const found = xray(bytesSource(mutate(dump, seed)), options);
        assert(xrayLines("dump", found, XRAY_VIEWS, PLAIN).length > 0);
        assert([...jsonPieces(xrayData("dump", found))].length > 0);
      } catch (error) {
        assert(error instanceof DumpError, `${form} seed ${seed}: ${(error as Error).stack}`);
      }
    }
  }
});
