/**
 * Designs of metadata, compared: cache lines, what the host cannot have, what metadata take of RAM, and what
 * becomes of each under a host's policies.
 *
 * @module
 */

import { HAZARD_POLICIES, RAM_SIZES } from "../../metadata_design/mod.ts";
import type { Comparison, SizeFigures } from "../../metadata_design/mod.ts";
import { hazardCell } from "../hazard_cell.ts";
import type { HazardDegree } from "../hazard_cell.ts";
import { sizeWords } from "../size_words.ts";
import { linePanel, orderPanel } from "./design_bars.ts";
import type { Panel } from "./design_bars.ts";
import { MARGIN, pictureOf, widthOfPicture } from "./picture.ts";
import type { LegendEntry, PictureOptions } from "./picture.ts";
import { CHARACTER, LINE } from "./style.ts";
import { element, rectOf, textAt } from "./xml.ts";

const SHARES_HEIGHT = 150;
/** Room for the shares in front of the lines, and for names behind them. */
const SHARES_LEFT = MARGIN + 9 * CHARACTER;
const SHARES_RIGHT = MARGIN + 12 * CHARACTER;
/** The shares that have a rule: from 0.001 % to 10 %. */
const SHARE_LOGS = [-5, -4, -3, -2, -1];

const MARKS: Readonly<Record<HazardDegree, string>> = {
  stops: "wrong",
  loses: "clash",
  breaks: "special",
  costs: "metadata",
  nothing: "fresh",
};

/** The names at the ends of lines, those that would overlap in one. */
function endNames(ends: readonly { readonly name: string; readonly y: number }[]): {
  readonly names: string;
  readonly y: number;
}[] {
  const labels: { names: string; y: number }[] = [];
  for (const { name, y } of ends.toSorted((one, other) => one.y - other.y)) {
    const last = labels.at(-1);
    if (last !== undefined && y - last.y < LINE) last.names += ` ${name}`;
    else labels.push({ names: name, y });
  }
  return labels;
}

/** Metadata as a share of RAM, against RAM: both axes are logarithmic. */
function sharePanel(sizes: readonly SizeFigures[], width: number): Panel {
  const logs = RAM_SIZES.map(Math.log2);
  const [low, high] = [Math.min(...logs), Math.max(...logs)];
  const room = width - SHARES_LEFT - SHARES_RIGHT;
  const top = LINE + 8;
  const xOf = (ram: number): number =>
    SHARES_LEFT + (Math.log2(ram) - low) / Math.max(1, high - low) * room;
  const [least = -5, most = -1] = [SHARE_LOGS[0], SHARE_LOGS.at(-1)];
  const yOf = (log: number): number => top + (most - log) / (most - least) * SHARES_HEIGHT;
  const yOfShare = ({ metadataBytes, ram }: SizeFigures): number =>
    yOf(Math.log10(metadataBytes / ram));
  const names = [...new Set(sizes.map(({ design }) => design))];
  const lines = names.flatMap((name) => {
    const points = sizes.filter(({ design }) => design === name);
    const d = points.map((one, at) => `${at === 0 ? "M" : "L"}${xOf(one.ram)} ${yOfShare(one)}`);
    return [
      element("path", { class: "way", d: d.join("") }),
      ...points.map((one) => {
        const share = `${(100 * one.metadataBytes / one.ram).toPrecision(3)} %`;
        const title = `${name} at ${sizeWords(BigInt(one.ram))}: ${share}`;
        const box = { x: xOf(one.ram) - 4, y: yOfShare(one) - 4, width: 8, height: 8 };
        return rectOf(box, "hole edge", title);
      }),
    ];
  });
  const ends = names.flatMap((name) =>
    sizes.filter(({ design }) => design === name).slice(-1)
      .map((one) => ({ name, y: yOfShare(one) }))
  );
  return {
    parts: [
      textAt(MARGIN, 14, "metadata as a share of RAM, both logarithmic", { class: "strong" }),
      ...SHARE_LOGS.flatMap((log) => [
        element("path", { class: "rule", d: `M${SHARES_LEFT} ${yOf(log)}h${room}` }),
        textAt(SHARES_LEFT - 6, yOf(log) + 4, `${Number((100 * 10 ** log).toPrecision(1))} %`, {
          class: "end",
        }),
      ]),
      ...lines,
      ...endNames(ends).map(({ names: text, y }) => textAt(width - SHARES_RIGHT + 10, y + 4, text)),
      ...RAM_SIZES.map((ram) =>
        textAt(xOf(ram), top + SHARES_HEIGHT + 18, sizeWords(BigInt(ram)), { class: "middle" })
      ),
    ],
    height: top + SHARES_HEIGHT + 32,
  };
}

