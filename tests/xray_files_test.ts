/**
 * Files that are no dump, or a broken one: each is refused with a sentence that says where and why.
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { ARCHS, ARM, ARM64, S390X } from "../arch/mod.ts";
import { createMachine, declareRam, EDITIONS, pfn } from "../mod.ts";
import { keepsAreas } from "../src/page_engines.ts";
import {
  bytesSource,
  DumpError,
  type DumpSource,
  xray,
  type XrayOptions,
} from "../src/xray/mod.ts";
import { edition } from "./support.ts";
import { areasOf, bareMachineOf, type Build, dumpOf, foundAreas } from "./xray_support.ts";

const WIDE: Build = { arch: ARM64, pageShift: 12, byteOrder: "little" };
const NARROW: Build = { arch: ARM, pageShift: 12, byteOrder: "little" };
const BIG: Build = { arch: S390X, pageShift: 12, byteOrder: "big" };

function elfOf(build: Build): Uint8Array {
  return dumpOf(bareMachineOf(build, edition("head")), "elf");
}

/** The byte order of the core that is changed, for `DataView`. */
const LITTLE = true;

/** A core of 64 bits, changed. */
function changed(change: (view: DataView) => void, build: Build = WIDE): Uint8Array {
  const file = elfOf(build);
  change(new DataView(file.buffer));
  return file;
}

function refusal(file: Uint8Array | DumpSource): string {
  const source = file instanceof Uint8Array ? bytesSource(file) : file;
  return assertThrows(() => xray(source, { archs: ARCHS }), DumpError).message;
}

/** The offsets of the program headers, and of members in them, of a core of 64 bits. */
const FIRST_HEADER = 64;
const SECOND_HEADER = 64 + 56;
const OFFSET = 8;
const PADDR = 24;
const FILESZ = 32;
const MEMSZ = 40;

