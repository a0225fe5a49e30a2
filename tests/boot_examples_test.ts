/**
 * What `boot` tells of machines on which upstream's code is known to go wrong: the crash reported on VMware
 * in December 2020, memory that is never used, memory that is handed out and cannot be touched.
 */

import { assertEquals } from "@std/assert";
import { runCli } from "./cli_host.ts";

/** An example: its name, its command line, and the exit code. */
interface Example {
  readonly name: string;
  readonly args: readonly string[];
  /** The file in `examples/maps`; absent where there is none. */
  readonly map?: string;
  readonly code: number;
}

const EXAMPLES: readonly Example[] = [
  {
    name: "two_areas_one_zone",
    args: ["x86_64", "--edition", "buddy-2020-10,reserve-2020-10,areas-2021-01,repaired"],
    map: "vmware_7g.txt",
    code: 1,
  },
  {
    name: "two_ranges_below_4g",
    args: ["x86_64", "--edition", "reserve-2020-10,areas-2021-01,head,repaired"],
    map: "two_ranges_below_4g.txt",
    code: 1,
  },
  { name: "x86_64_8g", args: ["x86_64", "--ram", "8G", "--edition", "head"], code: 0 },
  {
    name: "x86_64_8g_memlimit",
    args: ["x86_64", "--ram", "8G", "--memlimit", "1048576", "--edition", "head"],
    code: 0,
  },
  {
    name: "x86_64_5g",
    args: ["x86_64", "--ram", "5G", "--edition", "buddy-2020-10,head"],
    code: 0,
  },
  { name: "i386_3g", args: ["i386", "--ram", "3G", "--edition", "head"], code: 0 },
  {
    name: "arm64_4g",
    args: ["arm64", "--edition", "areas-2021-01,head"],
    map: "arm64_4g.dts",
    code: 0,
  },
  {
    name: "arm64_3g_64k",
    args: ["arm64", "--ram", "3G", "--page-size", "64K", "--edition", "head"],
    code: 0,
  },
  {
    name: "efi_largest_above_4g",
    args: ["x86_64", "--edition", "head"],
    map: "efi_largest_above_4g.txt",
    code: 1,
  },
  { name: "arm_up_to_4g", args: ["arm", "--edition", "head"], map: "arm_up_to_4g.txt", code: 1 },
  {
    name: "i386_flat_5g",
    args: ["i386", "--edition", "head,repaired"],
    map: "i386_flat_5g.txt",
    code: 1,
  },
  { name: "riscv64_5g", args: ["riscv64", "--ram", "5G", "--edition", "head"], code: 0 },
  { name: "riscv32_2g", args: ["riscv32", "--ram", "2G", "--edition", "head"], code: 0 },
  { name: "ppc64_40g", args: ["ppc64", "--ram", "40G", "--edition", "head"], code: 0 },
  { name: "s390x_3g", args: ["s390x", "--ram", "3G", "--cpus", "4", "--edition", "head"], code: 0 },
];

const MAPS = new URL("../examples/maps/", import.meta.url);

for (const { name, args, map, code } of EXAMPLES) {
  Deno.test(`boot ${name}: verdict, picture, map, areas, pages, losses`, async (t) => {
    const path = map === undefined ? null : `examples/maps/${map}`;
    const text = map === undefined ? "" : Deno.readTextFileSync(new URL(map, MAPS));
    const ending = await runCli(
      ["boot", ...args, ...(path === null ? [] : ["--map", path])],
      path === null ? {} : { files: { [path]: text } },
    );
    assertEquals([ending.code, ending.err], [code, ""]);
    await t.assertSnapshot(ending.out.trimEnd(), {
      path: `../__snapshots__/boot_${name}.snap`,
      serializer: (shown) => shown,
    });
  });
}
