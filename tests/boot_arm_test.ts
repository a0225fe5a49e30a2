/** Boot of arm and arm64: regions, holes, the word's width, devices, the code of 2020. */

import { assert, assertEquals } from "@std/assert";
import {
  boot,
  type BootEvent,
  type BootInputs,
  byteCount,
  formatStopped,
  physAddr,
  virtAddr,
} from "../mod.ts";
import { guestOptions, ram } from "./boot_support.ts";
import { arch, edition, tell } from "./support.ts";

const GIB = 1n << 30n;

function endOf(archName: string, inputs: Partial<BootInputs>, name = "head"): string {
  const { outcome } = boot({ arch: arch(archName), edition: edition(name), inputs });
  return outcome.kind === "returned" ? "" : formatStopped(outcome);
}

function taken(events: readonly BootEvent[], purpose: string): number {
  let count = 0;
  for (const event of events) {
    if ("purpose" in event && event.purpose.startsWith(purpose)) count += event.count;
  }
  return count;
}

Deno.test("boot() of arm with RAM up to 4 GiB has no memory left to hand over", () => {
  assertEquals(
    endOf("arm", { memory: [ram(GIB, 3n * GIB)] }),
    "lib/alloc_page.c:447: assert failed: page_alloc_initialized()",
  );
  assertEquals(endOf("arm64", { memory: [ram(GIB, 3n * GIB)] }), "");
});

Deno.test("boot() of arm64 aborts if memory has a hole, or does not hold what is loaded", () => {
  const hole = [ram(GIB, GIB), ram(3n * GIB, GIB)];
  assertEquals(endOf("arm64", { memory: hole }), "lib/arm/setup.c:?: assert failed: r");
  assertEquals(endOf("arm64", { memory: [ram(GIB, GIB), ram(2n * GIB, GIB)] }), "");
  const small = [ram(GIB, 0x1d0000n)];
  assertEquals(
    endOf("arm64", { memory: small }),
    "lib/arm/setup.c:?: assert failed: freemem && !(freemem->flags & (MR_F_IO | MR_F_CODE))",
  );
});

Deno.test("boot() of arm64 lists code, devices and data as a real guest does", () => {
  const { machine } = boot(guestOptions("arm64-128M-4k"));
  const regions = machine.platform?.regions.map(({ start, end, kind }) =>
    `${start.toString(16)}-${end.toString(16)} ${kind}`
  );
  assertEquals(regions, [
    "40000000-40090000 code",
    "40090000-48000000 data",
    "0-40000000 io",
    "4000000000-4020000000 io",
    "8000000000-10000000000 io",
  ]);
});

Deno.test("boot() of arm64 maps code read-only, data writable, the serial port as a device", () => {
  const { machine } = boot(guestOptions("arm64-128M-4k"));
  const write = (address: bigint): string =>
    tell(() => machine.space.write(virtAddr(address), 1, 0n, "the test"));
  assert(write(0x40080000n).endsWith("which is mapped read-only"));
  assertEquals(write(0x40090000n), "void");
  assert(write(0x9000000n).endsWith("where there is no memory"));
  assert(write(0x8000000n).endsWith("which is not mapped"));
});

Deno.test("boot() of arm64 with a virtio console and an environment allocates 8 pages more", () => {
  const { events } = boot(guestOptions("arm64-128M-4k-testdev-initrd"));
  assertEquals(taken(events, "virtio console"), 5);
  assertEquals(taken(events, "environment"), 1);
});

Deno.test("boot() of arm64 by EFI splits the image and leaves what firmware needs", () => {
  const { machine, events } = boot(guestOptions("arm64-256M-4k-efi"));
  const regions = machine.platform?.regions ?? [];
  assertEquals(regions.at(-1), { start: 0x4c3e7000n, end: 0x4c440000n, kind: "data" });
  assertEquals(regions.filter(({ kind }) => kind === "code").length, 1);
  assertEquals(taken(events, "pte table"), 120);
});

Deno.test("the arm64 of 2020 maps its devices by sections first: 513 tables more", () => {
  const { events, machine } = boot({ arch: arch("arm64"), edition: edition("buddy-2020-10") });
  assertEquals(taken(events, "pgd table"), 1);
  assertEquals(taken(events, "pud table"), 2);
  assertEquals(taken(events, "pmd table"), 515);
  assertEquals(taken(events, "pte table"), 64);
  assertEquals(machine.vmalloc.vfreeTop, 4n * GIB);
});

Deno.test("the arm64 of 2020 maps nothing from 3 GiB on, yet owns it", () => {
  const { machine } = boot({
    arch: arch("arm64"),
    edition: edition("areas-2021-01"),
    inputs: { memory: [ram(GIB, 3n * GIB)] },
  });
  assertEquals(machine.pages.areas()[0]?.top, 0x100000);
  const write = (address: bigint): string =>
    tell(() => machine.space.write(virtAddr(address), 1, 0n, "the test"));
  assertEquals(write(0xbffff000n), "void");
  assert(write(0xc0000000n).endsWith("which is not mapped"));
});

Deno.test("boot() of arm has no name for the sizes of a virtio console", () => {
  const refused = (): string => {
    try {
      return endOf("arm", { virtioConsole: "present" });
    } catch (error) {
      return error instanceof RangeError ? error.message : "";
    }
  };
  assertEquals(
    refused(),
    "Cannot boot with a virtio console: the sizes of its structures must be given",
  );
  const virtio = {
    first: physAddr(0xa000000n),
    count: 32,
    slotBytes: byteCount(0x200n),
    structures: { device: 16n, queue: 64n },
  };
  assertEquals(endOf("arm", { virtioConsole: "present", virtio }), "");
});