const REFUSED: ReadonlyArray<{ name: string; file: () => Uint8Array; message: string }> = [
  {
    name: "an empty file",
    file: () => new Uint8Array(),
    message: "Cannot read the dump: the file must not be empty",
  },
  {
    name: "an ELF file cut off in its first bytes",
    file: () => elfOf(WIDE).slice(0, 10),
    message: "Cannot read the ELF core: the file must not end at 0xa, in its header",
  },
  {
    name: "an ELF file cut off in its header",
    file: () => elfOf(WIDE).slice(0, 60),
    message: "Cannot read the ELF core: the ELF header at offset 0x0 must end inside the file, " +
      "which has 0x3c bytes; it may be cut off",
  },
  {
    name: "a core cut off in its program headers",
    file: () => elfOf(WIDE).slice(0, 100),
    message:
      "Cannot read the ELF core: 2 program headers at offset 0x40 must end inside the file, " +
      "which has 0x64 bytes; it may be cut off",
  },
  {
    name: "a core cut off in its memory",
    file: () => elfOf(WIDE).slice(0, 0x2000),
    message:
      "Cannot read the ELF core: the bytes of the program header at 0x40, 0xf0000 at offset " +
      "0x1000, must end inside the file, which has 0x2000; it may be cut off",
  },
  {
    name: "an executable",
    file: () => changed((view) => view.setUint16(16, 2, LITTLE)),
    message: "Cannot read the ELF core: the type at offset 0x10 must be 4, a core, it is 2, " +
      "an executable",
  },
  {
    name: "a class that there is not",
    file: () => changed((view) => view.setUint8(4, 7)),
    message: "Cannot read the ELF core: byte 4, the class, must be 1 or 2, it is 7",
  },
  {
    name: "a byte order that there is not",
    file: () => changed((view) => view.setUint8(5, 0)),
    message: "Cannot read the ELF core: byte 5, the byte order, must be 1 or 2, it is 0",
  },
  {
    name: "segments that overlap",
    file: () => changed((view) => view.setBigUint64(SECOND_HEADER + PADDR, 0x100800n, LITTLE)),
    message:
      "Cannot read the ELF core: the memory of the program headers at 0x40 and 0x78 must not " +
      "overlap at 0x100800; make the dump without -p",
  },
  {
    name: "a segment beyond the address space",
    file: () => changed((view) => view.setBigUint64(FIRST_HEADER + PADDR, 2n ** 64n - 1n, LITTLE)),
    message:
      "Cannot read the ELF core: the memory of the program header at 0x40, 0xf0000 bytes at " +
      "0xffffffffffffffff, must end at or below 2^64",
  },
  {
    name: "a segment with more bytes in the file than in memory",
    file: () => changed((view) => view.setBigUint64(FIRST_HEADER + MEMSZ, 1n, LITTLE)),
    message:
      "Cannot read the ELF core: the program header at 0x40 has 0xf0000 bytes in the file, " +
      "which must not exceed the 0x1 in memory",
  },
  {
    name: "an offset that overflows",
    file: () => changed((view) => view.setBigUint64(FIRST_HEADER + OFFSET, 2n ** 64n - 1n, LITTLE)),
    message:
      "Cannot read the ELF core: the bytes of the program header at 0x40, 0xf0000 at offset " +
      "0x10000000000000000, must end inside the file, which has 0xf5000; it may be cut off",
  },
  {
    name: "program headers that are too small",
    file: () => changed((view) => view.setUint16(54, 8, LITTLE)),
    message: "Cannot read the ELF core: a program header must have 56 to 64 bytes, it has 8",
  },
  {
    name: "program headers that are too large",
    file: () => changed((view) => view.setUint16(54, 0xffff, LITTLE)),
    message: "Cannot read the ELF core: a program header must have 56 to 64 bytes, it has 65535",
  },
  {
    name: "the other byte order",
    file: () => changed((view) => view.setUint8(5, 2)),
    message: "Cannot read the ELF core: the type at offset 0x10 must be 4, a core, it is 1024, " +
      "something else",
  },
  {
    name: "2^32 - 1 segments",
    file: () =>
      changed((view) => {
        view.setUint16(56, 0xffff, LITTLE);
        view.setBigUint64(40, 0x200n, LITTLE);
        view.setUint32(0x200 + 44, 0xffffffff, LITTLE);
      }),
    message: "Cannot read the ELF core: there must be at most 1048576 segments, not 4294967295",
  },
  {
    name: "a number of segments in a section header that is not there",
    file: () => changed((view) => view.setUint16(56, 0xffff, LITTLE)),
    message: "Cannot read the ELF core: e_phnum is 0xffff, so section header 0 must be there and " +
      "hold the number",
  },
  {
    name: "a core without memory",
    file: () => changed((view) => view.setUint16(56, 0, LITTLE)),
    message: "Cannot read the ELF core: it must have a segment with memory",
  },
  {
    name: "a compressed dump",
    file: () => new TextEncoder().encode("KDUMP   and what follows"),
    message: "Cannot read a compressed kdump: the memory must be plain; `dump-guest-memory FILE` " +
      "without -z, -l or -s writes an ELF core",
  },
];

Deno.test("xray() refuses each broken file, and says where and why", () => {
  for (const { name, file, message } of REFUSED) assertEquals(refusal(file()), message, name);
});

Deno.test("xray() refuses a core that is cut off, wherever that is", () => {
  const file = elfOf(WIDE).slice(0, -0x4000); // The descriptors, which end the file, stay away.
  const change = new DataView(file.buffer);
  change.setUint16(56, 1, LITTLE);
  for (let size = 0; size < file.length; size += size < 0x200 ? 1 : 0xffd) {
    const message = refusal(file.slice(0, size));
    assert(/^Cannot (read|find)/.test(message), `${size}: ${message}`);
  }
});

Deno.test("xray() refuses a core as another architecture than its header's, and editions without areas", () => {
  const look = (options: XrayOptions): string =>
    assertThrows(() => xray(bytesSource(elfOf(WIDE)), options), DumpError).message;
  assertEquals(
    look({ archs: [S390X, ARM] }),
    "Cannot look at the ELF core of 64 bits as s390x or arm: its machine must be that of its " +
      "header, 183",
  );
  assertEquals(
    look({ archs: ARCHS, editions: EDITIONS.filter((one) => !keepsAreas(one)).slice(0, 1) }),
    "Cannot look for areas of list-2020: the page allocator must have some, choose an edition " +
      "that came later",
  );
});

