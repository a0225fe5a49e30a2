import { assertEquals } from "@std/assert";
import { boot, type Outcome, pfn, runOnMachine, virtAddr } from "../mod.ts";
import { findStackViolations, type StackCall, StackWatch } from "../src/check/mod.ts";
import { guestOptions, ram } from "./boot_support.ts";
import { booted, Watched } from "./stack_rules_support.ts";

/** A guest on which calls are made and watched. */
function after(name: string, ...calls: readonly StackCall[]): Watched {
  const watched = new Watched(booted(name));
  for (const call of calls) watched.do(call);
  return watched;
}

/** `free_pages(NULL)`. */
function freePagesOfNull(name: string): Watched {
  const watched = new Watched(booted(name));
  const { machine } = watched;
  const make = (): Outcome<undefined> =>
    runOnMachine(machine, () => void machine.pages.freePages(virtAddr(0n)));
  watched.do({ kind: "free", address: 0n }, make);
  return watched;
}

Deno.test("free_pages(NULL) of head (D8) maps page 0 on ppc64, and hangs on arm64", () => {
  assertEquals(freePagesOfNull("ppc64-256M").rules, ["free(NULL) changes nothing"]);
  assertEquals(freePagesOfNull("arm64-256M").rules, ["free(NULL) changes nothing"]);
  assertEquals(freePagesOfNull("x86_64-128M").rules, []);
});

Deno.test("malloc(SIZE_MAX) of head (D9) gives a page", () => {
  const size = 2n ** 64n - 1n;
  assertEquals(after("x86_64-128M", { kind: "malloc", size }).rules, [
    "a size that cannot be had is refused",
  ]);
});

Deno.test("malloc of head takes addresses of RAM (D10) on arm64 with more than 2 GiB", () => {
  const found = after("arm64-4G", { kind: "malloc", size: 8n });
  assertEquals(found.rules, [
    "every frame handed over is mapped onto itself",
    "virtual pages given out are nobody's memory",
  ]);
});

Deno.test("boot of head faults (D12) on x86_64 with EFI and its largest range above 4 GiB", () => {
  const options = guestOptions("x86_64-512M-efi");
  const memory = [
    ram(0n, 0xa0000n, "conventional"),
    ram(0x1500000n, 0x4000000n, "conventional"),
    ram(1n << 32n, 1n << 30n, "conventional"),
  ];
  const { machine, outcome } = boot({ ...options, inputs: { ...options.inputs, memory } });
  const watch = new StackWatch(machine);
  const found = watch.after(machine, { kind: "boot" }, withoutValue(outcome));
  assertEquals(found.map(({ rule }) => rule), ["boot ends in a running machine"]);
});

function withoutValue(outcome: Outcome<void>): Outcome<undefined> {
  return outcome.kind === "returned" ? { kind: "returned", value: undefined } : outcome;
}

Deno.test("boot of head hands out what it does not map on i386 with 3 GiB (D13)", () => {
  const rules = (name: string): string[] =>
    findStackViolations(booted(name)).map(({ rule }) => rule);
  assertEquals(rules("i386-3G"), ["every frame handed over is mapped onto itself"]);
  assertEquals(rules("i386-2G"), []);
});

Deno.test("boot of head hands out frames above 31 GiB that it does not map on ppc64 (D16)", () => {
  const options = guestOptions("ppc64-256M");
  const memory = [ram(0n, 32n << 30n)];
  const { machine } = boot({ ...options, inputs: { ...options.inputs, memory } });
  assertEquals(findStackViolations(machine).map(({ rule, pfn }) => [rule, pfn]), [
    ["every frame handed over is mapped onto itself", pfn(0x7c000)],
  ]);
});

Deno.test("free of head leaves pages mapped (D17)", () => {
  const watched = new Watched(booted("x86_64-128M"));
  const address = watched.do({ kind: "malloc", size: 8n });
  assertEquals(watched.rules, []);
  watched.do({ kind: "free", address });
  assertEquals(watched.rules, ["what was given back is not mapped"]);
});

Deno.test("vmap of head leaves a page out (D18) if the range straddles two", () => {
  const over = after("x86_64-128M", { kind: "vmap", physical: 0x1234ffcn, size: 8n });
  assertEquals(over.rules, ["vmap covers its whole range"]);
  const inside = after("x86_64-128M", { kind: "vmap", physical: 0x1234ff8n, size: 8n });
  assertEquals(inside.rules, []);
});

Deno.test("malloc of head takes frame 0 (D19) when memory has run out", () => {
  const watched = new Watched(booted("x86_64-32M"));
  const { machine } = watched;
  watched.do({ kind: "malloc", size: 8n });
  const takeAll = (): Outcome<undefined> =>
    runOnMachine(machine, () => {
      while (machine.pages.allocPages(0, 0) !== null);
      return undefined;
    });
  watched.do({ kind: "page-call" }, takeAll);
  assertEquals(watched.rules, []);
  watched.do({ kind: "malloc", size: 8n });
  assertEquals(watched.rules, ["nothing is mapped at frame 0 that nobody owns"]);
});
