/**
 * The watch over malloc and vmalloc: it is told each call and how it ended, and says which rules were
 * broken.
 *
 * @module
 */

import type { Machine } from "../../machine.ts";
import { formatStopped } from "../../outcome.ts";
import type { Outcome, Stopped } from "../../outcome.ts";
import { Findings } from "../invariants/findings.ts";
import { FrameSet } from "../../frame_ranges.ts";
import { NOBODY_KNOWS } from "../invariants/mod.ts";
import type { CheckOptions, StackRuleName, Violation } from "../invariants/mod.ts";
import {
  checkBlock,
  checkVmap,
  isWantOfMemory,
  memoryBehind,
  mostBytesOf,
  pageBytesOf,
  pageCountOf,
} from "./call_rules.ts";
import { bytesOf, earlierFor, requestOf } from "./requests.ts";
import { findStackViolations } from "./find_stack_violations.ts";
import { checkFreeOfNull, rememberOf } from "./free_null.ts";
import type { Before } from "./free_null.ts";
import { Holdings } from "./holdings.ts";
import { misuseOf, pageOf } from "./misuse.ts";
import type { LiveBlock, StackCall, StackValue } from "./stack_call.ts";
import { mappedIn } from "./stack_view.ts";
import { surveyTables } from "./table_survey.ts";
import type { TableSurvey } from "./table_survey.ts";

/**
 * Who owns which blocks of malloc, vmap and vmalloc's virtual pages, and the rules about these calls.
 *
 * It judges calls that are used rightly. A misuse that returns all the same, such as the release of what
 * nobody owns or a write to memory of somebody else, leaves it without knowledge: from then on it reports
 * nothing, and `whyLost` says why.
 *
 * `before` and `after` frame each call; `findViolations` checks the rules about the state, with what the
 * watch knows. Neither touches the machine. The cost follows what is live and mapped: page tables are read
 * again only where a call may have changed them.
 *
 * @example A size that wraps
 * ```ts
 * import { boot, editionNamed, malloc, runOnMachine } from "@buddyscope/sim";
 * import { formatViolation, StackWatch } from "@buddyscope/sim/check";
 * import { X86_64 } from "@buddyscope/sim/arch";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const edition = editionNamed("head");
 * assert(edition !== null);
 * const { machine } = boot({ arch: X86_64, edition });
 * const watch = new StackWatch(machine);
 * const size = 2n ** 64n - 1n;
 *
 * watch.before(machine);
 * const outcome = runOnMachine(machine, () => malloc(machine, size));
 * const violations = watch.after(machine, { kind: "malloc", size }, outcome);
 * assertEquals(violations.map(formatViolation), [
 *   "a size that cannot be had is refused: " +
 *     "malloc of 18446744073709551615 bytes gave 0xffffffffffffe008",
 * ]);
 * ```
 */
export class StackWatch {
  readonly #holdings: Holdings;
  #tables: TableSurvey | null = null;
  #before: Before | null = null;
  /** The virtual pages that the caller mapped by himself. */
  readonly #ownPages: FrameSet = new FrameSet();
  #whyLost: string | null = null;

  /**
   * Begins to watch a machine, or goes on where another watch is. Virtual pages that were given out
   * already count as somebody's.
   *
   * @param from the machine, or the other watch
   */
  constructor(from: Machine | StackWatch) {
    if (from instanceof StackWatch) {
      this.#holdings = new Holdings(from.#holdings);
      this.#ownPages.copyFrom(from.#ownPages);
      this.#whyLost = from.#whyLost;
    } else {
      this.#holdings = new Holdings();
      this.#holdings.adopt(from);
    }
  }

  /** Whether it still knows who owns what. */
  get knowledge(): "complete" | "lost" {
    return this.#whyLost === null ? "complete" : "lost";
  }

  /** Why it no longer knows who owns what, as a sentence without a full stop; null if it knows. */
  get whyLost(): string | null {
    return this.#whyLost;
  }

