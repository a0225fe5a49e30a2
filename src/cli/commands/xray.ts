/**
 * `xray`: what stands in a dump of a guest's memory.
 *
 * @module
 */

import { archNamed, ARCHS } from "../../../arch/mod.ts";
import type { Arch } from "../../arch.ts";
import { escapeText, sizeWords } from "../../report/mod.ts";
import { nearestWord } from "../../scenario/mod.ts";
import { byteCount, physAddr } from "../../units.ts";
import { DumpError, xray } from "../../xray/mod.ts";
import type { Xray, XrayOptions } from "../../xray/mod.ts";
import { bytesOption } from "../boot_memory.ts";
import { JSON_OPTION, writeJson, writeLines } from "../command.ts";
import type { Command, Context } from "../command.ts";
import { EDITION_OPTION, editionsOf } from "../edition_option.ts";
import { EXIT, refuseWord } from "../exit.ts";
import type { ExitCode } from "../exit.ts";
import { FileError } from "../io.ts";
import { Progress, secondsText } from "../progress.ts";
import { xrayData } from "../xray_json.ts";
import { XRAY_VIEWS, xrayLines } from "../xray_text.ts";

function archsFor({ args }: Context): readonly Arch[] {
  const name = args.value("arch");
  if (name === null) return ARCHS;
  const names = ARCHS.map((arch) => arch.name);
  const arch = archNamed(name) ??
    refuseWord("architecture", name, nearestWord(name, names), XRAY.name);
  return [arch];
}

function addressFor({ args }: Context, name: string): bigint | null {
  const address = bytesOption(args, name);
  if (address === null || address < 1n << 64n) return address;
  return args.refuse(`Option --${name} must be an address below 2^64`);
}

function pageShiftFor({ args }: Context, archs: readonly Arch[]): number | null {
  const bytes = bytesOption(args, "page-size");
  if (bytes === null) return null;
  const shifts = archs.flatMap(({ pageShifts }) => pageShifts);
  return shifts.find((shift) => bytes === 1n << BigInt(shift)) ??
    args.refuse("Option --page-size must be one that the architecture has: 4K, 16K or 64K");
}

function optionsFor(context: Context): XrayOptions {
  const archs = archsFor(context);
  const [ramBase, descriptors] = [
    addressFor(context, "ram-base"),
    addressFor(context, "descriptor"),
  ];
  const editions = editionsOf(context.args, XRAY.name);
  const pageShift = pageShiftFor(context, archs);
  return {
    archs,
    ...(ramBase === null ? {} : { ramBase: physAddr(ramBase) }),
    ...(descriptors === null ? {} : { descriptors: physAddr(descriptors) }),
    ...(editions.length === 0 ? {} : { editions }),
    ...(pageShift === null ? {} : { pageShift }),
  };
}

/** Shows how far a search is: on a terminal only, and not beside JSON. */
function progressOf({ io, args }: Context): { options: Partial<XrayOptions>; end: () => void } {
  if (!io.stderr.isTerminal || args.has("json")) return { options: {}, end: () => {} };
  const progress = new Progress(io, 0, "");
  const onProgress = (done: number, total: number): void =>
    progress.tell((elapsed) => {
      const left = secondsText(elapsed * (total - done) / Math.max(1, done));
      const percent = Math.floor(100 * done / Math.max(1, total));
      return `searched ${percent} % of ${sizeWords(byteCount(BigInt(total)))}, ${left} left`;
    });
  return { options: { onProgress }, end: () => progress.clear() };
}

function lookAt(context: Context, path: string, options: XrayOptions): Xray {
  const file = context.io.openFile(path);
  const progress = progressOf(context);
  try {
    return xray(file, { ...options, ...progress.options });
  } catch (error) {
    if (error instanceof DumpError) throw new FileError(`${escapeText(path)}: ${error.message}`);
    throw error;
  } finally {
    progress.end();
    file.close();
  }
}

function run(context: Context): Promise<ExitCode> {
  const { args, paint } = context;
  const [path, ...more] = args.words;
  if (path === undefined) return args.refuse("xray needs a dump of memory");
  if (more.length > 0) return args.refuse("xray takes one dump");
  const wanted = args.list("show");
  if (wanted.length > 0 && args.has("json")) {
    args.refuse("Option --show must not stand beside --json: it says how the text looks");
  }
  const found = lookAt(context, path, optionsFor(context));
  if (args.has("json")) writeJson(context, xrayData(path, found));
  else {
    const views = wanted.length === 0
      ? XRAY_VIEWS.filter((view) => view !== "blocks" && view !== "states")
      : XRAY_VIEWS.filter((view) => wanted.includes(view));
    writeLines(context, xrayLines(path, found, views, paint));
  }
  const isSound = found.violations.length === 0 && found.corrupt.length === 0;
  return Promise.resolve(isSound ? EXIT.held : EXIT.failed);
}

/** The command. */
export const XRAY: Command = {
  name: "xray",
  summary: "looks into a dump of a guest's memory: areas, lists, the first corrupt byte",
  usage: "DUMP",
  options: [
    { name: "arch", value: "ARCH", help: "the architecture; found by the contents by default" },
    {
      name: "ram-base",
      value: "ADDR",
      help: "where a raw dump begins; by default where the architecture's RAM does",
    },
    {
      name: "descriptor",
      value: "ADDR",
      help: "the address of the array of area descriptors: nothing is searched for",
    },
    { ...EDITION_OPTION, help: "the editions that it can be; all by default" },
    { name: "page-size", value: "SIZE", help: "the size of a page: 4K, 16K or 64K" },
    {
      name: "show",
      value: "VIEW,…",
      choices: XRAY_VIEWS,
      help: `shows ${XRAY_VIEWS.join(", ")}; map, lists and vmalloc by default`,
    },
    JSON_OPTION,
  ],
  notes: [
    "A DUMP is raw memory, as pmemsave of QEMU's monitor writes it, or an ELF core, as",
    "dump-guest-memory does; run and boot write both with --dump. Areas are found by their",
    "descriptors, or by the page states in their metadata and the list nodes of their free blocks.",
    "The exit code is 1 if a rule is broken or a byte is corrupt, 2 if no area is found.",
    "docs/xray.md shows how to make a dump, what is found and what cannot be.",
  ],
  examples: ["xray guest.elf", "xray memory.raw --arch arm64 --ram-base 0x40000000 --json"],
  run,
};