const HAZARD_LEFT = MARGIN + 19 * CHARACTER;
const HAZARD_ROW = 17;

/** A field for each policy and design. */
function hazardPanel({ hazards, designs }: Comparison, width: number): Panel {
  const each = (width - HAZARD_LEFT - MARGIN) / Math.max(1, designs.length);
  const top = 2 * LINE + 6;
  const heads = designs.map(({ design }, at) =>
    textAt(HAZARD_LEFT + (at + 0.5) * each, 2 * LINE, design, { class: "middle" })
  );
  const rows = HAZARD_POLICIES.flatMap(({ name, title }, row) => {
    const y = top + row * HAZARD_ROW;
    const outcomes = hazards.filter(({ policy }) => policy === name);
    return [
      textAt(HAZARD_LEFT - 6, y + 12, name, { class: "end" }),
      ...outcomes.flatMap((outcome, at) => {
        const { degree, text } = hazardCell(outcome);
        const box = { x: HAZARD_LEFT + at * each, y, width: each - 2, height: HAZARD_ROW - 2 };
        const words = `${outcome.design}, ${title}: ${outcome.stopped ?? text}`;
        return [
          rectOf(box, `${MARKS[degree]} edge`, words),
          ...(degree === "nothing"
            ? []
            : [textAt(box.x + box.width / 2, y + 11, text, { class: "cell" })]),
        ];
      }),
    ];
  });
  const heading = "under each policy of a host: what is lost or corrupted";
  return {
    parts: [textAt(MARGIN, 14, heading, { class: "strong" }), ...heads, ...rows],
    height: top + HAZARD_POLICIES.length * HAZARD_ROW + 8,
  };
}

const LEGEND: readonly LegendEntry[] = [
  { mark: "allocated", text: "an allocation" },
  { mark: "free", text: "a release" },
  { mark: "metadata", text: "frames kept; below: pages that come back" },
  { mark: "special", text: "refaults; below: a broken promise" },
  { mark: "wrong", text: "the machine stops" },
  { mark: "clash", text: "memory or data are lost" },
  { mark: "fresh", text: "nothing happens" },
];

function descriptionOf({ designs, hazards, name }: Comparison): string {
  const harmed = designs.map(({ design }) => design).filter((design) =>
    hazards.some((one) =>
      one.design === design && ["stops", "loses"].includes(hazardCell(one).degree)
    )
  );
  return `Designs of metadata on the trace ${name}: cache lines of an operation, frames that the ` +
    "host cannot have by reporting order, metadata as a share of RAM from 128 MiB to 64 TiB, and " +
    `what becomes of each design under a host's policies. Of ${designs.length} designs ` +
    `${harmed.length} stop or lose memory under some policy: ${harmed.join(", ") || "none"}.`;
}

/**
 * Draws a comparison of designs on a trace.
 *
 * @param comparison the numbers
 * @param sizes the designs on machines of each size
 * @param options the width, the moment and the id
 * @returns an SVG document
 * @throws {RangeError} if the options ask for a width or an id that no picture can have
 *
 * @example Usage
 * ```ts
 * import { churnTrace, compareOn, DESIGNS, sizesOf } from "@buddyscope/sim/designs";
 * import { designsSvg } from "@buddyscope/sim/report";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const designs = DESIGNS.slice(0, 2);
 * const svg = designsSvg(compareOn(churnTrace(1000), designs), sizesOf(designs));
 * assertStringIncludes(svg, "designs of metadata on churn, x86_64");
 * ```
 */
export function designsSvg(
  comparison: Comparison,
  sizes: readonly SizeFigures[],
  options: PictureOptions = {},
): string {
  const width = widthOfPicture(options);
  const { name, summary, arch, frames, pageShift } = comparison;
  const panels = [
    linePanel(comparison, width),
    orderPanel(comparison, width),
    sharePanel(sizes, width),
    hazardPanel(comparison, width),
  ];
  let y = 0;
  const parts = panels.map((panel) => {
    const group = element("g", { transform: `translate(0 ${y})` }, panel.parts);
    y += panel.height;
    return group;
  });
  const ram = sizeWords(BigInt(frames) * 2n ** BigInt(pageShift));
  const topic = {
    kind: "designs",
    what: `designs of metadata on ${name}`,
    subject: { arch: { name: arch }, edition: { name: ram } },
    description: descriptionOf(comparison),
    options: { ...options, moment: options.moment ?? summary },
  };
  return pictureOf(topic, { parts, height: y, legend: LEGEND });
}
