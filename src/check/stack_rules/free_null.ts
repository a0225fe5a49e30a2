/**
 * The rule about the release of NULL.
 *
 * @module
 */

import type { Machine } from "../../machine.ts";
import type { Ram } from "../../memory/mod.ts";
import type { Findings } from "../invariants/findings.ts";
import { firstChange } from "../invariants/memory_compare.ts";
import { pageBytesOf } from "./call_rules.ts";

/** What there was before a call. */
export interface Before {
  /** Memory. */
  readonly memory: Ram;
  /** The allocator that served malloc. */
  readonly backend: Machine["ops"]["current"];
  /** How often page tables had been edited. */
  readonly edits: number;
  /** Where vmalloc's addresses ended. */
  readonly vfreeTop: bigint;
}

/**
 * Remembers what there is.
 *
 * @param machine the machine
 * @returns what the rules about changes need
 */
export function rememberOf(machine: Machine): Before {
  return {
    memory: machine.ram.clone(),
    backend: machine.ops.current,
    edits: machine.mmu.tables?.edits ?? 0,
    vfreeTop: machine.vmalloc.vfreeTop,
  };
}

/**
 * *free(NULL) changes nothing*.
 *
 * @param machine the machine, after the call
 * @param before what there was before it
 * @param findings where to report
 */
export function checkFreeOfNull(machine: Machine, before: Before, findings: Findings): void {
  const rule = "free(NULL) changes nothing";
  const report = (what: string): void =>
    findings.add({ rule, area: null, frames: null, sentence: `free(NULL) changed ${what}` });
  if ((machine.mmu.tables?.edits ?? 0) !== before.edits) report("page tables");
  if (machine.vmalloc.vfreeTop !== before.vfreeTop) report("what vmalloc gives out next");
  for (const { area, metadata, base, top } of machine.pages.areas()) {
    if (base <= metadata) continue;
    const first = BigInt(metadata) * pageBytesOf(machine);
    // One byte of state for each frame.
    const change = firstChange(before.memory, machine.ram, first, BigInt(top - base));
    if (change !== null) report(`the page states of area ${area}`);
  }
}
