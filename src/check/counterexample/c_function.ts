/**
 * Counterexamples as tests in C, for kvm-unit-tests.
 *
 * @module
 */

import { printScenario } from "../../scenario/mod.ts";
import type { CallStatement, Operand } from "../../scenario/mod.ts";
import type { Counterexample } from "./counterexample.ts";
import { wrapped } from "./explain.ts";

/** How many pages are taken to see whether one of them belongs to somebody already. */
const PAGES_TAKEN = 4096;

/** How far above the start of RAM a test reserves frames: 32 MiB, free in a guest that was just set up. */
const FREE_OFFSET = 0x2000000n;

/** A block that the test has: its variable, and its size as an expression. */
interface Block {
  readonly name: string;
  readonly size: string;
}

/** A number as C has it. */
function literal(value: bigint): string {
  if (value < 1024n) return value.toString();
  return `0x${value.toString(16)}${value >= 1n << 31n ? "ull" : ""}`;
}

/** The body of the function as it is written. */
class Writer {
  readonly lines: string[] = [];
  readonly variables: string[] = [];
  readonly #live: Block[] = [];
  readonly #reserved: Block[] = [];
  readonly #starts: readonly bigint[];
  readonly #counterexample: Counterexample;
  /** What the test needs beside its own variables. */
  needs: { readonly base: "yes" | "no"; readonly taking: "yes" | "no" } = {
    base: "no",
    taking: "no",
  };

  constructor(counterexample: Counterexample, pageBytes: bigint) {
    this.#counterexample = counterexample;
    this.#starts = counterexample.scenario.statements.flatMap((statement) => {
      const first = statement.kind === "call" && statement.call === "area"
        ? statement.args[1]
        : null;
      return first?.kind === "number" ? [first.value * pageBytes] : [];
    });
  }

  #add(...lines: readonly string[]): void {
    this.lines.push(...lines.map((line) => line === "" ? "" : `\t${line}`));
  }

  /** An operand; an address in an area becomes one in memory that a guest has. */
  #operand(operand: Operand | undefined): string {
    if (operand === undefined || operand.kind === "null") return "NULL";
    if (operand.kind === "number") return literal(operand.value);
    const { name, offset } = operand;
    return offset === 0n ? name : `(char *)${name} + ${offset}`;
  }

  #address(operand: Operand | undefined): string {
    if (operand?.kind !== "number") {
      return operand?.kind === "name" ? `virt_to_phys(${this.#operand(operand)})` : "0";
    }
    const start = this.#starts.filter((first) => first <= operand.value).at(-1);
    if (start === undefined) return literal(operand.value);
    this.needs = { ...this.needs, base: "yes" };
    return operand.value === start ? "base" : `base + ${literal(operand.value - start)}`;
  }

  #flags({ options }: CallStatement): string {
    const words = [
      ...options.areas.map((name) => {
        const slot = /^area(\d+)$/.exec(name)?.[1];
        return slot === undefined ? `AREA_${name.toUpperCase()}` : `BIT(${slot})`;
      }),
      ...(options.dontzero ? ["FLAG_DONTZERO"] : []),
      ...(options.fresh ? ["FLAG_FRESH"] : []),
    ];
    return words.length === 0 ? "AREA_ANY" : words.join(" | ");
  }

  #variable(statement: CallStatement, type: string): string {
    const name = statement.result ?? `block${this.variables.length}`;
    this.variables.push(`${type}${name};`);
    return name;
  }

  /** A statement of the scenario. */
  statement(statement: CallStatement, isLast: "last" | "before"): void {
    const [one, two, three] = statement.args;
    switch (statement.call) {
      case "area":
        return this.#range(statement);
      case "boot":
      case "setup_vm":
        return;
      case "alloc_page":
      case "alloc_pages":
      case "memalign_pages":
        return this.#request(statement, isLast);
      case "reserve_pages": {
        const call = `reserve_pages(${this.#address(one)}, ${this.#operand(two)})`;
        this.#add(`report(!${call}, "${call}");`);
        this.#reserved.push({ name: this.#address(one), size: this.#operand(two) });
        return;
      }
      case "unreserve_pages":
        return this.#add(`unreserve_pages(${this.#address(one)}, ${this.#operand(two)});`);
      case "fill":
        return this.#add(
          `memset(${this.#operand(one)}, ${this.#operand(three)}, ${this.#operand(two)});`,
        );
      default:
        return this.#plain(statement);
    }
  }

  /** A range is handed over only if that is what is to be shown: a guest has areas of its own. */
  #range({ args: [area, first, top] }: CallStatement): void {
    if (this.#counterexample.symptom.call !== "area") return;
    const number = area?.kind === "number" && area.value === 255n
      ? "AREA_ANY_NUMBER"
      : this.#operand(area);
    const call = `page_alloc_init_area(${number}, ${this.#operand(first)}, ${this.#operand(top)});`;
    this.#add("/* The frames must be RAM that setup_vm() has not handed over. */", call);
  }

  #plain(statement: CallStatement): void {
    const { call, args, result } = statement;
    const text = `${call}(${args.map((arg) => this.#operand(arg)).join(", ")})`;
    const [freed] = args;
    if (call.startsWith("free") && freed?.kind === "name") {
      const index = this.#live.findIndex(({ name }) => name === freed.name);
      if (index >= 0) this.#live.splice(index, 1);
    }
    this.#add(result === null ? `${text};` : `${this.#variable(statement, "void *")} = ${text};`);
  }

  #request(statement: CallStatement, isLast: "last" | "before"): void {
    const { call, args } = statement;
    const [one, two] = args.map((arg) => this.#operand(arg));
    const order = call === "alloc_page" ? "0" : one ?? "0";
    const flags = this.#flags(statement);
    const text = call === "memalign_pages"
      ? `memalign_pages_flags(${one}, ${two}, ${flags})`
      : `alloc_pages_flags(${order}, ${flags})`;
    const name = this.#variable(statement, "void *");
    this.#add(`${name} = ${text};`);
    const { symptom } = this.#counterexample;
    if (symptom.call.includes("no list has") || symptom.call.includes("that wraps")) {
      if (isLast === "last") return this.#add(`report(!${name}, "${text}: NULL");`);
    }
    const alignment = call === "memalign_pages" ? one ?? "1" : `PAGE_SIZE << ${order}`;
    const size = call === "memalign_pages" ? two ?? "1" : `PAGE_SIZE << ${order}`;
    const isAligned = `((uintptr_t)${name} & ((${alignment}) - 1)) == 0`;
    this.#add(`report(${name} && ${isAligned},`, `       "${text}: aligned");`);
    this.#disjoint({ name, size }, text);
    this.#live.push({ name, size });
    if (isLast === "last") this.#take({ name, size }, text);
  }

  /** No byte of a block belongs to somebody else. */
  #disjoint(block: Block, text: string): void {
    for (const { name, size } of this.#live) {
      const there = `(char *)${name}`;
      this.#add(
        `report((char *)${block.name} + (${block.size}) <= ${there} ||`,
        `       ${there} + (${size}) <= (char *)${block.name},`,
        `       "${text}: apart from ${name}");`,
      );
    }
    for (const { name, size } of this.#reserved) {
      const there = `virt_to_phys(${block.name})`;
      this.#add(
        `report(${there} + (${block.size}) <= ${name} ||`,
        `       ${name} + (${size}) * PAGE_SIZE <= ${there},`,
        `       "${text}: not reserved");`,
      );
    }
  }

  /** Takes pages, none of which may lie in the block: that is how C sees a block of another size. */
  #take({ name, size }: Block, text: string): void {
    this.needs = { ...this.needs, taking: "yes" };
    this.#add(
      "",
      "/* Whoever takes a page now must not get one of the block. */",
      `for (taken = 0; taken < ${PAGES_TAKEN}; taken++) {`,
      "\tpage = alloc_pages_flags(0, FLAG_DONTZERO);",
      "\tif (!page)",
      "\t\tbreak;",
      `\tif (page >= (char *)${name} && page < (char *)${name} + (${size}))`,
      "\t\toverlaps++;",
      "}",
      `report(!overlaps, "${text}: nobody else gets its pages");`,
    );
  }
}

