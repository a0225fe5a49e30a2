/**
 * What stands beside the metadata array: address bar, free lists, vmalloc, the step in words.
 *
 * @module
 */

import type {
  AreaStateView,
  CellView,
  ChangeView,
  ListView,
  RunView,
  StateView,
  StoryLine,
  VmallocView,
} from "../model/mod.ts";
import type { PageDocument, PageElement } from "./dom.ts";
import { addressText, bitsText, countText, frameText, make } from "./elements.ts";

/** Something on the address bar, `[first, end)` in frames. */
export interface BarItem {
  /** The first frame. */
  readonly first: number;
  /** The first frame after. */
  readonly end: number;
  /** Its name. */
  readonly text: string;
  /** Its class. */
  readonly kind: string;
}

/** A strip of the address bar. */
export function barStrip(
  page: PageDocument,
  items: readonly BarItem[],
  all: { readonly first: number; readonly end: number },
): PageElement {
  const width = all.end - all.first;
  const strip = make(page, "div", { "class": "strip" });
  for (const { first, end, text, kind } of items) {
    const [from, to] = [Math.max(first, all.first), Math.min(end, all.end)];
    if (to <= from) continue;
    const label = `${text}: ${frameText(first)} to ${frameText(end)}`;
    const element = make(page, "span", { "class": kind, "title": label }, [text]);
    element.style.setProperty("left", `${(from - all.first) / width * 100}%`);
    element.style.setProperty("width", `${(to - from) / width * 100}%`);
    strip.append(element);
  }
  return strip;
}

/**
 * Draws all areas to one scale, below the zones that they belong to.
 *
 * @param page the document
 * @param run what is the same at every step
 * @param areas the areas, at least one
 * @returns the bar
 */
export function drawAddressBar(
  page: PageDocument,
  run: RunView,
  areas: readonly AreaStateView[],
): PageElement {
  const first = Math.min(...areas.map(({ metadata, base }) => Math.min(metadata, base)));
  const end = Math.max(...areas.map(({ top }) => top), first + 1);
  const all = { first, end };
  const zones = run.zones.map((zone) => {
    return { first: zone.first, end: zone.end ?? Infinity, text: zone.name, kind: "zone" };
  }).filter((zone) => zone.first < end && zone.end > first)
    .map((zone) => ({ ...zone, end: Math.min(zone.end, end) }));
  const items = areas.flatMap(({ metadata, base, top, title }) => [
    ...(metadata < base ? [{ first: metadata, end: base, text: "##", kind: "item metadata" }] : []),
    { first: base, end: top, text: title, kind: "item" },
  ]);
  const names = areas.map(({ title, base, top }) => {
    return `${title} from ${frameText(base)} to ${frameText(top)}`;
  });
  return make(page, "div", { "class": "bar", "role": "img", "aria-label": names.join("; ") }, [
    barStrip(page, zones, all),
    barStrip(page, items, all),
    make(page, "div", { "class": "ends" }, [
      make(page, "span", {}, [addressText(first, run.pageShift)]),
      make(page, "span", {}, [addressText(end, run.pageShift)]),
    ]),
  ]);
}

/** One free list, front to back. */
export function drawList(page: PageDocument, list: ListView, area: AreaStateView): PageElement {
  const most = 24;
  const chips = list.pfns.slice(0, most).map((frame) => {
    const status = area.cells[frame]?.status ?? "free";
    return make(page, "span", {
      "class": `chip ${status}`,
      "data-pfn": String(frame),
    }, [frameText(frame)]);
  });
  const more = list.count - chips.length;
  return make(page, "tr", {}, [
    make(page, "th", { "scope": "row" }, [String(list.order)]),
    make(page, "td", {}, [String(list.count)]),
    make(page, "td", { "class": "chips" }, [
      ...chips,
      ...(more > 0 ? [make(page, "span", {}, [`… ${more} more`])] : []),
      ...(list.fault === null ? [] : [make(page, "strong", { "class": "bad" }, [list.fault])]),
    ]),
  ]);
}

