import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { ARCHS } from "../arch/mod.ts";
import { EDITIONS } from "../mod.ts";
import { runCli } from "./cli_host.ts";

Deno.test("archs shows all architectures, or those that are named", async () => {
  const all = await runCli(["archs"]);
  assertEquals([all.code, all.err], [0, ""]);
  for (const { name } of ARCHS) assertStringIncludes(all.out, name);
  const some = await runCli(["archs", "s390x", "arm"]);
  assertEquals(some.code, 0);
  assert(!some.out.includes("riscv"), some.out);
});

Deno.test("archs --edition shows the descriptors of that edition", async () => {
  const { code, out } = await runCli(["archs", "s390x", "--edition=8131e91a"]);
  assertEquals(code, 0);
  assertStringIncludes(out, "descriptors of buddy-2020-10");
});

Deno.test("archs and editions refuse an unknown name with the nearest one", async () => {
  const cases: [string[], string][] = [
    [["archs", "s309x"], 'Unknown architecture "s309x"; the nearest is "s390x"'],
    [["archs", "--edition=haed"], 'Unknown edition "haed"; the nearest is "head"'],
    [["editions", "pfn-2020-01"], 'Unknown edition "pfn-2020-01"; the nearest is "pfn-2021-01"'],
  ];
  for (const [args, message] of cases) {
    const { code, out, err } = await runCli(args);
    assertEquals([code, out], [2, ""]);
    assertStringIncludes(err, message);
  }
});

Deno.test("archs --json prints the data, with 64-bit numbers as texts", async () => {
  const printed = JSON.parse((await runCli(["archs", "--json"])).out);
  assertEquals(printed.map(({ name }: { name: string }) => name), ARCHS.map(({ name }) => name));
  assertEquals(typeof printed[0].pageTables[0].levels[0].table.address, "string");
});

Deno.test("editions shows all editions, or those that are named by name, alias or commit", async () => {
  const all = await runCli(["editions"]);
  assertEquals([all.code, all.err], [0, ""]);
  for (const { name } of EDITIONS) assertStringIncludes(all.out, name);
  const printed = JSON.parse((await runCli(["editions", "head", "01d8952b", "--json"])).out);
  const names = printed.map(({ name }: { name: string }) => name);
  assertEquals(names, ["pfn-2021-01", "fresh-2021-01"]);
});
