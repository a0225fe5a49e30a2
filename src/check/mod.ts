/**
 * Checks: the model against recordings of the real code, machines against the rules of a sound
 * allocator.
 *
 * @example The hash of a state
 * ```ts
 * import { hashAreas } from "@buddyscope/sim/check";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(hashAreas([]), "0x09612b07b5ecb5a5");
 * ```
 *
 * @module
 */

// Order: markdown, conform, invariants, stack_rules, counterexample, fuzz, explore, defects, promises, mod

export {
  dumpArea,
  fnv1a32,
  fnv1a64,
  hashAreas,
  RecordingError,
  replayRecording,
  summarizeArea,
} from "./conform/mod.ts";
export type {
  AreaSummary,
  ConformEnvironment,
  ConformResult,
  DumpedArea,
  Mismatch,
} from "./conform/mod.ts";
export {
  askedFor,
  CALL_RULES,
  findViolations,
  formatViolation,
  Ledger,
  pageCallOf,
  performCall,
  STATE_RULES,
} from "./invariants/mod.ts";
export type {
  AskedFor,
  BlockRequest,
  CallRuleName,
  CallValue,
  CheckOptions,
  FrameRange,
  Judged,
  PageCall,
  RuleName,
  StackCallRuleName,
  StackRuleName,
  StackStateRuleName,
  StateRuleName,
  Violation,
} from "./invariants/mod.ts";
export {
  checkEndState,
  findStackViolations,
  STACK_CALL_RULES,
  STACK_STATE_RULES,
  StackWatch,
} from "./stack_rules/mod.ts";
export type {
  LiveBlock,
  MappedPages,
  PageRange,
  StackCall,
  StackCheckOptions,
  StackKnowledge,
  StackValue,
  Subtree,
  TablePlace,
  TableSurvey,
} from "./stack_rules/mod.ts";
export {
  countCells,
  DEFAULT_BUDGET,
  DEFECTS,
  fillMatrix,
  isAsExpected,
  METHOD_NAMES,
  newMethods,
  printDefects,
  searchShortest,
} from "./defects/mod.ts";
export type {
  Defect,
  DefectCell,
  Explored,
  Found,
  Fuzzed,
  Hunt,
  MatrixOptions,
  Method,
  MethodBudget,
  MethodName,
  MethodResult,
  SearchResult,
  Signature,
} from "./defects/mod.ts";
export {
  counterexampleC,
  counterexampleOf,
  explainCounterexample,
  judgeScenario,
  minimize,
  shortestFor,
  sightingsOf,
  symptomText,
} from "./counterexample/mod.ts";
export type { Counterexample, MemoryChange, Sighting, Symptom } from "./counterexample/mod.ts";
export { fuzz, fuzzEditions } from "./fuzz/mod.ts";
export type {
  CompareOptions,
  CompareReport,
  EditionDifference,
  FuzzControl,
  FuzzOptions,
  FuzzProgress,
  FuzzReport,
} from "./fuzz/mod.ts";
export {
  closedForm,
  explore,
  EXPLORE_OPERATIONS,
  EXPLORED_RULES,
  TOLERABLE_RULES,
} from "./explore/mod.ts";
export type {
  ExpectedStates,
  ExploredArea,
  ExploredRule,
  ExploreOperation,
  ExploreOptions,
  ExploreProgress,
  ExploreResult,
  FoundViolation,
  FrameStates,
  TolerableRule,
} from "./explore/mod.ts";
export {
  brokenSince,
  newestBroken,
  printPromises,
  PROMISE_GROUPS,
  showPromise,
} from "./promises/mod.ts";
export type { KeptPromise, PromiseGroup, PromiseShown } from "./promises/mod.ts";
