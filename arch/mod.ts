/**
 * The eight architectures, one value each. They are data: no behaviour lives here.
 *
 * @example The areas of s390x
 * ```ts
 * import { S390X } from "@buddyscope/sim/arch";
 * import { assertEquals } from "@std/assert";
 *
 * const zones = S390X.areaTables["per-architecture"].zones;
 * assertEquals(zones.map((zone) => zone.name), ["NORMAL", "LOW"]);
 * ```
 *
 * @module
 */

// Order: common, boot_x86, boot_arm, boot_s390x, boot_ppc64, boot_riscv, page_tables, x86_64, i386, arm, arm64, s390x, ppc64, riscv64, riscv32, mod

import type { Arch } from "../src/arch.ts";
import { ARM } from "./arm.ts";
import { ARM64 } from "./arm64.ts";
import { I386 } from "./i386.ts";
import { PPC64 } from "./ppc64.ts";
import { RISCV32 } from "./riscv32.ts";
import { RISCV64 } from "./riscv64.ts";
import { S390X } from "./s390x.ts";
import { X86_64 } from "./x86_64.ts";

export { ARM, ARM64, I386, PPC64, RISCV32, RISCV64, S390X, X86_64 };

/** All architectures, in the order of the tables in the documentation. */
export const ARCHS: readonly Arch[] = [X86_64, I386, ARM, ARM64, S390X, PPC64, RISCV64, RISCV32];

/**
 * Finds an architecture by its name.
 *
 * @param name such as `s390x`
 * @returns the architecture, or null if there is none of that name
 */
export function archNamed(name: string): Arch | null {
  return ARCHS.find((arch) => arch.name === name) ?? null;
}
