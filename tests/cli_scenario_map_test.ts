import { assertEquals, assertStringIncludes } from "@std/assert";
import { runCli, runCliWriting } from "./cli_host.ts";

const MAP = "0x0-0x9fc00 ram\n0x100000-0x7fe0000 ram\n";
const SCENARIO =
  "machine x86_64 map=map.txt edition=head\nboot\np = malloc 8\nexpect p below 16E\n";

Deno.test("run reads the memory map that a scenario names, beside the scenario", async () => {
  const text = SCENARIO.replace("16E", "0xfffffffffffff000");
  const files = { "guests/a.buddy": text, "guests/map.txt": MAP };
  const { code, out, err } = await runCli(["run", "guests/a.buddy"], { files });
  assertEquals([code, err], [0, ""]);
  assertStringIncludes(out, "ok      p below 0xfffffffffffff000");
});

Deno.test("run refuses a memory map that lies elsewhere: a scenario may come out of a mail", async () => {
  for (const name of ["/etc/passwd", "../map.txt", "maps/../../map.txt"]) {
    const text = SCENARIO.replace("map.txt", `"${name}"`).replace("16E", "16T");
    const files = { "guests/a.buddy": text, [name]: MAP, "map.txt": MAP };
    const { code, err } = await runCli(["run", "guests/a.buddy"], { files });
    assertEquals(code, 2);
    assertStringIncludes(err, "it must lie in the folder of the scenario, or below");
  }
});

Deno.test("run names the memory map that it cannot read", async () => {
  const files = { "guests/a.buddy": SCENARIO.replace("16E", "16T") };
  const { code, err } = await runCli(["run", "guests/a.buddy"], { files });
  assertEquals([code, err], [2, "Cannot read guests/map.txt: there is no such file or folder\n"]);
});

Deno.test("diff reads the memory map that a scenario names", async () => {
  const text = SCENARIO.replace("16E", "0xfffffffffffff000");
  const files = { "a.buddy": text, "map.txt": MAP };
  const args = ["diff", "a.buddy", "--edition", "zero-2021-01,head"];
  const { code, err } = await runCli(args, { files });
  assertEquals([code, err], [1, ""]);
});

Deno.test("run --dump refuses to write over the memory map that the scenario names", async () => {
  const text = SCENARIO.replace("16E", "0xfffffffffffff000");
  const files = { "guests/a.buddy": text, "guests/map.txt": MAP };
  for (const name of ["guests/map.txt", "guests/a.buddy"]) {
    const { code, err } = await runCliWriting(["run", "guests/a.buddy", "--dump", name], { files });
    assertEquals(code, 2);
    assertStringIncludes(err, `Cannot write ${name}: it is what is read`);
  }
});
