/**
 * How an architecture boots, as data: its steps, its numbers, and the inputs that do not come from the
 * source, with the values that the recorded guests had.
 *
 * @module
 */

import type { SourceLine } from "./outcome.ts";
import type { ByteCount, PhysAddr, VirtAddr } from "./units.ts";

/** Who tells the guest what memory there is. */
export type Firmware = "multiboot" | "efi" | "sclp" | "device-tree";

/** A step of boot. The functions of that name stand in `src/boot/`. */
export type BootStepName =
  /** The loader puts the start-up code of further processors at page 0 (x86). */
  | "write-trampoline"
  /** The early allocator gets low memory above the image (x86). */
  | "take-multiboot-memory"
  /** The early allocator gets the largest free range of the EFI map (x86). */
  | "take-largest-efi-range"
  /** The early allocator gets all RAM above the image (s390x). */
  | "take-sclp-memory"
  /** The list of memory regions is made from the device tree (arm, riscv, ppc64). */
  | "list-device-tree-regions"
  /** The list of memory regions is made from the EFI map (arm64, riscv). */
  | "list-efi-regions"
  /** Memory at and above 3 GiB is set aside (riscv). */
  | "cut-at-virtual-base"
  /** vmalloc gets its upper end before anything else (riscv). */
  | "set-virtual-top"
  /** The early allocator gets free memory; the page allocator takes all of it. */
  | "hand-memory-over"
  /** The page allocator takes all that the early allocator has (s390x). */
  | "hand-the-rest-over"
  /** A table of the processors is allocated (s390x). */
  | "make-cpu-table"
  /** The serial port is mapped (arm, riscv). */
  | "map-serial-port"
  /** The slots of virtio devices are mapped and a console is looked for (arm). */
  | "probe-virtio"
  /** The environment is copied out of the initrd (arm, riscv, ppc64). */
  | "read-environment"
  /** The test's `main` begins. */
  | "main"
  /** Page tables and vmalloc are set up. */
  | "setup-vm";

/** A step of `setup_mmu`. */
export type MmuStep =
  /** The root is allocated, unless there is one. */
  | { readonly step: "root" }
  /** vmalloc gets its upper end. */
  | { readonly step: "virtual-top" }
  /** A range is mapped onto itself. */
  | {
    readonly step: "map";
    /** The first address; "page" stands for the second page. */
    readonly first: bigint | "page";
    /** The address after the last, or the top of memory. */
    readonly end: bigint | "top";
    /** The end is at least this. */
    readonly atLeast?: bigint;
    /** The end is at most this. */
    readonly atMost?: bigint;
  }
  /** Each region that is neither device nor reserved is mapped onto itself. */
  | { readonly step: "map-regions" }
  /** `memalign_pages(4096, 4096)` for a table that the hardware wants beside the root (ppc64). */
  | { readonly step: "process-table" }
  /** The same for a table that only powernv wants. */
  | { readonly step: "partition-table" };

/** The calls of boot whose place in the source is known. */
export type BootCaller =
  | "early-init"
  | "early-init-efi"
  | "early-alignment"
  | "early-unused"
  | "init-area"
  | "ops-enable"
  | "find-highmem"
  | "virtual-top"
  | "root"
  | "ioremap-root"
  | "process-table"
  | "partition-table"
  | "virtio-queue";

/** An assertion by its place and text. */
export interface BootAssertion {
  /** Where it stands. */
  readonly source: SourceLine;
  /** The condition's text, exactly as upstream prints it. */
  readonly expression: string;
}

/** A range of memory as the firmware lists it. */
export interface FirmwareRange {
  /** The first byte. */
  readonly first: PhysAddr;
  /** The size in bytes, at least 1. */
  readonly size: ByteCount;
  /** What it is. */
  readonly kind:
    | "ram"
    | "reserved"
    | "mmio"
    | "acpi"
    | "nvs"
    | "unusable"
    | "persistent"
    | "soft-reserved";
  /** The type of its EFI descriptor, where the firmware is EFI, such as `conventional`. */
  readonly efiType?: string;
}

