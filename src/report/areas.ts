/**
 * Area descriptors: their members, and the bytes in which they lie in memory.
 *
 * @module
 */

import { descriptorLayout, hasAreas } from "../alloc_page/mod.ts";
import type { DescriptorLayout } from "../alloc_page/mod.ts";
import type { Machine } from "../machine.ts";
import type { AreaView } from "../page_allocator.ts";
import { physAddr } from "../units.ts";
import { wordBytes } from "../word.ts";
import { countFrames, piecesOf } from "./block_runs.ts";
import { bareHex, counted, hexAddress, padRight, textOf } from "./columns.ts";
import { countsText } from "./map_lines.ts";
import { type Paint, type PaintOptions, PLAIN_PAINT } from "./paint.ts";
import { areaTitle, formatOf } from "./subject.ts";

/** A descriptor in memory. */
interface Descriptor {
  readonly machine: Machine;
  readonly layout: DescriptorLayout;
  readonly address: bigint;
  readonly paint: Paint;
}

/**
 * Writes the descriptor of each area: where it lies, its members with their bytes, and the number of
 * frames of each status.
 *
 * List heads that are linked to themselves, and so empty, are told in one line.
 *
 * @param machine the machine
 * @param options colours
 * @returns the text; "no areas" if there are none
 */
export function printAreas(machine: Machine, options: PaintOptions = {}): string {
  const areas = machine.pages.areas();
  if (areas.length === 0) return "no areas\n";
  const { paint = PLAIN_PAINT } = options;
  return textOf(areas.flatMap((view, index) => [
    ...(index === 0 ? [] : [""]),
    paint.bold(areaTitle(machine, view)),
    ...memoryLines(machine, view),
    ...(hasAreas(machine.pages) ? descriptorLines(machine, view, paint) : []),
  ]));
}

function memoryLines(machine: Machine, view: AreaView): string[] {
  const { metadata, base, top } = view;
  const [counts] = countFrames(piecesOf(view, formatOf(machine)), [base, Math.max(base, top)]);
  const frames = counts === undefined || view.states.length === 0
    ? `${counted(Math.max(0, top - base), "frame")}, no page states`
    : countsText(counts);
  return [
    ...(metadata < base ? [`  metadata    ${bareHex(metadata)}..${bareHex(base - 1)}`] : []),
    base < top
      ? `  frames      ${bareHex(base)}..${bareHex(top - 1)}: ${frames}`
      : `  frames      none: top ${bareHex(top)} is not above base ${bareHex(base)}`,
  ];
}

function descriptorLines(machine: Machine, view: AreaView, paint: Paint): string[] {
  const { arch, edition, pageShift, options } = machine;
  const layout = descriptorLayout(arch, edition, pageShift);
  const address = BigInt.asUintN(
    arch.wordBits,
    options.areasAddress + BigInt(view.area * layout.sizeBytes),
  );
  const descriptor: Descriptor = { machine, layout, address, paint };
  const word = wordBytes(arch.wordBits);
  return [
    `  descriptor  ${hexAddress(address)}, ${layout.sizeBytes} bytes`,
    memberLine(descriptor, layout.base, layout.pfnBytes, "base", bareHex),
    memberLine(descriptor, layout.top, layout.pfnBytes, "top", bareHex),
    memberLine(descriptor, layout.pageStates, word, "page_states", hexAddress),
    ...(layout.maxOrder === null
      ? []
      : [memberLine(descriptor, layout.maxOrder, 1, "max_order", String)]),
    ...(layout.zone === null ? [] : [memberLine(descriptor, layout.zone, 1, "zone", String)]),
    ...headLines(descriptor),
  ];
}

/** A member: its offset, its bytes in memory, its name, its value. */
function memberLine(
  { machine, layout, address, paint }: Descriptor,
  offset: number,
  size: 1 | 4 | 8,
  name: string,
  print: (value: bigint) => string,
): string {
  const first = address + BigInt(offset);
  const bytes = Array.from({ length: size }, (_, index) => {
    const byte = machine.ram.peekByte(physAddr(first + BigInt(index)));
    return byte === null ? "??" : bareHex(byte).padStart(2, "0");
  });
  const value = machine.ram.peek(physAddr(first), size);
  const offsets = String(layout.sizeBytes).length;
  const width = 3 * wordBytes(machine.arch.wordBits) - 1;
  const text = padRight(bytes.join(" "), Math.max(width, 3 * layout.pfnBytes - 1));
  const place = `    +${padRight(String(offset), offsets)}`;
  return `${paint.dim(place)}  ${text}  ${padRight(name, 18)}  ${
    value === null ? "-" : print(value)
  }`;
}

function headLines(descriptor: Descriptor): string[] {
  const { machine, layout, address, paint } = descriptor;
  const word = wordBytes(machine.arch.wordBits);
  const lines: string[] = [];
  const empty: number[] = [];
  for (let listed = 0; listed < layout.listCount; listed++) {
    const offset = layout.freeLists + listed * layout.listHeadBytes;
    const head = address + BigInt(offset);
    const links = [0, word].map((link) => machine.ram.peek(physAddr(head + BigInt(link)), word));
    if (links.every((link) => link === head)) {
      empty.push(listed);
      continue;
    }
    const name = `freelists[${listed}]`;
    lines.push(memberLine(descriptor, offset, word, `${name}.prev`, hexAddress));
    lines.push(memberLine(descriptor, offset + word, word, `${name}.next`, hexAddress));
  }
  if (empty.length === 0) return lines;
  const text = `the heads of orders ${ranges(empty)} are linked to themselves: empty lists`;
  return [...lines, paint.dim(`    ${text}`)];
}

/** Numbers in words: `0 to 3, 5`. */
function ranges(numbers: readonly number[]): string {
  const parts: { first: number; last: number }[] = [];
  for (const number of numbers) {
    const part = parts.at(-1);
    if (part?.last === number - 1) part.last = number;
    else parts.push({ first: number, last: number });
  }
  return parts.map(({ first, last }) => first === last ? `${first}` : `${first} to ${last}`).join(
    ", ",
  );
}