/**
 * Draws the free lists of the areas.
 *
 * @param page the document
 * @param areas the areas
 * @returns a table for each area
 */
export function drawLists(page: PageDocument, areas: readonly AreaStateView[]): PageElement {
  const tables = areas.map((area) => {
    const caption = make(page, "caption", {}, [`${area.title}: free lists, front to back`]);
    const heads = ["order", "blocks", "first frames"].map((text) => {
      return make(page, "th", { "scope": "col" }, [text]);
    });
    const rows = area.lists.map((list) => drawList(page, list, area));
    const none = make(page, "tr", {}, [make(page, "td", { "colspan": "3" }, ["none listed"])]);
    return make(page, "table", {}, [
      caption,
      make(page, "thead", {}, [make(page, "tr", {}, heads)]),
      make(page, "tbody", {}, rows.length === 0 ? [none] : rows),
    ]);
  });
  return make(page, "div", { "class": "lists" }, tables);
}

/** What vmalloc took. */
export function drawVmalloc(page: PageDocument, view: VmallocView): PageElement {
  const { freeTop, end, servedBy, runs } = view;
  const items = runs.map(({ first, pages, text }) => {
    return make(page, "li", {}, [`${first}  ${countText(pages, "page")}  ${text}`]);
  });
  return make(page, "div", { "class": "vmalloc" }, [
    make(page, "h4", {}, [`vmalloc: taken from ${freeTop} to ${end}, malloc from ${servedBy}`]),
    make(page, "ul", {}, items),
  ]);
}

/** Bytes of two words on two lines. */
export function wordLines(page: PageDocument, text: string): (PageElement | string)[] {
  return text.split(" | ").flatMap((word, index) => {
    return index === 0 ? [word] : [make(page, "br"), word];
  });
}

/**
 * Puts the first of many elements into a place, and a button that puts all there.
 *
 * @param page the document
 * @param list what holds them
 * @param count how many there are
 * @param drawn makes those of some numbers
 * @param wrapped puts the button into an element that may stand in the list
 */
export function fillShort(
  page: PageDocument,
  list: PageElement,
  count: number,
  drawn: (first: number, end: number) => PageElement[],
  wrapped: (button: PageElement) => PageElement,
): void {
  const most = 12;
  // Who is told of one more could as well read it.
  if (count <= most + 1) {
    list.replaceChildren(...drawn(0, count));
    return;
  }
  const text = `${count - most} more`;
  const button = make(page, "button", { "type": "button", "class": "more-of" }, [text]);
  button.addEventListener("click", () => list.replaceChildren(...drawn(0, count)));
  list.replaceChildren(...drawn(0, most), wrapped(button));
}

/** What a step did: sentences with their places upstream, and rules that broke. */
export function drawStory(page: PageDocument, state: StateView): PageElement {
  const { story, violations, printed } = state;
  const drawLine = ({ text, source }: StoryLine): PageElement => {
    const place = source === "" ? [] : [make(page, "span", { "class": "source" }, [source])];
    return make(page, "li", {}, [text, " ", ...place]);
  };
  const broken = violations.map(({ rule, sentence }) => {
    return make(page, "li", { "class": "bad" }, [`violates "${rule}": ${sentence}`]);
  });
  const guest = printed.map((text) => make(page, "li", { "class": "printed" }, [text]));
  const list = make(page, "ul");
  const lines = (first: number, end: number): PageElement[] =>
    story.slice(first, end).map(drawLine);
  const all = (first: number, end: number): PageElement[] => [
    ...broken,
    ...guest,
    ...lines(first, end),
  ];
  fillShort(page, list, story.length, all, (button) => make(page, "li", {}, [button]));
  return make(page, "div", { "class": "story" }, [list]);
}

