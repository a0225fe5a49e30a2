import { assertEquals } from "@std/assert";
import { assertUnreadable, linesWithNote, rangesOf } from "./map_text_support.ts";

/** A device tree source around the contents of its root. */
function dts(root: string): string {
  return `/dts-v1/;\n/ {\n${root}\n};\n`;
}

const CELLS = "#address-cells = <2>; #size-cells = <2>;";

function memory(reg: string): string {
  return `memory@40000000 { device_type = "memory"; reg = ${reg}; };`;
}

Deno.test("parseMemoryMapText() reads a memory node with the root's counts of cells", () => {
  assertEquals(
    rangesOf(
      "device-tree",
      dts(`
  #address-cells = <0x02>;
  #size-cells = <0x01>;
  compatible = "vendor,board", "vendor,\\"soc\\"";
  chosen { bootargs = "memory { reg = <1>; }"; };
  memory@100000000 {
    reg = <0x01 0x00 0x40000000>, // two banks
          <0x02 0x00 0x40000000>;
    device_type = "memory";
  };`),
    ),
    ["0x100000000-0x140000000 ram", "0x200000000-0x240000000 ram"],
  );
});

Deno.test("parseMemoryMapText() reads memory nodes in the order of the text", () => {
  const text = dts(`${CELLS}
  memory@80000000 { device_type = "memory"; reg = <0 0x80000000 0 0x10000000>; };
  cpus { #address-cells = <1>; #size-cells = <0>; cpu@0 { reg = <0>; }; };
  memory@0 { device_type = "memory"; reg = <0x0 0x0 0x0 0x8000000>; };`);
  assertEquals(rangesOf("device-tree", text), [
    "0x80000000-0x90000000 ram",
    "0x0-0x8000000 ram",
  ]);
});

Deno.test("parseMemoryMapText() reads the cells of a device tree in all their spellings", () => {
  const range = ["0x140000000-0x180000000 ram"];
  const spellings = [
    "<0x1 0x40000000 0x0 0x40000000>",
    "<1 1073741824 0 1073741824>",
    "<01 010000000000 0 0x40000000>",
    "<0x1>, <0x40000000>, <0x0>, <0x40000000>",
    "/bits/ 64 <0x140000000 0x40000000>",
    "[00 00 00 01 40 00 00 00 00 00 00 00 40 00 00 00]",
    "<0x1 0x40000000 0x0 /* size */ 0x40000000U>",
  ];
  for (const spelling of spellings) {
    assertEquals(rangesOf("device-tree", dts(CELLS + memory(spelling))), range, spelling);
  }
});

Deno.test("parseMemoryMapText() skips what surrounds the memory node of a device tree", () => {
  const text = `// SPDX
# a comment of a copy
#include "board.dtsi"
/dts-v1/;
/plugin/;
/ { ${CELLS}
  soc: soc@1000000 {
    #address-cells = <1>;
    reg = <MACRO(1) &label 0x1>, <(1 << 20)>;
    phandle-of = <&{/soc/uart@0} 1>;
    memory@1000 { reg = <0x1000 0x1000>; };
  };
  ram: memory { device_type = "memory"; reg = <0 0x1000 0 0x1000>; };
};
&uart0 { status = "okay"; };`;
  assertEquals(rangesOf("device-tree", text), ["0x1000-0x2000 ram"]);
});

Deno.test("parseMemoryMapText() lets a later memory node of the same name replace an earlier one", () => {
  const text = dts(CELLS + memory("<0 0x1000 0 0x1000>")) + dts(memory("<0 0x2000 0 0x1000>"));
  assertEquals(rangesOf("device-tree", text), ["0x2000-0x3000 ram"]);
});

Deno.test("parseMemoryMapText() assumes counts of cells where a device tree gives none", () => {
  const piece = (reg: string): string =>
    `memory {\n  device_type = "memory";\n  reg = <${reg}>;\n};`;
  const guesses: ReadonlyArray<readonly [string, string]> = [
    ["0x0 0x80000000 0x0 0x40000000", "0x80000000-0xc0000000 ram"],
    ["0x40000000 0x10000000", "0x40000000-0x50000000 ram"],
    ["0x1 0x0 0x40000000", "0x100000000-0x140000000 ram"],
  ];
  for (const [reg, range] of guesses) {
    assertEquals(rangesOf("device-tree", piece(reg)), [range]);
    assertEquals(linesWithNote(piece(reg), "gives no #address-cells"), [1]);
  }
  assertEquals(
    rangesOf("device-tree", piece("0x40000000 0x10000000 0x80000000 0x10000000")),
    ["0x40000000-0x50000000 ram", "0x80000000-0x90000000 ram"],
  );
});

