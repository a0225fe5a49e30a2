/**
 * A reader of SVG for tests: refuses what is not well-formed, and gives the elements.
 *
 * @module
 */

/** An element of a picture. */
export interface SvgElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** The names of the elements around it, outermost first. */
  readonly around: readonly string[];
  /** The text directly in it, with its entities replaced. */
  text: string;
  /** The text of its `title`; empty if it has none. */
  title: string;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&amp;": "&",
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&#39;": "'",
};

const TAG = /^<(\/?)([a-zA-Z][\w-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/;

/** A text without entities; one that is no entity of ours is refused. */
function decoded(text: string): string {
  if (/[<>]/.test(text)) throw new Error(`there is markup in ${text.slice(0, 60)}`);
  return text.replace(/&[^;\s]*;?/g, (entity) => {
    const character = ENTITIES[entity];
    if (character === undefined) throw new Error(`there is no entity ${entity}`);
    return character;
  });
}

function attributesOf(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [, key = "", value = ""] of text.matchAll(/([\w:-]+)="([^"]*)"/g)) {
    if (key in found) throw new Error(`the attribute ${key} stands twice`);
    found[key] = decoded(value);
  }
  return found;
}

/**
 * Reads a picture.
 *
 * @param svg the document
 * @returns its elements, in the order in which they open
 * @throws {Error} if it is not well-formed
 */
export function readSvg(svg: string): SvgElement[] {
  // deno-lint-ignore no-control-regex -- These are the characters that XML cannot hold.
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(svg)) {
    throw new Error("there is a character that XML cannot hold");
  }
  const elements: SvgElement[] = [];
  const open: SvgElement[] = [];
  for (let at = 0; at < svg.length;) {
    const next = svg.indexOf("<", at);
    const text = decoded(svg.slice(at, next < 0 ? svg.length : next));
    const [inner] = open.slice(-1);
    if (inner !== undefined) inner.text += text;
    else if (text.trim() !== "") throw new Error(`there is text outside: ${text}`);
    if (next < 0) break;
    const tag = TAG.exec(svg.slice(next, next + 100_000));
    if (tag === null) throw new Error(`no tag begins with ${svg.slice(next, next + 60)}`);
    const [whole, slash = "", name = "", attributes = "", end = ""] = tag;
    at = next + whole.length;
    if (slash === "/") {
      const closed = open.pop();
      if (closed?.name !== name) throw new Error(`${name} closes ${closed?.name ?? "nothing"}`);
      const [parent] = open.slice(-1);
      if (name === "title" && parent !== undefined) parent.title = closed.text;
      continue;
    }
    if (open.length === 0 && elements.length > 0) throw new Error("there are two roots");
    const around = open.map((one) => one.name);
    const element: SvgElement = {
      name,
      attributes: attributesOf(attributes),
      around,
      text: "",
      title: "",
    };
    elements.push(element);
    if (end === "") open.push(element);
  }
  if (open.length > 0) throw new Error(`${open.at(-1)?.name} is not closed`);
  return elements;
}
