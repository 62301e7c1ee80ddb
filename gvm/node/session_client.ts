import { type Body, integerIn, isString, listIn, stringIn } from "../../gmp/body.ts";
import { Channel } from "../../gmp/channel.ts";
import { dialWithTicket } from "../../gmp/dial_with_ticket.ts";
import { GhostError } from "../../gmp/errors.ts";
import { Flag, Kind } from "../../gmp/frame.ts";
import type { Authenticated } from "../../gmp/handshake.ts";
import { checkCallable, checkSignature } from "../../gmp/signature.ts";
import { type CallResult, checkArguments, prepareCodec } from "../../gmp/values.ts";
import { encodeTree, TreeDecoder } from "../executor/tree_stream.ts";
import type { TreeChanges, TreeEntry } from "../wasi/mod.ts";
import { PendingCall, type Undecided } from "./pending_call.ts";
import type { CallOptions, FunctionReference, RunHandle, RunRequest, SessionHome } from "./session_calls.ts";

/**
 * Milliseconds after which a call that was cancelled is given up: its executor ends one that runs well before, so this one
 * waits behind another session's.
 */
const CANCEL_TIME = 500;

/** How often in a row an executor is dialled: it may have been replaced since its place was told. */
const DIAL_ATTEMPTS = 3;

/** A connection to an executor. */
interface Line {
  readonly channel: Channel;
  readonly port: number;
  readonly generation: number;
  /** Calls whose connection broke, and whose fate the session's home has yet to tell. */
  readonly undecided: Undecided[];
  /** Whether the executor before it was replaced, so that calls to it can be told. */
  readonly restarted: boolean;
}

function callKey(port: number, id: number): string {
  return `${port} ${id}`;
}

/** Connections are numbered across all clients, so that a reference cannot mistake one for another. */
let generations = 0;

/** The caller's side of a session at an executor, local or remote: dials it, calls, and dials again when it was replaced. */
export class SessionClient {
  readonly #home: SessionHome;
  #line: Line | undefined;
  #dialling: Promise<Line> | undefined;
  #lost: number | undefined;
  #closed: GhostError | undefined;
  /** Calls that were stopped, as their connection has yet to see. */
  readonly #stopped = new Map<string, GhostError>();

  /** A client that dials when it is first used, or told to `connect`. */
  constructor(home: SessionHome) {
    this.#home = home;
  }

  /** Dials, unless it has. */
  async connect(): Promise<void> {
    await this.#dial();
  }

  /** The generation of the connection: it changes when the session's state was lost. */
  get generation(): number {
    return this.#line?.generation ?? 0;
  }

  /** Looks up a function. @throws {GhostError} what the executor answers. */
  async resolve(module: string, version: string | undefined, name: string): Promise<FunctionReference> {
    const line = await this.#dial();
    const body = await this.#request(line, "function.resolve", { module, version, function: name });
    const signature = checkCallable(name, checkSignature(body));
    return {
      module,
      version: stringIn(body, "version", 64),
      name,
      signature,
      parameters: prepareCodec(signature.parameters),
      results: prepareCodec(signature.results),
      handle: integerIn(body, "handle", 0, 2 ** 32 - 1),
      generation: line.generation,
    };
  }

