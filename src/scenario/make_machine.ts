/**
 * The machine of a scenario, made of its first statement.
 *
 * @module
 */

import type { Arch, FirmwareRange } from "../arch.ts";
import { firmwaresOf, qemuMemoryOf, switchOn } from "../boot/mod.ts";
import { DEFAULT_EDITION, editionNamed } from "../edition.ts";
import type { Edition } from "../edition.ts";
import { createMachine } from "../machine.ts";
import type { Machine, MachineOptions } from "../machine.ts";
import { parseMemoryMapText } from "../memory/mod.ts";
import type { BootInputs } from "../platform.ts";
import { byteCount, physAddr, virtAddr } from "../units.ts";
import type { ScenarioEnvironment } from "./environment.ts";
import { DEFAULT_ARCH_NAME, findMachineMisfit } from "./machine_statement.ts";
import type { MachineStatement, Scenario } from "./types.ts";
import { quotedWord } from "./words.ts";

function archOf(statement: MachineStatement, { archs }: ScenarioEnvironment): Arch {
  const misfit = findMachineMisfit(statement, archs);
  const arch = archs.find(({ name }) => name === statement.arch);
  if (misfit === null && arch !== undefined) return arch;
  const nearest = misfit?.nearest ?? null;
  const hint = nearest === null ? "" : `; the nearest is ${quotedWord(nearest)}`;
  const word = quotedWord(misfit?.word ?? statement.arch);
  throw new RangeError(`Cannot make a machine of ${word}: ${misfit?.expected}${hint}`);
}

function editionOf({ edition }: MachineStatement, environment: ScenarioEnvironment): Edition {
  const named = edition === undefined ? DEFAULT_EDITION : editionNamed(edition);
  const chosen = environment.edition ?? named;
  if (chosen !== null) return chosen;
  throw new RangeError(
    `Cannot make a machine of edition ${quotedWord(edition ?? "")}: there must be such an edition`,
  );
}

/** What a memory map says of the inputs of boot. */
type GivenMemory = Partial<Pick<BootInputs, "memory" | "firmware" | "firmwareLimit" | "textEnd">>;

/** No limit to high memory (x86_64): what hardware without QEMU's firmware configuration answers. */
const NO_LIMIT = (1n << 64n) - 1n;

/** Where the code ends if EFI has loaded the image: taken to be in the middle of the loader's code. */
function efiTextEnd(arch: Arch, memory: readonly FirmwareRange[]): Pick<GivenMemory, "textEnd"> {
  const code = memory.find(({ efiType }) => efiType === "loader-code");
  if (arch.boot.defaults.textEnd === null || code === undefined) return {};
  return { textEnd: physAddr(code.first + code.size / 0x2000n * 0x1000n) };
}

/**
 * Reads the memory map of a machine that is not QEMU's. An EFI map makes an EFI guest where there are
 * such guests.
 */
function memoryOfMap(name: string, arch: Arch, environment: ScenarioEnvironment): GivenMemory {
  const text = environment.mapTexts?.get(name);
  if (text === undefined) {
    throw new RangeError(
      `Cannot read the memory map ${quotedWord(name)}: its text must be given with the scenario`,
    );
  }
  const { format, ranges } = parseMemoryMapText(text);
  const given: GivenMemory = { memory: ranges, firmwareLimit: NO_LIMIT };
  if (format !== "efi" || !firmwaresOf(arch).includes("efi")) return given;
  return { ...given, firmware: "efi", ...efiTextEnd(arch, ranges) };
}

function memoryOf(
  { ram, map }: MachineStatement,
  arch: Arch,
  environment: ScenarioEnvironment,
): GivenMemory {
  if (map !== undefined) return memoryOfMap(map, arch, environment);
  return ram === undefined ? {} : { memory: qemuMemoryOf(arch, byteCount(ram)) };
}

/** Whether the machine has firmware that lists its memory, and is no bare page allocator. */
function hasFirmware(statement: MachineStatement, scenario: Scenario): boolean {
  const { ram, map, firmware, cpus, memLimit, initrd } = statement;
  return [ram, map, firmware, cpus, memLimit, initrd].some((value) => value !== undefined) ||
    scenario.statements.some((one) => one.kind === "call" && one.call === "boot");
}

/**
 * The first statement, if it is a machine statement, or what stands for it.
 *
 * @param scenario the scenario
 * @returns the statement
 */
export function machineStatementOf({ statements: [first] }: Scenario): MachineStatement {
  return first?.kind === "machine" ? first : { kind: "machine", arch: DEFAULT_ARCH_NAME };
}

/**
 * Makes the machine of a scenario. It has the memory that `ram=` or `map=` say; that of the recorded
 * guest if something else needs a machine that can boot; otherwise none.
 *
 * @param scenario the scenario
 * @param environment the architectures, and what else it runs in
 * @param watched whether rules will look at its memory after each call: the fast engine would have to
 * write it down each time, so that the literal one is faster
 * @returns the machine, which did not boot yet
 * @throws {RangeError} if there is no such machine
 * @throws {SyntaxError} if the text of its map is none
 */
export function makeMachine(
  scenario: Scenario,
  environment: ScenarioEnvironment,
  watched: "off" | "violations",
): Machine {
  const statement = machineStatementOf(scenario);
  const arch = archOf(statement, environment);
  const { pageSize, powerOn, areasAddress, byteOrder } = statement;
  const engine = statement.engine ?? (watched === "violations" ? "literal" : undefined);
  const options: MachineOptions = {
    arch,
    edition: editionOf(statement, environment),
    ...(pageSize === undefined ? {} : { pageShift: pageSize.toString(2).length - 1 }),
    ...(powerOn === undefined ? {} : { powerOn }),
    ...(areasAddress === undefined ? {} : { areasAddress: virtAddr(areasAddress) }),
    ...(byteOrder === undefined ? {} : { byteOrder }),
    ...(engine === undefined ? {} : { engine }),
  };
  if (!hasFirmware(statement, scenario)) return createMachine(options);
  const { firmware, cpus, memLimit, initrd } = statement;
  return switchOn({
    ...options,
    inputs: {
      ...memoryOf(statement, arch, environment),
      ...(firmware === undefined ? {} : { firmware }),
      ...(cpus === undefined ? {} : { cpus }),
      ...(memLimit === undefined ? {} : { memLimitMib: memLimit }),
      ...(initrd === undefined ? {} : { initrdBytes: byteCount(initrd) }),
    },
  });
}
