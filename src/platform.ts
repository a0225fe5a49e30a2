/**
 * What boot was given and what it found: the inputs that do not come from the source, and the list of
 * memory regions that some architectures make of them.
 *
 * @module
 */

import type { Firmware, FirmwareRange, VirtioSlots } from "./arch.ts";
import type { ByteCount, PhysAddr } from "./units.ts";

/** The inputs of boot that do not come from the source, defaults filled in. */
export interface BootInputs {
  /** Who tells the guest what memory there is. */
  readonly firmware: Firmware;
  /** The memory that it lists, in its order. */
  readonly memory: readonly FirmwareRange[];
  /** The end of the image: `edata` on x86, `stacktop` elsewhere. */
  readonly imageEnd: PhysAddr;
  /** `_etext`: the end of the code; null where boot does not ask for it. */
  readonly textEnd: PhysAddr | null;
  /** The size of the device tree in bytes. */
  readonly deviceTreeBytes: ByteCount;
  /** The size of the initrd in bytes; 0 for none. It holds the environment of the test. */
  readonly initrdBytes: ByteCount;
  /** The number of processors. */
  readonly cpus: number;
  /** Low memory in KiB above 1 MiB, as multiboot says (x86); null to take it from the memory. */
  readonly memUpperKib: bigint | null;
  /** Item 0x11 of QEMU's firmware configuration (x86_64); null for the first bytes of the image. */
  readonly firmwareLimit: bigint | null;
  /** `MEMLIMIT` in the environment of the test, in MiB (x86_64); null if it is not set. */
  readonly memLimitMib: bigint | null;
  /** The address of the serial port; null if there is none to be mapped. */
  readonly serialPort: PhysAddr | null;
  /** The slots of virtio devices; null if nobody looks for them. */
  readonly virtio: VirtioSlots | null;
  /** Whether a virtio device is a console (arm64). */
  readonly virtioConsole: "absent" | "present";
  /** The size of the SCLP's memory increment in bytes (s390x). */
  readonly increment: ByteCount;
  /** The early allocator's minimum alignment where the hardware decides (ppc64); null for the default. */
  readonly cacheLineBytes: bigint | null;
  /** The platform (ppc64). */
  readonly powerPlatform: "pseries" | "powernv";
  /** The MMU of the processor (ppc64): POWER8 has no radix tables, and setup_vm asks for them. */
  readonly powerMmu: "radix" | "hash";
}

/** A memory region of the lists of arm, riscv and ppc64. */
export interface MemoryRegion {
  /** The first byte. */
  readonly start: bigint;
  /** The first address after. */
  readonly end: bigint;
  /** What it is (`MR_F_*`); a plain region is data. */
  readonly kind: "data" | "io" | "code" | "reserved" | "persistent" | "unused";
}

/** What boot was given and what it found. */
export interface Platform {
  /** The inputs. */
  readonly inputs: BootInputs;
  /** The memory regions, in the order of the list. */
  readonly regions: readonly MemoryRegion[];
  /** The first free byte, behind image, device tree and initrd; 0 before it is known. */
  readonly freeStart: bigint;
  /** Whether boot began. */
  readonly state: "off" | "booted";
  /** The further processors that were set up, by number (s390x). */
  readonly cpusSetUp: readonly number[];
}
