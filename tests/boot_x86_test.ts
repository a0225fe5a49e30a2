/** Boot of x86_64 and i386: low memory, high memory, EFI, what is mapped. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  boot,
  type BootInputs,
  type Edition,
  type FirmwareRange,
  formatStopped,
  type Machine,
  malloc,
  physAddr,
  setUpVm,
  virtAddr,
} from "../mod.ts";
import { ram } from "./boot_support.ts";
import { arch, edition, tell } from "./support.ts";

const GIB = 1n << 30n;

/** A PC with RAM up to `low` and more from 4 GiB on. */
function pc(low: bigint, high: bigint): FirmwareRange[] {
  return [
    ram(0n, 0x9fc00n),
    ram(0x100000n, low - 0x100000n),
    ...(high > 0n ? [ram(4n * GIB, high)] : []),
  ];
}

interface Told {
  readonly machine: Machine;
  readonly end: string;
  readonly areas: string;
}

function bootWith(
  archName: string,
  inputs: Partial<BootInputs>,
  of: Edition = edition("head"),
): Told {
  const { machine, outcome } = boot({ arch: arch(archName), edition: of, inputs });
  const areas = machine.pages.areas().map(({ area, metadata, base, top }) =>
    `${area}:${[metadata, base, top].map((pfn) => pfn.toString(16)).join(" ")}`
  ).join(", ");
  return { machine, end: outcome.kind === "returned" ? "" : formatStopped(outcome), areas };
}

Deno.test("boot() of x86_64 loses the last MiB of low memory, and fills no area below 16 MiB", () => {
  const { areas } = bootWith("x86_64", { memory: pc(0x7fe0000n, 0n) });
  assertEquals(areas, "2:105e 1065 7ee0");
});

Deno.test("boot() uses memory above 4 GiB only if the limit allows it", () => {
  const memory = pc(3n * GIB - 0x20000n, 5n * GIB);
  assertEquals(bootWith("x86_64", { memory }).areas, "2:105e 111d bfee0");
  const limited = bootWith("x86_64", { memory, memLimitMib: 100000n }).areas;
  assertEquals(limited, "1:100000 100140 240000, 2:105e 111d bfee0");
  const clipped = bootWith("x86_64", { memory, memLimitMib: 4096n + 4000n }).areas;
  assertEquals(clipped, "1:100000 1000fa 1fa000, 2:105e 111d bfee0");
  assertEquals(bootWith("x86_64", { memory, firmwareLimit: 0n }).areas, limited);
});

Deno.test("boot() passes over high memory that is shorter than low memory", () => {
  const memory = pc(3n * GIB, 2n * GIB);
  assertEquals(bootWith("x86_64", { memory, firmwareLimit: 0n }).areas, "2:105e 111d bff00");
});

Deno.test("boot() before 2023 knows no limit, as the image began with an ELF header", () => {
  const memory = pc(3n * GIB - 0x20000n, 5n * GIB);
  const old = bootWith("x86_64", { memory }, edition("areas-2021-01"));
  assertEquals(old.areas, "1:100000 100140 240000, 2:1000 10bf bfee0, 3:61e 61f 1000");
  const first = bootWith("x86_64", { memory }, edition("buddy-2020-10"));
  assertEquals(first.end, "lib/alloc_page.c:362: assert failed: !(areas_mask & BIT(n))");
});

/** The map of the crash report of December 2020: two ranges below 4 GiB, the second one longer. */
Deno.test("boot() aborts when a second range falls into the area of the first", () => {
  const inputs = {
    memory: [ram(0n, 0x9fc00n), ram(0x100000n, 0x3fee0000n), ram(0x50000000n, 0x60000000n)],
    firmwareLimit: 0n,
  };
  const ends = ["reserve-2020-10", "areas-2021-01", "head"]
    .map((name) => bootWith("x86_64", inputs, edition(name)).end);
  const text = "assert failed: !(areas_mask & BIT(n))";
  assertEquals(ends, [
    `lib/alloc_page.c:430: ${text}`,
    `lib/alloc_page.c:428: ${text}`,
    `lib/alloc_page.c:474: ${text}`,
  ]);
});

Deno.test("boot() by EFI takes the first of the largest ranges", () => {
  const memory = [
    ram(0x800000n, 0x100000n, "loader-code"),
    ram(0x1000000n, 0x4000000n, "conventional"),
    ram(0x8000000n, 0x4000000n, "conventional"),
    ram(0x10000000n, 0x8000000n, "boot-services-data"),
  ];
  assertEquals(bootWith("x86_64", { firmware: "efi", memory }).areas, "2:1000 1004 5000");
});

Deno.test("boot() by EFI faults if the largest range begins at 4 GiB", () => {
  const memory = [
    ram(0x800000n, 0x100000n, "loader-code"),
    ram(0x1000000n, GIB, "conventional"),
    ram(4n * GIB, 2n * GIB, "conventional"),
  ];
  const { end } = bootWith("x86_64", { firmware: "efi", memory });
  assert(end.includes("bytes from 0x100000000"));
  assert(end.endsWith("which is not mapped"));
});

Deno.test("boot() by EFI needs a free range", () => {
  const memory = [ram(0x800000n, 0x100000n, "loader-code")];
  assertThrows(
    () => bootWith("x86_64", { firmware: "efi", memory }),
    RangeError,
    "must have a conventional range",
  );
});

Deno.test("after boot by EFI the search for memory reads the start-up code at address 0", () => {
  const memory = [
    ram(0n, 0xa0000n, "loader-code"),
    ram(0x1000000n, 0x4000000n, "conventional"),
  ];
  const options = { arch: arch("x86_64"), edition: edition("head"), until: "main" } as const;
  const { machine } = boot({ ...options, inputs: { firmware: "efi", memory } });
  assertEquals(machine.ram.peek(physAddr(0n), 4), 0x66c0200fn);
  machine.space.write(virtAddr(0n), 4, 0x40n, "the test");
  const { outcome } = setUpVm(machine);
  assertEquals(outcome.kind, "undefined-behaviour");
});

Deno.test("i386 hands out memory from 2 GiB on that it does not map", () => {
  const { machine, end } = bootWith("i386", { memory: pc(3n * GIB - 0x20000n, 0n) });
  assertEquals(end, "");
  for (const size of [1n, 24n, 4000n, 4088n, 4089n, 4096n]) malloc(machine, size);
  assertEquals(
    tell(() => malloc(machine, 70000n)),
    "fault: is_list_empty() reads 4 bytes at 0xbfec0004, which is not mapped",
  );
});

Deno.test("x86_64 begins with the page below 2^64 until 2025, then one lower", () => {
  const addresses = ["zero-2021-01", "head"].map((name) => {
    const { machine } = boot({ arch: arch("x86_64"), edition: edition(name) });
    return malloc(machine, 8n)?.toString(16);
  });
  assertEquals(addresses, ["fffffffffffff008", "ffffffffffffe008"]);
});

Deno.test("boot() refuses what it cannot know", () => {
  const options = { arch: arch("i386"), edition: edition("head") };
  const refused = (inputs: Partial<BootInputs>, text: string): void => {
    assertThrows(() => boot({ ...options, inputs }), RangeError, text);
  };
  refused({ firmware: "efi" }, "the firmware must be multiboot");
  refused({ cpus: 0 }, "the number must be from 1 to 4096");
  refused({ memory: [] }, "must list at least one range");
  refused({ memory: [ram(0x800000n, 0x100000n)] }, "must lie in memory");
});
