/**
 * All areas to one scale, with the zones that they belong to and the holes between them.
 *
 * @module
 */

import { areaTableOf } from "../../edition.ts";
import type { AreaView } from "../../page_allocator.ts";
import { bareHex, counted } from "../columns.ts";
import { areaTitle, type Subject } from "../subject.ts";
import { type Drawing, MARGIN } from "./picture.ts";
import { CHARACTER } from "./style.ts";
import { element, rectOf, textAt } from "./xml.ts";

/** Frames `[first, end)`. */
interface Frames {
  readonly first: number;
  readonly end: number;
}

/** Frames on the scale. */
type Scale = (frames: Frames) => { readonly x: number; readonly width: number };

const ZONE_TOP = 4;
const AREA_TOP = 24;
const AREA_HEIGHT = 26;
const HEIGHT = 78;

function framesOfArea({ metadata, base, top }: AreaView): Frames {
  return { first: Math.min(metadata, base), end: Math.max(top, base) };
}

/** The zones, each up to the cutoff of the next one. */
function zonesOf(subject: Subject): (Frames & { name: string })[] {
  const { zones } = areaTableOf(subject.arch, subject.edition);
  const cutoffs = zones.map(({ cutoff }): number => cutoff).sort((one, other) => one - other);
  return zones.filter(({ step }) => step !== "never").map(({ name, cutoff }) => ({
    name,
    first: cutoff,
    end: cutoffs.find((one) => one > cutoff) ?? Infinity,
  })).sort((one, other) => one.first - other.first);
}

function cut({ first, end }: Frames, to: Frames): Frames {
  return { first: Math.max(first, to.first), end: Math.min(end, to.end) };
}

/** A text in the middle of a box, if it fits. */
function label(text: string, { x, width }: { x: number; width: number }, y: number): string[] {
  if (text.length * CHARACTER > width - 4) return [];
  return [textAt(x + width / 2, y, text, { class: "middle" })];
}

function zoneParts(subject: Subject, all: Frames, scale: Scale): string[] {
  return zonesOf(subject).map((zone) => ({ name: zone.name, ...cut(zone, all) }))
    .filter(({ first, end }) => first < end)
    .flatMap((zone) => {
      const place = scale(zone);
      const [left, right] = [place.x, place.x + place.width];
      return [
        element("path", { class: "rule", d: `M${left.toFixed(1)} 22v-4H${right.toFixed(1)}v4` }),
        ...label(`zone ${zone.name}`, place, ZONE_TOP + 10),
      ];
    });
}

function areaParts(subject: Subject, view: AreaView, scale: Scale): string[] {
  const { metadata, base, top } = view;
  const place = scale({ first: base, end: Math.max(top, base) });
  const box = { y: AREA_TOP, height: AREA_HEIGHT };
  const name = areaTitle(subject, view).replace("  ", " ");
  const title = `${name}, base ${bareHex(base)}, top ${bareHex(top)}`;
  const states = scale({ first: metadata, end: base });
  return [
    ...(metadata < base ? [rectOf({ ...states, ...box }, "metadata", "page states")] : []),
    rectOf({ ...place, ...box }, "area edge", title, { "data-area": view.area }),
    ...label(name, place, AREA_TOP + 17),
  ];
}

function holeParts(areas: readonly Frames[], scale: Scale): string[] {
  let end = areas[0]?.end ?? 0;
  return areas.flatMap((area) => {
    const hole = { first: end, end: area.first };
    end = Math.max(end, area.end);
    if (hole.first >= hole.end) return [];
    const words = counted(hole.end - hole.first, "frame");
    const place = scale(hole);
    const title = `no area: ${words} from ${bareHex(hole.first)}`;
    return [
      rectOf({ ...place, y: AREA_TOP, height: AREA_HEIGHT }, "hole", title),
      ...label(words, place, AREA_TOP + AREA_HEIGHT + 14),
    ];
  });
}

/**
 * Draws all areas to one scale.
 *
 * @param subject the architecture and the edition
 * @param areas the areas, at least one
 * @param width the width of the picture
 * @returns the drawing
 */
export function overviewOf(
  subject: Subject,
  areas: readonly AreaView[],
  width: number,
): Drawing {
  const sorted = areas.map(framesOfArea).sort((one, other) => one.first - other.first);
  const all = {
    first: sorted[0]?.first ?? 0,
    end: sorted.reduce((most, { end }) => Math.max(most, end), 1),
  };
  const room = width - 2 * MARGIN;
  const perFrame = room / Math.max(1, all.end - all.first);
  const scale: Scale = ({ first, end }) => ({
    x: MARGIN + (first - all.first) * perFrame,
    width: (end - first) * perFrame,
  });
  const holes = holeParts(sorted, scale);
  const y = AREA_TOP + AREA_HEIGHT + 14;
  return {
    parts: [
      ...zoneParts(subject, all, scale),
      ...holes,
      ...areas.flatMap((view) => areaParts(subject, view, scale)),
      textAt(MARGIN, y, bareHex(all.first)),
      textAt(width - MARGIN, y, bareHex(all.end), { class: "end" }),
    ],
    height: HEIGHT,
    legend: holes.length === 0 ? [] : [{ mark: "hole", text: "no area" }],
  };
}
