import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { X86_64 } from "../arch/mod.ts";
import {
  areaNumber,
  type AreaView,
  type Edition,
  EDITIONS,
  encodePageState,
  order,
  pageStateFormatOf,
  type PageStatus,
  pfn,
  type StateRun,
} from "../mod.ts";
import { mapRowsOf, rowsAt } from "../src/report/map_rows.ts";
import { pageMapOf, parsePageMap, printPageMap } from "../src/report/mod.ts";

/** A block to be laid, and what is written over it. */
interface Laid {
  readonly order: number;
  readonly status: PageStatus;
  readonly repeat: number;
}

interface Poke {
  readonly at: number;
  readonly count: number;
  readonly byte: number;
}

/** Not a model of the allocator: any bytes can stand in an area. */
function areaOf(
  edition: Edition,
  first: number,
  metadata: number,
  laid: readonly Laid[],
  pokes: readonly Poke[],
): AreaView {
  const format = pageStateFormatOf(edition);
  const bytes: number[] = [];
  for (const { order: wanted, status, repeat } of laid) {
    for (let block = 0; block < repeat; block++) {
      let fits = wanted;
      while ((first + metadata + bytes.length) % 2 ** fits !== 0) fits--;
      const usable = format[status] === null ? "free" : status;
      bytes.push(...Array(2 ** fits).fill(encodePageState(format, usable, order(fits))));
    }
  }
  for (const { at, count, byte } of pokes) {
    const index = at % bytes.length;
    bytes.fill(byte, index, index + count);
  }
  const states: StateRun[] = bytes.map((state) => ({ state, count: 1 }));
  return {
    area: areaNumber(3),
    metadata: pfn(first),
    base: pfn(first + metadata),
    top: pfn(first + metadata + bytes.length),
    maxOrder: null,
    states,
    freeLists: [],
  };
}

const LAID: fc.Arbitrary<Laid> = fc.record({
  order: fc.nat(9),
  status: fc.constantFrom<PageStatus>("fresh", "free", "allocated", "special"),
  repeat: fc.integer({ min: 1, max: 12 }),
});

const POKE: fc.Arbitrary<Poke> = fc.record({
  at: fc.nat(2000),
  count: fc.integer({ min: 1, max: 40 }),
  byte: fc.nat(255),
});

const AREA: fc.Arbitrary<{ edition: Edition; view: AreaView }> = fc.record({
  edition: fc.constantFrom(...EDITIONS),
  first: fc.integer({ min: 0, max: 0x1000 }),
  metadata: fc.nat(40),
  laid: fc.array(LAID, { minLength: 1, maxLength: 20 }),
  pokes: fc.array(POKE, { maxLength: 4 }),
}).map(({ edition, first, metadata, laid, pokes }) => {
  return { edition, view: areaOf(edition, first, metadata, laid, pokes) };
});

Deno.test("parsePageMap() reads what printPageMap() writes, damage included", () => {
  fc.assert(
    fc.property(AREA, ({ edition, view }) => {
      const subject = { arch: X86_64, edition };
      const text = printPageMap(subject, [view], { folding: "none" });
      assertEquals(parsePageMap(subject, text), pageMapOf(view));
    }),
    { seed: 20201002, numRuns: 400 },
  );
});

Deno.test("parsePageMap() reads folded maps or says that rows are left out", () => {
  let folded = 0;
  let refused = 0;
  fc.assert(
    fc.property(AREA, ({ edition, view }) => {
      const subject = { arch: X86_64, edition };
      const text = printPageMap(subject, [view]);
      assert(text.split("\n").length <= 62 || !text.includes("…"), text);
      if (text.includes("not shown")) {
        refused++;
        let message = "";
        try {
          parsePageMap(subject, text);
        } catch (error) {
          message = error instanceof SyntaxError ? error.message : "";
        }
        assert(message.includes("left out"), message);
        return;
      }
      folded += text.includes("…") ? 1 : 0;
      assertEquals(parsePageMap(subject, text), pageMapOf(view));
    }),
    { seed: 20201002, numRuns: 400 },
  );
  assert(folded > 20 && refused > 20, `${folded} folded, ${refused} refused`);
});

Deno.test("rowsAt() draws the same rows as the whole map", () => {
  fc.assert(
    fc.property(AREA, fc.nat(7), ({ edition, view }, skip) => {
      const format = pageStateFormatOf(edition);
      const all = [...mapRowsOf(view, format, "none")].flatMap((rows) => {
        assert(rows.kind === "equal");
        return Array.from({ length: rows.rows }, (_, row) => {
          return { first: rows.first + 16 * row, cells: [...rows.cells] };
        });
      });
      const some = all.filter((_, index) => index % 8 >= skip);
      const firsts = some.map(({ first }) => first);
      assertEquals(rowsAt(view, format, firsts), some.map(({ cells }) => cells));
    }),
    { seed: 20201002, numRuns: 100 },
  );
});
