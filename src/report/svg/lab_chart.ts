/**
 * What the lab found as a picture: curves over time for each allocator, and what it split and joined.
 *
 * @module
 */

import { groupsOf, type LabGroup, type LabResult } from "../../lab/mod.ts";
import { labSizeWords, outcomeWords } from "../lab_words.ts";
import { curvePanels, movesPanel, type Panel } from "./lab_panels.ts";
import { MARGIN, pictureOf, type PictureOptions, widthOfPicture, wrapped } from "./picture.ts";
import { LINE, MOST_CURVES } from "./style.ts";
import { element, textAt } from "./xml.ts";

const SAMPLE = 34;

/** The legend: a piece of each curve, whose it is, and how it ended. */
function legendPanel(groups: readonly LabGroup[], width: number): Panel {
  const parts: string[] = [];
  let y = 0;
  for (const [index, group] of groups.entries()) {
    parts.push(
      element("path", { class: `c${index}`, d: `M${MARGIN} ${y + 9}h${SAMPLE}` }),
    );
    const text = `${group.name}: ${outcomeWords(group.run)}`;
    for (const line of wrapped(text, width - 2 * MARGIN - SAMPLE - 8)) {
      parts.push(textAt(MARGIN + SAMPLE + 8, y + 13, line));
      y += LINE;
    }
  }
  return { parts, height: y + 8 };
}

/** Several panels, one below the other. */
function stacked(panels: readonly Panel[]): Panel {
  const parts: string[] = [];
  let y = 0;
  for (const panel of panels) {
    parts.push("\n", element("g", { transform: `translate(0 ${y})` }, panel.parts));
    y += panel.height;
  }
  return { parts, height: y };
}

/**
 * Draws what the lab found. Allocators that do not differ in anything are one curve.
 *
 * @param result the result
 * @param options the width, the moment and the id
 * @returns an SVG document
 * @throws {RangeError} if the options ask for what no picture can have, or there are too many curves
 */
export function labSvg(result: LabResult, options: PictureOptions = {}): string {
  const width = widthOfPicture(options);
  const groups = groupsOf(result);
  if (groups.length > MOST_CURVES) {
    throw new RangeError(
      `Cannot draw ${groups.length} curves: there must be at most ${MOST_CURVES} that differ`,
    );
  }
  const { parts, height } = stacked([
    legendPanel(groups, width),
    ...curvePanels(result, groups, width),
    movesPanel(groups, width),
  ]);
  const names = result.runs.map(({ name }) => name).join(", ");
  const topic = {
    kind: "lab",
    what: `free memory over time, ${result.trace}`,
    subject: { arch: { name: result.arch }, edition: { name: names } },
    description: groups.map(({ name, run }) => `${name}: ${outcomeWords(run)}.`).join(" "),
    options: { moment: labSizeWords(result), ...options },
  };
  return pictureOf(topic, { parts, height, legend: [] });
}
