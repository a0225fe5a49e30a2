/**
 * What a host and the guest's drivers do without being asked each time: policies as data.
 *
 * @module
 */

/**
 * How free blocks are reported: isolated, so that the allocator has them on no list while the host takes
 * them; or in place, as they stand on their lists.
 */
export type ReportForm = "isolated" | "in-place";

/**
 * Where the hook stands that fills a block that is freed: in front of `free_pages`, or late, when the
 * block is on its list.
 */
export type HookPlace = "early" | "late";

/** Something that is done again and again. */
export type RepeatedAct =
  /** Report the free blocks of at least an order, all of which the host takes. */
  | { readonly kind: "report"; readonly order: number; readonly form: ReportForm }
  /** The host takes what the guest has marked. */
  | { readonly kind: "reclaim" }
  /** The host sets the size of the balloon, in frames. */
  | { readonly kind: "balloon"; readonly frames: number }
  /** A guest's driver looks at all poison. */
  | { readonly kind: "verify-poison" };

/** What is switched on. */
export interface HostPolicies {
  /**
   * Whether a freed block is marked as unused, and an allocated one as stable; and whether an access to
   * what the host took by its mark is a fault.
   */
  readonly cma: "on" | "faults" | "off";
  /** Whether a freed block is cleared, and when. */
  readonly initOnFree: HookPlace | "off";
  /** Whether an allocated block is cleared. */
  readonly initOnAlloc: "on" | "off";
  /** Whether a freed block is filled with a byte, when, and with which. */
  readonly poison: { readonly byte: number; readonly place: HookPlace } | null;
  /** What is done after each free. */
  readonly afterFree: readonly RepeatedAct[];
  /** What is done after every so many calls of the scenario. */
  readonly every: readonly { readonly steps: number; readonly act: RepeatedAct }[];
}

/** Everything off. */
export const NO_POLICIES: HostPolicies = {
  cma: "off",
  initOnFree: "off",
  initOnAlloc: "off",
  poison: null,
  afterFree: [],
  every: [],
};
