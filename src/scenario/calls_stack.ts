/**
 * The calls of boot and of malloc.
 *
 * @module
 */

import { calloc, free, malloc, memalign } from "../alloc.ts";
import { physAllocShow } from "../alloc_phys.ts";
import { bootMachine, countsProcessors, hasVmalloc, setUpVm, smpCpuSetup } from "../boot/mod.ts";
import type { Booted } from "../boot/mod.ts";
import { stop } from "../outcome.ts";
import { virtAddr } from "../units.ts";
import {
  addressValue,
  argument,
  integerValue,
  NOTHING,
  numberArgument,
  optional,
  PAGE_CALL,
  required,
} from "./call_row.ts";
import type { CallInput, CallRow } from "./call_row.ts";
import type { Value } from "./types.ts";

/** Ends the call as a part of boot ended. */
function finish({ outcome }: Booted): Value {
  if (outcome.kind !== "returned") stop(outcome);
  return NOTHING;
}

function runBoot(input: CallInput): Value {
  return finish(bootMachine(input.machine, input.args.length > 0 ? "setup-vm" : "end"));
}

function runSmpCpuSetup(input: CallInput): Value {
  const { machine } = input;
  const { platform } = machine;
  const cpu = numberArgument(input, 0);
  if (platform?.state !== "booted") {
    throw new RangeError(`Cannot set up processor ${cpu}: the machine must have booted`);
  }
  const { cpus } = platform.inputs;
  if (cpu < 1 || cpu >= cpus) {
    throw new RangeError(
      `Cannot set up processor ${cpu}: its number must be from 1 to one less than cpus=, which is ${cpus}`,
    );
  }
  if (platform.cpusSetUp.includes(cpu)) return integerValue(-1);
  smpCpuSetup(machine);
  machine.platform = { ...platform, cpusSetUp: [...platform.cpusSetUp, cpu] };
  return integerValue(0);
}

function runShowEarly({ machine }: CallInput): Value {
  machine.printed.push(...physAllocShow(machine.early));
  return NOTHING;
}

/** The calls of boot, in the order of the documentation. */
export const BOOT_CALLS: readonly CallRow[] = [
  {
    name: "boot",
    parameters: [optional("early", "stage")],
    options: [],
    result: "nothing",
    help: "boots up to and with setup_vm; with early, up to right before it",
    stackCall: () => ({ kind: "boot" }),
    run: runBoot,
  },
  {
    name: "setup_vm",
    parameters: [],
    options: [],
    result: "nothing",
    help: "builds the page tables and lets vmalloc serve malloc, after boot early",
    isIn: (edition, arch) => hasVmalloc(arch, edition),
    stackCall: () => ({ kind: "setup-vm" }),
    run: ({ machine }) => finish(setUpVm(machine)),
  },
  {
    name: "smp_cpu_setup",
    parameters: [required("CPU", "count")],
    options: [],
    result: "integer",
    help: "sets a further processor up: a lowcore and a stack (s390x); 0, or -1 if it was before",
    isIn: (_, arch) => countsProcessors(arch),
    stackCall: () => PAGE_CALL,
    run: runSmpCpuSetup,
  },
  {
    name: "phys_alloc_show",
    parameters: [],
    options: [],
    result: "nothing",
    help: "prints what the early allocator gave out",
    stackCall: () => PAGE_CALL,
    run: runShowEarly,
  },
];

/** The calls of malloc, in the order of the documentation. */
export const MALLOC_CALLS: readonly CallRow[] = [
  {
    name: "malloc",
    parameters: [required("SIZE", "size")],
    options: [],
    result: "address",
    help: "allocates SIZE bytes from whichever allocator serves malloc",
    stackCall: (input) => ({ kind: "malloc", size: argument(input, 0) }),
    run: (input) => addressValue(malloc(input.machine, argument(input, 0))),
  },
  {
    name: "calloc",
    parameters: [required("NUMBER", "size"), required("SIZE", "size")],
    options: [],
    result: "address",
    help: "allocates NUMBER times SIZE bytes and clears them",
    stackCall: (input) => ({
      kind: "calloc",
      count: argument(input, 0),
      size: argument(input, 1),
    }),
    run: (input) => addressValue(calloc(input.machine, argument(input, 0), argument(input, 1))),
  },
  {
    name: "memalign",
    parameters: [required("ALIGNMENT", "size"), required("SIZE", "size")],
    options: [],
    result: "address",
    help: "allocates SIZE bytes at a multiple of ALIGNMENT bytes",
    stackCall: (input) => ({
      kind: "memalign",
      alignment: argument(input, 0),
      size: argument(input, 1),
    }),
    run: (input) => addressValue(memalign(input.machine, argument(input, 0), argument(input, 1))),
  },
  {
    name: "free",
    parameters: [required("ADDRESS", "address")],
    options: [],
    result: "nothing",
    help: "frees what malloc gave, by whichever allocator serves malloc now",
    stackCall: (input) => ({ kind: "free", address: argument(input, 0) }),
    run: (input) => {
      free(input.machine, virtAddr(argument(input, 0)));
      return NOTHING;
    },
  },
];
