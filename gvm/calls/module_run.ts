import { GhostError } from "../../gmp/errors.ts";
import { CallSite } from "../../gmp/own_error.ts";
import { showValue } from "../../gmp/types/misfit.ts";
import { isDetached } from "../../gmp/types/typed_arrays.ts";
import { DEFAULT_LIMITS } from "../engine/execution_limits.ts";
import type { OutputStream } from "../engine/output.ts";
import { HeldOutput, type OutputChunk } from "./held_output.ts";
import { checkRunTexts } from "./run_arguments.ts";
import type { RunHandle, RunRequest } from "./session_calls.ts";
import type { SessionClient } from "./session_client.ts";

/** A source of standard input. */
export type StdinSource = AsyncIterable<Uint8Array> | Iterable<Uint8Array> | Uint8Array | string;

/**
 * A run of a module: iterate over it for its output, as it is written; await `exitCode` for its end. Output
 * that nobody reads is held, up to the output limit of the calling node: beyond that the run is stopped with
 * `OUTPUT_LIMIT`.
 *
 * @example
 * ```ts
 * import { GhostNode } from "@ghost/network";
 * import { assertEquals } from "@std/assert";
 *
 * await using node = await GhostNode.start();
 * const run = node.run("greet", ["Ada", "--fail"]);
 * for await (const { stream, bytes } of run) {
 *   await (stream === "stdout" ? Deno.stdout : Deno.stderr).write(bytes);
 * }
 * assertEquals(await run.exitCode, 3);
 * ```
 */
export class ModuleRun implements AsyncIterable<OutputChunk> {
  /** The exit code, 0 to 2^32-1; rejected with a GhostError when the run fails. */
  readonly exitCode: Promise<number>;
  readonly #held: HeldOutput;
  readonly #stop = new AbortController();
  /** Set once any output was dropped. */
  #dropped: GhostError | undefined;
  readonly #callSite = new CallSite(ModuleRun);
  #ended = false;
  #changed = Promise.withResolvers<void>();

