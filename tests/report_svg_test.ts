import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { ARCHS, X86_64 } from "../arch/mod.ts";
import {
  areaNumber,
  type AreaView,
  boot,
  createMachine,
  type Machine,
  order,
  parseMemoryMapText,
  parseScenario,
  pfn,
  type Run,
  runScenario,
} from "../mod.ts";
import {
  areaFromMap,
  type BootMap,
  type BootVerdict,
  bootVerdict,
  bootVerdictOfRun,
  freeListsSvg,
  heatMapSvg,
  memoryMapSvg,
  metadataSvg,
  splitTreeSvg,
} from "../src/report/mod.ts";
import { addRange, bareMachine, edition } from "./support.ts";
import { readSvg, type SvgElement } from "./svg_reader.ts";

function runOf(text: string): Run {
  const parsed = parseScenario(text, { file: "test.buddy", archs: ARCHS });
  return runScenario(parsed.scenario, { archs: ARCHS, source: parsed });
}

function verdictOf(text: string, name: string, editionName = "head"): BootVerdict {
  const { ranges, notes } = parseMemoryMapText(text);
  const map: BootMap = { name, numbers: "line", ranges, notes };
  const inputs = { memory: ranges, firmwareLimit: (1n << 64n) - 1n };
  return bootVerdict(boot({ arch: X86_64, edition: edition(editionName), inputs }), map);
}

/** Numbers that look random, the same in every run. */
function sequence(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48271) % 2147483647;
    return state % below;
  };
}

const SMALL = `machine x86_64 edition=head
area any 0x1000 0x1040
a = alloc_pages 2
b = alloc_page
reserve_pages 0x1030000 3
free_pages b
`;

const MAP = `0 9fc00 ram
100000 7fe0000 ram
7fe0000 8000000 reserved
100000000 140000000 ram
`;

function smallMachine(): Machine {
  const run = runOf(SMALL);
  return run.machineAfter(run.steps.length - 1);
}

/** One picture of each kind, of small machines. */
function pictures(options: { width?: number; moment?: string; id?: string }): string[] {
  const run = runOf(SMALL);
  const machine = smallMachine();
  const areas = machine.pages.areas();
  return [
    metadataSvg(machine, areas, options),
    heatMapSvg(run, options),
    heatMapSvg(run, { ...options, of: "order" }),
    heatMapSvg(run, { ...options, of: "age" }),
    freeListsSvg(machine, areas, options),
    splitTreeSvg(machine, areas, options),
    memoryMapSvg(verdictOf(MAP, "a map"), options),
  ];
}

function numberOf(element: SvgElement | undefined, name: string): number {
  return Number(element?.attributes[name] ?? NaN);
}

/** The blocks of a picture: their first frames, as text. */
function blocksOf(elements: readonly SvgElement[]): SvgElement[] {
  return elements.filter(({ attributes }) => attributes["data-pfn"] !== undefined);
}

Deno.test("every picture is well-formed, names itself, and needs nothing from outside", () => {
  for (const svg of pictures({ moment: "after step 5" })) {
    const elements = readSvg(svg);
    const [root, title, desc] = elements;
    assertEquals(root?.attributes["role"], "img");
    assertEquals(
      root?.attributes["aria-labelledby"],
      [title, desc].map((one) => {
        return one?.attributes["id"];
      }).join(" "),
    );
    assertEquals([title?.name, desc?.name], ["title", "desc"]);
    assertStringIncludes(title?.text ?? "", "x86_64, fresh-2021-01, after step 5");
    assert((desc?.text ?? "").length > 20, desc?.text);
    assertStringIncludes(svg, "@media screen and (prefers-color-scheme:dark)");
    const words = ["<script", "href", "@import", "url(http", "<image", " on"];
    const markup = svg.replace(/>[^<]*</g, "><");
    assertEquals(words.filter((word) => markup.includes(word)), [], title?.text);
  }
});

