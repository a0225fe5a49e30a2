/**
 * A trace as a kernel would have written it: for the speed of reading one.
 *
 * @module
 */

import { operationAt, type Trace, WORDS_OF_KIND } from "../../src/replay/mod.ts";

/** Gives out frames: those that came back first, else new ones. */
class Frames {
  readonly #free = new Map<number, number[]>();
  #next = 0x100000;

  take(order: number): number {
    const again = this.#free.get(order)?.pop();
    if (again !== undefined) return again;
    const pfn = Math.ceil(this.#next / 2 ** order) * 2 ** order;
    this.#next = pfn + 2 ** order;
    return pfn;
  }

  give(pfn: number, order: number): void {
    const free = this.#free.get(order) ?? [];
    this.#free.set(order, free);
    free.push(pfn);
  }
}

/**
 * Writes a trace as ftrace does since Linux 5.14, an event for each operation.
 *
 * @param trace requests and releases by handle
 * @returns the text
 */
export function kernelText({ words }: Trace): string {
  const frames = new Frames();
  const blocks: { readonly pfn: number; readonly order: number }[] = [];
  const lines = ["# tracer: nop\n#\n"];
  for (let at = 0; at < words.length;) {
    const operation = operationAt(words, at);
    const time = (1000 + lines.length / 1e6).toFixed(6);
    const head = `     kworker/u16:2-22275   [003] d..1.  ${time}: `;
    if (operation.kind === "alloc") {
      const order = operation.sizeOrder;
      const pfn = frames.take(order);
      blocks.push({ pfn, order });
      lines.push(
        `${head}mm_page_alloc: page=00000000d2be5665 pfn=0x${pfn.toString(16)} order=${order} ` +
          "migratetype=1 gfp_flags=GFP_HIGHUSER_MOVABLE|__GFP_ZERO\n",
      );
    } else if (operation.kind === "free") {
      const { pfn, order } = blocks[operation.handle] ?? { pfn: 0, order: 0 };
      frames.give(pfn, order);
      const hex = pfn.toString(16);
      lines.push(`${head}mm_page_free: page=00000000d2be5665 pfn=0x${hex} order=${order}\n`);
    }
    at += WORDS_OF_KIND[(words[at] ?? 0) % 8] || 1;
  }
  return lines.join("");
}
