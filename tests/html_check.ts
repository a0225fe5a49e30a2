/**
 * A small checker of HTML documents: enough to see that elements are closed as they were opened, and that
 * nothing from outside became markup.
 *
 * @module
 */

/** Elements that have no end. */
const VOID: ReadonlySet<string> = new Set(["meta", "input", "link", "br"]);

/** Elements whose text is no markup. */
const RAW: ReadonlySet<string> = new Set(["script", "style", "textarea", "title"]);

/** An opened or closed element in a document. */
export interface Tag {
  readonly name: string;
  /** The attributes; empty for an end. */
  readonly attributes: ReadonlyMap<string, string>;
}

/** A document taken apart. */
export interface CheckedHtml {
  /** The elements, in order. */
  readonly tags: readonly Tag[];
  /** The texts of elements that hold no markup, by name. */
  readonly raw: ReadonlyMap<string, readonly string[]>;
  /** What is wrong, one line each. */
  readonly problems: readonly string[];
}

function attributesOf(text: string): Map<string, string> {
  const found = text.matchAll(/([\w-]+)(?:="([^"<]*)")?/g);
  return new Map([...found].map(([, name = "", value = ""]) => [name, value]));
}

/** Takes a document apart. Attributes have to stand in double quotation marks. */
export function checkHtml(html: string): CheckedHtml {
  const tags: Tag[] = [];
  const raw = new Map<string, string[]>();
  const problems: string[] = [];
  const open: string[] = [];
  const pattern = /<(\/?)([a-z][a-z0-9]*)((?:\s+[\w-]+(?:="[^"<]*")?)*)\s*>/gy;
  let at = html.startsWith("<!DOCTYPE html>\n") ? "<!DOCTYPE html>\n".length : 0;
  if (at === 0) problems.push("it has no document type");
  while (at < html.length) {
    const next = html.indexOf("<", at);
    if (next < 0) break;
    pattern.lastIndex = next;
    const [whole, slash, name = "", attributes = ""] = pattern.exec(html) ?? [];
    if (whole === undefined) {
      problems.push(`no tag: ${html.slice(next, next + 40)}`);
      at = next + 1;
      continue;
    }
    at = next + whole.length;
    if (slash === "/") {
      const last = open.pop();
      if (last !== name) problems.push(`</${name}> closes ${last ?? "nothing"}`);
      continue;
    }
    tags.push({ name, attributes: attributesOf(attributes) });
    if (VOID.has(name)) continue;
    open.push(name);
    if (!RAW.has(name)) continue;
    const end = html.indexOf(`</${name}`, at);
    raw.set(name, [...raw.get(name) ?? [], html.slice(at, end)]);
    at = end;
  }
  problems.push(...open.map((name) => `${name} is not closed`));
  return { tags, raw, problems };
}
