/**
 * Random scenarios: of the whole language, for reading and writing; and of a small area, for running.
 *
 * @module
 */

import fc from "fast-check";
import {
  type CallOptions,
  CALLS,
  type CallStatement,
  type Comparison,
  type Expectation,
  isName,
  type MachineStatement,
  NO_OPTIONS,
  type Operand,
  type QuantityName,
  type Scenario,
  type Statement,
  VIEWS,
} from "../src/scenario/mod.ts";

/** Numbers of each quantity that the language takes. */
const RANGES: Readonly<Record<QuantityName, readonly [bigint, bigint]>> = {
  "address": [0n, 2n ** 64n - 1n],
  "physical address": [0n, 2n ** 64n - 1n],
  "pfn": [0n, 2n ** 52n - 1n],
  "count": [0n, 2n ** 52n],
  "order argument": [0n, 2n ** 32n - 1n],
  "order": [0n, 63n],
  "area": [0n, 255n],
  "size": [0n, 2n ** 64n - 1n],
  "byte": [0n, 255n],
  "value": [-(2n ** 63n), 2n ** 64n - 1n],
  "width": [1n, 8n],
  "flags": [0n, 2n ** 32n - 1n],
  "stage": [0n, 0n],
  "in place": [0n, 0n],
  "late": [0n, 0n],
  "faults": [0n, 0n],
};

/** Records whose prototype is that of other records. */
function record<T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record(model, { noNullPrototype: true });
}

const NAMED: ReadonlySet<QuantityName> = new Set(["address", "physical address", "value"]);

/** Names; one of them may be bound or not at a place. */
const NAMES = ["p", "q", "lc0", "_x", "Page_2"] as const;

const LONG_NAME = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,12}$/).filter(isName);
const NAME = fc.oneof({ weight: 5, arbitrary: fc.constantFrom<string>(...NAMES) }, LONG_NAME);

function number(quantity: QuantityName): fc.Arbitrary<bigint> {
  const [min, max] = RANGES[quantity];
  if (min === max) return fc.constant(min);
  if (quantity === "width") return fc.constantFrom(1n, 2n, 4n, 8n);
  const small = fc.bigInt({ min, max: max < 300n ? max : 300n });
  const round = fc.bigInt({ min: 0n, max: 63n }).map((shift) => 1n << shift)
    .filter((value) => value >= min && value <= max);
  return fc.oneof(small, fc.bigInt({ min, max }), round, fc.constantFrom(min, max));
}

function operand(quantity: QuantityName): fc.Arbitrary<Operand> {
  const literal = number(quantity).map((value): Operand => ({ kind: "number", value }));
  if (!NAMED.has(quantity)) return literal;
  const offset = fc.oneof(
    fc.constant(0n),
    fc.bigInt({ min: -(2n ** 64n) + 1n, max: 2n ** 64n - 1n }),
  );
  return fc.oneof(
    literal,
    fc.constant<Operand>({ kind: "null" }),
    fc.tuple(NAME, offset).map(([name, offset]): Operand => ({ kind: "name", name, offset })),
  );
}

const AREA_NAME = fc.constantFrom("LOW", "NORMAL", "DMA31", "area0", "area31", "low");

const REQUEST_OPTIONS: fc.Arbitrary<CallOptions> = fc.oneof(
  record({
    areas: fc.array(AREA_NAME, { maxLength: 3 }),
    fresh: fc.boolean(),
    dontzero: fc.boolean(),
    flags: fc.constant(null),
  }),
  number("flags").map((flags) => ({ ...NO_OPTIONS, flags: Number(flags) })),
);

const CALL: fc.Arbitrary<CallStatement> = fc.constantFrom(...CALLS).chain((row) => {
  const least = row.parameters.filter(({ presence }) => presence === "required").length;
  const counts = fc.integer({ min: least, max: row.parameters.length });
  return counts.chain((count) =>
    record({
      kind: fc.constant("call" as const),
      mode: fc.constantFrom("run" as const, "try" as const),
      result: row.result === "nothing" ? fc.constant(null) : fc.option(NAME),
      call: fc.constant(row.name),
      args: fc.tuple(...row.parameters.slice(0, count).map(({ quantity }) => operand(quantity))),
      options: row.options.length === 0 ? fc.constant(NO_OPTIONS) : REQUEST_OPTIONS,
    })
  );
});

