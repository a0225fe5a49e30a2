/**
 * Replays as traces that Perfetto shows: samples, because a trace with millions of events opens nowhere.
 *
 * @module
 */

import type { AreaView } from "../page_allocator.ts";
import type { Replayer } from "../replay/mod.ts";
import type { JsonObject } from "./json.ts";
import { areaTitle, type Subject } from "./subject.ts";
import { AreaCounters, namesOf, pagesOf, PROCESS, STEPS_TRACK, trackOf } from "./trace_events.ts";
import type { TracedArea, TraceEvent } from "./trace_events.ts";

/** What a trace needs of a replay. */
export type TracedReplay = Pick<Replayer, "areas" | "counts" | "end">;

/** The state of a replay at some operation. */
interface Sample {
  readonly counts: Readonly<Replayer["counts"]>;
  readonly areas: readonly TracedArea[];
}

/** So many samples are kept: when there are more, every other one is dropped. */
const MOST_SAMPLES = 512;

function tracedArea(subject: Subject, view: AreaView): TracedArea {
  const counts: number[] = [];
  for (const { order, forward } of view.freeLists) counts[order] = forward.pfns.length;
  return { area: view.area, title: areaTitle(subject, view), pages: pagesOf(counts) };
}

/**
 * The trace of a replay, as it grows: the state every so many operations, at first each, then farther and
 * farther apart, so that a replay of any length has at most 512 samples.
 *
 * ```text
 * track "operations"  a slice ("X") between two samples, with how many operations of which kind
 * track "area …"      a slice for each stretch in which the free pages of the area changed
 * counters            ("C") for each area the free pages of each order at each sample
 * instants            ("i") where the replay ended before its trace
 * ```
 *
 * A microsecond of the trace is an operation.
 *
 * @example Usage
 * ```ts
 * import { DEFAULT_EDITION } from "@buddyscope/sim";
 * import { X86_64 } from "@buddyscope/sim/arch";
 * import { makeWorkload, Replayer, WORKLOADS } from "@buddyscope/sim/replay";
 * import { ReplayTrace } from "@buddyscope/sim/report";
 * import { assert } from "@std/assert";
 *
 * const [workload] = WORKLOADS;
 * assert(workload !== undefined);
 * const { header: { pageShift, areas }, words } = makeWorkload(workload, 1000);
 * const subject = { arch: X86_64, edition: DEFAULT_EDITION };
 * const replayer = new Replayer({ ...subject, pageShift, areas });
 * const trace = new ReplayTrace(subject, replayer);
 * for (let at = 0; at < words.length && replayer.end === null;) {
 *   at = replayer.run(words, at, words.length, trace.operationsToGo);
 *   trace.look();
 * }
 * assert(JSON.stringify(trace.toJson(null)).includes('"ph":"C"'));
 * ```
 */
export class ReplayTrace {
  readonly #subject: Subject;
  readonly #replay: TracedReplay;
  #samples: Sample[] = [];
  /** The operations between two samples. */
  #distance = 1;

  /**
   * Begins with a replay, of which nothing was run.
   *
   * @param subject the architecture and the edition
   * @param replay the replay
   */
  constructor(subject: Subject, replay: TracedReplay) {
    this.#subject = subject;
    this.#replay = replay;
    this.#take();
  }

  /** How many operations there are to the next sample. */
  get operationsToGo(): number {
    const { operations } = this.#replay.counts;
    return this.#distance - operations % this.#distance;
  }

  /** Takes a sample if one is due. */
  look(): void {
    const { operations } = this.#replay.counts;
    if (operations % this.#distance === 0 && operations > this.#last) this.#take();
  }

  get #last(): number {
    return this.#samples.at(-1)?.counts.operations ?? -1;
  }

  #take(): void {
    const areas = this.#replay.areas().map((view) => tracedArea(this.#subject, view));
    this.#samples.push({ counts: { ...this.#replay.counts }, areas });
    if (this.#samples.length <= MOST_SAMPLES) return;
    this.#samples = this.#samples.filter((_, index) => index % 2 === 0);
    this.#distance *= 2;
  }

  /**
   * The trace, with the state at the end.
   *
   * @param why why the replay ended before its trace; null if it did not
   * @returns the data: `traceEvents` and `displayTimeUnit`
   */
  toJson(why: string | null): JsonObject {
    if (this.#replay.counts.operations > this.#last) this.#take();
    const tracks = new Map([[STEPS_TRACK, "operations"]]);
    const counters = new AreaCounters();
    const events: TraceEvent[] = [];
    let before: Sample | null = null;
    for (const sample of this.#samples) {
      const ts = sample.counts.operations;
      const changed = sample.areas.flatMap((area) => {
        tracks.set(trackOf(area.area), area.title);
        return counters.tell(ts, area).map((event) => ({ event, tid: trackOf(area.area) }));
      });
      if (before !== null) {
        const stretch = stretchOf(before, sample);
        events.push({ ...stretch, tid: STEPS_TRACK });
        events.push(...changed.map(({ tid }) => ({ ...stretch, tid })));
      }
      events.push(...changed.map(({ event }) => event));
      before = sample;
    }
    const { arch, edition } = this.#subject;
    return {
      traceEvents: [
        ...namesOf(`${arch.name} ${edition.name}`, tracks),
        ...events,
        ...(why === null ? [] : [endOf(this.#last, why)]),
      ],
      displayTimeUnit: "ms",
    };
  }
}

/** What happened between two samples. */
function stretchOf({ counts: before }: Sample, { counts: after }: Sample): TraceEvent {
  const [ts, end] = [before.operations, after.operations];
  const args = {
    operations: end - ts,
    requests: after.requests - before.requests,
    failedRequests: after.failedRequests - before.failedRequests,
    failedReservations: after.failedReservations - before.failedReservations,
  };
  return {
    ph: "X",
    name: `operations ${ts} to ${end}`,
    cat: "stretch",
    ts,
    dur: end - ts,
    pid: PROCESS,
    args,
  };
}

function endOf(ts: number, why: string): TraceEvent {
  const place = { ts, pid: PROCESS, tid: STEPS_TRACK, s: "p" };
  return { ph: "i", name: "the replay ends", cat: "stop", ...place, args: { operation: ts, why } };
}
