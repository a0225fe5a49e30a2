/**
 * The layers of the model as data, and the check that a file imports only from below.
 *
 * @module
 */

import { importsOf, type SourceFile } from "./source_text.ts";

/** A layer: its height, and its files and folders, without `.ts` and without a slash at the end. */
export interface Layer {
  readonly height: number;
  readonly members: readonly string[];
}

/** The layers, bottom-up. The whole numbers are those of the list in the README. */
export const LAYERS: readonly Layer[] = [
  { height: 0, members: ["src/units", "src/word", "src/outcome", "src/frame_ranges"] },
  { height: 0.4, members: ["src/arch_boot", "src/assertion_sites", "src/boot_event"] },
  { height: 0.45, members: ["src/source_sites"] },
  { height: 0.5, members: ["src/assertions", "src/assertions_stack"] },
  { height: 0.55, members: ["src/sources"] },
  {
    height: 0.6,
    members: [
      "src/boot_promise_facts",
      "src/page_state_format",
      "src/promise_facts",
      "src/stack_facts",
      "src/vmalloc_promise_facts",
    ],
  },
  { height: 1, members: ["src/arch"] },
  { height: 1.1, members: ["arch"] },
  { height: 1.5, members: ["src/edition", "src/platform"] },
  { height: 2, members: ["src/memory"] },
  {
    height: 3,
    members: [
      "src/alloc_page_list_runs",
      "src/linked_list",
      "src/page_allocator",
      "src/request_flags",
    ],
  },
  { height: 3.5, members: ["src/fragmentation"] },
  {
    height: 4,
    members: [
      "src/alloc_phys",
      "src/alloc_page",
      "src/alloc_page_list",
    ],
  },
  { height: 4.2, members: ["src/alloc_page_fast"] },
  { height: 4.3, members: ["src/page_engines"] },
  { height: 4.5, members: ["src/mmu"] },
  { height: 4.8, members: ["src/host"] },
  { height: 5, members: ["src/vmalloc"] },
  { height: 6, members: ["src/alloc"] },
  { height: 7, members: ["src/machine"] },
  { height: 7.5, members: ["src/boot"] },
  { height: 7.8, members: ["src/check/invariants"] },
  { height: 7.85, members: ["src/check/stack_rules"] },
  { height: 8, members: ["src/scenario"] },
  { height: 8.2, members: ["src/replay"] },
  { height: 8.3, members: ["src/metadata_design"] },
  { height: 8.4, members: ["src/lab"] },
  { height: 8.4, members: ["src/xray"] },
  { height: 8.5, members: ["mod"] },
  { height: 9, members: ["src/check", "src/report"] },
  { height: 9.5, members: ["src/explorer"] },
  { height: 10, members: ["src/cli"] },
];

/** What `arch/` may import besides itself: it is data. */
const ARCH_IMPORTS: ReadonlySet<string> = new Set(["src/units.ts", "src/arch.ts"]);

/** Something that only named files or folders may import. */
export interface Permission {
  /** The member that is imported, or the package, whichever of its entry points. */
  readonly what: string;
  /** The file, or the folder with a slash at its end, that may. */
  readonly by: string;
  readonly reason: string;
}

/** Who may import `arch`, and who may import which package; nobody else may. */
export const PERMISSIONS: readonly Permission[] = [
  { what: "arch", by: "src/cli/", reason: "the list of architectures is what a user chooses from" },
  {
    what: "arch",
    by: "src/explorer/app/",
    reason: "the page is a command line that one sees: its user chooses",
  },
  { what: "@std/cli", by: "src/cli/", reason: "arguments" },
  { what: "@std/fmt", by: "src/cli/", reason: "colours, counts of bytes, durations" },
  { what: "node:module", by: "src/cli/host.ts", reason: "the explorer's modules without types" },
  { what: "fast-check", by: "src/check/", reason: "random search and shrinking" },
];

/**
 * The layer member that a path belongs to: `src/memory/ram.ts` belongs to `src/memory`. A folder inside
 * a member can be a member of its own, lower down: it is listed first.
 */
function memberOf(path: string): string | undefined {
  return LAYERS.flatMap((layer) => layer.members)
    .find((member) => path === `${member}.ts` || path.startsWith(`${member}/`));
}

function heightOf(member: string): number {
  return LAYERS.find((layer) => layer.members.includes(member))?.height ?? NaN;
}

/** The path that a relative specifier means. */
export function resolve(from: string, specifier: string): string {
  const base = new URL(from, "file:///");
  return decodeURIComponent(new URL(specifier, base).pathname.slice(1));
}

/**
 * Reads the order of a folder's files, bottom-up, from its `mod.ts`: a comment `// Order: a, b, mod`.
 * A line that ends in a comma goes on in the next comment line.
 */
export function readOrder(text: string): string[] | undefined {
  const found = /^\/\/ Order:((?:[^\n]*,\s*\n\/\/)*[^\n]*)$/m.exec(text)?.[1];
  return found?.replaceAll("//", "").split(",")
    .map((name) => name.trim().replace(/\.$|\/$/, "").replace(/\.ts$/, "")).filter(Boolean);
}