const COMPARISONS: readonly Comparison[] = ["==", "!=", "below", "at", "above"];

/** Text without control characters, with whatever else may confuse a reader. */
const QUOTED = fc.string({ unit: "grapheme", maxLength: 20 })
  .filter((text) => !/\p{Cc}|\p{Cs}/u.test(text));

const subject = operand("value");
const count = number("count").map(Number);
const blockOrder = number("order").map(Number);

const EXPECTATION: fc.Arbitrary<Expectation> = fc.oneof(
  record({
    form: fc.constant("compares" as const),
    subject,
    comparison: fc.constantFrom(...COMPARISONS),
    to: operand("value"),
  }),
  record({ form: fc.constant("is-null" as const), subject }),
  record({
    form: fc.constant("is-aligned" as const),
    subject,
    alignment: number("size").filter((size) => size > 0n),
  }),
  record({ form: fc.constant("in-area" as const), subject, area: AREA_NAME }),
  record({ form: fc.constant("has-order" as const), subject, order: blockOrder }),
  record({
    form: fc.constant("has-status" as const),
    subject,
    status: fc.constantFrom("fresh" as const, "free" as const, "allocated" as const),
  }),
  record({ form: fc.constant("last-returns" as const), value: fc.option(operand("value")) }),
  record({ form: fc.constant("last-asserts" as const), text: QUOTED }),
  record({ form: fc.constant("last-faults" as const), at: fc.option(operand("value")) }),
  fc.constant<Expectation>({ form: "last-is-undefined" }),
  record({ form: fc.constant("free-pages" as const), count, area: fc.option(AREA_NAME) }),
  record({
    form: fc.constant("free-blocks" as const),
    count,
    order: blockOrder,
    area: fc.option(AREA_NAME),
  }),
  record({
    form: fc.constant("bytes" as const),
    address: operand("address"),
    bytes: fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 1, maxLength: 40 }),
  }),
);

const MACHINE: fc.Arbitrary<MachineStatement> = fc.record({
  kind: fc.constant("machine" as const),
  arch: fc.constantFrom("x86_64", "s390x", "m68k"),
  ram: fc.bigInt({ min: 1n, max: 2n ** 52n - 1n }).map((pages) => pages * 4096n),
  map: QUOTED.filter((text) => text !== ""),
  edition: fc.constantFrom("head", "01d8952b", "buddy-2020-10"),
  pageSize: fc.integer({ min: 0, max: 63 }).map((shift) => 1n << BigInt(shift)),
  powerOn: fc.oneof(
    fc.constant({ kind: "zero" as const }),
    record({ kind: fc.constant("garbage" as const), seed: fc.nat(2 ** 32 - 1) }),
  ),
  areasAddress: number("address"),
  byteOrder: fc.constantFrom("little" as const, "big" as const),
  firmware: fc.constantFrom(
    "multiboot" as const,
    "efi" as const,
    "sclp" as const,
    "device-tree" as const,
  ),
  cpus: fc.integer({ min: 1, max: 4096 }),
  memLimit: number("count"),
  initrd: number("size"),
  engine: fc.constantFrom("auto" as const, "literal" as const),
}, { requiredKeys: ["kind", "arch"], noNullPrototype: true });

const STATEMENT: fc.Arbitrary<Statement> = fc.oneof(
  { weight: 4, arbitrary: CALL },
  {
    weight: 2,
    arbitrary: EXPECTATION.map((expectation) => ({ kind: "expect" as const, expectation })),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(...VIEWS).map((view) => ({ kind: "show" as const, view })),
  },
);

/** An operand that uses bound names only. */
function bound(one: Operand, names: readonly string[]): Operand {
  if (one.kind !== "name" || names.includes(one.name)) return one;
  const [name] = names;
  return name === undefined ? { kind: "null" } : { ...one, name };
}

