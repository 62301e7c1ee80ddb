import { ask, upload } from "../../gmp/channel/messages.ts";
import { GhostError } from "../../gmp/errors.ts";
import { rejection } from "../../gmp/own_error.ts";
import { Flag, Kind } from "../../gmp/frames/frame.ts";
import type { ModuleName } from "../../gmp/names.ts";
import type { FunctionName } from "../../gmp/types/function_name.ts";
import { showName } from "../../gmp/types/quote.ts";
import {
  checkCallable,
  checkSignature,
  formatSignature,
  isSameSignature,
} from "../../gmp/types/signature.ts";
import { type CallResult, checkArguments, prepareCodec } from "../../gmp/types/values.ts";
import { encodeTree, TreeDecoder } from "../executor/tree_stream.ts";
import type { TreeChanges, TreeEntry } from "../wasi/mod.ts";
import { PendingCall } from "./pending_call.ts";
import { checkRunArguments } from "./run_arguments.ts";
import type { CallOptions, FunctionReference, RunHandle, RunRequest, SessionHome } from "./session_calls.ts";
import type { SessionConnection } from "./session_connection.ts";
import { SessionConnections } from "./session_connections.ts";

/**
 * Milliseconds after which a cancelled call is abandoned: its executor ends a running one well before that,
 * so this one waits behind another session's call.
 */
const CANCEL_TIME = 500;

/**
 * The caller's side of a session at an executor, local or remote: dials it, calls, and dials again after it
 * was replaced.
 */
export class SessionClient {
  readonly #home: SessionHome;
  readonly #connections: SessionConnections;

  /** A client that dials at its first use, or at `connect`. */
  constructor(home: SessionHome) {
    this.#home = home;
    this.#connections = new SessionConnections(home);
  }

  /** Dials, unless it already has. */
  async connect(): Promise<void> {
    await this.#connections.dial();
  }

  /** The number of the connection: it changes when the session's state is lost. */
  get generation(): number {
    return this.#connections.current?.generation ?? 0;
  }

  /** Looks up a function. @throws {GhostError} what the executor answers. */
  async resolve({ module, version, function: name }: FunctionName): Promise<FunctionReference> {
    const connection = await this.#connections.dial();
    const { id, reply } = ask(connection.channel, "function.resolve", { module, version, function: name });
    const found = await this.#decided(connection, id, reply);
    const signature = checkCallable(name, checkSignature(found));
    return {
      module,
      version: found.version,
      name,
      signature,
      parameters: prepareCodec(signature.parameters),
      results: prepareCodec(signature.results),
      handle: found.handle,
      generation: connection.generation,
    };
  }

