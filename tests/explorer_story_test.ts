/**
 * What the calls above the page allocator decided, in words.
 */

import { assert, assertEquals } from "@std/assert";
import { ARCHS } from "../arch/mod.ts";
import { openSession } from "../src/explorer/model/mod.ts";

/** The sentences of each step with their places, behind the first steps. */
function storyOf(lines: readonly string[], edition: string, from: number): string[][] {
  const text = `${lines.join("\n")}\n`;
  const input = { text, file: "a", editions: [edition], mapText: null, watch: "auto" } as const;
  const opened = openSession(input, ARCHS);
  assert(opened.kind === "session", text);
  const { session } = opened;
  return Array.from({ length: session.stepCount - from }, (_, index) => {
    const [view] = session.views(from + index);
    return (view?.story ?? []).map(({ text, source }) => `${text} [${source}]`);
  });
}

const BOOTED = ["machine x86_64 ram=64M", "boot"];

Deno.test("malloc tells why vmalloc takes one page, or more and one for the metadata", () => {
  const lines = [...BOOTED, "a = malloc 8", "b = malloc 5000", "d = calloc 3 100", "e = malloc 0"];
  const [one, more, cleared, none] = storyOf(lines, "head", 2);
  assertEquals(
    one?.[0],
    "asks vmalloc for 8 bytes at a multiple of 8: with what the alignment takes in front they fit " +
      "one page of 4096; the magic word stands in front of the object, 0x7e57c0de at " +
      "0xffffffffffffe000 [vm_alloc_one_page(), lib/vmalloc.c:113]",
  );
  assertEquals(
    more?.[0],
    "asks vmalloc for 5000 bytes at a multiple of 8: with the alignment they do not fit one page " +
      "of 4096, so that it takes 2 pages, and 1 for the metadata in front; the number of pages is 0x2 " +
      "at 0xffffffffffffbff0, the magic word 0x7e57c0de at 0xffffffffffffbff8 " +
      "[vm_memalign(), lib/vmalloc.c:157]",
  );
  assertEquals(cleared?.[1], "clears all 300 bytes [calloc(), lib/alloc.c]");
  assertEquals(none, ["asks nobody for 0 bytes: the result is NULL [memalign(), lib/alloc.c]"]);
});

Deno.test("free tells where the magic word stands and how many frames go back", () => {
  const lines = [...BOOTED, "a = malloc 8", "b = malloc 5000", "free a", "free b", "try free 0x10"];
  const [one, more, wrong] = storyOf(lines, "head", 4);
  assertEquals(
    one?.[0],
    "asks vmalloc: no page begins at 0xffffffffffffe008, so that the object is alone in one; the " +
      "word in front of it, which has to be the magic one, is 0x7e57c0de at 0xffffffffffffe000; " +
      "1 frame goes back, the virtual pages stay taken [vm_free(), lib/vmalloc.c]",
  );
  assert(more?.[0]?.includes("number of pages is 0x2 at 0xffffffffffffbff0; 3 frames go back"));
  assert(
    wrong?.[0]?.endsWith("is 0xccccccccccccc022 at 0x8 [vm_free(), lib/vmalloc.c]"),
    wrong?.[0],
  );
});

Deno.test("malloc and free tell of the two words that early editions keep in front", () => {
  const lines = [...BOOTED, "a = malloc 5000", "free a"];
  const [asked, freed] = storyOf(lines, "8131e91a", 2);
  assert(
    asked?.[0]?.includes("0x10 at 0xffffffffffffe000, and the block's size, 0x2000 at"),
    asked?.[0],
  );
  assert(asked?.[1]?.startsWith("asks vmalloc for 8192 bytes at a multiple of 4096"), asked?.[1]);
  assert(freed?.[0]?.startsWith("reads two words in front of the object"), freed?.[0]);
  assert(freed?.[1]?.includes("3 frames go back"), freed?.[1]);
});

Deno.test("malloc asks whoever serves it: the early allocator, the page allocator", () => {
  const bare = storyOf(
    ["machine x86_64", "area any 0x1000 0x1100", "try malloc 9", "free 0x1000"],
    "head",
    2,
  );
  assert(bare[0]?.[0]?.startsWith("asks the early allocator for 9 bytes"), bare[0]?.[0]);
  assertEquals(bare[1], [
    "asks the early allocator, which takes nothing back [free(), lib/alloc.c]",
  ]);
  const lines = ["machine s390x ram=64M", "boot early", "p = malloc 9000", "free p"];
  const [asked, freed] = storyOf(lines, "head", 2);
  assert(asked?.[0]?.includes("the smallest block that holds them has 4 pages"), asked?.join("\n"));
  assert(freed?.[0]?.startsWith("asks the page allocator"), freed?.join("\n"));
});

Deno.test("alloc_vpages and vmap tell how many virtual pages they take, and from where", () => {
  const lines = [...BOOTED, "v = alloc_vpages 3", "w = vmap 0x1000800 4K"];
  const [[pages], [mapped]] = storyOf(lines, "head", 2) as [string[], string[]];
  assert(
    /^takes 3 virtual pages below 0xf+000: nothing is mapped there yet/.test(pages ?? ""),
    pages,
  );
  assert(mapped?.includes("and maps them to 0x1000000"), mapped);
  const [, [both]] = storyOf(lines, "repaired", 2) as [string[], string[]];
  assert(both?.startsWith("takes 2 virtual pages"), both);
});

Deno.test("a fault has its place, function and file at least", () => {
  const lines = [
    "machine x86_64",
    "area any 0x1000 0x1020",
    "write 0x1010008 0x66600000 8",
    "alloc_pages 4",
  ];
  const [story] = storyOf(lines, "head", 3);
  assertEquals(story?.at(-1)?.replace(/^.*\[/, "["), "[list_remove(), lib/list.h:33]");
});