  /** Starts it; up to `limit` bytes of its output are held. */
  constructor(
    session: Pick<SessionClient, "run">,
    request: RunRequest & { readonly stdin?: StdinSource },
    limit: number = DEFAULT_LIMITS.output,
  ) {
    this.#held = new HeldOutput(limit);
    this.exitCode = this.#run(session, request);
    this.exitCode.then(() => this.#end(), () => this.#end());
  }

  /** Its output until it ends; `exitCode` reports a failure. */
  async *[Symbol.asyncIterator](): AsyncGenerator<OutputChunk, void, void> {
    for (;;) {
      yield* this.#held.take();
      if (this.#held.waits) continue;
      if (this.#ended) return;
      await this.#changed.promise;
    }
  }

  /**
   * Everything that it writes to standard output, as text; resolves at its end. @throws what `exitCode`
   * throws.
   */
  async text(): Promise<string> {
    const decoder = new TextDecoder();
    let text = "";
    for await (const { stream, bytes } of this) {
      if (stream === "stdout") text += decoder.decode(bytes, { stream: true });
    }
    await this.exitCode;
    return text + decoder.decode();
  }

  async #run(
    session: Pick<SessionClient, "run">,
    request: RunRequest & { readonly stdin?: StdinSource },
  ): Promise<number> {
    const { stdin, ...rest } = request;
    const stop = this.#stop;
    const take = request.output ?? ((bytes, stream) => this.#take(bytes, stream));
    const output = (bytes: Uint8Array, stream: OutputStream) => {
      if (this.#dropped !== undefined) return;
      try {
        take(bytes, stream);
      } catch (error) {
        this.#drop(failed("output", error));
      }
    };
    const signal = request.signal === undefined
      ? stop.signal
      : AbortSignal.any([request.signal, stop.signal]);
    try {
      checkRunTexts(request.module, request.argv, request.env);
      const handle = await session.run({ ...rest, output, signal });
      // A program must not mistake what came before a failure for its whole input.
      feed(handle, stdin).catch((error) => stop.abort(failed("standard input", error)));
      const exitCode = await handle.exitCode;
      if (this.#dropped !== undefined) throw this.#dropped;
      return exitCode;
    } catch (error) {
      throw stop.signal.aborted ? stop.signal.reason : this.#callSite.attach(GhostError.from(error));
    }
  }

  #take(bytes: Uint8Array, stream: OutputStream): void {
    if (this.#held.push({ bytes, stream })) return this.#notify();
    const message = `The run was stopped: more than ${this.#held.limit} bytes of its output wait to be read`;
    throw this.#callSite.attach(new GhostError("OUTPUT_LIMIT", message));
  }

  #drop(error: GhostError): void {
    this.#dropped = error;
    this.#stop.abort(error);
  }

  #end(): void {
    this.#ended = true;
    this.#notify();
  }

  #notify(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}

/** The error of a run whose input could not be read, or whose output could not be delivered. */
function failed(what: string, cause: unknown): GhostError {
  if (cause instanceof GhostError) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new GhostError("CANCELLED", `The run was cancelled: its ${what} failed: ${reason}`, { cause });
}

async function feed(handle: RunHandle, stdin: StdinSource | undefined): Promise<void> {
  if (typeof stdin === "string") return void handle.send(new TextEncoder().encode(stdin), false);
  if (stdin instanceof Uint8Array) return void handle.send(bytesOf(stdin), false);
  const source = stdin instanceof ReadableStream ? fromStream(stdin) : iteratorOf(stdin ?? []);
  let isOver = false;
  let isDone = false;
  // A pending read must not outlive the run: the program would not end before somebody typed something.
  const leave = async () => {
    isOver = true;
    if (isDone) return;
    try {
      await source.return?.();
    } catch {
      // Nobody is left to hear of it.
    }
  };
  handle.exitCode.then(leave, leave);
  for (;;) {
    const next = await source.next();
    isDone = next.done === true;
    if (isOver) return;
    if (next.done) return void handle.send(new Uint8Array(0), false);
    await handle.send(bytesOf(next.value), true);
  }
}

/** A piece of standard input as it is sent. @throws {GhostError} `BAD_ARGUMENTS` for anything but bytes. */
function bytesOf(piece: unknown): Uint8Array {
  if (piece instanceof Uint8Array && !isDetached(piece)) return piece;
  const expected = piece instanceof Uint8Array ? "a Uint8Array that still has its buffer" : "a Uint8Array";
  throw new GhostError(
    "BAD_ARGUMENTS",
    `Cannot run: a piece of its standard input is ${showValue(piece)}, not ${expected}`,
  );
}

function iteratorOf(source: AsyncIterable<unknown> | Iterable<unknown>): AsyncIterator<unknown> {
  if (typeof source === "object" && source !== null) {
    if (Symbol.asyncIterator in source) return source[Symbol.asyncIterator]();
    if (Symbol.iterator in source) {
      const iterator = source[Symbol.iterator]();
      return {
        next: () => Promise.resolve(iterator.next()),
        return: () => Promise.resolve(iterator.return?.() ?? { done: true, value: undefined }),
      };
    }
  }
  throw new GhostError(
    "BAD_ARGUMENTS",
    `Cannot run: its standard input is ${showValue(source)}, not text, bytes or pieces of bytes`,
  );
}

/** A stream's own iterator waits for the pending read when it is told to return; a reader can cancel it. */
function fromStream(stream: ReadableStream<unknown>): AsyncIterator<unknown, undefined> {
  const reader = stream.getReader();
  return {
    next: async () => {
      const { done, value } = await reader.read();
      return done ? { done, value: undefined } : { done, value };
    },
    return: async () => {
      await reader.cancel();
      return { done: true, value: undefined };
    },
  };
}
