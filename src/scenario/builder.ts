/**
 * Scenarios from TypeScript: one method for each statement, each checked as its text is.
 *
 * @module
 */

import { printExpectation } from "./expectations.ts";
import { printMachine } from "./machine_statement.ts";
import { hex } from "./numbers.ts";
import { parseLines } from "./parse.ts";
import type { ParsedScenario, ParseOptions } from "./parse.ts";
import type { CallOptions, Expectation, MachineStatement, View } from "./types.ts";

/** An argument: a number, the name of a result with or without an offset (`p+0x1000`), or NULL. */
export type Argument = bigint | number | string | null;

/** The settings of a machine; what is left out has the default. */
export type MachineSettings = Omit<MachineStatement, "kind" | "arch">;

/** The options of a request; what is left out is not asked for. */
export type RequestOptions = Partial<CallOptions>;

const NOT_A_WORD = /[\s"#=|!]|^$/;

/** One word of the text; nothing else can get in. */
function word(text: string): string {
  if (!NOT_A_WORD.test(text)) return text;
  throw new TypeError(
    `Cannot build a scenario with ${JSON.stringify(text)}: it must be one word of the text`,
  );
}

function argument(value: Argument): string {
  if (value === null) return "NULL";
  if (typeof value === "string") return word(value);
  if (typeof value === "number" && !Number.isSafeInteger(value)) {
    throw new TypeError(
      `Cannot build a scenario with ${value}: a number must be a safe integer, a larger one a bigint`,
    );
  }
  return value < 0 ? value.toString() : hex(value);
}

function requestWords(options: RequestOptions): string[] {
  const { areas = [], dontzero = false, fresh = false, flags = null } = options;
  return [
    ...(areas.length === 0 ? [] : [`area=${areas.map(word).join("|")}`]),
    ...(dontzero ? ["dontzero"] : []),
    ...(fresh ? ["fresh"] : []),
    ...(flags === null ? [] : [`flags=${argument(flags)}`]),
  ];
}

/** A scenario in the making. Each method adds a statement and gives the builder back. */
export class ScenarioBuilder {
  readonly #lines: string[] = [];
  #before: string[] = [];

  /**
   * Begins a scenario.
   *
   * @param machine the first line, or null for the default machine
   */
  constructor(machine: string | null) {
    if (machine !== null) this.#lines.push(machine);
  }

  #call(...words: readonly string[]): this {
    this.#lines.push([...this.#before, ...words].join(" "));
    this.#before = [];
    return this;
  }

  #notACall(line: string): this {
    if (this.#before.length === 0) return this.#call(line);
    throw new TypeError(`Cannot add "${line}": a call must follow let and try`);
  }

  /** Binds the result of the call that follows to a name. */
  let(name: string): this {
    this.#before.push(word(name), "=");
    return this;
  }

  /** Undoes the call that follows if it ends in anything but a return; stands before `let`. */
  try(): this {
    this.#before.push("try");
    return this;
  }

  /** `area`: puts RAM at frames `[first, top)` and hands it to an area. */
  area(area: number | "any", first: number, top: number): this {
    return this.#call("area", areaWord(area), argument(first), argument(top));
  }

  /** `page_alloc_init_area`: hands frames `[first, top)` to an area. */
  pageAllocInitArea(area: number | "any", first: number, top: number): this {
    return this.#call("page_alloc_init_area", areaWord(area), argument(first), argument(top));
  }

  /** `alloc_page`: allocates one frame. */
  allocPage(options: RequestOptions = {}): this {
    return this.#call("alloc_page", ...requestWords(options));
  }

  /** `alloc_pages`: allocates a block of 2^order frames; the order is an `unsigned int`. */
  allocPages(order: number, options: RequestOptions = {}): this {
    return this.#call("alloc_pages", argument(order), ...requestWords(options));
  }

  /** `memalign_pages`: allocates a block by alignment and size, both in bytes. */
  memalignPages(
    alignment: bigint | number,
    size: bigint | number,
    options: RequestOptions = {},
  ): this {
    const sizes = [argument(alignment), argument(size)];
    return this.#call("memalign_pages", ...sizes, ...requestWords(options));
  }

  /** `free_page`: frees a block. */
  freePage(address: Argument): this {
    return this.#call("free_page", argument(address));
  }

  /** `free_pages`: frees a block. */
  freePages(address: Argument): this {
    return this.#call("free_pages", argument(address));
  }

  /** `reserve_pages`: takes given frames out of use. */
  reservePages(address: Argument, count: number): this {
    return this.#call("reserve_pages", argument(address), argument(count));
  }

  /** `unreserve_pages`: gives reserved frames back. */
  unreservePages(address: Argument, count: number): this {
    return this.#call("unreserve_pages", argument(address), argument(count));
  }

  /** `boot`: boots up to and with `setup_vm`; with `early`, up to right before it. */
  boot(stage?: "early"): this {
    return this.#call("boot", ...(stage === undefined ? [] : [stage]));
  }

  /** `setup_vm`: builds the page tables and lets vmalloc serve malloc. */
  setupVm(): this {
    return this.#call("setup_vm");
  }

  /** `smp_cpu_setup`: sets a further processor up. */
  smpCpuSetup(cpu: number): this {
    return this.#call("smp_cpu_setup", argument(cpu));
  }

  /** `phys_alloc_show`: prints what the early allocator gave out. */
  physAllocShow(): this {
    return this.#call("phys_alloc_show");
  }

  /** `malloc`: allocates bytes. */
  malloc(size: bigint | number): this {
    return this.#call("malloc", argument(size));
  }

  /** `calloc`: allocates an array and clears it. */
  calloc(count: bigint | number, size: bigint | number): this {
    return this.#call("calloc", argument(count), argument(size));
  }

  /** `memalign`: allocates bytes at a multiple of an alignment. */
  memalign(alignment: bigint | number, size: bigint | number): this {
    return this.#call("memalign", argument(alignment), argument(size));
  }

  /** `free`: frees what malloc gave. */
  free(address: Argument): this {
    return this.#call("free", argument(address));
  }

  /** `alloc_vpage`: takes a virtual page. */
  allocVpage(): this {
    return this.#call("alloc_vpage");
  }

  /** `alloc_vpages`: takes virtual pages. */
  allocVpages(count: number): this {
    return this.#call("alloc_vpages", argument(count));
  }

  /** `alloc_vpages_aligned`: takes virtual pages at a multiple of 2^order pages. */
  allocVpagesAligned(count: number, order: number): this {
    return this.#call("alloc_vpages_aligned", argument(count), argument(order));
  }

  /** `vmap`: maps physical memory at new virtual pages. */
  vmap(physical: Argument, size: bigint | number): this {
    return this.#call("vmap", argument(physical), argument(size));
  }

  /** `install_page`: maps a page. */
  installPage(physical: Argument, address: Argument): this {
    return this.#call("install_page", argument(physical), argument(address));
  }

  /** `virt_to_pte_phys`: translates an address as the guest's code does. */
  virtToPtePhys(address: Argument): this {
    return this.#call("virt_to_pte_phys", argument(address));
  }

  /** `write`: stores a value in 1, 2, 4 or 8 bytes, or in a word. */
  write(address: Argument, value: Argument, bytes?: 1 | 2 | 4 | 8): this {
    return this.#call("write", argument(address), argument(value), ...widthWords(bytes));
  }

  /** `read`: loads 1, 2, 4 or 8 bytes, or a word. */
  read(address: Argument, bytes?: 1 | 2 | 4 | 8): this {
    return this.#call("read", argument(address), ...widthWords(bytes));
  }

  /** `fill`: stores a byte in a number of bytes. */
  fill(address: Argument, length: bigint | number, byte: number): this {
    return this.#call("fill", argument(address), argument(length), argument(byte));
  }

  /** `host …`: what the other side does to memory, as the words and numbers behind `host`. */
  host(act: string, ...words: readonly Argument[]): this {
    return this.#call("host", ...act.split(" ").map(word), ...words.map(argument));
  }

  /** `expect`: says what must hold, as data or as the text behind `expect`. */
  expect(expectation: Expectation | string): this {
    const text = typeof expectation === "string" ? expectation : printExpectation(expectation);
    return this.#notACall(`expect ${text}`);
  }

  /** `show`: asks for a view of the state. */
  show(view: View): this {
    return this.#notACall(`show ${view}`);
  }

  /**
   * Ends the scenario.
   *
   * @param options the name in messages, the architectures there are
   * @returns the scenario; the line of a statement is its number from 1
   * @throws {ScenarioError} if a statement is wrong; the message shows its text
   */
  build(options: ParseOptions = {}): ParsedScenario {
    if (this.#before.length > 0) {
      throw new TypeError("Cannot build the scenario: a call must follow let and try");
    }
    return parseLines(this.#lines, options);
  }
}

function areaWord(area: number | "any"): string {
  return area === "any" ? area : argument(area);
}

function widthWords(bytes: number | undefined): string[] {
  return bytes === undefined ? [] : [argument(bytes)];
}

/**
 * Begins a scenario.
 *
 * @param arch the architecture's name; without it, the default machine
 * @param settings the edition and other settings of the machine
 * @returns a builder
 *
 * @example One page below 2 GiB
 * ```ts
 * import { printScenario, scenario } from "@buddyscope/sim";
 * import { assertEquals } from "@std/assert";
 *
 * const built = scenario("s390x", { edition: "head" })
 *   .area("any", 0x39, 0x8000)
 *   .let("p").allocPages(0, { areas: ["DMA31"] })
 *   .expect("p below 2G")
 *   .build();
 * assertEquals(
 *   printScenario(built.scenario),
 *   "machine s390x edition=head\narea any 0x39 0x8000\n" +
 *     "p = alloc_pages 0 area=DMA31\nexpect p below 0x80000000\n",
 * );
 * ```
 */
export function scenario(arch?: string, settings: MachineSettings = {}): ScenarioBuilder {
  if (arch === undefined) return new ScenarioBuilder(null);
  for (const text of [settings.edition, settings.byteOrder, settings.firmware]) {
    if (text !== undefined) word(text);
  }
  return new ScenarioBuilder(printMachine({ kind: "machine", arch: word(arch), ...settings }));
}
