/**
 * Every recorded boot in numbers, from the inputs alone.
 */

import { assertEquals } from "@std/assert";
import { boot, type BootEvent, type Machine, order, pagesOfOrder } from "../mod.ts";
import { guestOptions } from "./boot_support.ts";
import { BOOT_TABLE } from "./boot_table.ts";

const hex = (value: bigint): string => `0x${value.toString(16)}`;

function pagesOf(event: BootEvent, pageShift: number): number {
  if (event.call === "alloc_pages_flags") return event.count * pagesOfOrder(order(event.order));
  if (event.call !== "memalign_pages_flags") return 0;
  let pages = 1;
  while (BigInt(pages) << BigInt(pageShift) < event.size) pages *= 2;
  return event.count * pages;
}

/** What was taken, as pages and calls, before or after `setup_mmu` began. */
function taken(events: readonly BootEvent[], pageShift: number): { pages: number; calls: number } {
  let [pages, calls] = [0, 0];
  for (const event of events) {
    pages += pagesOf(event, pageShift);
    if ("count" in event) calls += event.count;
  }
  return { pages, calls };
}

function areasText(machine: Machine): string {
  return machine.pages.areas()
    .map(({ area, base, top, maxOrder }) => `${area}:[${base},${top}) mo${maxOrder}`).join(" ; ");
}

function rowOf(name: string): string[] {
  const { machine, events } = boot(guestOptions(name));
  const { pageShift } = machine;
  const begin = events.findIndex(({ call }) => call === "setup_mmu_begin");
  const before = taken(events.slice(0, begin), pageShift);
  const during = taken(events.slice(begin), pageShift);
  const inits = events.flatMap((event) =>
    event.call === "phys_alloc_init" ? [`${hex(event.base)}+${hex(event.size)}`] : []
  );
  const areas = events.flatMap((event) => {
    if (event.call !== "page_alloc_init_area") return [];
    const slot = event.area === 0xff ? "ANY" : event.area;
    return [`(${slot},${event.first},${event.top})`];
  });
  return [
    inits.join(" + "),
    areas.join(" ; "),
    areasText(machine),
    `${before.pages}`,
    `${during.pages} (${during.calls})`,
    hex(machine.vmalloc.pageRoot),
    hex(machine.vmalloc.vfreeTop),
  ];
}

for (const row of BOOT_TABLE) {
  const [name = "", ...wanted] = row.split(" | ").map((cell) => cell.trim());
  Deno.test(`boot() of ${name} gives the numbers of the real guest`, () => {
    const given = rowOf(name).map((cell, index) => wanted[index] === "" ? "" : cell);
    assertEquals(given, wanted);
  });
}