/** What a folder's order calls a path below it: the file without `.ts`, or the inner folder. */
function nameIn(folder: string, path: string): string {
  return path.slice(folder.length).split("/")[0]?.replace(/\.ts$/, "") ?? "";
}

/** All folders of the layers that hold files: `src/memory/`, and folders within. */
function foldersOf(files: readonly SourceFile[]): string[] {
  const folders = files.flatMap(({ path }) => {
    const parts = path.split("/").slice(0, -1);
    return parts.map((_, index) => `${parts.slice(0, index + 1).join("/")}/`);
  });
  return [...new Set(folders)].filter((folder) => folder !== "src/").toSorted();
}

/** Problems of the written orders: a folder without one, a file that is not in it, a name of no file. */
function orderProblems(
  files: readonly SourceFile[],
  orders: ReadonlyMap<string, readonly string[]>,
): string[] {
  return foldersOf(files).flatMap((folder) => {
    const inside = files.filter(({ path }) => path.startsWith(folder));
    const names = [...new Set(inside.map(({ path }) => nameIn(folder, path)))];
    const order = orders.get(folder);
    if (order === undefined) {
      const isAlone = names.length === 1 && names[0] === "mod";
      return isAlone ? [] : [`${folder}mod.ts has no line "// Order: ..." that lists its files`];
    }
    return [
      ...names.filter((name) => !order.includes(name))
        .map((name) => `${folder}${name} is not in the order that ${folder}mod.ts lists`),
      ...order.filter((name) => !names.includes(name))
        .map((name) => `${folder}mod.ts lists "${name}", which is not there`),
      ...order.filter((name, index) => order.indexOf(name) !== index)
        .map((name) => `${folder}mod.ts lists "${name}" twice`),
    ];
  });
}

/** Why two files of one member may not import each other in this way, or nothing. */
function insideProblem(
  from: string,
  to: string,
  orders: ReadonlyMap<string, readonly string[]>,
): string | undefined {
  const fromParts = from.split("/");
  const toParts = to.split("/");
  const depth = fromParts.findIndex((part, index) => part !== toParts[index]);
  const folder = `${fromParts.slice(0, depth < 0 ? -1 : depth).join("/")}/`;
  const order = orders.get(folder);
  if (depth < 0) return "a file imports itself";
  if (order === undefined) return undefined; // Reported once, for the folder.
  const fromAt = order.indexOf(nameIn(folder, from));
  const toAt = order.indexOf(nameIn(folder, to));
  return fromAt > toAt ? undefined : `in the order of ${folder}mod.ts it comes later`;
}

function isPermitted(from: string, what: string): boolean {
  return PERMISSIONS.some((permission) =>
    `${what}/`.startsWith(`${permission.what}/`) &&
    (from === permission.by || (permission.by.endsWith("/") && from.startsWith(permission.by)))
  );
}

/** Why a file may not import another, or nothing. */
function importProblem(
  from: string,
  specifier: string,
  paths: ReadonlySet<string>,
  orders: ReadonlyMap<string, readonly string[]>,
): string | undefined {
  if (!specifier.startsWith(".")) {
    return isPermitted(from, specifier) ? undefined : "this package is not for this file";
  }
  const to = resolve(from, specifier);
  const fromMember = memberOf(from);
  const toMember = memberOf(to);
  if (fromMember === undefined) return undefined; // Reported once, for the file.
  if (toMember === undefined) return "it is in no layer";
  if (!paths.has(to)) return "there is no such file";
  if (fromMember === toMember) return insideProblem(from, to, orders);
  if (fromMember === "arch") return ARCH_IMPORTS.has(to) ? undefined : "arch is data";
  if (toMember === "arch") {
    return isPermitted(from, "arch") ? undefined : "a machine is given its architecture";
  }
  const fromHeight = heightOf(fromMember);
  const toHeight = heightOf(toMember);
  return toHeight < fromHeight
    ? undefined
    : `layer ${fromHeight} may only import from below, not from layer ${toHeight}`;
}

/** All problems with the layers of a set of files: one line each, empty if all is well. */
export function layerProblems(files: readonly SourceFile[]): string[] {
  const paths = new Set(files.map(({ path }) => path));
  const orders = new Map(
    files.filter(({ path }) => path.endsWith("/mod.ts")).flatMap(({ path, text }) => {
      const order = readOrder(text);
      return order === undefined ? [] : [[path.slice(0, -"mod.ts".length), order] as const];
    }),
  );
  const strangers = files.filter(({ path }) => memberOf(path) === undefined)
    .map(({ path }) => `${path} is in no layer`);
  const pairs = files.flatMap(({ path, text }) =>
    importsOf(text).flatMap((specifier) => {
      const problem = importProblem(path, specifier, paths, orders);
      const target = specifier.startsWith(".") ? resolve(path, specifier) : specifier;
      return problem === undefined ? [] : [`${path} imports ${target}: ${problem}`];
    })
  );
  return [...strangers, ...orderProblems(files, orders), ...pairs];
}
