/**
 * Boot of the repaired edition: on any map it hands over all memory that it can map, and nothing
 * else.
 */

import { assert, assertEquals } from "@std/assert";
import { ARCHS } from "../arch/mod.ts";
import {
  boot,
  type BootInputs,
  byteCount,
  type FirmwareRange,
  malloc,
  parseMemoryMapText,
  physAddr,
  qemuMemoryOf,
  setUpVm,
} from "../mod.ts";
import { areasOf, assertSound, GIB, losses, MIB, REPAIRED } from "./boot_sound.ts";
import { guestOptions, ram } from "./boot_support.ts";
import { BOOT_TABLE } from "./boot_table.ts";
import { randomNumbers } from "./random_calls.ts";
import { arch, told } from "./support.ts";

const PAGE_BY_PAGE = ["64M", "1G", "3G", "5G"];
const BY_LARGE_PAGES = [...PAGE_BY_PAGE, "32M", "2G", "4G", "8G", "70G", "1T"];

function sizeOf(text: string): bigint {
  return BigInt(parseInt(text)) << { M: 20n, G: 30n, T: 40n }[text.at(-1) as "M" | "G" | "T"];
}

for (const { name, boot: { family } } of ARCHS) {
  Deno.test(`repaired boot of ${name} hands over all that QEMU's machine has, at any size`, () => {
    const is32 = ["i386", "arm", "riscv32"].includes(name);
    const sizes = family === "x86" ? BY_LARGE_PAGES : PAGE_BY_PAGE;
    for (const size of sizes) {
      if (is32 && family !== "x86" && sizeOf(size) > 3n * GIB) continue;
      const memory = qemuMemoryOf(arch(name), byteCount(sizeOf(size)));
      assertSound({ arch: arch(name), inputs: { memory } }, `${name} ${size}`);
    }
  });
}

Deno.test("repaired boot of every recorded guest returns, and hands over all there is", () => {
  for (const row of BOOT_TABLE) {
    const [name = ""] = row.split(" | ");
    if (name.includes("power8")) continue; // It has no radix tables, and setup_vm says so.
    if (/-[3-9]G|70G/.test(name) && !/^x86|^i386/.test(name)) continue; // The sizes above do it.
    assertSound(guestOptions(name.trim()), name);
  }
});

Deno.test("repaired boot takes pages of every size, and whole ones only", () => {
  for (const [name, pageShift] of [["arm64", 14], ["arm64", 16], ["ppc64", 16]] as const) {
    const base = name === "arm64" ? GIB : 0n;
    const memory = [
      ram(base, 128n * MIB + 0x5000n),
      ram(base + 256n * MIB + 0x1000n, 33n * MIB + 0x3000n),
      ram(40n * GIB, 64n * MIB),
    ];
    assertSound({ arch: arch(name), pageShift, inputs: { memory } }, `${name} ${pageShift}`);
  }
});

Deno.test("repaired boot hands over what lies above vmalloc's addresses, if tables reach it", () => {
  for (const [name, base] of [["arm64", GIB], ["riscv64", 2n * GIB], ["ppc64", 0n]] as const) {
    const memory = [
      ram(base, 128n * MIB),
      ram(3n * GIB - MIB, GIB + 2n * MIB),
      ram(31n * GIB - MIB, GIB + 2n * MIB),
      ram(2n ** 38n - MIB, 2n * MIB),
    ];
    const { machine } = assertSound({ arch: arch(name), inputs: { memory } }, name);
    const window = name === "ppc64" ? 31n * GIB : 3n * GIB;
    assert(areasOf(machine).some(({ first }) => first === window + GIB));
    assert(areasOf(machine).some(({ end }) => end === window));
  }
});

const SCRAP = {
  first: physAddr(0x3000000n),
  size: byteCount(0x1000800n),
  kind: "reserved",
} as const;