function boundExpectation(one: Expectation, names: readonly string[]): Expectation {
  switch (one.form) {
    case "compares":
      return { ...one, subject: bound(one.subject, names), to: bound(one.to, names) };
    case "is-null":
    case "is-aligned":
    case "in-area":
    case "has-order":
    case "has-status":
      return { ...one, subject: bound(one.subject, names) };
    case "last-returns":
      return { ...one, value: one.value === null ? null : bound(one.value, names) };
    case "last-faults":
      return { ...one, at: one.at === null ? null : bound(one.at, names) };
    case "bytes":
      return { ...one, address: bound(one.address, names) };
    default:
      return one;
  }
}

/** Replaces names that are not bound at their place, so that the scenario can be read. */
function withBoundNames(statements: readonly Statement[]): Statement[] {
  const names: string[] = [];
  return statements.map((statement) => {
    if (statement.kind === "expect") {
      return { ...statement, expectation: boundExpectation(statement.expectation, names) };
    }
    if (statement.kind !== "call") return statement;
    const args = statement.args.map((one) => bound(one, names));
    if (statement.result !== null) names.push(statement.result);
    return { ...statement, args };
  });
}

/** Scenarios of the whole language. Most of them could not run. */
export const SCENARIO: fc.Arbitrary<Scenario> = fc.tuple(
  fc.option(MACHINE),
  fc.array(STATEMENT, { maxLength: 12 }),
).map(([machine, statements]) => ({
  statements: [...(machine === null ? [] : [machine]), ...withBoundNames(statements)],
}));

/** What the host does: some of it damages the lists, and some goes on from there. */
const HOST_ACT: fc.Arbitrary<string> = fc.oneof(
  fc.nat(63).map((n) => `host discard 0x${(0x100 + n).toString(16)}000 1`),
  fc.nat(3).map((n) => `try host balloon ${n}`),
  fc.nat(3).map((order) => `try host report-free-pages ${order}`),
  fc.constantFrom(
    "host cma",
    "host reclaim",
    "host poison 0xaa",
    "try host verify-poison",
    "host init-on-free",
    "host init-on-alloc",
    "host every 7 reclaim",
    "host off",
  ),
);

const OPERATION: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(fc.nat(7), fc.nat(4)).map(([n, o]) => `a${n} = alloc_pages ${o}`),
  },
  { weight: 5, arbitrary: fc.nat(7).map((n) => `try free_pages a${n}`) },
  {
    weight: 2,
    arbitrary: fc.nat(63).map((n) => `try free_pages 0x${(0x100 + n).toString(16)}000`),
  },
  {
    weight: 2,
    arbitrary: fc.nat(63).map((n) => `try reserve_pages 0x${(0x100 + n).toString(16)}000 2`),
  },
  {
    weight: 1,
    arbitrary: fc.nat(63).map((n) => `try unreserve_pages 0x${(0x100 + n).toString(16)}000 1`),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.nat(63), fc.nat(3)).map(([n, w]) =>
      `write 0x${(0x100 + n).toString(16)}00${8 * (w % 2)} ${w}`
    ),
  },
  { weight: 1, arbitrary: fc.nat(7).map((n) => `try a${n} = memalign_pages 8K 5000 dontzero`) },
  { weight: 1, arbitrary: fc.nat(7).map((n) => `try a${n} = alloc_pages 1 fresh dontzero`) },
  { weight: 1, arbitrary: fc.nat(7).map((n) => `fill 0x10${n}010 0x1800 0xa5`) },
  { weight: 1, arbitrary: fc.constant("show map") },
  { weight: 1, arbitrary: HOST_ACT },
);

/** Texts of scenarios that run on an area of 64 frames; some damage it, and some stop the machine. */
export const RUNNABLE: fc.Arbitrary<string> = record({
  arch: fc.constantFrom("x86_64", "i386", "s390x", "ppc64 page-size=4K"),
  edition: fc.constantFrom("head", "pfn-2021-01", "reserve-2020-10", "flags-2021-01"),
  operations: fc.array(OPERATION, { maxLength: 150 }),
}).map(({ arch, edition, operations }) =>
  [
    `machine ${arch} edition=${edition}`,
    "area any 0x100 0x140",
    ...Array.from({ length: 8 }, (_, n) => `a${n} = alloc_page`),
    ...operations,
    "",
  ].join("\n")
);