Deno.test("xray() finds areas whose frames lie above 16 TiB, in both byte orders", () => {
  for (const build of [WIDE, BIG]) {
    const machine = createMachine({ ...build, edition: edition("head") });
    const [first, top] = [pfn(2 ** 34 + 0x100), pfn(2 ** 34 + 0x1f0)];
    declareRam(machine, first, top);
    machine.pages.initArea(0xff, first, top);
    const found = xray(bytesSource(dumpOf(machine, "elf")), { archs: ARCHS });
    assertEquals(foundAreas(found), areasOf(machine), build.arch.name);
    assertEquals(found.areas.map(({ origin }) => origin), ["found"], build.arch.name);
  }
});

/** Contents that look like nothing: text, a picture's header, zeroes, one byte over and over. */
const NONSENSE: ReadonlyArray<readonly [string, Uint8Array]> = [
  ["text", new TextEncoder().encode("It was a dark and stormy night. ".repeat(40_000))],
  ["a picture", Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])],
  ["zeroes", new Uint8Array(2 ** 21)],
  ["one byte", Uint8Array.of(0x80)],
  ["allocated pages of order 0, and nothing else", new Uint8Array(2 ** 20).fill(0x80)],
  ["numbers", Uint8Array.from({ length: 2 ** 20 }, (_, index) => index * index % 251)],
];

Deno.test("xray() finds no area in nonsense", () => {
  for (const [name, file] of NONSENSE) {
    const message = refusal(file);
    assert(message.startsWith("Cannot find an area of x86_64, i386"), `${name}: ${message}`);
    assert(message.endsWith("--ram-base tells where else"), `${name}: ${message}`);
  }
});

Deno.test("xray() searches as far as it is told, says how far it is, and names the way out", () => {
  const source: DumpSource = {
    size: 2 ** 40,
    read: (_, into) => {
      into.fill(0);
      return into.length;
    },
  };
  const seen: string[] = [];
  const { message } = assertThrows(
    () =>
      xray(source, {
        archs: [ARM64],
        mostSearched: 2 ** 19,
        onProgress: (done, total) => seen.push(`${done} of ${total}`),
      }),
    DumpError,
  );
  assertEquals(
    message,
    "Cannot find an area of arm64 in the first 524288 bytes: a search goes no further; " +
      "--descriptor ADDR tells where the area descriptors are, and needs none",
  );
  assertEquals(seen, [0, 1, 2].map((pieces) => `${pieces * 2 ** 18} of ${2 ** 40}`));
});

Deno.test("xray() reads a core with more than 2^16 segments: section header 0 has their number", () => {
  for (const build of [WIDE, NARROW, BIG]) {
    const machine = bareMachineOf(build, edition("head"));
    const file = withManySegments(dumpOf(machine, "elf"), build, 70_000);
    const found = xray(bytesSource(file), { archs: ARCHS });
    assertEquals(foundAreas(found), areasOf(machine), build.arch.name);
    assertEquals(found.memory.length, 70_002);
  }
});

/** A core with as many segments more, of a byte each, far from the memory; its headers at the end. */
function withManySegments(file: Uint8Array, { arch, byteOrder }: Build, count: number): Uint8Array {
  const isLittle = byteOrder === "little";
  const is64 = arch.wordBits === 64;
  const [header, entry, section] = is64 ? [64, 56, 64] : [52, 32, 40];
  const result = new Uint8Array(file.length + entry * (count + 2) + section);
  result.set(file);
  result.set(file.subarray(header, header + 2 * entry), file.length);
  const view = new DataView(result.buffer);
  const wide = (at: number, value: bigint): void =>
    is64 ? view.setBigUint64(at, value, isLittle) : view.setUint32(at, Number(value), isLittle);
  const [offset, paddr, filesz, memsz] = is64 ? [OFFSET, PADDR, FILESZ, MEMSZ] : [4, 12, 16, 20];
  for (let index = 2; index < count + 2; index++) {
    const at = file.length + index * entry;
    view.setUint32(at, 1, isLittle);
    wide(at + offset, 0n);
    wide(at + paddr, 0x10000000n + BigInt(index) * 16n);
    wide(at + filesz, 1n);
    wide(at + memsz, 1n);
  }
  const sections = file.length + entry * (count + 2);
  view.setUint32(sections + (is64 ? 44 : 28), count + 2, isLittle);
  wide(is64 ? 32 : 28, BigInt(file.length));
  wide(is64 ? 40 : 32, BigInt(sections));
  view.setUint16(is64 ? 56 : 44, 0xffff, isLittle);
  return result;
}
