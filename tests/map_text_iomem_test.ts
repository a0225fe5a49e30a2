import { assertEquals } from "@std/assert";
import { assertUnreadable, linesWithNote, rangesOf } from "./map_text_support.ts";

const SMALL = `00000000-00000fff : Reserved
00001000-0009f3ff : System RAM
000a0000-000bffff : PCI Bus 0000:00
000c0000-000c7fff : Video ROM
00100000-7fedffff : System RAM
  01000000-01520fa4 : Kernel code
  01520fa5-01c0e44f : Kernel data
7fee0000-7fefefff : ACPI Tables
7feff000-7fefffff : ACPI Non-volatile Storage
80000000-800fffff : Unusable memory
80100000-801fffff : Soft Reserved
fec00000-fec003ff : IOAPIC 0
100000000-17fffffff : Persistent Memory
`;

const SMALL_RANGES = [
  "0x0-0x1000 reserved",
  "0x1000-0x9f400 ram",
  "0xa0000-0xc0000 mmio",
  "0xc0000-0xc8000 reserved",
  "0x100000-0x7fee0000 ram",
  "0x7fee0000-0x7feff000 acpi",
  "0x7feff000-0x7ff00000 nvs",
  "0x80000000-0x80100000 unusable",
  "0x80100000-0x80200000 soft-reserved",
  "0xfec00000-0xfec00400 mmio",
  "0x100000000-0x180000000 persistent",
];

Deno.test("parseMemoryMapText() reads the outermost lines of /proc/iomem", () => {
  assertEquals(rangesOf("iomem", SMALL), SMALL_RANGES);
});

Deno.test("parseMemoryMapText() reads /proc/iomem in quoted mail and behind a prompt", () => {
  const quoted = SMALL.split("\n").map((line) => `> > ${line}`).join("\n");
  assertEquals(rangesOf("iomem", quoted), SMALL_RANGES);
  const indented = SMALL.split("\n").map((line) => `    ${line}`).join("\r\n");
  assertEquals(rangesOf("iomem", `$ sudo cat /proc/iomem\r\n${indented}`), SMALL_RANGES);
});

Deno.test("parseMemoryMapText() cuts RAM that is nested in something else out of it", () => {
  assertEquals(
    rangesOf(
      "iomem",
      `00001000-0009ffff : System RAM
100000000-17fffffff : Persistent Memory
  100000000-101ffffff : namespace0.0
  110000000-11fffffff : dax0.0
    110000000-11fffffff : System RAM (kmem)
  140000000-17fffffff : System RAM (kmem)
  150000000-15fffffff : System RAM (kmem)`,
    ),
    [
      "0x1000-0xa0000 ram",
      "0x100000000-0x110000000 persistent",
      "0x110000000-0x120000000 ram",
      "0x120000000-0x140000000 persistent",
      "0x140000000-0x180000000 ram",
    ],
  );
});

Deno.test("parseMemoryMapText() leaves out what is nested in /proc/iomem but reaches out", () => {
  const text = `00001000-0009ffff : System RAM
  000a0000-000affff : Kernel code`;
  assertEquals(rangesOf("iomem", text), ["0x1000-0xa0000 ram"]);
  assertEquals(linesWithNote(text, "nested in line 1, but reaches out of it"), [2]);
});

Deno.test("parseMemoryMapText() says that /proc/iomem without addresses was read without root", () => {
  assertUnreadable(
    `00000000-00000000 : Reserved
00000000-00000000 : System RAM
  00000000-00000000 : Kernel code`,
    "line 1 and all others hold zeroes",
    "sudo",
  );
});

Deno.test("parseMemoryMapText() names the line of /proc/iomem that it cannot read", () => {
  assertUnreadable(`${SMALL}100000-zzzz : System RAM`, "line 14 is not a line of /proc/iomem");
  assertUnreadable(`00001000-zzz : System RAM\n${SMALL}`, "line 1 is not a line of /proc/iomem");
  assertUnreadable(`${SMALL}00200000-001fffff : System RAM`, "line 14 ends before it begins");
  assertUnreadable(`${SMALL}00200000-00100000 : System RAM`, "line 14 ends before it begins");
  assertUnreadable(
    `${SMALL}10000000000000000-1ffffffffffffffff : System RAM`,
    "line 14 holds a number of more than 64 bits",
  );
  assertUnreadable("000a0000-000bffff : PCI Bus 0000:00", "line 1 begins a map without RAM");
});
