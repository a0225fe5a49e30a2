import { assertEquals, assertStringIncludes } from "@std/assert";
import { runCli } from "./cli_host.ts";

const FILES = {
  "p.buddy": "area any 0x1000 0x1020\na = alloc_page\nb = alloc_page\nfree_pages b\n",
};

Deno.test("diff shows the first differing step and the bytes, and exits with 1", async () => {
  const { code, out, err } = await runCli(["diff", "p.buddy", "--edition=bcffccfc,dbad82e3"], {
    files: FILES,
  });
  assertEquals([code, err], [1, ""]);
  assertStringIncludes(out, "first difference after step 3\n  step   free_pages b\n");
  assertStringIncludes(out, "  left   x86_64  max-order-2021-01\n");
  assertStringIncludes(out, "  right  x86_64  status-2021-01\n");
  assertStringIncludes(out, "  0x1000001  1 byte  left 01  right 40\n");
});

Deno.test("diff of editions that do the same exits with 0", async () => {
  const { code, out } = await runCli(["diff", "p.buddy", "--edition=8131e91a,f90ddba3"], {
    files: FILES,
  });
  assertEquals(code, 0);
  assertStringIncludes(out, "no difference in 4 steps\n");
});

Deno.test("diff --json prints the difference, or null", async () => {
  const args = ["diff", "p.buddy", "--json", "--edition"];
  const differing = JSON.parse(
    (await runCli([...args, "bcffccfc,dbad82e3"], { files: FILES })).out,
  );
  assertEquals(differing.left, "max-order-2021-01");
  assertEquals(differing.difference.step, 3);
  assertEquals(differing.difference.areas[0].lists.length, 2);
  const equal = JSON.parse((await runCli([...args, "8131e91a,f90ddba3"], { files: FILES })).out);
  assertEquals(equal.difference, null);
});

Deno.test("diff needs one file and two different editions", async () => {
  const cases: [string[], string][] = [
    [["--edition=8131e91a,head"], "diff needs one file"],
    [["p.buddy", "q.buddy", "--edition=8131e91a,head"], "diff needs one file"],
    [["p.buddy"], "diff needs two different editions"],
    [["p.buddy", "--edition=head"], "diff needs two different editions"],
    [["p.buddy", "--edition=head,4a54e8a3"], "diff needs two different editions"],
    [["p.buddy", "--edition=all"], "diff needs two different editions"],
  ];
  for (const [args, message] of cases) {
    const { code, err } = await runCli(["diff", ...args], { files: FILES });
    assertEquals(code, 2);
    assertStringIncludes(err, message);
  }
});

Deno.test("diff of what is not there or no scenario exits with 2", async () => {
  const args = ["--edition=8131e91a,head"];
  const missing = await runCli(["diff", "none.buddy", ...args], { files: FILES });
  assertEquals([missing.code, missing.out], [2, ""]);
  assertStringIncludes(missing.err, "Cannot read none.buddy");
  const wrong = await runCli(["diff", "w.buddy", ...args], { files: { "w.buddy": "dance" } });
  assertEquals([wrong.code, wrong.out], [2, ""]);
  assertStringIncludes(wrong.err, "w.buddy:1:1: Cannot read");
});