Deno.test("every picture fits its width from 320 to 2560, and refuses others", () => {
  for (const width of [320, 641, 2560]) {
    for (const svg of pictures({ width, moment: `after ${"a very long story ".repeat(9)}` })) {
      const elements = readSvg(svg);
      const [root] = elements;
      assertEquals(root?.attributes["viewBox"]?.split(" ")[2], String(width));
      for (const element of elements) {
        if (element.around.includes("defs")) continue;
        const right = element.name === "rect"
          ? numberOf(element, "x") + numberOf(element, "width")
          : 0;
        assert(right <= width + 1, `${right} is beyond ${width}`);
        assert(!(numberOf(element, "x") < 0), "an element begins left of the picture");
      }
    }
  }
  for (const width of [319, 2561, NaN, 400.5]) {
    assertThrows(() => pictures({ width }), RangeError, "must be 320 to 2560 pixels");
  }
});

Deno.test("every class of a picture that has a colour is in its legend", () => {
  const surfaces = new Set([
    "fresh",
    "free",
    "allocated",
    "special",
    "metadata",
    "wrong",
    "hole",
    "alarm",
    "clash",
    ...Array.from({ length: 9 }, (_, step) => `r${step}`),
  ]);
  for (const svg of pictures({})) {
    const elements = readSvg(svg).filter(({ attributes }) => attributes["class"] !== undefined);
    const classes = (some: readonly SvgElement[]): Set<string> =>
      new Set(some.flatMap(({ attributes }) => attributes["class"]?.split(" ") ?? []));
    const drawn = classes(elements.filter(({ around }) => around.includes("g")));
    const legend = classes(elements.filter(({ around }) => !around.includes("g")));
    for (const name of surfaces.intersection(drawn)) assert(legend.has(name), name);
    for (const name of surfaces.intersection(legend)) assertStringIncludes(svg, ` .${name}{fill:`);
  }
});

Deno.test("names from outside stay text in every picture", () => {
  const hostile = `"><script>alert('1')</script>\u0000\u001b[31m\ud800 \u202e&amp; class="free"`;
  for (const svg of [...pictures({ moment: hostile }), memoryMapSvg(verdictOf(MAP, hostile))]) {
    const elements = readSvg(svg);
    assertEquals(elements.filter(({ name }) => name === "script"), []);
    const words = elements.map(({ text }) => text).join(" ");
    assertStringIncludes(words, "<script>");
    assertStringIncludes(words, "\\u{1b}[31m");
    assertEquals(["\u001b", "\u202e"].filter((character) => svg.includes(character)), []);
  }
});

Deno.test("an id that is none is refused, and an own id is used everywhere", () => {
  for (const id of ["", "1a", "a b", 'a"', "a".repeat(65)]) {
    assertThrows(() => pictures({ id }), RangeError, "its id must be a letter");
  }
  for (const svg of pictures({ id: "left-1" })) {
    assert(!svg.includes("buddyscope-"));
    assertStringIncludes(svg, 'id="left-1"');
  }
});

Deno.test("metadataSvg() draws each block once, where it is and as wide as it is", () => {
  const elements = readSvg(
    metadataSvg(smallMachine(), smallMachine().pages.areas(), { width: 960 }),
  );
  const blocks = blocksOf(elements).map(({ attributes, title }) => ({
    pfn: attributes["data-pfn"],
    title,
    left: Number(attributes["x"]),
    top: Number(attributes["y"]),
    frames: Number(attributes["width"]),
  }));
  const [one] = blocks;
  const frame = one?.frames ?? NaN;
  const left = (one?.left ?? NaN) - frame;
  assertEquals(
    blocks.map(({ pfn, title, frames, left: x }) => [
      pfn,
      title.split(", ").slice(1).join(" "),
      Math.round((x - left) / frame),
      Math.round(frames / frame),
    ]),
    [
      ["1001", "order 0 free", 1, 1],
      ["1002", "order 1 fresh", 2, 2],
      ["1004", "order 2 allocated", 4, 4],
      ["1008", "order 3 fresh", 8, 8],
      ["1010", "order 4 fresh", 16, 16],
      ["1020", "order 4 fresh", 32, 16],
      ["1030", "order 0 special", 48, 1],
      ["1031", "order 0 special", 49, 1],
      ["1032", "order 0 special", 50, 1],
      ["1033", "order 0 fresh", 51, 1],
      ["1034", "order 2 fresh", 52, 4],
      ["1038", "order 3 fresh", 56, 8],
    ],
  );
  assertEquals(new Set(blocks.map(({ top }) => top)).size, 1);
});

