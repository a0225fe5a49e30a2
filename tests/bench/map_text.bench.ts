/**
 * How fast memory maps are read from text. The goal: 10,000 lines in less than 100 ms.
 *
 * @module
 */

import { normalizeRanges, parseMemoryMapText } from "../../src/memory/map_text/mod.ts";

const LINES = 10_000;

function hex(value: number): string {
  return value.toString(16).padStart(16, "0");
}

function linesOf(line: (first: string, last: string, index: number) => string): string {
  return Array.from({ length: LINES }, (_, index) => {
    const first = index * 0x2000;
    return line(hex(first), hex(first + 0xfff), index);
  }).join("\n");
}

const E820 = linesOf((first, last) =>
  `[    0.000000] BIOS-e820: [mem 0x${first}-0x${last}] usable`
);

const TEXTS: Readonly<Record<string, string>> = {
  "e820": E820,
  "e820, old spelling": linesOf((first, last) => ` BIOS-e820: ${first} - ${last} (usable)`),
  "a log with few lines of e820": linesOf((first, _, index) =>
    index < 20
      ? `BIOS-e820: [mem 0x${first}-0x${first.replace(/0{3}$/, "fff")}] usable`
      : `[    1.${index}] pci 0000:00:1f.2: reg 0x10: [mem 0x${first}] - [io 0x1f0] @ bus : 0`
  ),
  "/proc/iomem": linesOf((first, last) => `${first}-${last} : System RAM`),
  "EFI": linesOf((first, last, index) =>
    `efi: mem${index}: [Conventional|   |  |  |WB|WT|WC|UC] range=[0x${first}-0x${last}] (0MB)`
  ),
  "device tree": `/ { #address-cells = <2>; #size-cells = <2>;
memory { device_type = "memory"; reg =
${linesOf((first) => `<0x${first.slice(0, 8)} 0x${first.slice(8)} 0x0 0x1000>,`).slice(0, -1)};
}; };`,
  "plain list": linesOf((first, last) => `0x${first}-0x${last} ram`),
};

for (const [name, text] of Object.entries(TEXTS)) {
  Deno.bench(`10,000 lines: ${name}`, { group: "reading" }, () => {
    parseMemoryMapText(text);
  });
}

const MAP = parseMemoryMapText(E820);

Deno.bench("10,000 ranges put in order", { group: "putting in order" }, () => {
  normalizeRanges(MAP);
});
