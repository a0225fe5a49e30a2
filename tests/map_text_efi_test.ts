import { assertEquals } from "@std/assert";
import { parseMemoryMapText } from "../src/memory/map_text/mod.ts";
import { assertUnreadable, linesWithNote, rangesOf, tellRange } from "./map_text_support.ts";

/** The ranges of an EFI map with their types. */
function typesOf(text: string): string[] {
  const { format, ranges } = parseMemoryMapText(text);
  assertEquals(format, "efi");
  return ranges.map((range) => `${tellRange(range)} ${range.efiType}`);
}

const TWO = ["0x0-0x1000 ram boot-services-code", "0x1000-0xa0000 ram conventional"];

Deno.test("parseMemoryMapText() reads EFI maps of Linux on x86, with either end", () => {
  const now = `efi: mem00: [Boot Code   |   |  |  |  |WB|WT|WC|UC] range=[0x0-0xfff] (0MB)
efi: mem01: [Conventional|   |  |  |  |WB|WT|WC|UC] range=[0x1000-0x9ffff] (0MB)`;
  const before =
    `[    0.000000] efi: mem00: [Boot Code          |   |WB|UC] range=[0x0-0x1000) (0MB)
[    0.000000] efi: mem01: [Conventional Memory|   |WB|UC] range=[0x1000-0xa0000) (0MB)`;
  const numbers = `EFI: mem00: type=3, attr=0xf, range=[0x0000000000000000-0x0000000000001000) (0MB)
EFI: mem01: type=7, attr=0xf, range=[0x0000000000001000-0x00000000000a0000) (0MB)`;
  for (const text of [now, before, numbers]) assertEquals(typesOf(text), TWO);
});

Deno.test("parseMemoryMapText() reads EFI maps of Linux on arm64", () => {
  assertEquals(
    typesOf(`[    0.000000] efi: Processing EFI memory map:
[    0.000000] efi:   0x000040000000-0x000043ffffff [Conventional|   |  |  |  |   |WB|WT|WC|UC]
[    0.000000] efi:   0x000044000000-0x00004401ffff [ACPI Reclaim|   |  |  |  |   |WB|WT|WC|UC]*
[    0.000000] efi:   0x000009010000-0x000009010fff [MMIO        |RUN|  |  |  |   |  |  |  |UC]`),
    [
      "0x40000000-0x44000000 ram conventional",
      "0x44000000-0x44020000 acpi acpi-reclaim",
      "0x9010000-0x9011000 mmio mmio",
    ],
  );
});

Deno.test("parseMemoryMapText() reads the tables of the EFI shell and of GRUB", () => {
  const shell = `Type       Start            End              # Pages          Attributes
BS_Code    0000000000000000-0000000000000FFF 0000000000000001 000000000000000F
Available  0000000000001000-000000000009FFFF 000000000000009F 000000000000000F`;
  const grub = `Type      Physical start  - end             #Pages        Size Attributes
BS-code   0000000000000000-0000000000000fff 00000001      4KiB UC WC WT WB
conv-mem  0000000000001000-000000000009ffff 0000009f    636KiB UC WC WT WB`;
  for (const text of [shell, grub]) assertEquals(typesOf(text), TWO);
});

Deno.test("parseMemoryMapText() keeps the attributes of EFI descriptors", () => {
  const attributes = (text: string): readonly string[] | undefined =>
    parseMemoryMapText(`efi: mem00: [Conventional|WB] range=[0x0-0xfff] (0MB)\n${text}`)
      .ranges[1]?.attributes;
  assertEquals(
    attributes("efi: mem01: [Runtime Data|RUN|  |  |WB|  |UC] range=[0x1000-0x1fff] (0MB)"),
    ["RUN", "WB", "UC"],
  );
  assertEquals(
    attributes("efi: mem01: type=6, attr=0x800000000000000f, range=[0x1000-0x2000) (0MB)"),
    ["RUN", "WB", "WT", "WC", "UC"],
  );
  assertEquals(
    attributes("efi: mem01: [Loader Data|attr=0x0000000000100008] range=[0x1000-0x1fff] (0MB)"),
    ["WB"],
  );
});

