/**
 * Sizes and counts as people say them.
 *
 * @module
 */

const UNITS = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"] as const;

/**
 * A size as people say it.
 *
 * @param bytes the size
 * @returns such as `1 MiB`, or `3.0 GiB` where it is not exact
 */
export function sizeWords(bytes: bigint): string {
  let scale = 0;
  while (scale < UNITS.length - 1 && bytes >= 1024n ** BigInt(scale + 1)) scale++;
  const unit = 1024n ** BigInt(scale);
  const name = UNITS[scale] ?? "";
  if (bytes % unit === 0n) return `${bytes / unit} ${bytes === 1n ? "byte" : name}`;
  const tenths = (bytes * 10n + unit / 2n) / unit;
  return `${tenths / 10n}.${tenths % 10n} ${name}`;
}

/**
 * A large number in groups of three digits.
 *
 * @param value a whole number
 * @returns such as `1,048,576`
 */
export function grouped(value: number | bigint): string {
  return value.toString().replace(/\B(?=(\d{3})+$)/g, ",");
}
