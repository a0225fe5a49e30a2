import { assert, assertEquals, assertThrows } from "@std/assert";
import { archNamed } from "../arch/mod.ts";
import { fnv1a32, fnv1a64, RecordingError, replayRecording } from "../src/check/mod.ts";

const FOLDER = new URL("vectors/", import.meta.url);
const ENVIRONMENT = { archNamed };

function recordings(): string[] {
  return [...Deno.readDirSync(FOLDER)].map(({ name }) => name)
    .filter((name) => name.endsWith(".json")).sort();
}

function read(name: string): string {
  return Deno.readTextFileSync(new URL(name, FOLDER));
}

/** A recording whose steps were changed. */
function changed(name: string, change: (steps: [string, unknown][]) => void): string {
  const file = JSON.parse(read(name));
  change(file.steps);
  return JSON.stringify(file);
}

for (const name of recordings()) {
  Deno.test(`the model gives what the real code gave, on either engine: ${name}`, () => {
    for (const engine of ["auto", "literal"] as const) {
      const result = replayRecording(read(name), { archNamed, engine });
      assertEquals(result.mismatch, null, engine);
      assert(result.steps > 40);
    }
  });
}

Deno.test("replayRecording() finds one wrong result, byte, list entry and hash, and says where", () => {
  const name = "4a54e8a3-x86-1.json";
  const wrongAddress = replayRecording(
    changed(name, (steps) => {
      const allocation = steps.find(([operation]) => operation.startsWith("alloc_pages"));
      if (allocation !== undefined) allocation[1] = "0x1000";
    }),
    ENVIRONMENT,
  );
  assertEquals(wrongAddress.mismatch?.what, "result");
  assertEquals(wrongAddress.mismatch?.recorded, '"0x1000"');
  const index = wrongAddress.mismatch?.step ?? -1;
  assertEquals(wrongAddress.steps, index + 1);

  // Any single number changed in any dump or hash must be noticed.
  const file = JSON.parse(read(name));
  let noticed = 0;
  for (const [step, [operation]] of file.steps.entries()) {
    if (operation !== "dump" && operation !== "hash") continue;
    const text = changed(name, (steps) => {
      const recorded = steps[step];
      if (recorded === undefined) return;
      recorded[1] = JSON.parse(
        JSON.stringify(recorded[1]).replace(
          /(\d)([,\]}])/,
          (_, digit, rest) => `${(Number(digit) + 1) % 10}${rest}`,
        ),
      );
    });
    assertEquals(replayRecording(text, ENVIRONMENT).mismatch?.step, step);
    noticed++;
  }
  assert(noticed > 5);
});

Deno.test("replayRecording() refuses what it cannot read, and says why", () => {
  const whole = read("4a54e8a3-x86-1.json");
  const cases: [string, string][] = [
    ["", "it is no JSON, or cut off"],
    [whole.slice(0, whole.length / 2), "it is no JSON, or cut off"],
    ["\u0000\u0001", "it is no JSON"],
    ["[]", "it must be an object"],
    ['{"a": 1}', "it must be an object"],
    ['{"steps": 1, "pageShift": 12}', '"steps" must be a list, it is 1'],
    ['{"steps": [], "pageShift": 12}', '"edition" must be a string, it is missing'],
    [
      changed("4a54e8a3-x86-1.json", (steps) => steps.splice(0, 9, ["jump", null])),
      '"jump" is no operation',
    ],
    [
      changed("4a54e8a3-x86-1.json", (steps) => steps.splice(0, 9, ["free 77", null])),
      '"free 77" is no operation',
    ],
    [
      whole.replace('"edition": "4a54e8a3"', '"edition": "deadbeef"'),
      'edition "deadbeef" is not known',
    ],
    [whole.replace('"arch": "x86"', '"arch": "vax"'), 'layout "vax"'],
    [whole.replace('"steps": [', '"steps": [["dump"],'), "step 0 must be a pair"],
  ];
  for (const [text, wanted] of cases) {
    assertThrows(() => replayRecording(text, ENVIRONMENT), RecordingError, wanted);
  }
});

Deno.test("replayRecording() refuses numbers that mean nothing instead of guessing", () => {
  const operations = [
    "init_area any zero 0x2000",
    "init_area any 0x1000 -5",
    "alloc_pages 1 x any",
    "alloc_pages 1 0 area99999|nonsense",
    "memalign_pages 1 0x1000",
    "reserve 0x1000 many",
    "free_addr here",
  ];
  for (const operation of operations) {
    const text = changed("4a54e8a3-x86-1.json", (steps) => steps.splice(0, 9, [operation, null]));
    assertThrows(() => replayRecording(text, ENVIRONMENT), RecordingError, operation);
  }
});

Deno.test("fnv1a32() and fnv1a64() give the published hashes", () => {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  assertEquals(fnv1a64(bytes("")), "0xcbf29ce484222325");
  assertEquals(fnv1a64(bytes("foobar")), "0x85944171f73967e8");
  assertEquals(fnv1a32(bytes("foobar")), 0xbf9cf968);
});