  /**
   * Calls `reference` with `args`, which are checked before anything is sent.
   *
   * @throws {GhostError} `BAD_ARGUMENTS`, or what the executor answers.
   */
  call(reference: FunctionReference, args: readonly unknown[], options?: CallOptions): Promise<CallResult> {
    const line = this.#line;
    if (
      line === undefined || line.generation !== reference.generation || !line.channel.open ||
      options?.signal?.aborted
    ) {
      return this.#callLater(reference, args, options);
    }
    try {
      checkArguments(reference.name, reference.signature, args);
      const { channel } = line;
      const pending = new PendingCall(reference.results, options?.output, line.undecided);
      const id = pending.id = channel.expect(pending);
      const { outbox } = channel;
      const offset = outbox.reserve(Kind.CALL, 0, 0, id, 4 + reference.parameters.byteLength);
      outbox.view.setUint32(offset, reference.handle, true);
      reference.parameters.write(outbox.view, offset + 4, args);
      return options?.signal === undefined
        ? pending.promise
        : this.#cancellable(line, id, pending.promise, options.signal);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Runs `_start` of a module. */
  async run(request: RunRequest): Promise<RunHandle> {
    const { module, version, argv, env, directories, signal, output } = request;
    refuseCancelled(signal);
    const line = await this.#dial();
    refuseCancelled(signal);
    const { id, reply, send } = line.channel.stream(
      "module.run",
      { module, version, argv, env, directories },
      {
        data: (bytes, flags) => output?.(bytes.slice(), (flags & Flag.STDERR) !== 0 ? "stderr" : "stdout"),
      },
    );
    const decided = this.#decided(line, id, reply);
    const exitCode = (signal === undefined ? decided : this.#cancellable(line, id, decided, signal))
      .then((body) => integerIn(body, "exitCode", 0, 2 ** 32 - 1));
    return { exitCode, send };
  }

  /** Forgets the state of `module` in this session. */
  async reset(module: string): Promise<void> {
    const line = await this.#dial();
    await this.#request(line, "module.reset", { module });
  }

  /** Loads a tree of files into the session, for runs to see as the directory `name`. */
  async loadFiles(name: string, entries: Iterable<TreeEntry>): Promise<void> {
    const line = await this.#dial();
    const { reply, send } = line.channel.stream("files.load", { name });
    for (const bytes of encodeTree(entries)) await send(bytes, true);
    send(new Uint8Array(0), false);
    await this.#decided(line, 0, reply);
  }

  /** What runs have changed in the directory `name`. */
  async fileChanges(name: string): Promise<TreeChanges> {
    const line = await this.#dial();
    const decoder = new TreeDecoder(Infinity);
    const asked = line.channel.request("files.changes", { name }, { data: (bytes) => decoder.push(bytes) });
    const body = await this.#decided(line, 0, asked);
    return { removed: listIn(body, "removed", "paths", isString), written: decoder.end() };
  }

  /**
   * Told by the session's home: call `id` at the executor on `port` was ended with `error`, and the executor with it. What
   * is called from now on goes to its successor.
   */
  stopped(port: number, id: number, error: GhostError): void {
    const line = this.#line;
    if (line?.port === port) {
      this.#line = undefined;
      this.#lost = port;
      line.channel.abandon(id, error, true);
    }
    this.#stopped.set(callKey(port, id), error);
  }

  /** Ends the connection; whatever waits is rejected with `error`. */
  close(error: GhostError): void {
    this.#closed = error;
    this.#line?.channel.close();
    this.#line = undefined;
  }

  #dial(): Promise<Line> {
    if (this.#line?.channel.open) return Promise.resolve(this.#line);
    this.#dialling ??= this.#dialNow().finally(() => this.#dialling = undefined);
    return this.#dialling;
  }

  async #dialNow(): Promise<Line> {
    for (let attempt = 1;; attempt++) {
      if (this.#closed !== undefined) throw this.#closed;
      const { restarted, ...place } = await this.#home.place(this.#lost);
      try {
        return this.#lineOver(await dialWithTicket({ ...place, role: "executor" }), place.port, restarted);
      } catch (error) {
        if (this.#closed === undefined && attempt < DIAL_ATTEMPTS) continue;
        throw this.#closed ??
          new GhostError("CONNECTION_LOST", "Cannot reach the executor", { cause: error });
      }
    }
  }

  #lineOver(connection: Authenticated, port: number, restarted: boolean): Line {
    const channel = new Channel(connection);
    if (this.#closed !== undefined) {
      channel.close();
      throw this.#closed;
    }
    const line: Line = { channel, port, generation: ++generations, undecided: [], restarted };
    this.#line = line;
    channel.closed.then(() => this.#broken(line));
    return line;
  }

  /** The connection ended: the home is asked where to go on, and what is left undecided is decided by its answer. */
  async #broken(line: Line): Promise<void> {
    if (this.#line === line) this.#line = undefined;
    this.#lost = line.port;
    let verdict: GhostError;
    try {
      const next = await this.#dial();
      verdict = new GhostError(next.restarted ? "EXECUTOR_RESTARTED" : "CONNECTION_LOST");
    } catch (error) {
      verdict = GhostError.from(error, "CONNECTION_LOST");
    }
    for (const { id, fail } of line.undecided) fail(this.#stopped.get(callKey(line.port, id)) ?? verdict);
    this.#stopped.clear();
  }

  async #callLater(
    reference: FunctionReference,
    args: readonly unknown[],
    options: CallOptions | undefined,
  ): Promise<CallResult> {
    refuseCancelled(options?.signal);
    checkArguments(reference.name, reference.signature, args);
    const line = await this.#dial();
    if (reference.generation !== line.generation) {
      const { handle, generation } = await this.resolve(reference.module, reference.version, reference.name);
      reference.handle = handle;
      reference.generation = generation;
    }
    return await this.call(reference, args, options);
  }

  #request(line: Line, operation: "function.resolve" | "module.reset", body: Body): Promise<Body> {
    return this.#decided(line, 0, line.channel.request(operation, body));
  }

  /** `answer`, or what the session's home says of it when its connection breaks. */
  #decided<T>(line: Line, id: number, answer: Promise<T>): Promise<T> {
    return answer.catch((error) => {
      if (!(error instanceof GhostError) || error.code !== "CONNECTION_LOST" || line.channel.open) {
        throw error;
      }
      return new Promise<T>((_, fail) => line.undecided.push({ id, fail }));
    });
  }

  async #cancellable<T>(line: Line, id: number, answer: Promise<T>, signal: AbortSignal): Promise<T> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const cancel = () => {
      this.#home.cancel(line.port, id);
      const error = new GhostError("CANCELLED", undefined, { cause: signal.reason });
      timer = setTimeout(() => line.channel.abandon(id, error, true), CANCEL_TIME);
    };
    signal.addEventListener("abort", cancel, { once: true });
    try {
      return await answer;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", cancel);
    }
  }
}

/** @throws {GhostError} `CANCELLED` when `signal` was aborted already. */
function refuseCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new GhostError("CANCELLED", undefined, { cause: signal.reason });
}