Deno.test("metadataSvg() draws the holes between areas and the zones to scale", () => {
  const machine = bareMachine(0x1000, 0x1800);
  addRange(machine, 0x100000, 0x180000);
  const elements = readSvg(metadataSvg(machine, machine.pages.areas(), { width: 1024 }));
  const hole = elements.find(({ attributes }) => attributes["class"] === "hole");
  assertEquals(hole?.title, "no area: 1042432 frames from 1800");
  const perFrame = 1000 / (0x180000 - 0x1000);
  assertEquals(Math.round(numberOf(hole, "width")), Math.round(1042432 * perFrame));
  assert(elements.some(({ text }) => text === "zone LOW"));
  assert(elements.some(({ text }) => text === "zone HIGH"));
});

Deno.test("metadataSvg() marks what disagrees, and what is no block", () => {
  const machine = createMachine({ arch: X86_64, edition: edition("head") });
  areaFromMap(machine, 0, "## f0 f0 A0 f0 f0 f1 -- f2 !! -- -- S0 .0 .0 .0\nstate 1009  A2", {
    first: 0x1000,
  });
  const elements = readSvg(metadataSvg(machine, machine.pages.areas()));
  const wrong = elements.filter(({ title }) => title.startsWith("state disagrees"));
  assertEquals(wrong.map(({ title }) => title), ["state disagrees at or behind 1009"]);
});

/*
 * A million frames are handed out, and a third of them, here and there, came back.
 *
 * Expect pictures of bounded size.
 */
Deno.test("pictures of a million fragmented frames are small", () => {
  const random = sequence(3);
  const [first, frames] = [0x100400, 1_000_000];
  const states = Array.from({ length: frames }, () => ({
    state: random(3) === 0 ? 0x40 : 0x80,
    count: 1,
  }));
  const pfns = states.flatMap(({ state }, index) => state === 0x40 ? [pfn(first + index)] : []);
  const forward = { pfns, end: { kind: "own-head" } } as const;
  const areas: AreaView[] = [{
    area: areaNumber(1),
    metadata: pfn(0x100000),
    base: pfn(first),
    top: pfn(first + frames),
    maxOrder: order(0),
    states,
    freeLists: [{ order: order(0), forward, backward: null }],
  }];
  const subject = { arch: X86_64, edition: edition("head") };
  for (const width of [320, 2560]) {
    for (const draw of [metadataSvg, freeListsSvg, splitTreeSvg]) {
      const svg = draw(subject, areas, { width });
      readSvg(svg);
      assert(svg.length < 200_000, `${draw.name} has ${svg.length} characters`);
    }
  }
});

Deno.test("metadataSvg() of many blocks of one frame is small at every width", () => {
  const machine = bareMachine(0x1000, 0x1400);
  while (machine.pages.allocPages(0, 0) !== null) continue;
  for (const width of [320, 960, 2560]) {
    const svg = metadataSvg(machine, machine.pages.areas(), { width });
    assert(svg.length < 200_000, `${svg.length} characters at ${width}`);
  }
});

Deno.test("heatMapSvg() of 5,000 random steps is folded and small", () => {
  const random = sequence(7);
  const lines = ["machine x86_64 edition=head", "area any 0x1000 0x1200"];
  const live: string[] = [];
  for (let step = 2; step < 5000; step++) {
    const isFree = live.length > 60 || (live.length > 0 && random(2) === 0);
    const name = `p${step}`;
    if (isFree) lines.push(`free_pages ${live.splice(random(live.length), 1)[0]}`);
    else {
      lines.push(`${name} = alloc_pages ${random(3)}`);
      live.push(name);
    }
  }
  const run = runOf(`${lines.join("\n")}\n`);
  for (const kind of ["state", "order", "age"] as const) {
    const svg = heatMapSvg(run, { of: kind, width: 2560 });
    const elements = readSvg(svg);
    assert(svg.length < 300_000, `${kind}: ${svg.length} characters`);
    assert(elements.some(({ text }) => text.startsWith("A column is 13 steps")));
  }
});

Deno.test("heatMapSvg() shows the frames that change, a row around them, and nothing else", () => {
  const elements = readSvg(heatMapSvg(runOf(SMALL)));
  const labels = elements.filter(({ attributes }) => attributes["class"] === "end");
  assertEquals(labels.map(({ text }) => text), [
    ..."1001 1002 1003 1004 1005 1006 1007 1008".split(" "),
    ..."102f 1030 1031 1032 1033".split(" "),
  ]);
  assert(elements.some(({ text }) => text === "38 frames without a change"));
});

