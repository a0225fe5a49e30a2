/**
 * What the allocator did inside a call, one line each.
 *
 * @module
 */

import type { PageStateFormat } from "../edition.ts";
import type { AllocatorEvent } from "../page_allocator.ts";
import { bareHex, counted } from "./columns.ts";
import { stateText } from "./state_text.ts";

/**
 * An event in words, as a verb phrase.
 *
 * @param event the event
 * @param format the encoding of page states
 * @returns such as `splits 100010 order 3`
 */
export function eventText(event: AllocatorEvent, format: PageStateFormat): string {
  switch (event.kind) {
    case "area": {
      const { area, metadata, base, top } = event;
      const last = bareHex(top - 1);
      return `makes area ${area} of ${bareHex(metadata)}..${last}, usable from ${bareHex(base)}`;
    }
    case "left-out": {
      const range = `${bareHex(event.start)}..${bareHex(event.top - 1)}`;
      const why = event.reason === "too-small" ? "it is too small" : "there is no slot for it";
      return `leaves ${range} out, ${why}`;
    }
    case "link":
      return `links ${bareHex(event.pfn)} order ${event.order} at the ${event.end}`;
    case "unlink":
      return `unlinks ${bareHex(event.pfn)} order ${event.order}`;
    case "split":
      return `splits ${bareHex(event.pfn)} order ${event.order}`;
    case "coalesce":
      return `joins ${bareHex(event.pfn)} to order ${event.order}`;
    case "state": {
      const { pfn, count, state } = event;
      return `marks ${bareHex(pfn)} ${counted(count, "frame")} ${stateText(format, state)}`;
    }
    case "zero":
      return `zeroes ${bareHex(event.pfn)} ${counted(event.count, "frame")}`;
    case "undefined": {
      const seen = event.seen === "" ? "" : ` (${event.seen})`;
      return `undefined: ${event.what}${seen}`;
    }
  }
}
