/**
 * `boot`: boots a machine on a memory map and tells what became of it.
 *
 * @module
 */

import { archNamed, ARCHS } from "../../../arch/mod.ts";
import type { Arch } from "../../arch.ts";
import { boot } from "../../boot/mod.ts";
import { DEFAULT_EDITION } from "../../edition.ts";
import type { Edition } from "../../edition.ts";
import type { Machine } from "../../machine.ts";
import { bootToJson, bootVerdict, escapeText, printBootVerdicts } from "../../report/mod.ts";
import type { BootVerdict } from "../../report/mod.ts";
import { nearestWord } from "../../scenario/mod.ts";
import { memoryOfText, memoryWithoutFile } from "../boot_memory.ts";
import type { BootMemory } from "../boot_memory.ts";
import { bootPlan } from "../boot_options.ts";
import type { BootPlan } from "../boot_options.ts";
import { JSON_OPTION, writeJson } from "../command.ts";
import type { Command, Context } from "../command.ts";
import { DUMP_OPTIONS, dumpOrderOf, writeDump } from "../dump_out.ts";
import { EDITION_OPTION, editionsOf } from "../edition_option.ts";
import { EXIT, refuseWord, UsageError } from "../exit.ts";
import type { ExitCode } from "../exit.ts";
import { FileError, STANDARD_INPUT } from "../io.ts";

function archFor({ args }: Context): Arch {
  const [name, ...more] = args.words;
  if (name === undefined) return args.refuse("boot needs an architecture");
  if (more.length > 0) args.refuse("boot takes one architecture");
  const names = ARCHS.map((arch) => arch.name);
  return archNamed(name) ??
    refuseWord("architecture", name, nearestWord(name, names), BOOT_COMMAND.name);
}

/** What the model refuses, as an error of the user: the sentence of the model, and where it was. */
function refused(error: unknown, place: string): unknown {
  const isRefusal = (error instanceof RangeError || error instanceof UsageError) &&
    error.message.startsWith("Cannot ");
  return isRefusal ? new UsageError(place + escapeText(error.message), BOOT_COMMAND.name) : error;
}

function shownPath(path: string): string {
  return path === STANDARD_INPUT ? "standard input" : escapeText(path);
}

async function memoryFor({ args, io }: Context, arch: Arch): Promise<BootMemory> {
  const path = args.value("map");
  if (path === null) return memoryWithoutFile(args, arch);
  for (const name of ["ram", "machine"]) {
    if (args.value(name) !== null) args.refuse(`Options --map and --${name} exclude each other`);
  }
  const text = await io.readText(path);
  try {
    return memoryOfText(args, arch, { name: shownPath(path), text });
  } catch (error) {
    if (error instanceof SyntaxError) {
      throw new FileError(`${shownPath(path)}: ${escapeText(error.message)}`);
    }
    throw error;
  }
}

/** What became of a boot, and the machine. */
interface Ended {
  readonly verdict: BootVerdict;
  readonly machine: Machine;
}

function endOf(plan: BootPlan, memory: BootMemory, edition: Edition): Ended {
  const booted = boot({ ...plan.options, edition });
  const notes = [...plan.notes, ...booted.notes];
  return { verdict: bootVerdict({ ...booted, notes }, memory.map), machine: booted.machine };
}

async function run(context: Context): Promise<ExitCode> {
  const { args, io, paint } = context;
  const arch = archFor(context);
  const named = editionsOf(args, BOOT_COMMAND.name);
  const editions = named.length === 0 ? [DEFAULT_EDITION] : named;
  const order = dumpOrderOf(context);
  if (order !== null && editions.length > 1) {
    args.refuse("Option --dump must stand beside one edition: a dump is one machine");
  }
  const path = args.value("map");
  const place = path === null ? "" : `${shownPath(path)}: `;
  try {
    const memory = await memoryFor(context, arch);
    const plan = bootPlan(args, arch, memory);
    const ended = editions.map((edition) => endOf(plan, memory, edition));
    const verdicts = ended.map(({ verdict }) => verdict);
    if (args.has("json")) writeJson(context, bootToJson(verdicts));
    else {
      const isDrawn = io.stdout.isTerminal && !io.noColor && args.value("color") !== "never";
      const glyphs = isDrawn ? "blocks" : "ascii";
      io.stdout.write(printBootVerdicts(verdicts, { paint, glyphs }));
    }
    const [only] = ended;
    if (order !== null && only !== undefined) {
      writeDump(context, only.machine, order, path === null ? [] : [path]);
    }
    return verdicts.some(({ stopped }) => stopped !== null) ? EXIT.failed : EXIT.held;
  } catch (error) {
    throw refused(error, place);
  }
}

/** The command. */
export const BOOT_COMMAND: Command = {
  name: "boot",
  summary: "boots a machine on a memory map: what it uses, what it loses, where it stops",
  usage: "ARCH [--map FILE | --ram SIZE] [--edition NAME,…]",
  options: [
    { name: "map", value: "FILE", help: "a memory map as people post it, or - for standard input" },
    { name: "ram", value: "SIZE", help: "an amount of RAM, laid out as QEMU does: 512M, 8G" },
    { name: "machine", value: "NAME", help: "QEMU's machine, with --ram: pc or q35 on x86" },
    {
      ...EDITION_OPTION,
      help: `the editions, side by side; ${DEFAULT_EDITION.name} by default; all for all`,
    },
    { name: "firmware", value: "NAME", help: "who tells of the memory: multiboot, efi and so on" },
    { name: "page-size", value: "SIZE", help: "the size of a page: 4K, 16K or 64K" },
    { name: "cpus", value: "COUNT", help: "the number of processors; 1 by default (s390x)" },
    { name: "initrd", value: "BYTES", help: "the size of the initrd; none by default" },
    { name: "image-end", value: "ADDRESS", help: "where the image ends" },
    { name: "memlimit", value: "MIB", help: "MEMLIMIT in the environment of the test (x86_64)" },
    {
      name: "host",
      value: "WHERE",
      choices: ["qemu", "metal"],
      help: "whether QEMU's fw_cfg limits find_highmem (x86_64); as the map looks by default",
    },
    ...DUMP_OPTIONS,
    JSON_OPTION,
  ],
  notes: [
    "A map is recognised by its lines: e820 of a kernel log, /proc/iomem, an EFI map, a device",
    "tree, or lines START-END TYPE. Without --map and --ram, the machine of the recorded guest",
    "boots. In a plain list bare numbers are hex: 100000-7fe0000 ram. docs/json.md describes --json.",
    "The first line is the verdict. The exit code is 1 if boot stops on any edition.",
    "With --dump, of one edition, the memory is that at the end; Deno needs --allow-write=OUT.",
  ],
  examples: [
    "boot x86_64 --ram 8G",
    "boot x86_64 --map examples/maps/vmware_7g.txt --edition all",
  ],
  run,
};