/*
 * Before dbad82e3 a page that comes back has the state of one that never left: after the run nothing
 * differs. 800 steps, two to a column.
 *
 * Expect the frame to be shown all the same: a call returned it.
 */
Deno.test("heatMapSvg() does not lose what comes and goes within a column", () => {
  const pairs = "a = alloc_page\nfree_page a\n".repeat(399);
  const text = `machine x86_64 edition=pfn-2021-01\narea any 0x1000 0x1020\n${pairs}`;
  const elements = readSvg(heatMapSvg(runOf(text)));
  const labels = elements.filter(({ attributes }) => attributes["class"] === "end");
  assertEquals(labels.map(({ text: label }) => label), ["1001", "1002"]);
});

Deno.test("heatMapSvg() of a run without areas, and of one without steps, says so", () => {
  const empty = readSvg(heatMapSvg(runOf("machine x86_64\n")));
  assert(empty.some(({ text }) => text === "no areas"));
  assertStringIncludes(heatMapSvg(runOf("")), "no steps");
});

Deno.test("heatMapSvg() marks where the machine stops", () => {
  const run = runOf("machine x86_64 edition=head\narea any 0x1000 0x1020\nfree_pages 0x1005000\n");
  const elements = readSvg(heatMapSvg(run));
  assert(elements.some(({ title }) => title === "stopped, step 2"));
  assert(elements.some(({ text }) => text === "The machine stops at step 2."));
});

Deno.test("freeListsSvg() has the blocks front to back, and underlines the fresh tail", () => {
  const run = runOf(`machine x86_64 edition=head
area any 0x1000 0x1020
a = alloc_page
b = alloc_page
free_pages a
free_pages b
`);
  const machine = run.machineAfter(5);
  const elements = readSvg(freeListsSvg(machine, machine.pages.areas()));
  const [list] = machine.pages.areas()[0]?.freeLists ?? [];
  const onFirst = blocksOf(elements).filter(({ title }) => title.includes("of order 0"));
  assertEquals(
    onFirst.map(({ attributes }) => attributes["data-pfn"]),
    list?.forward.pfns.map((pfn) => pfn.toString(16)),
  );
  const lefts = onFirst.map((element) => numberOf(element, "x"));
  assertEquals(lefts, lefts.toSorted((one, other) => one - other));
  const tails = elements.filter(({ attributes, around }) =>
    attributes["class"] === "tail" && around.includes("g")
  );
  const fresh = blocksOf(elements).filter(({ title }) => title.endsWith("fresh"));
  assertEquals(tails.length, fresh.length);
});

Deno.test("freeListsSvg() says where a damaged list leads, and draws the ends of a long one", () => {
  const machine = createMachine({ arch: X86_64, edition: edition("head") });
  areaFromMap(machine, 0, "## f0 A0 f0 f0 f0 f0 f0", {
    first: 0x1000,
    freeLists: [{ order: 0, pfns: [0x1001, 0x1002, 0x1003, 0x1004, 0x1005] }],
  });
  machine.ram.write(0x1003008n as never, 8, 0n, "a test");
  const areas = machine.pages.areas();
  const words = readSvg(freeListsSvg(machine, areas, { mostBlocks: 2 })).map(({ text }) => text);
  assert(words.some((text) => text.startsWith("! then null")), words.join("|"));
  assert(words.some((text) => /^… \d+ blocks? not drawn …$/.test(text)), words.join("|"));
});

Deno.test("splitTreeSvg() halves the largest block down to the blocks that are there", () => {
  const machine = smallMachine();
  const areas = machine.pages.areas();
  const leaves = blocksOf(readSvg(splitTreeSvg(machine, areas, { frame: 0x1031 })));
  assertEquals(leaves.map(({ title }) => title), [
    "1020, order 4, fresh",
    "1030, order 0, special",
    "1031, order 0, special",
    "1032, order 0, special",
    "1033, order 0, fresh",
    "1034, order 2, fresh",
    "1038, order 3, fresh",
  ]);
  const message = "frame 0x99 must be one of an area, which hold 1001 to 103f";
  assertThrows(() => splitTreeSvg(machine, areas, { frame: 0x99 }), RangeError, message);
  assertThrows(() => splitTreeSvg(machine, []), RangeError, "there must be an area");
});

