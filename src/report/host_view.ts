/**
 * The other side: what the host did, in words, and what it took and was told.
 *
 * @module
 */

import type { HostPolicies, RepeatedAct } from "../host/mod.ts";
import type { Machine } from "../machine.ts";
import type { DiscardReason, HostEvent } from "../memory/mod.ts";
import { counted, hexAddress, padRight, textOf } from "./columns.ts";
import { type PaintOptions, PLAIN_PAINT } from "./paint.ts";

const HOST_PAGE = 4096n;

const WHY: Readonly<Record<DiscardReason, string>> = {
  "asked": "",
  "balloon": ", which is in the balloon",
  "reported": ", which was reported as free",
  "stable": "",
  "unused": ", which is marked as unused",
  "potentially-volatile": ", which is marked as potentially volatile",
};

function pagesText(first: bigint, size: bigint): string {
  const last = first + size - 1n;
  if (size <= HOST_PAGE) return hexAddress(first);
  const count = counted(Number((size + HOST_PAGE - 1n) / HOST_PAGE), "page");
  return `${hexAddress(first)}..${hexAddress(last)} (${count})`;
}

/**
 * Something that the host did, or a guest's driver for it, in words.
 *
 * @param event the event
 * @returns such as `host takes 0x101000, which was reported as free`
 */
export function hostEventText(event: HostEvent): string {
  switch (event.kind) {
    case "discard": {
      const empty = event.resident === 0 ? "; nothing was behind it" : "";
      return `host takes ${pagesText(event.first, event.size)}${WHY[event.reason]}${empty}`;
    }
    case "mark": {
      const usage = event.usage.replace("-", " ");
      return `guest marks ${pagesText(event.first, event.size)} as ${usage}`;
    }
    case "fill":
      return `${event.reason} fills ${pagesText(event.first, event.size)} with ` +
        `0x${event.byte.toString(16).padStart(2, "0")}`;
    case "broken-poison":
      return `broken poison in ${hexAddress(event.page)}: ${counted(event.bytes, "byte")}, the ` +
        `first at ${hexAddress(event.first)}`;
  }
}

function actText(act: RepeatedAct): string {
  if (act.kind === "balloon") return `balloon ${act.frames}`;
  if (act.kind !== "report") return act.kind;
  return `report-free-pages ${act.order}${act.form === "in-place" ? " in-place" : ""}`;
}

/** What is switched on, as a scenario writes it. */
function policyTexts(policies: HostPolicies): string[] {
  const { cma, poison, initOnFree, initOnAlloc, afterFree, every } = policies;
  return [
    ...(cma === "off" ? [] : [cma === "on" ? "cma" : "cma faults"]),
    ...(poison === null
      ? []
      : [`poison 0x${poison.byte.toString(16)}${poison.place === "late" ? " late" : ""}`]),
    ...(initOnFree === "off" ? [] : [`init-on-free${initOnFree === "late" ? " late" : ""}`]),
    ...(initOnAlloc === "on" ? ["init-on-alloc"] : []),
    ...afterFree.map((act) => `after-free ${actText(act)}`),
    ...every.map(({ steps, act }) => `every ${steps} ${actText(act)}`),
  ];
}

/**
 * Writes what the host sees of a machine: pages of 4 KiB that it has something behind, that it took, that
 * came back; what it was told; and what is switched on.
 *
 * @param machine the machine
 * @param options colours
 * @returns the text
 */
export function printHost(
  { ram, host, pageShift }: Pick<Machine, "ram" | "host" | "pageShift">,
  options: PaintOptions = {},
): string {
  const { paint = PLAIN_PAINT } = options;
  const { account, balloon, policies } = host;
  let [touched, discarded] = [0, 0];
  for (const { backing, count } of ram.touchedPages()) {
    if (backing === "touched") touched += count;
    else discarded += count;
  }
  const inBalloon = balloon.length * 2 ** (pageShift - 12);
  const rows: readonly (readonly [string, number])[] = [
    ["resident", touched],
    ["discarded", discarded],
    ["taken so far", account.taken],
    ["come back", ram.refaults],
    ["in the balloon", inBalloon],
    ["marked unused", account.unused],
    ["potentially volatile", account.potentiallyVolatile],
    ["poisoned", account.poisoned],
    ["broken poison", account.brokenPoison],
  ];
  const digits = Math.max(...rows.map(([, count]) => String(count).length));
  const shown = rows.filter(([, count], index) => index < 4 || count > 0);
  const on = policyTexts(policies);
  return textOf([
    paint.bold("the host, in pages of 4 KiB"),
    ...shown.map(([what, count]) => `${padRight(what, 20)}  ${String(count).padStart(digits)}`),
    ...(on.length === 0 ? [] : ["switched on: " + on.join(", ")]),
  ]);
}
