/**
 * A moment as a link: scenario, editions, memory map, step and view, in the part of an address behind `#`.
 *
 * @module
 */

/** What a link leads to. */
export interface Moment {
  /** The scenario. */
  readonly text: string;
  /** One or two editions; null stands for the one that the scenario names. */
  readonly editions: readonly (string | null)[];
  /** The text of the memory map; empty for none. */
  readonly mapText: string;
  /** The step; -1 for the start. */
  readonly step: number;
  /** The view that stands alone, or `all`. */
  readonly view: string;
  /** The block that is pointed at: its first frame; null for none. */
  readonly frame: number | null;
}

/** A link that unfolds to more is refused: it may come from anybody. */
const MOST_BYTES = 8 * 2 ** 20;

/** Base 64 in the letters that an address can hold. */
function toUrlText(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function fromUrlText(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (character) => character.charCodeAt(0));
}

/**
 * Writes a moment.
 *
 * @param moment the moment
 * @returns what stands behind `#`
 */
export async function printMoment(moment: Moment): Promise<string> {
  const stream = new Blob([JSON.stringify(moment)]).stream()
    .pipeThrough(new CompressionStream("deflate-raw"));
  return toUrlText(new Uint8Array(await new Response(stream).arrayBuffer()));
}

/** Unfolds bytes, up to a limit. */
async function inflated(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > MOST_BYTES) throw new RangeError("Cannot open the link: it holds too much");
    chunks.push(chunk);
  }
  return await new Blob(chunks).text();
}

/** Whether something is a moment. */
function isMoment(value: unknown): value is Moment {
  if (typeof value !== "object" || value === null) return false;
  const { text, editions, mapText, step, view, frame }: Partial<Record<keyof Moment, unknown>> =
    value;
  return typeof text === "string" && typeof mapText === "string" &&
    typeof step === "number" && Number.isInteger(step) && typeof view === "string" &&
    (frame === null || (typeof frame === "number" && Number.isSafeInteger(frame))) &&
    Array.isArray(editions) && editions.length >= 1 && editions.length <= 2 &&
    editions.every((name) => name === null || typeof name === "string");
}

/**
 * Reads a moment.
 *
 * @param hash what stands behind `#`, by anybody
 * @returns the moment; null if it is none
 */
export async function parseMoment(hash: string): Promise<Moment | null> {
  if (!/^[\w-]+$/.test(hash)) return null;
  try {
    const value: unknown = JSON.parse(await inflated(fromUrlText(hash)));
    return isMoment(value) ? value : null;
  } catch {
    return null; // A link that was cut, or that somebody made up.
  }
}