/** A name for the function, out of a rule. */
function functionName(rule: string): string {
  return `test_${rule.toLowerCase().replace(/[^a-z0-9]+/g, "_")}`;
}

function heading({ symptom, edition, arch, scenario, violation }: Counterexample): string[] {
  const lines = printScenario(scenario).trimEnd().split("\n");
  return [
    "/*",
    ` * ${symptom.rule}`,
    " *",
    ...wrapped(`In the model of ${arch}, edition ${edition}: ${violation.sentence}.`)
      .map((line) => ` * ${line}`),
    " *",
    ...lines.map((line) => ` *     ${line}`),
    " *",
    " * To be run right after setup_vm(), in a guest with 128 MiB or more. The guest has areas of its",
    " * own, and so other frames; what is wrong in lists and page states only, C cannot see.",
    " */",
  ];
}

/**
 * Writes a counterexample as a function for a test of kvm-unit-tests. It makes the same calls in a guest,
 * and reports what C can see of the rules: what calls return, alignment, and blocks that overlap.
 *
 * @param counterexample the counterexample
 * @returns the text: a comment and a function, with tabs, ending in a newline
 */
export function counterexampleC(counterexample: Counterexample): string {
  const { scenario: { statements }, symptom, step } = counterexample;
  const [machine] = statements;
  const pageBytes = machine?.kind === "machine" ? machine.pageSize ?? 0x1000n : 0x1000n;
  const writer = new Writer(counterexample, pageBytes);
  for (const [index, statement] of statements.entries()) {
    if (statement.kind !== "call") continue;
    writer.statement(statement, index === step ? "last" : "before");
  }
  const declared = [
    ...(writer.needs.base === "yes"
      ? [`const phys_addr_t base = ${literal(counterexample.ramStart + FREE_OFFSET)};`]
      : []),
    ...writer.variables,
    ...(writer.needs.taking === "yes" ? ["char *page;", "int taken, overlaps = 0;"] : []),
  ];
  return [
    ...heading(counterexample),
    `static void ${functionName(symptom.rule)}(void)`,
    "{",
    ...declared.map((line) => `\t${line}`),
    ...(declared.length === 0 ? [] : [""]),
    ...writer.lines,
    '\treport(true, "all calls returned");',
    "}",
    "",
  ].join("\n");
}
