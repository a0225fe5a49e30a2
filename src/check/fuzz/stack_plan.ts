/**
 * From random numbers to a scenario of a machine that boots: malloc, vmalloc and the page allocator
 * together, used rightly.
 *
 * @module
 */

import { NO_OPTIONS } from "../../scenario/mod.ts";
import type { CallStatement, Operand, Scenario } from "../../scenario/mod.ts";
import { EXPECT_NOTHING_LOST } from "../counterexample/mod.ts";
import type { PageWorld } from "../counterexample/mod.ts";
import { Choices } from "./plan.ts";
import type { Plan } from "./plan.ts";

/** The most calls of a run: a boot costs as much as some hundred of them. */
const MOST_CALLS = 40;
/** How far above the start of RAM frames are reserved. */
const RESERVED_FROM = 0x2000000n;
/** Sizes by how often they are asked for, in bytes. */
const SIZES = [8, 100, 0xff0, 0x1000, 0x1001, 0x2000, 0x5000, 0x12345] as const;
/** Sizes that nobody can have, as what is missing to the end of a word. */
const FROM_THE_END = [1n, 0x10n, 0x1000n, 0x1001n] as const;

/** What a name stands for. */
type Thing = "heap" | "block";

/** A result that somebody has. */
interface Held {
  readonly name: string;
  readonly thing: Thing;
}

/** A scenario as it is made. */
class Maker {
  readonly statements: CallStatement[] = [];
  readonly #live: Held[] = [];
  readonly #wordBits: number;
  readonly #ramStart: bigint;
  #named = 0;

  constructor({ arch }: Pick<PageWorld, "arch">) {
    this.#wordBits = arch.wordBits;
    const ram = arch.boot.defaults.memory.find(({ kind }) => kind === "ram");
    this.#ramStart = ram?.first ?? 0n;
  }

  call(
    call: string,
    args: readonly (bigint | number | string)[],
    thing: Thing | null = null,
  ): void {
    const operands = args.map((value): Operand =>
      typeof value === "string"
        ? { kind: "name", name: value, offset: 0n }
        : { kind: "number", value: BigInt(value) }
    );
    const result = thing === null ? null : `p${++this.#named}`;
    if (result !== null && thing !== null) this.#live.push({ name: result, thing });
    const common = { kind: "call", mode: "run", options: NO_OPTIONS } as const;
    this.statements.push({ ...common, result, call, args: operands });
  }

  /** Gives back all that has a name. */
  giveBack(): void {
    for (const one of this.#live.splice(0)) this.#release(one);
  }

  #release({ name, thing }: Held): void {
    this.call(thing === "heap" ? "free" : "free_pages", [name]);
  }

  /** The next thing to do. */
  next(choices: Choices): void {
    const kind = choices.below(16);
    if (kind < 4) return this.call("malloc", [this.#size(choices)], "heap");
    if (kind < 5) return this.call("calloc", [1 + choices.below(9), choices.of(SIZES)], "heap");
    if (kind < 6) {
      return this.call("memalign", [8 * 2 ** choices.below(10), this.#size(choices)], "heap");
    }
    if (kind < 10) return this.#free(choices);
    if (kind < 12) return this.call("alloc_pages", [choices.below(4)], "block");
    if (kind < 13) return this.#fill(choices);
    if (kind < 14) return this.call("alloc_vpages", [1 + choices.below(4)]);
    const address = this.#ramStart + RESERVED_FROM + BigInt(choices.below(64)) * 0x10000n;
    if (kind < 15) {
      return this.call("vmap", [address + BigInt(choices.below(0x1000)), choices.of(SIZES)]);
    }
    return this.call("reserve_pages", [address, choices.below(4)]);
  }

  #size(choices: Choices): bigint {
    if (choices.below(12) > 0) return BigInt(choices.of(SIZES));
    return 2n ** BigInt(this.#wordBits) - choices.of(FROM_THE_END);
  }

  #free(choices: Choices): void {
    const [one] = this.#live.splice(choices.below(this.#live.length || 1), 1);
    if (one === undefined) return this.call("free", [0]);
    this.#release(one);
  }

  #fill(choices: Choices): void {
    const one = this.#live[choices.below(this.#live.length || 1)];
    if (one?.thing === "block") this.call("fill", [one.name, 0x1000, 0x5a]);
  }
}

/**
 * The scenario that a plan means on a machine that boots.
 *
 * @param plan the plan
 * @param base the architecture and the edition
 * @returns the scenario: `boot`, the calls, the release of what they gave, and what is expected then
 */
export function stackScenario(plan: Plan, base: Pick<PageWorld, "arch" | "edition">): Scenario {
  const maker = new Maker(base);
  maker.call("boot", []);
  for (const code of plan.calls.slice(0, MOST_CALLS)) maker.next(new Choices(code));
  maker.giveBack();
  const machine = { kind: "machine", arch: base.arch.name, edition: base.edition.name } as const;
  return { statements: [machine, ...maker.statements, EXPECT_NOTHING_LOST] };
}
