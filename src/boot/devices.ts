/**
 * Devices that boot maps before there are page tables for everything, and what it allocates for them.
 *
 * @module
 */

import { identityMapPages } from "../memory/page_table/mod.ts";
import { makeRoot } from "../mmu.ts";
import { order, physAddr } from "../units.ts";
import { alignUpWrapped } from "../word.ts";
import { allocate, callerOf, mallocNoted } from "./context.ts";
import type { BootContext } from "./context.ts";
import { mapsDevicesFirst } from "./traits.ts";

/**
 * Maps a device onto itself, page by page. The first call allocates the root of the page tables. The arm
 * of 2020 reaches its devices without.
 *
 * Source: `lib/arm/mmu.c`, `__ioremap()`; `lib/riscv/mmu.c`, `ioremap()`, 1da1819e.
 *
 * @param context the boot
 * @param first the address of the device
 * @param size in bytes
 */
export function ioremap(context: BootContext, first: bigint, size: bigint): void {
  const { mmu, pageShift, arch, edition } = context.machine;
  if (mapsDevicesFirst(arch, edition)) return;
  const pageBytes = 1n << BigInt(pageShift);
  context.rootCaller = "ioremap-root";
  const tables = makeRoot(mmu);
  context.rootCaller = "root";
  const start = first & ~(pageBytes - 1n);
  const end = alignUpWrapped(64, first + size, pageBytes);
  identityMapPages(tables, physAddr(start), physAddr(end), "io");
}

/** Maps the serial port. */
export function mapSerialPort(context: BootContext): void {
  const { serialPort } = context.inputs;
  if (serialPort !== null) ioremap(context, serialPort, 1n);
}

/**
 * Maps one slot for virtio devices after the other, in search of a console; then sets one up that is
 * there: its structure, and two queues with two pages each.
 *
 * Source: `lib/virtio-mmio.c`, `lib/chr-testdev.c`, 1da1819e.
 *
 * @param context the boot
 */
export function probeVirtio(context: BootContext): void {
  const { virtio, virtioConsole } = context.inputs;
  if (virtio === null) return;
  for (let slot = 0; slot < virtio.count; slot++) {
    ioremap(context, virtio.first + BigInt(slot) * virtio.slotBytes, virtio.slotBytes);
  }
  if (virtioConsole === "absent" || virtio.structures === null) return;
  const { device, queue } = virtio.structures;
  mallocNoted(context, device, "virtio console");
  for (const name of ["receive", "transmit"]) {
    mallocNoted(context, queue, `virtio console, ${name} queue`);
    const by = callerOf(context, "virtio-queue");
    const request = { kind: "pages", order: order(1) } as const;
    allocate(context, request, `virtio console, ${name} ring`, by);
  }
}

/** Copies the environment out of the initrd, if there is one. */
export function readEnvironment(context: BootContext): void {
  const { initrdBytes } = context.inputs;
  if (initrdBytes > 0n) mallocNoted(context, initrdBytes, "environment");
}