  /**
   * Calls `reference` with `args`, which are checked before anything is sent.
   *
   * @throws {GhostError} `BAD_ARGUMENTS`, or what the executor answers.
   */
  call(reference: FunctionReference, args: readonly unknown[], options?: CallOptions): Promise<CallResult> {
    const connection = this.#connections.current;
    if (
      connection === undefined || connection.generation !== reference.generation ||
      !connection.channel.open ||
      options?.signal?.aborted
    ) {
      return this.#callLater(reference, args, options);
    }
    try {
      checkArguments(reference.name, reference.signature, args);
      const { channel } = connection;
      const pending = new PendingCall(reference.results, options?.output, connection);
      const id = pending.id = channel.expect(pending);
      if (options?.output !== undefined) pending.stop = () => this.#home.cancel(connection.executor, id);
      const { outbox } = channel;
      const offset = outbox.reserve(Kind.CALL, 0, 0, id, 4 + reference.parameters.byteLength(args));
      outbox.view.setUint32(offset, reference.handle, true);
      reference.parameters.write(outbox.view, offset + 4, args);
      return options?.signal === undefined
        ? pending.promise
        : this.#cancellable(connection, id, pending.promise, options.signal);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Runs `_start` of a module. @throws {GhostError} `BAD_ARGUMENTS` for too many arguments. */
  async run(request: RunRequest): Promise<RunHandle> {
    const { module, version, argv, env, directories, terminals, signal, output } = request;
    refuseCancelled(signal);
    checkRunArguments(module, argv, env);
    const connection = await this.#connections.dial();
    refuseCancelled(signal);
    const { id, reply, send } = upload(
      connection.channel,
      "module.run",
      { module, version, argv, env, directories, terminals },
      {
        data: (bytes, flags) => output?.(bytes.slice(), (flags & Flag.STDERR) !== 0 ? "stderr" : "stdout"),
      },
    );
    const decided = this.#decided(connection, id, reply);
    const exitCode = (signal === undefined ? decided : this.#cancellable(connection, id, decided, signal))
      .then(({ exitCode }) => exitCode);
    return { exitCode, send };
  }

  /** Forgets the state of a module in this session, or of one version if it is named. */
  async reset({ module, version }: ModuleName): Promise<void> {
    const connection = await this.#connections.dial();
    const { id, reply } = ask(connection.channel, "module.reset", { module, version });
    await this.#decided(connection, id, reply);
  }

  /** Loads a tree of files into the session, for runs to see as the directory `name`. */
  async loadFiles(name: string, entries: Iterable<TreeEntry>): Promise<void> {
    const connection = await this.#connections.dial();
    const { id, reply, send } = upload(connection.channel, "files.load", { name });
    for (const bytes of encodeTree(entries)) await send(bytes, true);
    send(new Uint8Array(0), false);
    await this.#decided(connection, id, reply);
  }

  /** What runs have changed in the directory `name`. */
  async fileChanges(name: string): Promise<TreeChanges> {
    const connection = await this.#connections.dial();
    const decoder = new TreeDecoder(Infinity, "changes");
    const { id, reply } = ask(connection.channel, "files.changes", { name }, {
      data: (bytes) => decoder.push(bytes),
    });
    await this.#decided(connection, id, reply);
    return { written: decoder.end(), removed: decoder.removed };
  }

  /**
   * The session's home reports that call `id` at `executor` was ended with `error`, and the executor with it.
   * New calls go to its successor. Reports about calls that are not under way are ignored.
   */
  stopped(executor: string, id: number, error: GhostError): void {
    this.#connections.stopped(executor, id, error);
  }

  /** Ends the connection and rejects whatever waits with `error`. */
  close(error: GhostError): void {
    this.#connections.close(error);
  }

  async #callLater(
    reference: FunctionReference,
    args: readonly unknown[],
    options: CallOptions | undefined,
  ): Promise<CallResult> {
    refuseCancelled(options?.signal);
    checkArguments(reference.name, reference.signature, args);
    const connection = await this.#connections.dial();
    if (reference.generation !== connection.generation) {
      const found = await this.resolve({ ...reference, function: reference.name });
      checkSame(reference, found);
      reference.handle = found.handle;
      reference.generation = found.generation;
    }
    return await this.call(reference, args, options);
  }

  /**
   * The `answer` to request `id`, or the error that the session's home gives it when its connection breaks.
   */
  async #decided<T>(connection: SessionConnection, id: number, answer: Promise<T>): Promise<T> {
    connection.asking++;
    try {
      return await answer;
    } catch (error) {
      if (!connection.isBreak(error)) throw error;
      return await new Promise<T>((resolve) =>
        connection.undecided(id, (verdict) => resolve(rejection(verdict)))
      );
    } finally {
      connection.asking--;
    }
  }

  async #cancellable<T>(
    connection: SessionConnection,
    id: number,
    answer: Promise<T>,
    signal: AbortSignal,
  ): Promise<T> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const cancel = () => {
      this.#home.cancel(connection.executor, id);
      const error = new GhostError("CANCELLED", undefined, { cause: signal.reason });
      timer = setTimeout(() => connection.giveUp(id, error), CANCEL_TIME);
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

/**
 * Compares a function that was looked up again with its earlier signature.
 *
 * @throws {GhostError} `UNSUPPORTED_SIGNATURE` when its signature has changed, naming both.
 */
function checkSame({ name, signature }: FunctionReference, found: FunctionReference): void {
  if (isSameSignature(signature, found.signature)) return;
  const [before, now] = [formatSignature(name, signature), formatSignature(name, found.signature)];
  throw new GhostError(
    "UNSUPPORTED_SIGNATURE",
    `Cannot call ${showName(name)}: it was looked up as ${before} and is ${now} now; look it up again`,
    { details: { before, now } },
  );
}
