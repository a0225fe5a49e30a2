/**
 * Who owns which blocks above the page allocator, and what they hold.
 *
 * @module
 */

import { hasHeader } from "../../alloc.ts";
import type { Machine } from "../../machine.ts";
import type { Ram } from "../../memory/mod.ts";
import { physAddr } from "../../units.ts";
import { keepsMetadata } from "../../vmalloc/memalign.ts";
import { wordBytes } from "../../word.ts";
import type { Findings } from "../invariants/findings.ts";
import { overlap } from "../../frame_ranges.ts";
import { firstChange } from "../invariants/memory_compare.ts";
import { memoryBehind, pageBytesOf, pagesOfBytes } from "./call_rules.ts";
import type { ByteSpan, PhysicalSpan } from "./call_rules.ts";
import type { LiveBlock } from "./stack_call.ts";
import { areaFramesOf, givenPagesOf } from "./stack_view.ts";
import type { TableSurvey } from "./table_survey.ts";

/** A live block with the memory behind it when it was given. */
interface Held {
  readonly block: LiveBlock;
  /** The memory that its owner alone writes to; empty where others may write too. */
  readonly memory: readonly PhysicalSpan[];
}

/** What is left of some memory without other memory. */
function without(span: PhysicalSpan, others: readonly PhysicalSpan[]): PhysicalSpan[] {
  let left = [{ first: span.first, end: span.first + span.size }];
  for (const { first, size } of others) {
    left = left.flatMap((part) => [
      { first: part.first, end: part.end < first ? part.end : first },
      { first: part.first > first + size ? part.first : first + size, end: part.end },
    ]).filter((part) => part.first < part.end);
  }
  return left.map(({ first, end }) => ({ first, size: end - first }));
}

/** What the allocator gave for an object of malloc's, whose own words in front tell it where there are any. */
function wholeOf(
  machine: Machine,
  tables: TableSurvey | null,
  address: bigint,
  size: bigint,
): LiveBlock["whole"] {
  if (!hasHeader(machine.edition)) return { address, size };
  const word = wordBytes(machine.arch.wordBits);
  const wordAt = (first: bigint): bigint => {
    const [memory] = memoryBehind(machine, tables, { first, end: first + BigInt(word) });
    return memory === undefined ? 0n : machine.ram.peek(physAddr(memory.first), word) ?? 0n;
  };
  const slack = wordAt(address - 2n * BigInt(word));
  return { address: address - slack, size: wordAt(address - BigInt(word)) };
}

/** A block of malloc's, with the addresses that it takes. */
function blockOf(
  machine: Machine,
  object: { readonly address: bigint; readonly size: bigint },
  whole: LiveBlock["whole"],
  from: LiveBlock["from"],
): LiveBlock {
  const common = { kind: "malloc", from, ...object, whole } as const;
  const { address } = whole;
  const last = object.address + object.size;
  if (from === "early") return { ...common, first: address, end: last };
  const bytes = pageBytesOf(machine);
  const end = (last + bytes - 1n) / bytes * bytes;
  const isBehindMetadata = from === "vmalloc" && keepsMetadata(machine.edition) &&
    address % bytes === 0n;
  return { ...common, first: isBehindMetadata ? address - bytes : address - address % bytes, end };
}

/** The live blocks of a machine, by address. */
export class Holdings {
  readonly #held: Map<bigint, Held>;

  /** Makes an empty collection, or a copy of another. */
  constructor(original: Holdings | null = null) {
    this.#held = new Map(original === null ? [] : original.#held);
  }

  /** The live blocks, in the order in which they were given. */
  get blocks(): LiveBlock[] {
    return [...this.#held.values()].map(({ block }) => block);
  }

  /** The block of an address; null if there is none. */
  at(address: bigint): LiveBlock | null {
    return this.#held.get(address)?.block ?? null;
  }

  /** Takes what vmalloc gave out so far for somebody's. */
  adopt(machine: Machine): void {
    const given = givenPagesOf(machine);
    if (given === null || given.first >= given.top) return;
    const bytes = pageBytesOf(machine);
    let end = BigInt(given.top) * bytes;
    for (const hole of machine.vmalloc.holes) {
      if (hole.end < end) this.enterVirtual("vpages", hole.end, { first: hole.end, end });
      end = hole.first;
    }
    const first = BigInt(given.first) * bytes;
    if (first < end) this.enterVirtual("vpages", first, { first, end });
  }

  /** Enters a block of malloc's. */
  enterBlock(
    machine: Machine,
    tables: TableSurvey | null,
    bytes: ByteSpan,
    from: LiveBlock["from"],
  ): void {
    const object = { address: bytes.first, size: bytes.end - bytes.first };
    const whole = wholeOf(machine, tables, object.address, object.size);
    const block = blockOf(machine, object, whole, from);
    this.#held.set(object.address, { block, memory: memoryBehind(machine, tables, bytes) });
  }

  /** Enters virtual pages, whose memory belongs to others. */
  enterVirtual(kind: "vmap" | "vpages", address: bigint, { first, end }: ByteSpan): void {
    const size = end - first;
    const whole = { address: first, size };
    const block: LiveBlock = { kind, from: "vmalloc", address, size, whole, first, end };
    this.#held.set(address, { block, memory: [] });
  }

  /** A block comes to its end. */
  remove(address: bigint): void {
    this.#held.delete(address);
  }

  /** Whether bytes belong to a live block, or to nobody of whom a block, a table or an area knows. */
  mayWrite(machine: Machine, tables: TableSurvey | null, bytes: ByteSpan): boolean {
    for (const { block } of this.#held.values()) {
      const isMalloc = block.kind === "malloc";
      const first = isMalloc ? block.address : block.first;
      const end = isMalloc ? block.address + block.size : block.end;
      if (first <= bytes.first && bytes.end <= end) return true;
      if (block.first < bytes.end && bytes.first < block.end) return false;
    }
    const { all, inUse } = areaFramesOf(machine);
    return memoryBehind(machine, tables, bytes).every(({ first, size }) => {
      const frames = pagesOfBytes(machine, { first, end: first + size });
      const isOfTable = tables?.places.some((place) => overlap(place, frames));
      return !isOfTable && (all.firstIn(frames) === null || inUse.firstMissing(frames) === null);
    });
  }

  /**
   * *live blocks hold what their owners wrote*.
   *
   * @param machine the machine, after the call
   * @param before its memory before the call
   * @param except the block that was freed, and the memory that was written on purpose
   * @param findings where to report
   */
  checkContents(
    machine: Machine,
    before: Ram,
    except: { readonly freed: bigint | null; readonly written: readonly PhysicalSpan[] },
    findings: Findings,
  ): void {
    const rule = "live blocks hold what their owners wrote";
    if (!findings.wants(rule)) return;
    for (const { block, memory } of this.#held.values()) {
      if (block.address === except.freed) continue;
      for (const { first, size } of memory.flatMap((one) => without(one, except.written))) {
        const change = firstChange(before, machine.ram, first, size);
        if (change === null) continue;
        const frame = Number(change / pageBytesOf(machine));
        const sentence =
          `the byte at physical 0x${change.toString(16)} changed, which belongs to ` +
          `the block at 0x${block.address.toString(16)}`;
        findings.add({ rule, area: null, frames: { first: frame, top: frame + 1 }, sentence });
        break;
      }
    }
  }
}
