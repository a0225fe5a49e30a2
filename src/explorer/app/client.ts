/**
 * The page's side of the worker: questions that are answered later.
 *
 * @module
 */

import type {
  DifferenceSearch,
  ExplorerAnswer,
  ExplorerRequest,
  ExportKind,
  ProblemView,
  RunView,
  SessionInput,
  StateView,
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
  | { readonly kind: "opened"; readonly runs: readonly RunView[] }
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

/** Asks a worker. While a scenario still runs, another one begins with a new worker. */
export class Client {
  readonly #start: () => AppWorker;
  readonly #waiting = new Map<number, Waiting>();
  #worker: AppWorker | null = null;
  /** The number of the opening under way; null if none is. */
  #opening: number | null = null;
  #openings = 0;
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
      if (data.kind === "failed") waiting?.reject(new Error(data.message));
      else waiting?.resolve(data);
    };
    worker.onerror = ({ message }): void => this.#end(message ?? "the worker could not start");
    this.#worker = worker;
    return worker;
  }

  #end(reason: string): void {
    this.#worker?.terminate();
    this.#worker = null;
    for (const { reject } of this.#waiting.values()) reject(new Error(reason));
    this.#waiting.clear();
  }

  /**
   * Opens a scenario. One that is still being opened is given up.
   *
   * @param input the scenario, the editions, the memory map
   * @returns the runs, or what is wrong
   */
  async open(input: SessionInput): Promise<Opening> {
    if (this.#opening !== null) this.#end("given up for another scenario");
    const number = ++this.#openings;
    this.#opening = number;
    try {
      const answer = await this.#ask({ kind: "open", input });
      if (answer.kind === "opened" || answer.kind === "problems") return answer;
      throw unexpected(answer);
    } finally {
      if (this.#opening === number) this.#opening = null;
    }
  }

  /**
   * Asks for the views of a step.
   *
   * @param step the step
   * @returns a view for each run
   */
  async views(step: number): Promise<readonly StateView[]> {
    const answer = await this.#ask({ kind: "views", step });
    if (answer.kind === "views") return answer.views;
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