Deno.test("parseMemoryMapText() says what guests and Linux see differently in a device tree", () => {
  const text = dts(`${CELLS}
memory@1000 { status = "disabled"; reg = <0 0x1000 0 0x1000>; };
reserved-memory {
  keep@1000 { reg = <0 0x1000 0 0x100>; };
};`);
  assertEquals(rangesOf("device-tree", text), ["0x1000-0x2000 ram"]);
  assertEquals(linesWithNote(text, "has no device_type"), [4]);
  assertEquals(linesWithNote(text, "is not enabled"), [4]);
  assertEquals(linesWithNote(text, "is set aside"), [6]);
  const old = `/memreserve/ 0x1000 0x100;\n${dts(CELLS + memory("<0 0x1000 0 0x1000>"))}`;
  assertEquals(linesWithNote(old, "is set aside"), [1]);
});

Deno.test("parseMemoryMapText() names the line of a device tree that it cannot read", () => {
  const bad = (reg: string, ...words: string[]): void =>
    assertUnreadable(dts(`${CELLS}\n${memory(reg)}`), ...words);
  bad("<0 0x1000 0>", "line 4 names a node whose reg has 3 cells", "expected 2 for each address");
  bad("<0 0x1000 0 SIZE>", "line 4 has something else than a number");
  bad("<0 0x1000 0 (1 << 20)>", "line 4 has something else than a number");
  bad("<0 0x1000 0 0x100000000>", "line 4 has a cell of more than 32 bits");
  bad('"text"', "line 4 has a value that is no list of cells");
  bad("[00 00 1]", "line 4 has bytes that make up no cells");
  bad("/bits/ 16 <1 2>", "line 4 has cells of an odd width");
  bad("<0xffffffff 0xfffff000 0 0x2000>", "line 4 describes a range that wraps round");
  bad("<0 0x1000 0 0>", "from line 1 on has no ranges");
  assertUnreadable(dts("#address-cells = <9>; memory { reg = <1>; };"), "line 3 has a count");
  assertUnreadable(dts("uart@0 { reg = <0>; };"), "has no memory node with a reg");
  assertUnreadable('/dts-v1/;\n/ { x = "memory', "line 2 begins a string that never ends");
  assertUnreadable("/dts-v1/;\n\n/* memory {", "line 3 begins a comment that never ends");
  assertUnreadable(`/dts-v1/; ${"a { ".repeat(300)}`, "line 1 nests nodes more than 256 deep");
  assertUnreadable(
    dts("#address-cells = <3>; #size-cells = <2>; memory { reg = <1 0 0 0 0x1000>; };"),
    "line 3 holds a number of more than 64 bits",
  );
  assertUnreadable(
    dts("#address-cells = <0>; #size-cells = <2>; memory { reg = <0 0x1000>; };"),
    "expected 0 for each address",
  );
});

Deno.test("parseMemoryMapText() reads the node ranges that Linux reports", () => {
  const text = `[    0.000000] Zone ranges:
[    0.000000]   DMA      [mem 0x0000000040000000-0x00000000ffffffff]
[    0.000000] Early memory node ranges
[    0.000000]   node   0: [mem 0x0000000040000000-0x0000000047ffffff]
[    0.000000]   node   1: [mem 0x0000000050000000-0x000000005fffffff]
[    0.000000] Initmem setup node 0 [mem 0x0000000040000000-0x0000000047ffffff]`;
  assertEquals(rangesOf("device-tree", text), [
    "0x40000000-0x48000000 ram",
    "0x50000000-0x60000000 ram",
  ]);
  assertEquals(linesWithNote(text, "the ranges that the kernel reports"), [4]);
});

Deno.test("parseMemoryMapText() reads the node ranges of old Linux, which are pfns", () => {
  assertEquals(
    rangesOf(
      "device-tree",
      `early_node_map[2] active PFN ranges
    0: 0x00000010 -> 0x0000009f
    0: 0x00000100 -> 0x00008000
On node 0 totalpages: 32655`,
    ),
    ["0x10000-0x9f000 ram", "0x100000-0x8000000 ram"],
  );
});

Deno.test("parseMemoryMapText() names the node range that it cannot read", () => {
  assertUnreadable("  node   0: [mem 0x2000-0x1000]", "line 1 ends before it begins");
});
