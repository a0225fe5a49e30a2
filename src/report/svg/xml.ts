/**
 * XML as text: elements, escaped characters, short numbers.
 *
 * @module
 */

import { escapeText } from "../escape.ts";

/** The attributes of an element, in the order in which they are written. */
export type Attributes = Readonly<Record<string, string | number>>;

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/**
 * A text by anybody, fit for an element or an attribute. What XML cannot hold becomes `\u{…}`.
 *
 * @param text any text
 * @returns the text on one line, without markup
 */
export function escapeXml(text: string): string {
  return escapeText(text).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
}

/**
 * A number in as few characters as a picture needs.
 *
 * @param value a finite number
 * @returns at most two decimals, such as `12.5`
 */
export function compact(value: number): string {
  const rounded = Math.round(value * 100) / 100;
  return String(Object.is(rounded, -0) ? 0 : rounded);
}

/**
 * An element.
 *
 * @param name its name
 * @param attributes its attributes; numbers are shortened, texts are escaped
 * @param children what it holds, as XML
 * @returns the XML
 */
export function element(
  name: string,
  attributes: Attributes,
  children: readonly string[] = [],
): string {
  const words = Object.entries(attributes).map(([key, value]) =>
    ` ${key}="${typeof value === "number" ? compact(value) : escapeXml(value)}"`
  );
  const open = `<${name}${words.join("")}`;
  return children.length === 0 ? `${open}/>` : `${open}>${children.join("")}</${name}>`;
}

/**
 * A line of text.
 *
 * @param x where it begins
 * @param y its baseline
 * @param text any text
 * @param more further attributes
 * @returns the XML
 */
export function textAt(x: number, y: number, text: string, more: Attributes = {}): string {
  return element("text", { x, y, ...more }, [escapeXml(text)]);
}

/** A rectangle. */
export interface Box {
  /** Its left edge. */
  readonly x: number;
  /** Its upper edge. */
  readonly y: number;
  /** Its width. */
  readonly width: number;
  /** Its height. */
  readonly height: number;
}

/**
 * A rectangle as an element.
 *
 * @param box where it lies
 * @param className its class: what it means
 * @param title what it is, in words, for a pointer and for a screen reader; none if empty
 * @param more further attributes
 * @returns the XML
 */
export function rectOf(box: Box, className: string, title = "", more: Attributes = {}): string {
  const { x, y, width, height } = box;
  const children = title === "" ? [] : [element("title", {}, [escapeXml(title)])];
  return element("rect", { class: className, x, y, width, height, ...more }, children);
}