  /** The live blocks, in the order in which they were given. */
  get live(): LiveBlock[] {
    return this.#holdings.blocks;
  }

  /**
   * Remembers what there is. To be called before a call.
   *
   * @param machine the machine
   */
  before(machine: Machine): void {
    this.#before = rememberOf(machine);
  }

  /**
   * Judges a call that was made.
   *
   * @param machine the machine, after the call
   * @param call the call
   * @param outcome how it ended
   * @param options the rules to check, the frames to leave out, how many violations are enough
   * @returns the rules about calls that it broke; empty if all is well, or it was misused
   */
  after(
    machine: Machine,
    call: StackCall,
    outcome: Outcome<StackValue>,
    options: CheckOptions = {},
  ): Violation[] {
    const findings = new Findings(options);
    const before = this.#before;
    this.#before = null;
    if (this.#whyLost !== null) return [];
    const tables = this.#look(machine, call);
    const misuse = misuseOf({ machine, tables, holdings: this.#holdings, before }, call);
    if (misuse !== null) this.#whyLost = `${misuse}: ${NOBODY_KNOWS}`;
    else if (outcome.kind !== "returned") this.#checkStopped(machine, call, outcome, findings);
    else {
      if (before !== null) this.#checkContents(machine, call, before, findings);
      this.#enter(machine, call, outcome.value, before, findings);
    }
    return findings.violations;
  }

  /**
   * Checks the rules about the state, with what the watch knows.
   *
   * @param machine the machine
   * @param options the rules to check, the frames to leave out, how many violations are enough
   * @returns the violations; empty if all is well, or the watch has lost its knowledge
   */
  findViolations(machine: Machine, options: CheckOptions = {}): Violation[] {
    if (this.#whyLost !== null) return [];
    const tables = this.#look(machine, { kind: "page-call" });
    const ownPages = this.#ownPages.ranges;
    return findStackViolations(machine, { ...options, tables, live: this.live, ownPages });
  }

  /** An independent copy, for a copy of the machine. */
  copy(): StackWatch {
    return new StackWatch(this);
  }

  /** Looks at the page tables, as far as a call may have changed them. */
  #look(machine: Machine, call: StackCall): TableSurvey | null {
    const known = this.#tables;
    const { tables } = machine.mmu;
    if (known === null || known.tables !== tables) this.#tables = surveyTables(machine);
    else if (known.edits !== tables.edits) {
      this.#tables = surveyTables(machine, earlierFor(machine, call, known));
    }
    return this.#tables;
  }

  #checkStopped(machine: Machine, call: StackCall, stopped: Stopped, findings: Findings): void {
    const report = (rule: StackRuleName): void => {
      const sentence = `${call.kind} ends in ${formatStopped(stopped)}`;
      findings.add({ rule, area: null, frames: null, sentence });
    };
    switch (call.kind) {
      case "boot":
      case "setup-vm":
        return report("boot ends in a running machine");
      case "free":
        return report(
          call.address === 0n
            ? "free(NULL) changes nothing"
            : "a valid call of malloc or vmalloc returns",
        );
      case "malloc":
      case "calloc":
      case "memalign": {
        const pages = this.#pagesFor(machine, call);
        const isRefused = stopped.kind === "assertion-failed" &&
          isWantOfMemory(machine, this.#tables, pages);
        return isRefused ? undefined : report("a valid call of malloc or vmalloc returns");
      }
      case "vmap":
      case "alloc-vpages":
        return report("a valid call of malloc or vmalloc returns");
      default:
    }
  }

  /** How many virtual pages a request needs at most: its own, what alignment loses, and the metadata. */
  #pagesFor(machine: Machine, call: StackCall): bigint {
    const { size, alignment } = requestOf(machine, call) ?? { size: 0n, alignment: 0n };
    return (size + alignment) / pageBytesOf(machine) + 2n;
  }

  #checkContents(machine: Machine, call: StackCall, before: Before, findings: Findings): void {
    if (call.kind === "other" || call.kind === "map-page") return;
    const written = call.kind === "user-write"
      ? memoryBehind(machine, this.#tables, bytesOf(call))
      : [];
    const freed = call.kind === "free" ? call.address : null;
    this.#holdings.checkContents(machine, before.memory, { freed, written }, findings);
  }

  /** Enters a call that returned. */
  #enter(
    machine: Machine,
    call: StackCall,
    value: StackValue,
    before: Before | null,
    findings: Findings,
  ): void {
    switch (call.kind) {
      case "malloc":
      case "calloc":
      case "memalign":
        if (typeof value === "bigint" && value !== 0n) {
          this.#enterBlock(machine, call, value, before, findings);
        }
        return;
      case "free":
        if (call.address !== 0n) this.#holdings.remove(call.address);
        else if (before !== null) checkFreeOfNull(machine, before, findings);
        return;
      case "vmap":
        if (typeof value === "bigint" && value !== 0n) {
          this.#enterVmap(machine, call, value, findings);
        }
        return;
      case "alloc-vpages":
        if (typeof value === "bigint") this.#enterPages(machine, call.count, value, findings);
        return;
      case "map-page":
        if (before !== null) this.#enterOwnPage(machine, call.address, before);
        return;
      default:
    }
  }

  #enterBlock(
    machine: Machine,
    call: StackCall,
    address: bigint,
    before: Before | null,
    findings: Findings,
  ): void {
    const request = requestOf(machine, call);
    if (request === null || request.size === 0n) return;
    if (request.size > mostBytesOf(machine)) {
      this.#refuse(`${call.kind} of ${request.size} bytes`, address, findings);
      return;
    }
    checkBlock(machine, this.#tables, { ...request, address }, findings);
    const bytes = { first: address, end: address + request.size };
    const from = before?.backend ?? machine.ops.current;
    this.#holdings.enterBlock(machine, this.#tables, bytes, from);
  }

  /** Reports a request that should have been refused; what belongs to whom is unknown after it. */
  #refuse(request: string, address: bigint, findings: Findings): void {
    const sentence = `${request} gave 0x${address.toString(16)}`;
    const rule = "a size that cannot be had is refused";
    findings.add({ rule, area: null, frames: null, sentence });
    this.#whyLost = `${sentence}: ${NOBODY_KNOWS}`;
  }

