/**
 * What memory holds before anything was written to it.
 *
 * @module
 */

/** The content of memory at power-on. */
export type PowerOn =
  /** All bytes are 0, as under KVM and QEMU. */
  | { readonly kind: "zero" }
  /** Bytes that look random and depend on address and seed only, as on bare metal. */
  | { readonly kind: "garbage"; readonly seed: number };

/**
 * The content of memory whose bytes are not stored one by one: a byte, 0 to 255, or
 * {@linkcode GARBAGE}.
 */
export type Background = number;

/** The background of memory that still holds the garbage of power-on. */
export const GARBAGE: Background = 256;

/** The size of a host page: the granule in which memory is kept and taken away, in bytes. */
export const HOST_PAGE_BYTES = 4096;

const WORDS = HOST_PAGE_BYTES / 4;

/**
 * Checks a power-on content.
 *
 * @param powerOn the content
 * @returns the same
 * @throws {RangeError} if the seed is no integer from 0 to 2^32 - 1
 */
export function checkedPowerOn(powerOn: PowerOn): PowerOn {
  if (powerOn.kind === "zero") return powerOn;
  const { seed } = powerOn;
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32) {
    throw new RangeError(
      `Cannot fill memory with garbage of seed ${seed}: the seed must be an integer from 0 to 2^32 - 1`,
    );
  }
  return powerOn;
}

/** Mixes the bits of a 32-bit number: each bit of the result depends on all bits of the argument. */
// bits: 32-bit mixing is the purpose.
function mix(value: number): number {
  const once = Math.imul(value ^ (value >>> 15), 0x2c1b3c6d);
  const twice = Math.imul(once ^ (once >>> 12), 0x297a2d39);
  return (twice ^ (twice >>> 15)) >>> 0;
}

/** The number from which the garbage of one page is made. */
// bits: a page number is cut in two 32-bit parts, both of which are used.
function pageSeed(seed: number, page: number): number {
  const low = mix((page >>> 0) ^ seed);
  return mix(low + Math.imul(Math.floor(page / 2 ** 32) + 1, 0x61c88647));
}

/**
 * One byte of the garbage at power-on.
 *
 * @param seed 0 to 2^32 - 1
 * @param page the number of the host page
 * @param offset of the byte in the page, 0 to 4095
 * @returns the byte
 */
// bits: offsets are below 4096, the word has 32 bits.
export function garbageByte(seed: number, page: number, offset: number): number {
  const word = mix(pageSeed(seed, page) + Math.imul(offset >>> 2, 0x9e3779b1));
  return (word >>> (8 * (offset & 3))) & 0xff;
}

/**
 * Fills a page with the garbage of power-on.
 *
 * @param seed 0 to 2^32 - 1
 * @param page the number of the host page
 * @param bytes where it goes
 * @param base the position in `bytes` of the page's first byte
 * @param count how many bytes from the start of the page, a multiple of 4
 */
// bits: each word has 32 bits and is cut in four bytes.
export function writeGarbage(
  seed: number,
  page: number,
  bytes: Uint8Array,
  base: number,
  count: number,
): void {
  const start = pageSeed(seed, page);
  for (let index = 0; index < Math.min(count / 4, WORDS); index++) {
    const word = mix(start + Math.imul(index, 0x9e3779b1));
    const at = base + index * 4;
    bytes[at] = word;
    bytes[at + 1] = word >>> 8;
    bytes[at + 2] = word >>> 16;
    bytes[at + 3] = word >>> 24;
  }
}
