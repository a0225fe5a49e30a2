// deno-lint-ignore-file no-boolean-literal-for-arguments -- the values compared are truth values
import { assertEquals, assertThrows } from "@std/assert";
import { cAssert, type FaultAccess, formatStopped, outcomeOf, stop, unreachable } from "../mod.ts";

const SPLIT = { file: "lib/alloc_page.c", function: "split", line: 108 };

Deno.test("outcomeOf() gives what the code returned", () => {
  assertEquals(outcomeOf(() => 5), { kind: "returned", value: 5 });
});

Deno.test("outcomeOf() turns a failed assertion into a value that reads as the guest prints it", () => {
  const plain = outcomeOf(() => cAssert(false, SPLIT, "IS_USABLE(metadata) && order"));
  const message = outcomeOf(() => cAssert(false, SPLIT, "a", "memory is gone"));
  assertEquals(
    plain.kind === "returned" ? "" : formatStopped(plain),
    "lib/alloc_page.c:108: assert failed: IS_USABLE(metadata) && order",
  );
  assertEquals(
    message.kind === "returned" ? "" : formatStopped(message),
    "lib/alloc_page.c:108: assert failed: a: memory is gone",
  );
});

Deno.test("outcomeOf() lets errors of the model and of its caller through", () => {
  assertThrows(
    () => outcomeOf(() => unreachable("two and two is five")),
    Error,
    "Model error: two and two is five",
  );
  assertThrows(
    () =>
      outcomeOf(() => {
        throw new RangeError("Cannot do that");
      }),
    RangeError,
    "Cannot do that",
  );
});

Deno.test("formatStopped() says who touched what and why it failed", () => {
  const access: FaultAccess = { kind: "write", address: 0xbfec0004n, sizeBytes: 8n, byte: null };
  const write = outcomeOf(() =>
    stop({ kind: "fault", address: 0xbfec0004n, reason: "unmapped", by: "list_add()", access })
  );
  const fill = outcomeOf(() =>
    stop({
      kind: "fault",
      address: 0x2000n,
      reason: "hole",
      by: "memset()",
      access: { kind: "fill", address: 0x1000n, sizeBytes: 1n << 63n, byte: 255 },
    })
  );
  assertEquals(
    write.kind === "returned" ? "" : formatStopped(write),
    "fault: list_add() writes 8 bytes at 0xbfec0004, which is not mapped",
  );
  assertEquals(
    fill.kind === "returned" ? "" : formatStopped(fill),
    "fault: memset() fills 0x8000000000000000 bytes from 0x1000 with 0xff and reaches 0x2000, where there is no memory",
  );
});

Deno.test("formatStopped() says where no line is known", () => {
  const outcome = outcomeOf(() =>
    stop({
      kind: "undefined-behaviour",
      source: { ...SPLIT, line: null },
      what: "shifts a 64-bit value by 66",
      seen: "x86 shifts by 2",
    })
  );
  assertEquals(
    outcome.kind === "returned" ? "" : formatStopped(outcome),
    "undefined behaviour: lib/alloc_page.c:?, split() shifts a 64-bit value by 66 (x86 shifts by 2)",
  );
});