/** The bytes that a step changed. */
export function drawChanges(page: PageDocument, changes: readonly ChangeView[]): PageElement {
  const drawRow = ({ what, address, before, after, why, source }: ChangeView): PageElement => {
    const place = source === "" ? [] : [" ", make(page, "span", { "class": "source" }, [source])];
    const bytes = [address, before, after].map((text) => {
      return make(page, "td", { "class": "bytes" }, wordLines(page, text));
    });
    return make(page, "tr", {}, [
      make(page, "td", {}, [what]),
      ...bytes,
      make(page, "td", { "class": "why" }, [why, ...place]),
    ]);
  };
  const body = make(page, "tbody");
  const rows = (first: number, end: number): PageElement[] =>
    changes.slice(first, end).map(drawRow);
  fillShort(page, body, changes.length, rows, (button) => {
    return make(page, "tr", {}, [make(page, "td", { "colspan": "5" }, [button])]);
  });
  const heads = ["bytes", "address", "before", "after", "why"];
  const table = make(page, "table", { "class": "changes" }, [
    make(page, "caption", {}, [countText(changes.length, "change")]),
    make(page, "thead", {}, [
      make(page, "tr", {}, heads.map((text) => make(page, "th", { "scope": "col" }, [text]))),
    ]),
    body,
  ]);
  const label = { "role": "region", "aria-label": "changed bytes", "tabindex": "0" };
  return make(page, "div", { "class": "story wide", ...label }, [table]);
}

/** Where a block stands on its list; empty if it is listed nowhere. */
export function listPlace({ lists }: AreaStateView, frame: number): string {
  for (const { order, pfns, count } of lists) {
    const index = pfns.indexOf(frame);
    if (index >= 0) return `${index + 1} of ${count} on the list of order ${order}, from the front`;
  }
  return "";
}

/**
 * All that is known about a block, as pairs of a word and a text.
 *
 * @param run what is the same at every step
 * @param area the area
 * @param frame the first frame of a cell
 * @param since since when it is what it is, in words; empty for nothing
 * @returns the pairs
 */
export function blockFacts(
  run: RunView,
  area: AreaStateView,
  frame: number,
  since: string,
): [string, string][] {
  const cell: CellView | undefined = area.cells[frame];
  if (cell === undefined) return [["frame", frameText(frame)]];
  const { frames, order, status, byte, node, text, counts } = cell;
  const shares = Object.entries(counts ?? {}).filter(([, count]) => count > 0)
    .map(([name, count]) => `${count} ${name}`).join(", ");
  const sizeText = countText(frames, "frame");
  const facts: [string, string][] = [
    ["frame", frameText(frame)],
    ["address", addressText(frame, run.pageShift)],
    ["size", order === null ? sizeText : `order ${order}, ${sizeText}`],
    ["status", counts === null ? `${status} (${text})` : shares],
  ];
  const place = listPlace(area, frame);
  if (since !== "" && counts === null) facts.push(["since", since]);
  if (place !== "") facts.push(["list", place]);
  if (byte !== null) {
    const digits = byte.toString(16).padStart(2, "0");
    const at = stateAddress(run, area, frame);
    facts.push(["page state", `${digits}, bits ${bitsText(byte, run.orderMask)}, at ${at}`]);
  }
  if (node !== null) facts.push(["list node", `${node} (previous | next)`]);
  return facts;
}

/** Where the page state of a frame lies. */
export function stateAddress(run: RunView, area: AreaStateView, frame: number): string {
  // bits: a bigint.
  const first = BigInt(area.metadata) << BigInt(run.pageShift);
  return `0x${(first + BigInt(frame - area.base)).toString(16)}`;
}

/** The facts about a block as a list of terms. */
export function drawFacts(
  page: PageDocument,
  title: string,
  facts: readonly (readonly [string, string])[],
): PageElement {
  return make(page, "div", { "class": "facts" }, [
    make(page, "strong", {}, [title]),
    make(
      page,
      "dl",
      {},
      facts.map(([term, text]) => {
        return make(page, "div", {}, [
          make(page, "dt", {}, [term]),
          make(page, "dd", {}, [text]),
        ]);
      }),
    ),
  ]);
}
