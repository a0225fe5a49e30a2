/**
 * What calls ask for, and which page tables they may change.
 *
 * @module
 */

import type { Machine } from "../../machine.ts";
import { wordBytes } from "../../word.ts";
import { pagesOfBytes } from "./call_rules.ts";
import type { ByteSpan, GivenBlock } from "./call_rules.ts";
import type { StackCall } from "./stack_call.ts";
import { givenPagesOf } from "./stack_view.ts";
import type { Earlier, PageRange, TableSurvey } from "./table_survey.ts";

/** The request of malloc or one of its like, as it asks for memory. */
export function requestOf(machine: Machine, call: StackCall): Omit<GivenBlock, "address"> | null {
  const word = BigInt(wordBytes(machine.arch.wordBits));
  const limit = 2n ** BigInt(machine.arch.wordBits);
  switch (call.kind) {
    case "malloc":
      return { size: call.size % limit, alignment: word, contents: "anything" };
    case "calloc":
      return { size: call.count * call.size, alignment: word, contents: "zero" };
    case "memalign": {
      const { size, alignment } = call;
      return { size: size % limit, alignment: alignment % limit, contents: "anything" };
    }
    default:
      return null;
  }
}

/** The bytes that a write covers. */
export function bytesOf({ address, size }: StackCall & { readonly kind: "user-write" }): ByteSpan {
  return { first: address, end: address + size };
}

/** The tables that a call may have changed, if it is known which. */
export function earlierFor(machine: Machine, call: StackCall, survey: TableSurvey): Earlier | null {
  const changed: PageRange[] = [{ first: 0, top: 1 }];
  const given = givenPagesOf(machine);
  if (given !== null) changed.push(given);
  switch (call.kind) {
    case "malloc":
    case "calloc":
    case "memalign":
    case "vmap":
    case "alloc-vpages":
      return { survey, changed };
    case "free":
    case "user-write":
      changed.push(pagesOfBytes(machine, { first: call.address, end: call.address + 1n }));
      return { survey, changed };
    default:
      return null;
  }
}
