/**
 * A machine's memory map as a picture: what boot made of each range.
 *
 * @module
 */

import type { Stretch } from "../../boot/mod.ts";
import { bytesOf, lossesOf } from "../boot_report.ts";
import type { BootVerdict } from "../boot_report.ts";
import { barsOf, type CellUse, type Layer, layersOf } from "../boot_picture.ts";
import { fatesOfRange } from "../boot_ranges.ts";
import { verdictText } from "../boot_words.ts";
import { counted, hexAddress } from "../columns.ts";
import { sizeWords } from "../size_words.ts";
import { type LegendEntry, MARGIN, pictureOf, type PictureOptions } from "./picture.ts";
import { widthOfPicture, wrapped } from "./picture.ts";
import { CHARACTER, LINE, type Mark } from "./style.ts";
import { rectOf, textAt } from "./xml.ts";

const BAR_HEIGHT = 34;
/** The distance of two bars, in pixels: their addresses stand between them. */
const BAR = BAR_HEIGHT + 28;
/** No part of a bar is narrower, in pixels, so that all can be seen. */
const LEAST_WIDTH = 1.5;
/** No more ranges are listed, and no more layers drawn. */
const MOST_RANGES = 48;
const MOST_LAYERS = 600;

/** How each use is drawn and named. */
const USES: Readonly<Record<CellUse, { readonly mark: Mark; readonly text: string }>> = {
  usable: { mark: "fresh", text: ". handed out" },
  "page-states": { mark: "metadata", text: "# page states" },
  image: { mark: "allocated", text: "i image and below" },
  early: { mark: "special", text: "e early allocator" },
  lost: { mark: "wrong", text: "x lost" },
  "not-mapped": { mark: "alarm", text: "! handed out, not mapped" },
  "under-vmalloc": { mark: "clash", text: "v handed out, under vmalloc" },
  reserved: { mark: "hole", text: "- no RAM" },
};

const USE_NAMES: readonly CellUse[] = [
  "usable",
  "page-states",
  "image",
  "early",
  "lost",
  "not-mapped",
  "under-vmalloc",
  "reserved",
];

/** Where a stretch lies in a bar; null if it does not. */
function placeIn(bar: Stretch, { first, end }: Stretch, perByte: number): Place | null {
  const from = first > bar.first ? first : bar.first;
  const to = end < bar.end ? end : bar.end;
  if (from >= to) return null;
  const x = MARGIN + Number(from - bar.first) * perByte;
  return { x, width: Math.max(LEAST_WIDTH, Number(to - from) * perByte) };
}

interface Place {
  readonly x: number;
  readonly width: number;
}

function layerTitle({ first, end, use }: Layer): string {
  const size = sizeWords(end - first);
  return `${hexAddress(first)} to ${hexAddress(end)}, ${size}: ${USES[use].text.slice(2)}`;
}

/** A bar: the last layers lie below, so that what is wrong is never hidden. */
function barParts(bar: Stretch, layers: readonly Layer[], perByte: number, top: number): string[] {
  const drawn = layers.toReversed().flatMap((layer) => {
    const place = placeIn(bar, layer, perByte);
    if (place === null) return [];
    const { mark, text } = USES[layer.use];
    const box = { ...place, y: top, height: BAR_HEIGHT };
    const data = { "data-first": hexAddress(layer.first), "data-use": layer.use };
    const letter = place.width >= 14
      ? [textAt(place.x + place.width / 2, top + 21, text.charAt(0), { class: "cell large" })]
      : [];
    return [rectOf(box, `${mark} edge`, layerTitle(layer), data), ...letter];
  });
  const outline = placeIn(bar, bar, perByte) ?? { x: MARGIN, width: 1 };
  const [from, to] = [hexAddress(bar.first), hexAddress(bar.end)];
  const labels = outline.width > (from.length + to.length + 2) * CHARACTER
    ? [
      textAt(MARGIN, top + BAR_HEIGHT + 14, from),
      textAt(MARGIN + outline.width, top + BAR_HEIGHT + 14, to, { class: "end" }),
    ]
    : [textAt(MARGIN, top + BAR_HEIGHT + 14, `${from} to ${to}`)];
  return [
    rectOf({ ...outline, y: top, height: BAR_HEIGHT }, "rule"),
    ...drawn,
    ...labels,
  ];
}