  #enterVmap(
    machine: Machine,
    { physical, size }: StackCall & { readonly kind: "vmap" },
    address: bigint,
    findings: Findings,
  ): void {
    if (size === 0n) return;
    const bytes = pageBytesOf(machine);
    const memory = { first: physical, size };
    const end = checkVmap(machine, this.#tables, memory, address, findings);
    const wanted = pageCountOf(machine, memory);
    const pages = end === "covered" ? wanted : (size + bytes - 1n) / bytes;
    const first = address - address % bytes;
    this.#holdings.enterVirtual("vmap", address, { first, end: first + pages * bytes });
  }

  /** Enters a page that is mapped now because the caller wanted so. */
  #enterOwnPage(machine: Machine, address: bigint, before: Before): void {
    if ((machine.mmu.tables?.edits ?? 0) === before.edits) return;
    const page = pageOf(machine, address);
    if (mappedIn(this.#tables?.mapped ?? [], page).length > 0) this.#ownPages.add(page);
  }

  #enterPages(machine: Machine, count: bigint, address: bigint, findings: Findings): void {
    const bytes = pageBytesOf(machine);
    if (count === 0n) return;
    if (count * bytes >= 2n ** BigInt(machine.arch.wordBits)) {
      this.#refuse(`alloc_vpages of ${count} pages`, address, findings);
      return;
    }
    this.#holdings.enterVirtual("vpages", address, {
      first: address,
      end: address + count * bytes,
    });
  }
}
