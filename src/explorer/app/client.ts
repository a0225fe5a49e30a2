/**
 * The page's side of the worker: questions that are answered later.
 *
 * @module
 */

import type {
  BlockSpan,
  DifferenceSearch,
  ExplorerAnswer,
  ExplorerRequest,
  ExportKind,
  ProblemView,
  Progress,
  RunView,
  SessionInput,
  ShownStep,
  Since,
} from "../model/mod.ts";

/** A worker, as far as it is used. */
export interface AppWorker {
  /** Sends it a question. */
  readonly postMessage: (request: ExplorerRequest) => void;
  /** Told of its answers. */
  onmessage: ((event: { readonly data: ExplorerAnswer }) => void) | null;
  /** Told that it broke. */
  onerror: ((event: { readonly message?: string }) => void) | null;
  /** Ends it. */
  readonly terminate: () => void;
}

/** What came of opening a scenario. */
export type Opening =
  | {
    readonly kind: "opened";
    readonly runs: readonly RunView[];
    readonly progress: Progress;
  }
  | { readonly kind: "problems"; readonly problems: readonly ProblemView[] };

/** A question before it has a number. */
type Question = ExplorerRequest extends infer Request
  ? Request extends ExplorerRequest ? Omit<Request, "id"> : never
  : never;

/** Who waits for an answer. */
interface Waiting {
  readonly resolve: (answer: ExplorerAnswer) => void;
  readonly reject: (error: Error) => void;
}

/** What comes of a scenario after its first steps are there. */
export type Continuation = Extract<ExplorerAnswer, { kind: "progress" | "problems" | "failed" }>;

/** The scenario that runs, and who is told how far it came. */
interface Running {
  /** The number of the question with which it was opened; null before it was asked. */
  id: number | null;
  readonly tell: (continuation: Continuation) => void;
}

/** Asks a worker. While a scenario still runs, another one begins with a new worker. */
export class Client {
  readonly #start: () => AppWorker;
  readonly #waiting = new Map<number, Waiting>();
  #worker: AppWorker | null = null;
  /** The scenario that still runs; null if none does. */
  #running: Running | null = null;
  #last = 0;

  /**
   * Begins without a worker.
   *
   * @param start starts one
   */
  constructor(start: () => AppWorker) {
    this.#start = start;
  }

  #ask(question: Question): Promise<ExplorerAnswer> {
    const worker = this.#worker ?? this.#begin();
    const id = ++this.#last;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      worker.postMessage({ id, ...question });
    });
  }

  #begin(): AppWorker {
    const worker = this.#start();
    worker.onmessage = ({ data }): void => {
      const waiting = this.#waiting.get(data.id);
      this.#waiting.delete(data.id);
      if (waiting === undefined) this.#continue(data);
      if (data.kind === "failed") waiting?.reject(new Error(data.message));
      else waiting?.resolve(data);
    };
    worker.onerror = ({ message }): void => this.#end(message ?? "the worker could not start");
    this.#worker = worker;
    return worker;
  }

  /** An answer for which nobody waits: how the scenario that runs goes on. */
  #continue(answer: ExplorerAnswer): void {
    const running = this.#running;
    if (running === null || running.id !== answer.id) return;
    const isProgress = answer.kind === "progress";
    if (!isProgress && answer.kind !== "problems" && answer.kind !== "failed") return;
    if (!isProgress || answer.progress.state === "done") this.#running = null;
    running.tell(answer);
  }

  #end(reason: string): void {
    this.#worker?.terminate();
    this.#worker = null;
    for (const { reject } of this.#waiting.values()) reject(new Error(reason));
    this.#waiting.clear();
  }

  /**
   * Opens a scenario. One that still runs is given up.
   *
   * @param input the scenario, the editions, the memory map
   * @param tell told how the scenario goes on, if it is long, until it has ended
   * @returns the runs as far as they came, or what is wrong
   */
  async open(input: SessionInput, tell: (continuation: Continuation) => void): Promise<Opening> {
    if (this.#running !== null) this.#end("given up for another scenario");
    const running: Running = { id: null, tell };
    this.#running = running;
    const asked = this.#ask({ kind: "open", input });
    running.id = this.#last;
    let isOver = true;
    try {
      const answer = await asked;
      if (answer.kind !== "opened" && answer.kind !== "problems") throw unexpected(answer);
      isOver = answer.kind === "problems" || answer.progress.state === "done";
      return answer;
    } finally {
      if (isOver && this.#running === running) this.#running = null;
    }
  }

  /**
   * Asks for the views of a step.
   *
   * @param step the step
   * @returns a view for each run, and the steps around
   */
  async views(step: number): Promise<ShownStep> {
    const answer = await this.#ask({ kind: "views", step });
    if (answer.kind === "views") return answer.shown;
    throw unexpected(answer);
  }

  /**
   * Asks since when a block is what it is.
   *
   * @param side of which run
   * @param step at which step
   * @param block the block
   * @returns the step; null if no step made it so
   */
  async since(side: number, step: number, block: BlockSpan): Promise<Since | null> {
    const answer = await this.#ask({ kind: "since", side, step, block });
    if (answer.kind === "since") return answer.since;
    throw unexpected(answer);
  }

  /**
   * Looks for the first difference of two runs.
   *
   * @param from the step to begin with
   * @param most how many steps are compared at most
   * @returns how far the search came
   */
  async difference(from: number, most: number): Promise<DifferenceSearch> {
    const answer = await this.#ask({ kind: "difference", from, most });
    if (answer.kind === "difference") return answer.search;
    throw unexpected(answer);
  }

  /**
   * Asks for a file.
   *
   * @param what which file
   * @param side of which run
   * @param step of which step
   * @returns its text
   */
  async save(what: ExportKind, side: number, step: number): Promise<string> {
    const answer = await this.#ask({ kind: "export", what, side, step });
    if (answer.kind === "text") return answer.text;
    throw unexpected(answer);
  }
}

function unexpected({ kind }: ExplorerAnswer): Error {
  return new Error(`Model error: the worker answered "${kind}"`);
}