/** Maps that upstream stops on or wastes: name, architecture, memory, what is lost. */
const ODD_MAPS: readonly {
  readonly name: string;
  readonly arch: string;
  readonly inputs: Partial<BootInputs>;
  readonly lost: readonly string[];
}[] = [
  {
    name: "a firmware's range inside RAM, its end inside a page",
    arch: "ppc64",
    inputs: { memory: [ram(0n, 128n * MIB), SCRAP] },
    lost: ["4000800-4010000 part-of-a-page"],
  },
  {
    name: "a hole, which arm asserts there is not",
    arch: "arm",
    inputs: { memory: [ram(GIB, 64n * MIB), ram(GIB + 65n * MIB, 64n * MIB)] },
    lost: [],
  },
  {
    name: "more nodes than the list of regions has room for",
    arch: "ppc64",
    inputs: {
      memory: Array.from({ length: 12 }, (_, one) => ram(BigInt(one) * 256n * MIB, 255n * MIB)),
    },
    lost: [],
  },
  {
    name: "more ranges than areas: the shortest are lost",
    arch: "riscv32",
    inputs: {
      memory: Array.from(
        { length: 18 },
        (_, one) => ram(2n * GIB + BigInt(one) * 32n * MIB, BigInt(30 - one) * MIB),
      ),
    },
    lost: ["a0000000-a0e00000 no-slot-left", "a2000000-a2d00000 no-slot-left"],
  },
  {
    name: "pieces that are too small for page states",
    arch: "x86_64",
    inputs: { memory: [ram(0n, 128n * MIB), ram(256n * MIB, 0x3000n), ram(4n * GIB, 0x4000n)] },
    lost: [
      "10000000-10003000 too-small-for-an-area",
      "100000000-100004000 too-small-for-an-area",
    ],
  },
  {
    name: "MEMLIMIT in the middle of a range",
    arch: "x86_64",
    inputs: { memory: [ram(0n, 128n * MIB), ram(4n * GIB, GIB)], memLimitMib: 4608n },
    lost: ["120000000-140000000 beyond-memlimit"],
  },
  {
    name: "RAM up to the last page of 32 bits, and beyond",
    arch: "i386",
    inputs: { memory: [ram(0n, 5n * GIB)] },
    lost: [
      "80000000-c0000000 under-vmalloc",
      "fffff000-100000000 last-frame-of-a-word",
      "100000000-140000000 beyond-identity",
    ],
  },
  {
    name: "more than half of 39 bits",
    arch: "riscv64",
    inputs: { memory: [ram(2n * GIB, 128n * MIB), ram(2n ** 38n - MIB, 2n * MIB)] },
    lost: ["4000000000-4000100000 beyond-identity"],
  },
];

for (const { name, arch: archName, inputs, lost } of ODD_MAPS) {
  Deno.test(`repaired boot of ${archName}: ${name}`, () => {
    const options = { arch: arch(archName), inputs };
    assertSound(options, name);
    assertEquals(losses(options), lost);
  });
}

Deno.test("repaired boot of s390x takes whole increments, behind a gap too", () => {
  const memory = [
    ram(0n, 64n * MIB),
    ram(96n * MIB, 32n * MIB + 0x80000n),
    ram(3n * GIB, 8n * MIB),
  ];
  const options = { arch: arch("s390x"), inputs: { memory } };
  const { machine } = boot({ ...options, edition: REPAIRED });
  const areas = areasOf(machine).map(({ first, end }) =>
    `${first.toString(16)}-${end.toString(16)}`
  );
  assertEquals(areas, ["c0000000-c0800000", "5c000-4000000", "6000000-8000000"]);
  assertEquals(losses(options), ["8000000-8080000 part-of-an-increment"]);
});

Deno.test("repaired boot by EFI takes all free ranges, but page 0 and the device tree", () => {
  const kept = ram(0x4000000n, 0x1000000n, "boot-services-data");
  const code = ram(0x5000000n, 0x1000000n, "loader-code");
  const x86 = [
    ram(0n, 0xa0000n, "conventional"),
    ram(0x1000000n, 0x3000000n, "conventional"),
    ...[kept, code],
    ram(0x6000000n, 0x2000000n, "conventional"),
    ram(3n * GIB, 2n * GIB, "conventional"),
  ];
  const options = { arch: arch("x86_64"), inputs: { firmware: "efi", memory: x86 } } as const;
  assertSound(options, "x86_64");
  assertEquals(losses(options), ["4000000-5000000 kept-by-firmware"]);
  const memory = x86.map((range) => ({ ...range, first: physAddr(range.first + 2n * GIB) }));
  for (const name of ["arm64", "riscv64"]) {
    const inputs = { firmware: "efi", memory, textEnd: physAddr(2n * GIB + 0x5800000n) } as const;
    assertSound({ arch: arch(name), inputs }, name);
  }
});

