import { assert, assertEquals } from "@std/assert";
import { S390X, X86_64 } from "../arch/mod.ts";
import { byteCount, createMachine, type Machine, physAddr, virtAddr } from "../mod.ts";
import { areaFromMap, printAreas, printStates, printTouched } from "../src/report/mod.ts";
import { addRange, arch, bareMachine, edition, flags } from "./support.ts";

function emptyMachine(): Machine {
  return createMachine({ arch: X86_64, edition: edition("head") });
}

Deno.test("printAreas() shows members of a descriptor with their bytes", () => {
  const machine = emptyMachine();
  areaFromMap(machine, 0, "## .0 A1 -- f2 -- -- -- .0 A0 S0", { first: 0x1000 });
  assertEquals(
    printAreas(machine),
    `\
area 0  normal
  metadata    1000..1000
  frames      1001..100a: 2 fresh, 4 free, 3 allocated, 1 special
  descriptor  0xfffffffffffe0000, 864 bytes
    +0    01 10 00 00 00 00 00 00  base                1001
    +8    0b 10 00 00 00 00 00 00  top                 100b
    +16   00 00 00 01 00 00 00 00  page_states         0x1000000
    +24   02                       max_order           2
    +32   00 80 00 01 00 00 00 00  freelists[0].prev   0x1008000
    +40   00 10 00 01 00 00 00 00  freelists[0].next   0x1001000
    +64   00 40 00 01 00 00 00 00  freelists[2].prev   0x1004000
    +72   00 40 00 01 00 00 00 00  freelists[2].next   0x1004000
    the heads of orders 1, 3 to 51 are linked to themselves: empty lists
`,
  );
  assertEquals(printAreas(emptyMachine()), "no areas\n");
});

Deno.test("printAreas() shows the bytes of a big-endian machine and of one of 32 bits", () => {
  const big = bareMachine(0x10, 0x16, { arch: S390X });
  assertEquals(printAreas(big).split("\n").slice(3, 7), [
    "  descriptor  0xfffffffffffe0360, 864 bytes",
    "    +0    00 00 00 00 00 00 00 11  base                11",
    "    +8    00 00 00 00 00 00 00 16  top                 16",
    "    +16   00 00 00 00 00 01 00 00  page_states         0x10000",
  ]);
  const narrow = bareMachine(0x10, 0x16, {
    arch: arch("arm"),
    edition: edition("reserve-2020-10"),
  });
  assertEquals(printAreas(narrow).split("\n").slice(3, 8), [
    "  descriptor  0xfffff000, 172 bytes",
    "    +0    11 00 00 00  base                11",
    "    +4    16 00 00 00  top                 16",
    "    +8    00 00 01 00  page_states         0x10000",
    "    +12   00 10 01 00  freelists[0].prev   0x11000",
  ]);
});

Deno.test("printAreas() shows the allocator of one list without a descriptor", () => {
  const list = bareMachine(0x10, 0x16, { edition: edition("list-2020") });
  assertEquals(
    printAreas(list),
    "area 0  normal\n  frames      10..15: 6 frames, no page states\n",
  );
});

Deno.test("printStates() shows runs of states, and their bytes where they lie", () => {
  const machine = emptyMachine();
  areaFromMap(machine, 0, "## .0 A1 -- f2 -- -- -- .3 -- -- -- -- -- -- --", { first: 0x1000 });
  assertEquals(
    printStates(machine, machine.pages.areas()),
    `\
area 0  normal  15 page states at 0x1000000
runs  0*1 81*2 42*4 3*8
0x1000000  00 81 81 42 42 42 42 03 03 03 03 03 03 03 03
`,
  );
  assertEquals(printStates(machine, []), "no areas\n");
});

Deno.test("printStates() tells equal lines in one, and what it leaves out", () => {
  const machine = bareMachine(0x100000, 0x200000);
  for (let call = 0; call < 300; call++) {
    machine.pages.allocPages(call % 5, flags(machine, { dontZero: true }));
  }
  const text = printStates(machine, machine.pages.areas());
  const lines = text.split("\n");
  assert(Math.max(...lines.map((line) => line.length)) <= 100);
  assert(lines.length < 40);
  assertEquals(lines.at(-2), "             … 1048064 bytes not shown");
  const fresh = bareMachine(0x100000, 0x200000);
  assertEquals(printStates(fresh, fresh.pages.areas()).split("\n").slice(1, 5), [
    "runs  8*256 9*512 a*1024 b*2048 c*4096 d*8192 e*16384 f*32768 10*65536 11*131072 12*262144 13*524288",
    "0x100000000  08 08 08 08 08 08 08 08 08 08 08 08 08 08 08 08",
    "             … 15 lines like it",
    "0x100000100  09 09 09 09 09 09 09 09 09 09 09 09 09 09 09 09",
  ]);
});

Deno.test("printTouched() lists touched and discarded pages by address", () => {
  const machine = emptyMachine();
  addRange(machine, 0x1000, 0x1010, 0);
  machine.space.fill(virtAddr(0x1009000n), byteCount(0x3000n), 1, "a test");
  machine.ram.discard(physAddr(0x100a000n), byteCount(0x1000n));
  assertEquals(
    printTouched(machine),
    `\
0x1000000..0x1002fff                    3 pages  touched
0x1004000..0x1004fff                     1 page  touched
0x1008000..0x1009fff                    2 pages  touched
0x100a000..0x100afff                     1 page  discarded by the host
0x100b000..0x100bfff                     1 page  touched
0xfffffffffffe0000..0xfffffffffffe3fff  4 pages  touched
11 pages of 4 KiB touched, 1 discarded
`,
  );
});

Deno.test("printTouched() says how many runs it leaves out", () => {
  const machine = emptyMachine();
  addRange(machine, 0x1000, 0x2000, 0);
  for (let frame = 0; frame < 100; frame++) {
    machine.space.writeByte(virtAddr(0x1101000n + BigInt(frame) * 0x2000n), 1, "a test");
  }
  const lines = printTouched(machine).split("\n");
  assertEquals(lines.length, 51);
  assertEquals(lines[48], "… 63 runs not shown");
});
