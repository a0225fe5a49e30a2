/**
 * The known defects of the modelled code, and the machine that finds them again.
 *
 * @module
 */

// Order: defect, history, search, matrix, page_defects, stack_defects, methods, print_defects, mod

import type { Defect } from "./defect.ts";
import { PAGE_DEFECTS } from "./page_defects.ts";
import { STACK_DEFECTS } from "./stack_defects.ts";

export type { Defect, Explored, Fuzzed, Hunt, Signature } from "./defect.ts";
export { searchShortest } from "./search.ts";
export type { Found, SearchResult } from "./search.ts";
export { countCells, fillMatrix, isAsExpected, METHOD_NAMES } from "./matrix.ts";
export type { DefectCell, MatrixOptions, Method, MethodName, MethodResult } from "./matrix.ts";
export { printDefects } from "./print_defects.ts";
export { DEFAULT_BUDGET, newMethods } from "./methods.ts";
export type { MethodBudget } from "./methods.ts";

/** The known defects: of the page allocator, then of what lies above it. */
export const DEFECTS: readonly Defect[] = [...PAGE_DEFECTS, ...STACK_DEFECTS];
