/**
 * How fast memory is. Names say how much work an iteration does.
 *
 * @module
 */

import { memoryMap, Ram } from "../../src/memory/mod.ts";
import { byteCount, physAddr, type VirtAddr, virtAddr } from "../../src/units.ts";
import type { WordBits } from "../../src/word.ts";

const BY = "bench";
const THOUSAND = 1000;
const MILLION = 1_000_000;

function ramOf(size: bigint, wordBits: WordBits = 64): Ram {
  const map = memoryMap([{ first: physAddr(0n), size: byteCount(size), kind: "ram" }]);
  return new Ram({ map, wordBits, byteOrder: "little", powerOn: { kind: "zero" } });
}

function addresses(first: bigint, step: bigint, count: number): VirtAddr[] {
  return Array.from({ length: count }, (_, index) => virtAddr(first + BigInt(index) * step));
}

/** The addresses in an order that looks random. */
function scattered(list: readonly VirtAddr[]): VirtAddr[] {
  return list.map((_, index) => list[index * 611_953 % list.length] ?? virtAddr(0n));
}

for (const wordBits of [64, 32] as const) {
  const group = `words of ${wordBits} bits on touched pages`;
  const ram = ramOf(1n << 30n, wordBits);
  const inPage = addresses(0x5000n, 4n, THOUSAND);
  const acrossPages = addresses(0x100010n, 0x1000n, THOUSAND);
  for (const address of [...inPage, ...acrossPages]) ram.writeWord(address, 1n, BY);

  Deno.bench("1,000 reads in a page", { group }, () => {
    for (const address of inPage) ram.readWord(address, BY);
  });
  Deno.bench("1,000 writes in a page", { group }, () => {
    for (const address of inPage) ram.writeWord(address, 5n, BY);
  });
  Deno.bench("1,000 reads, each in another page", { group }, () => {
    for (const address of acrossPages) ram.readWord(address, BY);
  });
  Deno.bench("1,000 writes, each in another page", { group }, () => {
    for (const address of acrossPages) ram.writeWord(address, 5n, BY);
  });
  Deno.bench("1,000 bytes read in a page", { group }, () => {
    for (const address of inPage) ram.readByte(address, BY);
  });
  Deno.bench("1,000 bytes written in a page", { group }, () => {
    for (const address of inPage) ram.writeByte(address, 7, BY);
  });
}

{
  const group = "entries of a table";
  const ram = ramOf(1n << 30n);
  for (let offset = 0; offset < 4096; offset += 8) ram.writeEntry(7, offset, 8, 3n, "big", BY);
  Deno.bench("512 entries read", { group }, () => {
    for (let offset = 0; offset < 4096; offset += 8) ram.readEntry(7, offset, 8, "big", BY);
  });
  Deno.bench("512 entries written", { group }, () => {
    for (let offset = 0; offset < 4096; offset += 8) ram.writeEntry(7, offset, 8, 3n, "big", BY);
  });
}

{
  const group = "list nodes over a million pages";
  const nodes = addresses(0x1000n, 0x1000n, MILLION);
  const mixed = scattered(nodes);
  const used = ramOf(1n << 40n);
  for (const address of nodes) used.writeWord(address, 1n, BY);
  Deno.bench("1,000,000 nodes written to fresh memory, ascending", { group, n: 5 }, () => {
    const ram = ramOf(1n << 40n);
    for (const address of nodes) ram.writeWord(address, 1n, BY);
  });
  Deno.bench("1,000,000 nodes written again, ascending", { group, n: 5 }, () => {
    for (const address of nodes) used.writeWord(address, 2n, BY);
  });
  Deno.bench("1,000,000 nodes written again, scattered", { group, n: 5 }, () => {
    for (const address of mixed) used.writeWord(address, 2n, BY);
  });
  Deno.bench("the touched pages of a million", { group, n: 5 }, () => {
    for (const run of used.touchedPages()) run.count;
  });
}

for (
  const [name, size] of [["4 KiB", 1n << 12n], ["1 MiB", 1n << 20n], ["1 GiB", 1n << 30n], [
    "1 TiB",
    1n << 40n,
  ]] as const
) {
  const group = "fills";
  const ram = ramOf(1n << 46n);
  let byte = 0;
  Deno.bench(`a fill of ${name}`, { group }, () => {
    byte = (byte + 1) % 256;
    ram.fill(virtAddr(1n << 40n), byteCount(size), byte, BY);
  });
}

{
  const group = "1 MiB of metadata";
  const size = byteCount(1n << 20n);
  const base = virtAddr(0x10_0000n);
  const stored = ramOf(1n << 30n);
  for (const address of addresses(base, 1n, 1 << 20)) stored.writeByte(address, 0x4a, BY);
  const uniform = ramOf(1n << 30n);
  uniform.fill(base, size, 0x4a, BY);
  Deno.bench("the first different byte, every byte stored", { group }, () => {
    stored.firstDifferent(base, size, 0x4a, BY);
  });
  Deno.bench("the first different byte after a fill", { group }, () => {
    uniform.firstDifferent(base, size, 0x4a, BY);
  });
  Deno.bench("runs, every byte stored", { group }, () => {
    stored.runs(base, size, BY);
  });
  Deno.bench("a byte in each page, and a fill of everything", { group }, () => {
    for (let offset = 0n; offset < size; offset += 0x1000n) {
      stored.writeByte(virtAddr(base + offset), 1, BY);
    }
    stored.fill(base, size, 0x4a, BY);
  });
}

for (const [name, step] of [["neighbouring", 0x1000n], ["scattered", 0x40_0000n]] as const) {
  const group = "copies of 10,000 touched pages";
  const ram = ramOf(1n << 40n);
  for (const address of addresses(0n, step, 10_000)) ram.writeWord(address, 1n, BY);
  Deno.bench(`a copy, ${name} pages`, { group }, () => {
    ram.clone();
  });
  Deno.bench(`a copy and 3 writes to it, ${name} pages`, { group }, () => {
    const copy = ram.clone();
    for (const page of [5n, 500n, 5000n]) copy.writeWord(virtAddr(page * step), 2n, BY);
  });
}
