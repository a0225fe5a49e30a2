/**
 * The page about promises: generated from the table, and from runs of its scenarios.
 *
 * @module
 */

import type { Arch } from "../../arch.ts";
import { DEFAULT_EDITION, EDITIONS } from "../../edition.ts";
import type { Edition } from "../../edition.ts";
import { anchorOf, markdownTable, PAGE_COLUMNS, wrapMarkdown } from "../markdown.ts";
import type { KeptPromise, PromiseGroup } from "./kept_promise.ts";
import { brokenSince, newestBroken, showPromise } from "./show_promise.ts";

/** What stands between the name of an edition and what it gives. */
const GAP = 2;

/** Names of things, which keep their small letter at the begin of a title. */
const NAMES: ReadonlySet<string> = new Set(["arm", "malloc", "vmalloc", "vmap"]);

/** A promise, and what its scenario shows. */
interface Shown {
  readonly promise: KeptPromise;
  readonly since: Edition | null;
}

/** What begins a text: the commit or the file that a promise was made in. */
function sourceOf({ madeBy }: KeptPromise): string {
  return madeBy.split(/[:,;]/)[0] ?? madeBy;
}

function titleOf({ promise }: KeptPromise): string {
  if (NAMES.has(promise.split(" ")[0] ?? "") || !/^[a-z]+ /.test(promise)) return promise;
  return `${promise.charAt(0).toUpperCase()}${promise.slice(1)}`;
}

function overviewOf(shown: readonly Shown[]): string[] {
  const rows = shown.map(({ promise, since }) => {
    const title = titleOf(promise);
    const link = `[${title}](#${anchorOf(title)})`;
    const from = since === EDITIONS[0] ? "all editions" : since?.name ?? "";
    return [link, sourceOf(promise), from, `\`${promise.fact}\``];
  });
  return markdownTable([["Promise", "Made by", "Broken since", "Fact"], ...rows]);
}

/** How the scenario ends on the newest edition that breaks the promise, and where it is kept. */
function endsOf(promise: KeptPromise, archs: readonly Arch[]): string[] {
  const editions = [newestBroken(promise), DEFAULT_EDITION];
  const width = Math.max(...editions.map(({ name }) => name.length));
  return editions.flatMap((edition) => {
    const shown = showPromise(promise, edition, archs);
    const text = shown?.end === "broken" ? shown.line : "all of it holds";
    return wrapMarkdown(text, PAGE_COLUMNS - width - GAP).map((line, at) =>
      `${(at === 0 ? edition.name : "").padEnd(width + GAP)}${line}`
    );
  });
}

function mapsOf({ maps = {} }: KeptPromise): string[] {
  return Object.entries(maps).flatMap(([name, text]) => [
    ...[`The memory map \`${name}\`:`, ""],
    ...["```text", text.trimEnd(), "```", ""],
  ]);
}

function sectionOf({ promise, since }: Shown, archs: readonly Arch[]): string[] {
  const { madeBy, broken, scenario, defect, fact } = promise;
  const number = defect === null ? "" : ` \`buddyscope defects --defect ${defect}\` finds it.`;
  const from = since === null || since === EDITIONS[0] ? "" : ` Broken since \`${since.name}\`.`;
  const facts = `Fact: \`${fact}\`.${from}${number}`;
  const shows = scenario === null ? ["No scenario of a few lines shows it; a test does.", ""] : [
    ...["```buddy", scenario.trimEnd(), "```", ""],
    ...mapsOf(promise),
    ...["```text", ...endsOf(promise, archs), "```", ""],
  ];
  return [
    ...[`### ${titleOf(promise)}`, ""],
    ...[...wrapMarkdown(`Promised by ${madeBy}.`), ""],
    ...[...wrapMarkdown(broken), ""],
    ...[...wrapMarkdown(facts), ""],
    ...shows,
  ];
}

/**
 * Writes the page about promises, in Markdown: an overview, and for each promise who made it, how
 * upstream's code breaks it, and the scenario that shows it with its end on both sides.
 *
 * @param groups the promises, by the part of the code that they are about
 * @param archs the architectures there are
 * @returns the page
 */
export function printPromises(groups: readonly PromiseGroup[], archs: readonly Arch[]): string {
  const shown = groups.map(({ title, promises }) => ({
    title,
    rows: promises.map((promise) => ({ promise, since: brokenSince(promise, archs) })),
  }));
  const { name } = DEFAULT_EDITION;
  const intro = [
    `The edition \`${name}\`, which runs where no edition is named, does what the authors of the`,
    "code say that it does. Each of its promises is one fact of the table of editions, and most",
    'have a scenario: all that it expects holds there, and something fails on the edition before. "Broken',
    'since" is measured: on that edition and on all up to the one before',
    `\`${name}\` the scenario fails. \`deno task docs\` writes this page from`,
    "`src/check/promises/`.",
  ].join(" ");
  return [
    ...["# Promises", ""],
    ...[...wrapMarkdown(intro), ""],
    ...shown.flatMap(({ title, rows }) => [
      ...[`## ${title}`, ""],
      ...[...overviewOf(rows), ""],
      ...rows.flatMap((row) => sectionOf(row, archs)),
    ]),
  ].join("\n");
}
