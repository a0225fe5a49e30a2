/**
 * The matrix of defects, editions and methods: which method finds which defect where.
 *
 * @module
 */

import type { Edition } from "../../edition.ts";
import type { ScenarioEnvironment } from "../../scenario/mod.ts";
import type { Defect } from "./defect.ts";
import type { Found } from "./search.ts";

/** What a method did and found. */
export interface MethodResult {
  /** What it found; null if nothing within its budget. */
  readonly finding: Found | null;
  /** How much it did: scenarios run, or states visited. */
  readonly tried: number;
}

/** The names of the methods, in the order of the documentation. */
export const METHOD_NAMES = ["search", "explore", "fuzz"] as const;

/** One of {@linkcode METHOD_NAMES}. */
export type MethodName = typeof METHOD_NAMES[number];

/** A way to find defects. */
export interface Method {
  /** Its name. */
  readonly name: MethodName;
  /** What it counts, such as `scenarios`. */
  readonly counts: string;
  /** Tells whether it can meet a defect in an edition at all. */
  readonly canFind: (defect: Defect, edition: Edition) => boolean;
  /** Looks for a defect in an edition. */
  readonly look: (
    defect: Defect,
    edition: Edition,
    environment: ScenarioEnvironment,
  ) => MethodResult;
}

/** A cell of the matrix. */
export interface DefectCell {
  /** The defect. */
  readonly defect: Defect;
  /** The edition. */
  readonly edition: Edition;
  /** The method. */
  readonly method: Method;
  /** Whether the edition has the defect, as the list of defects says. */
  readonly expected: "present" | "absent";
  /** What came of it. */
  readonly result: MethodResult;
}

/** What the matrix is made of. */
export interface MatrixOptions {
  /** The defects, one row each. */
  readonly defects: readonly Defect[];
  /** The editions, one column each. */
  readonly editions: readonly Edition[];
  /** The methods. */
  readonly methods: readonly Method[];
  /** The architectures. */
  readonly environment: ScenarioEnvironment;
}

/** A cell before it is filled. */
type EmptyCell = Pick<DefectCell, "defect" | "edition" | "method">;

function emptyCells({ defects, editions, methods }: MatrixOptions): EmptyCell[] {
  return defects.flatMap((defect) =>
    editions.filter((edition) => defect.isSoughtIn?.(edition) ?? true).flatMap((edition) =>
      methods.filter((method) => method.canFind(defect, edition))
        .map((method) => ({ defect, edition, method }))
    )
  );
}

/**
 * Counts the cells that {@linkcode fillMatrix} makes.
 *
 * @param options defects, editions, methods
 * @returns the number
 */
export function countCells(options: MatrixOptions): number {
  return emptyCells(options).length;
}

/**
 * Fills the matrix cell by cell, so that whoever asks can show how far it is, and how long each took.
 *
 * @param options defects, editions, methods
 * @returns the cells: by defect, then by edition, then by method
 */
export function* fillMatrix(options: MatrixOptions): Generator<DefectCell> {
  for (const { defect, edition, method } of emptyCells(options)) {
    const result = method.look(defect, edition, options.environment);
    const expected = defect.isIn(edition) ? "present" : "absent";
    yield { defect, edition, method, expected, result };
  }
}

/**
 * Tells whether a cell is as the list of defects says: found where it is, and nowhere else.
 *
 * @param cell the cell
 * @returns true if so
 */
export function isAsExpected({ expected, result }: DefectCell): boolean {
  return (expected === "present") === (result.finding !== null);
}
