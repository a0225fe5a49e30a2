/**
 * A scenario as data: what a `.buddy` text, a builder and a random test all make.
 *
 * Everything here is plain data, without functions and without positions, so that two scenarios can be
 * compared, printed and sent elsewhere.
 *
 * @module
 */

import type { Firmware } from "../arch.ts";
import type { PageStatus } from "../edition.ts";
import type { Engine } from "../page_engines.ts";
import type { PowerOn } from "../memory/mod.ts";
import type { ByteOrder } from "../word.ts";

/** A value as a scenario writes it. */
export type Operand =
  /** A number: an address, a count, a size … in the unit of the place where it stands. */
  | { readonly kind: "number"; readonly value: bigint }
  /** `NULL`. */
  | { readonly kind: "null" }
  /** The result bound to a name, plus a number of bytes, which may be negative. */
  | { readonly kind: "name"; readonly name: string; readonly offset: bigint };

/** `machine ARCH …`: the machine that the rest runs on. Absent means: the default. */
export interface MachineStatement {
  /** Tells the statements apart. */
  readonly kind: "machine";
  /** The architecture's name. */
  readonly arch: string;
  /** The amount of RAM in bytes, laid out as QEMU's default machine does. */
  readonly ram?: bigint;
  /** The name of a text with a memory map; whoever runs the scenario gives the text. */
  readonly map?: string;
  /** The edition's name, an alias or a commit. */
  readonly edition?: string;
  /** The page size in bytes. */
  readonly pageSize?: bigint;
  /** What memory holds at power-on. */
  readonly powerOn?: PowerOn;
  /** The address of the array of area descriptors. */
  readonly areasAddress?: bigint;
  /** The byte order of words. */
  readonly byteOrder?: ByteOrder;
  /** Who tells the guest what memory there is. */
  readonly firmware?: Firmware;
  /** The number of processors. */
  readonly cpus?: number;
  /** `MEMLIMIT` in the environment of the guest, in MiB. */
  readonly memLimit?: bigint;
  /** The size of the initrd in bytes. */
  readonly initrd?: bigint;
  /** The engine of the page allocator. */
  readonly engine?: Engine;
}

/** The options of a call. */
export interface CallOptions {
  /** The areas allowed, by name, alias or `areaN`; empty for any. */
  readonly areas: readonly string[];
  /** `fresh`: whether the frames must never have been touched. */
  readonly fresh: boolean;
  /** `dontzero`: whether the contents may stay as they are. */
  readonly dontzero: boolean;
  /** `flags=`: the number that the call takes, in place of the other options; null for none. */
  readonly flags: number | null;
}

/** A call without options. */
export const NO_OPTIONS: CallOptions = { areas: [], fresh: false, dontzero: false, flags: null };

/** `[try] [NAME =] CALL ARGUMENTS… [OPTIONS]`. */
export interface CallStatement {
  /** Tells the statements apart. */
  readonly kind: "call";
  /** Whether the call is undone if it ends in anything but a return: `try`. */
  readonly mode: "run" | "try";
  /** The name that its result is bound to, or null. */
  readonly result: string | null;
  /** The call's name, such as `alloc_pages`. */
  readonly call: string;
  /** Its arguments, in order; an optional one may be left out at the end. */
  readonly args: readonly Operand[];
  /** Its options. */
  readonly options: CallOptions;
}

/** How two values may relate. `below`, `at` and `above` exclude each other. */
export type Comparison = "==" | "!=" | "below" | "at" | "above";

/** What is expected. */
export type Expectation =
  /** `X == Y`, `X != Y`, `X below Y`, `X at Y`, `X above Y`. */
  | {
    readonly form: "compares";
    readonly subject: Operand;
    readonly comparison: Comparison;
    readonly to: Operand;
  }
  /** `X is null`. */
  | { readonly form: "is-null"; readonly subject: Operand }
  /** `X aligned to SIZE`. */
  | { readonly form: "is-aligned"; readonly subject: Operand; readonly alignment: bigint }
  /** `X in area NAME`. */
  | { readonly form: "in-area"; readonly subject: Operand; readonly area: string }
  /** `X has order N`. */
  | { readonly form: "has-order"; readonly subject: Operand; readonly order: number }
  /** `X has status WORD`. */
  | { readonly form: "has-status"; readonly subject: Operand; readonly status: PageStatus }
  /** `last returns X`, `last returns nothing`; null stands for nothing. */
  | { readonly form: "last-returns"; readonly value: Operand | null }
  /** `last asserts "TEXT"`. */
  | { readonly form: "last-asserts"; readonly text: string }
  /** `last faults`, `last faults at X`. */
  | { readonly form: "last-faults"; readonly at: Operand | null }
  /** `last is undefined`. */
  | { readonly form: "last-is-undefined" }
  /** `free pages == N [in area NAME]`. */
  | { readonly form: "free-pages"; readonly count: number; readonly area: string | null }
  /** `free blocks == N of order K [in area NAME]`. */
  | {
    readonly form: "free-blocks";
    readonly count: number;
    readonly order: number;
    readonly area: string | null;
  }
  /** `no violations`. */
  | { readonly form: "no-violations" }
  /** `nothing lost`. */
  | { readonly form: "nothing-lost" }
  /** `bytes X are HH HH …`. */
  | { readonly form: "bytes"; readonly address: Operand; readonly bytes: readonly number[] };

/** `expect …`. */
export interface ExpectStatement {
  /** Tells the statements apart. */
  readonly kind: "expect";
  /** What is expected. */
  readonly expectation: Expectation;
}

/** What `show` can show, in the order of the documentation. */
export const VIEWS = [
  "map",
  "blocks",
  "lists",
  "fragmentation",
  "buddyinfo",
  "areas",
  "states",
  "trace",
  "touched",
  "vmalloc",
  "tables",
  "host",
  "phys",
] as const;

/** One of {@linkcode VIEWS}. */
export type View = typeof VIEWS[number];

/** `show WHAT`. */
export interface ShowStatement {
  /** Tells the statements apart. */
  readonly kind: "show";
  /** What is shown. */
  readonly view: View;
}

/** One line of a scenario. */
export type Statement = MachineStatement | CallStatement | ExpectStatement | ShowStatement;

/** A scenario: statements in order. */
export interface Scenario {
  /** The statements; a machine statement stands first or not at all. */
  readonly statements: readonly Statement[];
}

/** What a call gave back. */
export type Value =
  /** An address. */
  | { readonly kind: "address"; readonly value: bigint }
  /** An integer: what memory holds, or a status such as -1. */
  | { readonly kind: "integer"; readonly value: bigint }
  /** A null pointer. */
  | { readonly kind: "null" }
  /** Nothing: the call is `void`. */
  | { readonly kind: "nothing" };