Deno.test("splitTreeSvg() keeps the way to the frame complete in a tree that is too wide", () => {
  const machine = bareMachine(0x100000, 0x140000);
  while (machine.pages.allocPages(0, 0) !== null) continue;
  const svg = splitTreeSvg(machine, machine.pages.areas(), { frame: 0x12abcd, width: 320 });
  const leaves = blocksOf(readSvg(svg));
  assert(leaves.some(({ title }) => title === "12abcd, order 0, allocated"));
  assert(leaves.some(({ title }) => title.includes("split further: ")));
  assert(leaves.length < 40, String(leaves.length));
});

Deno.test("memoryMapSvg() draws what became of each range, to scale", () => {
  const verdict = verdictOf(MAP, "a map");
  const elements = readSvg(memoryMapSvg(verdict, { width: 1024 }));
  const drawn = elements.filter(({ attributes }) => attributes["data-use"] !== undefined);
  const widest = Math.max(...drawn.map((element) => numberOf(element, "width")));
  const high = drawn.filter(({ attributes }) => attributes["data-use"] === "usable")
    .find((element) => numberOf(element, "width") === widest);
  assertEquals(Math.round(widest), 1000);
  assertStringIncludes(high?.title ?? "", "0x140000000, 1023.8 MiB: handed out");
  assert(drawn.some(({ title }) => title.endsWith("1 MiB: lost")));
  const words = elements.map(({ text }) => text).join("\n");
  assertStringIncludes(words, "pmd table, in setup_mmu");
  assertStringIncludes(words, "boots, but loses 1 MiB of ");
});

Deno.test("bootVerdictOfRun() is what boot made of the memory of a scenario", () => {
  const run = runOf("machine x86_64 ram=128M edition=head\nboot\na = malloc 5000\n");
  const verdict = bootVerdictOfRun(run);
  assertEquals(verdict?.stopped, null);
  assertEquals(verdict?.areas.map(({ name }) => name), ["low"]);
  const named = bootVerdictOfRun(run, { name: "x", text: MAP });
  assertEquals([named?.map.name, named?.map.ranges.length], ["x", 4]);
  assertEquals(bootVerdictOfRun(runOf(SMALL)), null);
});

Deno.test("every edition and architecture can be drawn", () => {
  for (const { name } of ARCHS) {
    for (const editionName of ["list-2020", "buddy-2020-10", "head", "repaired"]) {
      const run = runOf(
        `machine ${name} edition=${editionName}\narea any 0x1000 0x1020\na = alloc_pages 1\n`,
      );
      const machine = run.machineAfter(2);
      readSvg(metadataSvg(machine, machine.pages.areas()));
      readSvg(freeListsSvg(machine, machine.pages.areas()));
      readSvg(heatMapSvg(run));
    }
  }
});

Deno.test("a tiny picture, line by line", () => {
  const machine = bareMachine(0x1000, 0x1008);
  const svg = metadataSvg(machine, machine.pages.areas(), { width: 320, moment: "at the start" });
  const shapes = readSvg(svg).filter(({ around, name }) => around.includes("g") && name === "rect")
    .map(({ attributes: { class: name, x, y, width, height }, title }) =>
      `${name} ${x},${y} ${width}x${height} ${title}`
    );
  assertEquals(shapes, [
    "metadata 12,24 37x26 page states",
    "area edge 49,24 259x26 area 2 low, base 1001, top 1008",
    "metadata edge 53.2,135 15.93x18 page states",
    "fresh edge 69.13,135 15.93x18 1001, order 0, fresh",
    "fresh edge 85.05,135 31.85x18 1002, order 1, fresh",
    "fresh edge 116.9,135 63.7x18 1004, order 2, fresh",
  ]);
});

Deno.test("heatMapSvg() of a machine with 16 TiB counts no rows that nobody could see", () => {
  const { scenario } = parseScenario("machine x86_64 ram=16T\nboot\na = alloc_page\n");
  const svg = heatMapSvg(runScenario(scenario, { archs: ARCHS }));
  assert(svg.length < 20_000, `${svg.length} characters`);
});
