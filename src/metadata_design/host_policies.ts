/**
 * What a host and a guest's drivers can do while a design runs: the rows of the table of hazards.
 *
 * @module
 */

import { perform, setBalloon, setPolicies } from "../host/mod.ts";
import type { HostedMachine, HostPolicies, RepeatedAct, ReportForm } from "../host/mod.ts";

/** Something that a host does, or that a guest does for it, all the time. */
export interface HazardPolicy {
  /** Its name in tables. */
  readonly name: string;
  /** What it is, in a line. */
  readonly title: string;
  /** Whether the owner of a block may rely on zeroes. */
  readonly promise: "zeroes" | "none";
  /** Begins, when the first ranges are handed over. */
  readonly begin: (machine: HostedMachine) => void;
  /** Does what is due after an operation; they count from 1. */
  readonly after: (machine: HostedMachine, operation: number) => void;
}

/** Blocks are reported at the beginning, after each release, and after every so many operations. */
const REPORT_STEPS = 16;
/** The host takes what is marked after every so many operations. */
const RECLAIM_STEPS = 8;
/** The balloon is inflated and deflated again so often. */
const BALLOON_STEPS = 32;
/** How many frames go into it. */
const BALLOON_FRAMES = 48;
const POISON = 0xaa;

/** A policy that is switched on and left alone. */
function switched(
  name: string,
  title: string,
  change: Partial<HostPolicies>,
  promise: HazardPolicy["promise"] = "none",
): HazardPolicy {
  const begin = (machine: HostedMachine): void => setPolicies(machine, change);
  return { name, title, promise, begin, after: () => {} };
}

function reporting(order: number, form: ReportForm): HazardPolicy {
  const act: RepeatedAct = { kind: "report", order, form };
  const how = form === "isolated" ? "isolated" : "as they are listed";
  const title = `free blocks of order ${order} and up are reported, ${how}`;
  const every = [{ steps: REPORT_STEPS, act }];
  const policy = switched(`report ${order} ${form}`, title, { afterFree: [act], every });
  const begin = (machine: HostedMachine): void => {
    policy.begin(machine);
    perform(machine, act);
  };
  return { ...policy, begin };
}

const RECLAIM: HostPolicies["every"] = [{ steps: RECLAIM_STEPS, act: { kind: "reclaim" } }];

const BALLOON: HazardPolicy = {
  name: "balloon",
  title: `a driver allocates ${BALLOON_FRAMES} frames for the host, later frees them, and again`,
  promise: "none",
  begin: () => {},
  after: (machine, operation) => {
    if (operation % BALLOON_STEPS !== 0) return;
    setBalloon(machine, operation % (2 * BALLOON_STEPS) === 0 ? 0 : BALLOON_FRAMES);
  },
};

/** What hosts and guests do, one at a time. */
export const HAZARD_POLICIES: readonly HazardPolicy[] = [
  switched("none", "nothing", {}),
  reporting(0, "in-place"),
  reporting(4, "in-place"),
  reporting(9, "in-place"),
  reporting(0, "isolated"),
  reporting(4, "isolated"),
  reporting(9, "isolated"),
  BALLOON,
  switched("cma", `s390x under KVM: the host takes unused pages, which read as 0`, {
    cma: "on",
    every: RECLAIM,
  }),
  switched("cma faults", "s390x under z/VM: an access to them is an exception", {
    cma: "faults",
    every: RECLAIM,
  }),
  switched("poison", "what is freed is filled before it is linked, and verified", {
    poison: { byte: POISON, place: "early" },
  }),
  switched("poison late", "the same, when it is linked", {
    poison: { byte: POISON, place: "late" },
  }),
  switched("init on free", "what is freed is cleared before it is linked", {
    initOnFree: "early",
  }, "zeroes"),
  switched("init on free late", "the same, when it is linked", { initOnFree: "late" }, "zeroes"),
  switched("init on alloc", "what is handed out is cleared", { initOnAlloc: "on" }, "zeroes"),
];