/** The ranges of the map and what became of them, a line each. */
function rangeTexts(verdict: BootVerdict): string[] {
  const { map, parts } = verdict;
  const byRange = Map.groupBy(parts, ({ range }) => range);
  const lines = map.ranges.map((range, index) => {
    const fates = fatesOfRange(verdict, byRange.get(index) ?? []);
    const end = range.first + range.size;
    const became = fates.length === 0 ? "" : `: ${fates.join(", ")}`;
    const kind = range.efiType ?? range.kind;
    return `${hexAddress(range.first)} to ${hexAddress(end)}, ${
      sizeWords(range.size)
    }, ${kind}${became}`;
  });
  if (lines.length <= MOST_RANGES) return lines;
  const rest = counted(lines.length - MOST_RANGES, "range");
  return [...lines.slice(0, MOST_RANGES), `and ${rest} more`];
}

function allocationTexts({ allocations }: BootVerdict): string[] {
  return allocations.map(({ frames, purpose, when, calls, failed }) => {
    const failures = failed === 0 ? "" : `, ${failed} of ${calls} got nothing`;
    return `${counted(frames, "page")}: ${purpose}, ${when}${failures}`;
  });
}

function lossTexts(verdict: BootVerdict): string[] {
  return lossesOf(verdict).map(({ bytes, text }) => `${sizeWords(bytes)}: ${text}`);
}

/** A heading and its lines; nothing if there are no lines. */
function section(
  title: string,
  texts: readonly string[],
  width: number,
): { readonly text: string; readonly className: string }[] {
  if (texts.length === 0) return [];
  const room = width - 2 * MARGIN - 2 * CHARACTER;
  const lines = texts.flatMap((text) =>
    wrapped(text, room).map((line, index) => `${index === 0 ? "" : "  "}${line}`)
  );
  return [
    { text: "", className: "" },
    { text: title, className: "strong" },
    ...lines.map((text) => ({ text, className: "" })),
  ];
}

function legendOf(layers: readonly Layer[]): LegendEntry[] {
  const used = new Set(layers.map(({ use }) => use));
  return USE_NAMES.filter((use) => used.has(use)).map((use) => USES[use]);
}

/**
 * Draws a machine's memory map with what boot took: a bar for each stretch of RAM without a large hole,
 * all to one scale, then the ranges, the pages that boot took, and why memory is lost.
 *
 * @param verdict what became of the memory map
 * @param options the width, the moment and the id
 * @returns an SVG document
 * @throws {RangeError} if the options ask for a width or an id that no picture can have
 */
export function memoryMapSvg(verdict: BootVerdict, options: PictureOptions = {}): string {
  const width = widthOfPicture(options);
  const bars = barsOf(verdict.parts);
  const layers = layersOf(verdict);
  const longest = bars.reduce((most, bar) => {
    const bytes = bytesOf([bar]);
    return bytes > most ? bytes : most;
  }, 1n);
  const perByte = (width - 2 * MARGIN) / Number(longest);
  const inBars = layers.filter((layer) =>
    bars.some((bar) => placeIn(bar, layer, perByte) !== null)
  );
  const drawn = inBars.slice(0, MOST_LAYERS);
  const verdictLine = verdictText(verdict);
  const heading = [`${verdictLine}; ${verdict.map.name}`].flatMap((text) =>
    wrapped(text, width - 2 * MARGIN)
  );
  const top = heading.length * LINE + 8;
  const below = top + bars.length * BAR;
  const lines = [
    ...section("memory map", rangeTexts(verdict), width),
    ...section("pages that boot took", allocationTexts(verdict), width),
    ...section("lost", lossTexts(verdict), width),
  ];
  const parts = [
    ...heading.map((text, row) => textAt(MARGIN, 13 + row * LINE, text)),
    ...bars.flatMap((bar, index) => barParts(bar, drawn, perByte, top + index * BAR)),
    "\n",
    ...lines.flatMap(({ text, className }, row) => {
      if (text === "") return [];
      const more = className === "" ? {} : { class: className };
      return [
        textAt(
          text.startsWith("  ") ? MARGIN + 2 * CHARACTER : MARGIN,
          below + row * LINE,
          text.trimStart(),
          more,
        ),
      ];
    }),
  ];
  const afterBoot = verdict.stopped === null ? "after boot" : "boot stopped";
  const topic = {
    kind: "memory",
    what: "memory map",
    subject: verdict,
    description: `${verdictLine}. ${rangeTexts(verdict).join("; ")}.`,
    options: { ...options, moment: options.moment ?? afterBoot },
  };
  return pictureOf(topic, {
    parts,
    height: below + lines.length * LINE,
    legend: legendOf(drawn),
  });
}
