import { assert, assertEquals } from "@std/assert";
import { ARCHS } from "../arch/mod.ts";
import { CALLS, LANGUAGE, parseScenario, VIEWS } from "../src/scenario/mod.ts";

function usages(title: string): string[] {
  const section = LANGUAGE.find((candidate) => candidate.title === title);
  assert(section !== undefined, title);
  return section.entries.map(({ usage }) => usage);
}

/** A usage with its parts in capitals replaced, once without and once with what is optional. */
function examplesOf(usage: string): string[] {
  const values: Readonly<Record<string, string>> = {
    ...{ X: "p", Y: "p+0x1000", N: "3", K: "2", SIZE: "4K", TEXT: "text", "HH": "0f" },
    ...{ ADDRESS: "p", VALUE: "1", BYTES: "2", LENGTH: "16", BYTE: "0xff", COUNT: "2", ORDER: "3" },
    ...{ AREA: "any", FIRST: "0x100", TOP: "0x200", ALIGNMENT: "4K", NUMBER: "1", SEED: "3" },
    ...{ CPU: "1", PHYSICAL: "p" },
  };
  const filled = usage.replaceAll(/\b[A-Z]+\b/g, (word) => values[word] ?? word)
    .replaceAll("NAME", "LOW").replace(" ...", "");
  const shortest = filled.replaceAll(/\s*\[[^\]]*\]/g, "");
  return [shortest, filled.replaceAll(/[[\]]/g, "")].flatMap((text) => {
    const choices = /\S+\|\S+/.exec(text)?.[0];
    return choices === undefined
      ? [text]
      : choices.split("|").map((choice) => text.replace(choices, choice));
  });
}

function parses(line: string): void {
  parseScenario(`p = alloc_page\n${line}`);
}

Deno.test("LANGUAGE lists every call and view", () => {
  assertEquals(usages("calls").length + usages("the host").length, CALLS.length);
  assertEquals(usages("views"), [...VIEWS]);
  const empty = LANGUAGE.flatMap(({ entries }) => entries).filter(({ help }) => help === "");
  assertEquals(empty, []);
});

Deno.test("docs/scenarios.md lists every key, call and view as LANGUAGE does", () => {
  const text = Deno.readTextFileSync(new URL("../docs/scenarios.md", import.meta.url));
  const rows = [...text.matchAll(/^\| `([^`]+)` +\| (.+?) +\|$/gm)]
    .map(([, usage, help]) => `${usage?.replaceAll("\\|", "|")}: ${help}`);
  const wanted = LANGUAGE.flatMap(({ title, entries }) => {
    if (!["keys of machine", "calls", "the host", "views"].includes(title)) return [];
    const before = title === "views" ? "show " : "";
    return entries.map(({ usage, help }) => `${before}${usage}: ${help}`);
  });
  assertEquals(rows.filter((row) => !row.startsWith("expect ")), wanted);
});

Deno.test("LANGUAGE shows calls and expectations that can be read", () => {
  const lines = [...usages("calls"), ...usages("the host"), ...usages("expectations")].flatMap(
    examplesOf,
  );
  assert(lines.length > 40, `${lines.length} lines`);
  for (const line of lines) parses(line);
});

Deno.test("LANGUAGE shows options that can be read", () => {
  for (const option of usages("options of requests")) {
    parses(`alloc_page ${option.replace("NUMBER", "1")}`);
  }
});

Deno.test("LANGUAGE shows keys of the machine statement that can be read", () => {
  const values: Readonly<Record<string, string>> = {
    "ram=SIZE": "ram=256M",
    "map=FILE": 'map="my map.txt"',
    "edition=NAME": "edition=head",
    "page-size=SIZE": "page-size=64K",
    "power-on=zero|garbage[:SEED]": "power-on=garbage:3",
    "areas=ADDRESS": "areas=0x1000",
    "byte-order=little|big": "byte-order=big",
    "firmware=NAME": "firmware=device-tree",
    "cpus=NUMBER": "cpus=4",
    "memlimit=NUMBER": "memlimit=1048576",
    "initrd=SIZE": "initrd=18",
    "engine=auto|literal": "engine=literal",
  };
  assertEquals(usages("keys of machine"), Object.keys(values));
  const archOf: Readonly<Record<string, string>> = {
    "cpus=NUMBER": "s390x",
    "memlimit=NUMBER": "x86_64",
  };
  for (const [usage, value] of Object.entries(values)) {
    const line = `machine ${archOf[usage] ?? "ppc64"} ${value}`;
    assertEquals(parseScenario(line, { archs: ARCHS }).lines, [1]);
  }
});