/** The slots of virtio devices, and the allocations of the driver of a console in one of them. */
export interface VirtioSlots {
  /** The address of the first. */
  readonly first: PhysAddr;
  /** How many there are. */
  readonly count: number;
  /** The size of each in bytes. */
  readonly slotBytes: ByteCount;
  /** What the driver's device and queue structures take, in bytes; null where nobody measured it. */
  readonly structures: { readonly device: bigint; readonly queue: bigint } | null;
}

/** Inputs that do not come from the source, with the values that the recorded guests had. */
export interface BootDefaults {
  /** The memory that the firmware lists: that of the recorded guest with 128 MiB (ppc64: 256). */
  readonly memory: readonly FirmwareRange[];
  /** QEMU's machines that lay RAM out in ways of their own, by name; the default one first. */
  readonly qemuMachines: readonly [string, ...string[]];
  /** The address of the array of area descriptors. */
  readonly areasAddress: VirtAddr;
  /** The end of the image: `edata` on x86, `stacktop` elsewhere. */
  readonly imageEnd: PhysAddr;
  /** The same in 2020, where it is known. */
  readonly imageEnd2020?: PhysAddr;
  /** `_etext`: the end of the code; null where boot does not ask for it. */
  readonly textEnd: PhysAddr | null;
  /** The size of the device tree in bytes. */
  readonly deviceTreeBytes: ByteCount;
  /** The same after boot by EFI, where it is known to differ. */
  readonly deviceTreeBytesEfi?: ByteCount;
  /** The address of the serial port; null where boot maps none. */
  readonly serialPort: PhysAddr | null;
  /** The slots of virtio devices; null where boot looks for none. */
  readonly virtio: VirtioSlots | null;
}

/** How an architecture boots. */
export interface BootFormat {
  /** The family whose code it shares. */
  readonly family: "x86" | "arm" | "s390x" | "ppc64" | "riscv";
  /** The steps, by firmware; the first is what the recorded guests had. */
  readonly steps: Readonly<Partial<Record<Firmware, readonly BootStepName[]>>>;
  /** The steps of `setup_mmu`. */
  readonly mmuSteps: readonly MmuStep[];
  /** The upper end of vmalloc's addresses; null where nobody sets it. */
  readonly virtualTop: VirtAddr | null;
  /** The early allocator's minimum alignment in bytes; null where nobody sets it. */
  readonly earlyAlignment: bigint | null;
  /** The area that gets memory: a slot, or 255 for any. */
  readonly area: number;
  /** Whether the end of free memory is cut with a mask of the width of a word (arm). */
  readonly freeEnd: "cut-to-a-word" | "whole";
  /** The most regions that are read from the device tree. */
  readonly maxDeviceTreeRegions: number;
  /** How many bits a physical address may have; what boot checks of regions on arm. */
  readonly physicalBits: number;
  /** What boot asserts of the region of free memory, as it prints it. */
  readonly freeRegionAssertion: string;
  /** Whether boot asserts that memory has no holes. */
  readonly holes: "asserted-absent" | "allowed";
  /** How far memory can be reached before `setup_mmu`, in bytes; null for all of it. */
  readonly earlyReach: ByteCount | null;
  /** How `virt_to_phys` and `phys_to_virt` work while page tables are in use. */
  readonly addressConversions: "casts" | "walks";
  /** How `virt_to_pfn` and `pfn_to_virt` do. */
  readonly pfnConversions: "casts" | "walks";
  /** What `phys_to_virt` asserts of the address, where it walks. */
  readonly identityAssertion: BootAssertion | null;
  /** Memory regions that are devices on every machine, `[first, end)`. */
  readonly deviceRegions: readonly { readonly first: bigint; readonly end: bigint }[];
  /** The address from which on riscv uses no memory; null elsewhere. */
  readonly virtualBase: bigint | null;
  /** The size of an element of the table of processors, today and when it held pointers. */
  readonly cpuTableElement: bigint;
  /** Where the calls stand in the source as of June 2026. */
  readonly callers: Readonly<Partial<Record<BootCaller, SourceLine>>>;
  /** Where tables are allocated, by the name of their level. */
  readonly tableCallers: Readonly<Record<string, SourceLine>>;
  /** The values of the inputs. */
  readonly defaults: BootDefaults;
}
