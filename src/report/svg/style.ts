/**
 * How pictures look: what each class means, its colour, and the pattern that says the same in grey.
 *
 * The colours are those of Okabe and Ito, which people with any colour vision can tell apart, and steps of
 * cividis for what is more or less.
 *
 * @module
 */

import { element } from "./xml.ts";

/** What a surface of a picture can mean: the name of its class. */
export type Mark =
  | "fresh"
  | "free"
  | "allocated"
  | "special"
  | "metadata"
  | "wrong"
  | "hole"
  | "alarm"
  | "clash";

/** How a mark is drawn: a ground, and lines on it. */
interface MarkRow {
  readonly mark: Mark;
  readonly ground: string;
  readonly lines: string;
  readonly path: string;
  readonly thickness: number;
}

/** The edge of the square that a pattern repeats. */
const TILE = 8;

const RISING = "M-2 2l4-4M0 8l8-8M6 10l4-4";
const FALLING = "M-2 6l4 4M0 0l8 8M6-2l4 4";

const MARK_ROWS: readonly MarkRow[] = [
  {
    mark: "fresh",
    ground: "#cfe8f7",
    lines: "#0072b2",
    path: "M1.5 2h1.2M5.5 6h1.2",
    thickness: 1.2,
  },
  { mark: "free", ground: "#009e73", lines: "#c9f2e6", path: RISING, thickness: 1 },
  { mark: "allocated", ground: "#e69f00", lines: "#e69f00", path: "", thickness: 0 },
  {
    mark: "special",
    ground: "#cc79a7",
    lines: "#5b1f43",
    path: `${RISING}${FALLING}`,
    thickness: 0.6,
  },
  { mark: "metadata", ground: "#b5b5b5", lines: "#5a5a5a", path: "M2 0v8M6 0v8", thickness: 1 },
  { mark: "wrong", ground: "#d55e00", lines: "#000", path: `${RISING}${FALLING}`, thickness: 1.4 },
  { mark: "hole", ground: "none", lines: "#888", path: FALLING, thickness: 0.6 },
  { mark: "alarm", ground: "#f0e442", lines: "#000", path: RISING, thickness: 2 },
  { mark: "clash", ground: "#f0e442", lines: "#000", path: "M0 2h8M0 6h8", thickness: 1.6 },
];

/** The steps from little to much: cividis, dark to light. Their classes are `r0`, `r1` and so on. */
export const RAMP: readonly string[] = [
  "#123570",
  "#3b496c",
  "#575d6d",
  "#707173",
  "#8a8678",
  "#a59c74",
  "#c3b369",
  "#e1cc55",
  "#fee838",
];

/** How the curves of a picture are told apart: by colour, and by dashes in grey. */
const CURVE_COLOURS: readonly string[] = [
  "#0072b2",
  "#d55e00",
  "#009e73",
  "#cc79a7",
  "#e69f00",
  "#56b4e9",
];
const CURVE_DASHES: readonly string[] = ["none", "7 3", "2 2", "9 3 2 3", "4 2", "1 3", "12 4"];

/** The number of curves that look different: their classes are `c0`, `c1` and so on, of bars `b0`, `b1`. */
export const MOST_CURVES: number = CURVE_COLOURS.length * CURVE_DASHES.length;

/** The font, and the width of a character of it in a text of 12 pixels, rounded up. */
const FONT = "ui-monospace,DejaVu Sans Mono,Menlo,Consolas,monospace";

/** The width of a character, in pixels. */
export const CHARACTER = 7.3;

/** The height of a line of text, in pixels. */
export const LINE = 17;

function patternOf(id: string, { mark, ground, lines, path, thickness }: MarkRow): string {
  const attributes = {
    id: `${id}-${mark}`,
    width: TILE,
    height: TILE,
    patternUnits: "userSpaceOnUse",
  };
  return element("pattern", attributes, [
    element("rect", { width: TILE, height: TILE, fill: ground }),
    element("path", { d: path, stroke: lines, "stroke-width": thickness, fill: "none" }),
  ]);
}