Deno.test("parseMemoryMapText() knows all types of EFI by name and by number", () => {
  const types: ReadonlyArray<readonly [string, string, string]> = [
    ["Reserved", "reserved", "reserved"],
    ["Loader Code", "loader-code", "ram"],
    ["Loader Data", "loader-data", "ram"],
    ["Boot Code", "boot-services-code", "ram"],
    ["Boot Data", "boot-services-data", "ram"],
    ["Runtime Code", "runtime-services-code", "reserved"],
    ["Runtime Data", "runtime-services-data", "reserved"],
    ["Conventional Memory", "conventional", "ram"],
    ["Unusable Memory", "unusable", "unusable"],
    ["ACPI Reclaim Memory", "acpi-reclaim", "acpi"],
    ["ACPI Memory NVS", "acpi-nvs", "nvs"],
    ["Memory Mapped I/O", "mmio", "mmio"],
    ["MMIO Port Space", "mmio-port", "mmio"],
    ["PAL Code", "pal-code", "reserved"],
    ["Persistent Memory", "persistent", "persistent"],
    ["type=15", "unaccepted", "reserved"],
    ["type=2147483648", "unknown", "reserved"],
  ];
  for (const [number, [name, type, kind]] of types.entries()) {
    const first = "efi: mem00: [Conventional|WB] range=[0x0-0xfff] (0MB)\n";
    const byName = `${first}efi: mem01: [${name}|WB] range=[0x1000-0x1fff] (0MB)`;
    assertEquals(typesOf(byName)[1], `0x1000-0x2000 ${kind} ${type}`, name);
    if (number > 15) continue;
    const byNumber = `${first}efi: mem01: type=${number}, attr=0xf, range=[0x1000-0x2000) (0MB)`;
    assertEquals(typesOf(byNumber)[1], `0x1000-0x2000 ${kind} ${type}`, name);
  }
});

Deno.test("parseMemoryMapText() sets conventional memory with a purpose apart", () => {
  const text = `efi: mem00: [Conventional|WB] range=[0x0-0xfff] (0MB)
efi: mem01: [Conventional|SP|WB] range=[0x1000-0x1fff] (0MB)`;
  assertEquals(typesOf(text)[1], "0x1000-0x2000 soft-reserved conventional");
});

Deno.test("parseMemoryMapText() keeps the firmware's order of EFI descriptors", () => {
  const text = `efi: mem00: [Conventional|WB] range=[0x40000000-0x4fffffff] (256MB)
efi: mem01: [MMIO        |UC] range=[0x4000000-0x7ffffff] (64MB)
efi: Remove mem01: MMIO range=[0x4000000-0x7ffffff] (64MB) from e820 map`;
  assertEquals(rangesOf("efi", text), ["0x40000000-0x50000000 ram", "0x4000000-0x8000000 mmio"]);
});

Deno.test("parseMemoryMapText() uses the last EFI map of several", () => {
  const text = `efi: mem00: [Conventional|WB] range=[0x0-0xfff] (0MB)
efi: mem00: [Conventional|WB] range=[0x0-0x1fff] (0MB)
efi: Processing EFI memory map:
efi:   0x000000000000-0x000000002fff [Conventional|   |WB]`;
  assertEquals(rangesOf("efi", text), ["0x0-0x3000 ram"]);
  assertEquals(linesWithNote(text, "another EFI memory map begins here"), [1, 2]);
});

Deno.test("parseMemoryMapText() names the EFI line that it cannot read", () => {
  const good = "efi: mem00: [Conventional|WB] range=[0x0-0xfff] (0MB)\n";
  assertUnreadable(`${good}efi: mem01: [Boot Code|WB] range=[0x1000-`, "line 2 breaks off");
  assertUnreadable(`${good}efi: mem01: [Boot Code|WB`, "line 2 breaks off");
  assertUnreadable(
    `${good}efi: mem01: [Boot Code|WB] range=[0x2000-0x1000) (0MB)`,
    "line 2 ends before it begins",
  );
  assertUnreadable(
    "efi: mem00: [Boot Code|WB] range=[0x0-0x1ffffffffffffffff] (0MB)",
    "line 1 holds a number of more than 64 bits",
  );
  assertUnreadable(
    "efi: mem00: [Reserved|WB] range=[0x0-0xfff] (0MB)",
    "line 1 begins a map without RAM",
  );
});