Deno.test("repaired boot by EFI does not begin under vmalloc's addresses", () => {
  const memory = [
    ram(GIB, 256n * MIB, "conventional"),
    ram(2n * GIB, MIB, "loader-code"),
    ram(3n * GIB, GIB, "conventional"),
  ];
  const inputs = { firmware: "efi", memory, textEnd: physAddr(2n * GIB + 0x80000n) } as const;
  const { machine } = assertSound({ arch: arch("arm64"), inputs }, "arm64");
  assertEquals(machine.platform?.freeStart, GIB + 0x101000n);
});

const MAPS = new URL("../examples/maps/", import.meta.url);

Deno.test("repaired boot on every example map of its architecture", () => {
  const archs = ["x86_64", "i386", "arm64", "arm", "riscv64"];
  for (const { name } of Deno.readDirSync(MAPS)) {
    const { format, ranges } = parseMemoryMapText(Deno.readTextFileSync(new URL(name, MAPS)));
    for (const archName of archs) {
      const { defaults: { imageEnd }, steps } = arch(archName).boot;
      const holdsImage = ranges.some(({ first, size, kind }) =>
        kind === "ram" && first < imageEnd - 0x100000n && first + size > imageEnd + 64n * MIB
      );
      const isEfi = format === "efi";
      if (!holdsImage || (isEfi && steps.efi === undefined)) continue;
      const code = ranges.find(({ efiType }) => efiType === "loader-code");
      const textEnd = physAddr((code?.first ?? 0n) + 0x100000n);
      const inputs = { memory: ranges, ...(isEfi ? { firmware: "efi" as const, textEnd } : {}) };
      assertSound({ arch: arch(archName), inputs }, `${archName} ${name}`);
    }
  }
});

Deno.test("repaired boot in two parts is repaired boot", () => {
  for (const { name } of ARCHS) {
    const options = { arch: arch(name), edition: REPAIRED };
    const inputs = { memory: qemuMemoryOf(arch(name), byteCount(sizeOf("2G"))) };
    const early = boot({ ...options, inputs, until: "setup-vm" });
    const { machine, outcome } = early.machine.ops.current === "vmalloc"
      ? early
      : setUpVm(early.machine);
    assertEquals(told(outcome), "void", name);
    const whole = boot({ ...options, inputs }).machine;
    assertEquals(areasOf(machine), areasOf(whole), name);
    assertEquals(malloc(machine, 8n), malloc(whole, 8n), name);
  }
});

/** A random map around the image: RAM that holds it, ranges of RAM and of firmware all over. */
function randomMap(archName: string, random: (bound: number) => number): FirmwareRange[] {
  const { memory } = arch(archName).boot.defaults;
  const base = memory.find(({ kind }) => kind === "ram")?.first ?? 0n;
  const grain = archName === "s390x" ? MIB : 0x800n;
  const ranges = [ram(base, BigInt(96 + random(64)) * MIB)];
  const count = 1 + random(10);
  for (let one = 0; one < count; one++) {
    const near = BigInt(random(4)) * GIB + BigInt(random(1024)) * MIB;
    const first = base + 32n * MIB + near + BigInt(random(512)) * grain;
    const size = BigInt(1 + random(random(2) === 0 ? 64 : 20000)) * grain;
    if (archName === "s390x" && size > 64n * MIB) continue;
    const kind = random(3) === 0 ? "reserved" : "ram";
    ranges.push({ first: physAddr(first), size: byteCount(size), kind });
  }
  return ranges;
}

Deno.test("repaired boot hands over what a dumber computation says, on random maps", () => {
  for (const { name } of ARCHS) {
    for (let seed = 1; seed <= 8; seed++) {
      const memory = randomMap(name, randomNumbers(seed));
      const lines = memory.map(({ first, size, kind }) =>
        `${first.toString(16)}-${(first + size - 1n).toString(16)} ${kind}`
      );
      assertSound(
        { arch: arch(name), inputs: { memory } },
        `${name} ${seed}\n${lines.join("\n")}\n`,
      );
    }
  }
});
