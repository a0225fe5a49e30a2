/**
 * The ledger: it is told each call and how it ended, and says which rules were broken.
 *
 * @module
 */

import { areaTableOf } from "../../edition.ts";
import type { Machine } from "../../machine.ts";
import type { Ram } from "../../memory/mod.ts";
import { formatStopped } from "../../outcome.ts";
import type { Outcome } from "../../outcome.ts";
import type { PageCount, PhysAddr } from "../../units.ts";
import { askedFor } from "./calls.ts";
import type { BlockRequest, CallValue, PageCall } from "./calls.ts";
import { surveyMachine } from "./find_violations.ts";
import { Findings, hexFrame } from "./findings.ts";
import type { CheckOptions } from "./findings.ts";
import { FrameSet, overlap, unitsWithout } from "./frame_ranges.ts";
import type { FrameRange } from "./frame_ranges.ts";
import { checkHandedOut, framesOf } from "./handed_out.ts";
import type { Served } from "./handed_out.ts";
import { firstChange } from "./memory_compare.ts";
import { Ownership, slicesOf } from "./ownership.ts";
import type { CallRuleName, Violation } from "./rules.ts";
import type { Survey } from "./survey.ts";