/** How a mark is painted: lines on a ground need a pattern. */
function paintOf(id: string, { mark, ground, path }: MarkRow): string {
  return path === "" ? ground : `url(#${id}-${mark})`;
}

/** The rules that fill surfaces, and those that draw the wide lines of heat maps. */
function markRules(id: string, used: ReadonlySet<string>): string[] {
  const marks = MARK_ROWS.filter(({ mark }) => used.has(mark)).map((row) =>
    [row.mark, paintOf(id, row)] as const
  );
  const steps = RAMP.map((colour, step) => [`r${step}`, colour] as const)
    .filter(([name]) => used.has(name));
  return [...marks, ...steps].flatMap(([name, paint]) => [
    `#${id} .${name}{fill:${paint}}`,
    ...(used.has("heat") ? [`#${id} .heat .${name}{fill:none;stroke:${paint}}`] : []),
  ]);
}

/** The rules for curves, and for bars of the same colours. */
function curveRules(id: string, used: ReadonlySet<string>): string[] {
  return Array.from({ length: MOST_CURVES }, (_, index) => {
    const colour = CURVE_COLOURS[index % CURVE_COLOURS.length] ?? "";
    const dash = CURVE_DASHES[index % CURVE_DASHES.length] ?? "";
    const curve = `fill:none;stroke:${colour};stroke-width:2;stroke-dasharray:${dash}`;
    return [
      ...(used.has(`c${index}`) ? [`#${id} .c${index}{${curve}}`] : []),
      ...(used.has(`b${index}`) ? [`#${id} .b${index}{fill:${colour}}`] : []),
    ];
  }).flat();
}

/** The rules that do not depend on what is drawn; the dark ones hold on screens only, not in print. */
function commonRules(id: string): string[] {
  return [
    `#${id}{font:12px ${FONT};max-width:100%;height:auto}`,
    `#${id} text{fill:#111}`,
    `#${id} .page{fill:#fff}`,
    `#${id} .area{fill:#e8edf2}`,
    `#${id} .tail{fill:#111}`,
    `#${id} .strong{font-weight:bold}`,
    `#${id} .bad{font-weight:bold}`,
    `#${id} rect.edge{stroke:#222;stroke-width:1;vector-effect:non-scaling-stroke}`,
    `#${id} .rule{fill:none;stroke:#555;stroke-width:1;vector-effect:non-scaling-stroke}`,
    `#${id} .way{fill:none;stroke:#111;stroke-width:3;vector-effect:non-scaling-stroke}`,
    `#${id} text.cell{font-size:10px;fill:#000;text-anchor:middle;paint-order:stroke;` +
    "stroke:#fff;stroke-width:2.5px;stroke-linejoin:round;pointer-events:none}",
    `#${id} text.large{font-size:12px}`,
    `#${id} .middle{text-anchor:middle}`,
    `#${id} .end{text-anchor:end}`,
    "@media screen and (prefers-color-scheme:dark){" +
    `#${id} text{fill:#eee}#${id} .page{fill:#14171b}#${id} .rule{stroke:#aaa}` +
    `#${id} .way{stroke:#fff}#${id} .tail{fill:#fff}#${id} .area{fill:#2b333c}#${id} rect.edge{stroke:#000}#${id} text.cell{fill:#000}` +
    `#${id} rect.area,#${id} rect.hole{stroke:#aaa}}`,
  ];
}

/**
 * The style of a picture.
 *
 * @param id the id of the picture: the rules hold below it only
 * @param used the classes that the picture uses
 * @returns the XML: a style sheet and the patterns
 */
export function styleOf(id: string, used: ReadonlySet<string>): string[] {
  const patterns = MARK_ROWS.filter(({ mark, path }) => used.has(mark) && path !== "")
    .map((row) => patternOf(id, row));
  const rules = [...commonRules(id), ...markRules(id, used), ...curveRules(id, used)].join("");
  return [
    element("style", {}, [rules]),
    ...(patterns.length === 0 ? [] : [element("defs", {}, patterns)]),
  ];
}
