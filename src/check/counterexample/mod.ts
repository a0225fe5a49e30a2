/**
 * Counterexamples: what is wrong, as the shortest scenario, in words, and as a test in C.
 *
 * @module
 */

// Order: symptom, page_op, session, page_scenario, judge, simplify, minimize, changes,
// counterexample, explain, c_function, mod

export type { MemoryChange } from "./changes.ts";
export { counterexampleOf, shortestFor } from "./counterexample.ts";
export { counterexampleC } from "./c_function.ts";
export { explainCounterexample } from "./explain.ts";
export type { Counterexample } from "./counterexample.ts";
export { judgeScenario, sightingsOf } from "./judge.ts";
export { minimize } from "./minimize.ts";
export { isInEdition, performOp } from "./page_op.ts";
export type { PageOp } from "./page_op.ts";
export { EXPECT_NOTHING_LOST, pageScenario } from "./page_scenario.ts";
export type { PageStep, PageWorld } from "./page_scenario.ts";
export { PageSession } from "./session.ts";
export type { Judgement } from "./session.ts";
export { symptomText } from "./symptom.ts";
export type { Sighting, Symptom } from "./symptom.ts";
