/**
 * What all pictures share: the frame, the title, the legend, and the words for those who do not see them.
 *
 * @module
 */

import { escapeText } from "../escape.ts";
import type { Subject } from "../subject.ts";
import { CHARACTER, LINE, styleOf } from "./style.ts";
import { element, escapeXml, rectOf, textAt } from "./xml.ts";

/** How a picture is drawn. */
export interface PictureOptions {
  /** Its width in pixels: 320 to 2560, 960 by default. */
  readonly width?: number;
  /** Which moment it shows, in words, such as `after step 3`; any text. */
  readonly moment?: string;
  /** Its id, where several of a kind stand in one page: a letter, then letters, digits and dashes. */
  readonly id?: string;
}

/** The least and the greatest width of a picture, in pixels. */
export const PICTURE_WIDTHS = { least: 320, greatest: 2560 } as const;

const USUAL_WIDTH = 960;

/** The space at the edges of a picture, in pixels. */
export const MARGIN = 12;

/** A line of a legend. */
export interface LegendEntry {
  /** The class of the surface. */
  readonly mark: string;
  /** What it means. */
  readonly text: string;
}

/** What is drawn, as a picture's own part of it. */
export interface Drawing {
  /** The elements, from y = 0 downwards. */
  readonly parts: readonly string[];
  /** The height that they take. */
  readonly height: number;
  /** The classes of its surfaces, each with what it means. */
  readonly legend: readonly LegendEntry[];
}

/** Things that have names. */
type Named<Key extends string> = Readonly<Record<Key, { readonly name: string }>>;

/** What a picture is about. */
export interface PictureTopic {
  /** The word for its kind, which is its id too: `metadata`. */
  readonly kind: string;
  /** What it shows, such as `page states`. */
  readonly what: string;
  /** The architecture and the edition, or the names of several; null where it is about neither. */
  readonly subject: Named<keyof Subject> | null;
  /** What it shows, in sentences. */
  readonly description: string;
  /** How it is drawn. */
  readonly options: PictureOptions;
}

/**
 * The width of a picture.
 *
 * @param options how it is drawn
 * @returns the width in pixels
 * @throws {RangeError} if the width is none that a picture can have
 */
export function widthOfPicture({ width = USUAL_WIDTH }: PictureOptions): number {
  const { least, greatest } = PICTURE_WIDTHS;
  if (Number.isInteger(width) && width >= least && width <= greatest) return width;
  throw new RangeError(
    `Cannot draw the picture: its width must be ${least} to ${greatest} pixels, it is ${width}`,
  );
}

/** The classes that elements name: the style sheet has rules for these only. */
function classesOf(parts: readonly string[]): string[] {
  return parts.flatMap((part) => [...part.matchAll(/ class="([^"]*)"/g)])
    .flatMap(([, names = ""]) => names.split(" "));
}

function idOf({ kind, options: { id = `buddyscope-${kind}` } }: PictureTopic): string {
  if (/^[A-Za-z][A-Za-z0-9-]{0,63}$/.test(id)) return id;
  throw new RangeError(
    "Cannot draw the picture: its id must be a letter, then at most 63 letters, digits and dashes",
  );
}

/**
 * Breaks a text into lines.
 *
 * @param text the text
 * @param room the width of a line, in pixels
 * @returns the lines, at least one; a word that is wider than a line is cut in pieces
 */
export function wrapped(text: string, room: number): string[] {
  const most = Math.max(4, Math.floor(room / CHARACTER));
  const lines: string[] = [];
  let line = "";
  const pieces = new RegExp(`.{1,${most}}`, "gu");
  for (const word of text.split(" ").flatMap((one) => one.match(pieces) ?? [])) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (longer.length > most) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line];
}

const SWATCH = { width: 18, height: 12 } as const;

/** The legend: as many entries in a line as fit. */
function legendOf(entries: readonly LegendEntry[], width: number, top: number): Drawing {
  const parts: string[] = [];
  let [x, y] = [MARGIN, top];
  for (const { mark, text } of entries) {
    const taken = SWATCH.width + 6 + text.length * CHARACTER + 16;
    if (x > MARGIN && x + taken > width - MARGIN) [x, y] = [MARGIN, y + LINE];
    parts.push(
      rectOf({ x, y: y + 3, ...SWATCH }, `${mark} edge`),
      textAt(x + SWATCH.width + 6, y + 13, text),
    );
    x += taken;
  }
  return { parts, height: entries.length === 0 ? 0 : y + LINE - top + 6, legend: entries };
}

/**
 * Makes a picture of what is drawn: title, legend, drawing.
 *
 * @param topic what it is about
 * @param drawing what is drawn
 * @returns an SVG document, with a newline at its end
 * @throws {RangeError} if the options ask for a width or an id that no picture can have
 */
export function pictureOf(topic: PictureTopic, drawing: Drawing): string {
  const { what, subject, description, options } = topic;
  const width = widthOfPicture(options);
  const id = idOf(topic);
  const { moment = "" } = options;
  const title = subject === null ? what : `${what}, ${subject.arch.name}, ${subject.edition.name}`;
  const room = width - 2 * MARGIN;
  const words = wrapped(title, room * 0.98).map((text) => ({ text, className: "strong" }));
  const details = moment === "" ? [] : wrapped(escapeText(moment), room);
  const lines = [...words, ...details.map((text) => ({ text, className: "" }))];
  const heading = lines.map(({ text, className }, index) =>
    textAt(MARGIN, MARGIN + 12 + index * LINE, text, className === "" ? {} : { class: className })
  );
  const top = MARGIN + lines.length * LINE + 4;
  const legend = legendOf(drawing.legend, width, top);
  const height = Math.ceil(top + legend.height + drawing.height + MARGIN);
  const used = new Set([...drawing.legend.map(({ mark }) => mark), ...classesOf(drawing.parts)]);
  const attributes = {
    xmlns: "http://www.w3.org/2000/svg",
    id,
    role: "img",
    "aria-labelledby": `${id}-title ${id}-desc`,
    width,
    height,
    viewBox: `0 0 ${width} ${height}`,
  };
  return `${
    element("svg", attributes, [
      "\n",
      element("title", { id: `${id}-title` }, [
        escapeXml(moment === "" ? title : `${title}, ${moment}`),
      ]),
      element("desc", { id: `${id}-desc` }, [escapeXml(description)]),
      ...styleOf(id, used),
      "\n",
      rectOf({ x: 0, y: 0, width, height }, "page"),
      ...heading,
      "\n",
      ...legend.parts,
      "\n",
      element("g", { transform: `translate(0 ${top + legend.height})` }, drawing.parts),
      "\n",
    ])
  }\n`;
}
