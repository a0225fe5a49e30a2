/**
 * What a view shows of one step: plain data that survives JSON, so that it can go to another thread or
 * into a file.
 *
 * Frames, counts and orders are numbers; addresses are texts in base 16 with 0x, because they may not fit
 * a number.
 *
 * @module
 */

/** What frames are, as far as their page states tell. */
export type CellStatus = "fresh" | "free" | "allocated" | "special" | "mixed" | "disagreeing";

/** The frames of a cell by status. */
export interface CellCounts {
  /** Never handed out. */
  readonly fresh: number;
  /** Given back. */
  readonly free: number;
  /** Handed out. */
  readonly allocated: number;
  /** Reserved. */
  readonly special: number;
  /** With a page state that can be no block's, or another than that of their block's head. */
  readonly disagreeing: number;
}

/** A block, or frames that have to share a cell. The key under which it stands is its first frame. */
export interface CellView {
  /** How many frames. */
  readonly frames: number;
  /** What they are. */
  readonly status: CellStatus;
  /** The page state in two characters, such as `f2`; empty for several blocks. */
  readonly text: string;
  /** The order of the block; null for several blocks. */
  readonly order: number | null;
  /** The page state byte of the first frame; null for several blocks. */
  readonly byte: number | null;
  /** The two words of the list node in the block, as bytes; null for a block that is not listed. */
  readonly node: string | null;
  /** The frames by status; null for one block. */
  readonly counts: CellCounts | null;
}

/** A free list. */
export interface ListView {
  /** The order. */
  readonly order: number;
  /** The first frames of the blocks, front to back; of a long list, the first ones. */
  readonly pfns: readonly number[];
  /** How many blocks the list holds. */
  readonly count: number;
  /** What is wrong with it, in words; null for a sound list. */
  readonly fault: string | null;
}

/** An area. */
export interface AreaStateView {
  /** Its slot. */
  readonly area: number;
  /** Its number and name, such as `area 0  normal`. */
  readonly title: string;
  /** The frame at which the page states begin. */
  readonly metadata: number;
  /** The first usable frame. */
  readonly base: number;
  /** The first frame after. */
  readonly top: number;
  /** The largest order worth searching; null where the edition keeps none. */
  readonly maxOrder: number | null;
  /** The frames of a cell: 1, or a larger power of two where cells are shared. */
  readonly cellFrames: number;
  /** The frames of a row: a power of two. */
  readonly rowFrames: number;
  /** The cells, by their first frame. */
  readonly cells: Readonly<Record<string, CellView>>;
  /** The lists that are not empty, by ascending order. */
  readonly lists: readonly ListView[];
}

/** What one sentence says about a step, and where upstream does it. */
export interface StoryLine {
  /** The sentence, without a period. */
  readonly text: string;
  /** Function, file, and the line where it is known; empty for nothing. */
  readonly source: string;
}

/** Bytes that a step changed. */
export interface ChangeView {
  /** What they are, such as `page states of 100010, 2 frames`. */
  readonly what: string;
  /** The address of the first. */
  readonly address: string;
  /** How many bytes have this content, each or together. */
  readonly count: number;
  /** Before: bytes in base 16. */
  readonly before: string;
  /** After. */
  readonly after: string;
  /** Why: the event that wrote it, or who else did. */
  readonly why: string;
  /** The function that wrote it, with file and line upstream; empty where upstream has none. */
  readonly source: string;
}

/** A rule that a step broke. */
export interface ViolationView {
  /** Its name. */
  readonly rule: string;
  /** The frame; null where it is no matter of one. */
  readonly pfn: number | null;
  /** What is the case instead. */
  readonly sentence: string;
}

/** Virtual pages that vmalloc took. */
export interface VirtualRunView {
  /** The first address. */
  readonly first: string;
  /** How many pages. */
  readonly pages: number;
  /** What they are, in words. */
  readonly text: string;
}

/** What vmalloc has. */
export interface VmallocView {
  /** `vfree_top`, below which everything is free. */
  readonly freeTop: string;
  /** Where the window ends. */
  readonly end: string;
  /** Who serves `malloc`. */
  readonly servedBy: string;
  /** What was taken, by ascending address; at most 40. */
  readonly runs: readonly VirtualRunView[];
}

/** How a step ended. */
export type StepMark = "fine" | "violation" | "stopped" | "undone" | "not-run" | "failed";

/** One step, for views. */
export interface StateView {
  /** Its number; -1 for the start. */
  readonly step: number;
  /** Its statement; empty for the start. */
  readonly statement: string;
  /** How it ended, in words. */
  readonly outcome: string;
  /** How it ended, in a word. */
  readonly mark: StepMark;
  /** The first frame of the block that the step is about; null if it is about none. */
  readonly focus: number | null;
  /** What happened, in order. */
  readonly story: readonly StoryLine[];
  /** The bytes that changed. */
  readonly changes: readonly ChangeView[];
  /** What the guest printed, line by line. */
  readonly printed: readonly string[];
  /** The rules that it broke. */
  readonly violations: readonly ViolationView[];
  /** The areas after it, by ascending slot. */
  readonly areas: readonly AreaStateView[];
  /** vmalloc after it; null before it is set up. */
  readonly vmalloc: VmallocView | null;
}

/** Frames in a row. */
export interface BlockSpan {
  /** The first frame. */
  readonly first: number;
  /** How many. */
  readonly frames: number;
}

/** What a step marked or linked. */
export interface StepMarks {
  /** The first frames of blocks. */
  readonly frames: readonly number[];
  /** The first frame, and the first one after, of what is more than one block. */
  readonly wide: readonly (readonly [number, number])[];
}

/** Since when a block is what it is: since a step, or since one before it. */
export interface Since {
  /** Which of both. */
  readonly kind: "at" | "before";
  /** The step. */
  readonly step: number;
}

/** A step in a list of all steps. */
export interface StepRow {
  /** Its number. */
  readonly step: number;
  /** The line of the scenario's text, from 1. */
  readonly line: number;
  /** Its statement. */
  readonly statement: string;
  /** How it ended, in words. */
  readonly outcome: string;
  /** How it ended, in a word. */
  readonly mark: StepMark;
}

/** A zone, `[first, end)` in frames. */
export interface ZoneView {
  /** Its name. */
  readonly name: string;
  /** Its first frame. */
  readonly first: number;
  /** The first frame after; null for none. */
  readonly end: number | null;
}

/** How far runs came, side by side. */
export interface Progress {
  /** How many steps there are. */
  readonly steps: number;
  /** How many there can be: the lines of the text that are not read yet may hold one each. */
  readonly most: number;
  /** The steps that broke a rule, failed or stopped the machine, ascending. */
  readonly troubles: readonly number[];
  /** Whether there are more to come. */
  readonly state: "running" | "done";
}

/** A run, for views: what is the same at every step. */
export interface RunView {
  /** The architecture's name. */
  readonly arch: string;
  /** The edition's name. */
  readonly edition: string;
  /** The base-2 logarithm of the page size. */
  readonly pageShift: number;
  /** The width of a word in bits. */
  readonly wordBits: number;
  /** The order bits of a page state. */
  readonly orderMask: number;
  /** The zones, by ascending frame. */
  readonly zones: readonly ZoneView[];
  /** Whether the rules were checked after each step. */
  readonly watched: "violations" | "off";
}
