import { askedAgain } from "./asked_again.ts";
import type { CallMethod } from "./resource.ts";
import { Timer } from "../../gmp/async/timer.ts";
import { untilAborted } from "../../gmp/async/until_aborted.ts";
import { upload } from "../../gmp/channel/messages.ts";
import { GhostError } from "../../gmp/errors.ts";
import { Flag } from "../../gmp/frames/frame.ts";
import type { ModuleName } from "../../gmp/names.ts";
import { checkPluginConfig } from "../../gmp/wasm_format/extism.ts";
import { checkFunctionSignature } from "../../gmp/types/function_signature.ts";
import type { CallResult } from "../../gmp/types/values.ts";
import { encodeTree, TreeDecoder } from "../executor/tree_stream.ts";
import type { ProgramImports } from "../engine/program_imports.ts";
import type { TreeChanges, TreeEntry } from "../wasi/mod.ts";
import { prepareFunction } from "./function_codec.ts";
import { PendingCall } from "./pending_call.ts";
import { checkRunArguments } from "./run_arguments.ts";
import { checkSame } from "./same_function.ts";
import type {
  CallOptions,
  FoundModule,
  FunctionReference,
  RunHandle,
  RunRequest,
  SessionHome,
  WantedFunction,
} from "./session_calls.ts";
import { askExecutor, type SessionConnection } from "./session_connection.ts";
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
  resolve(wanted: WantedFunction): Promise<FunctionReference> {
    return askedAgain(() => this.#resolve(wanted));
  }

  async #resolve(wanted: WantedFunction): Promise<FunctionReference> {
    const { module, version, hash, function: name, config } = wanted;
    if (config !== undefined) checkPluginConfig(config);
    const connection = await this.#connections.dial();
    const imports = await this.#provide(connection, wanted);
    const found = await askExecutor(connection, "function.resolve", {
      module,
      version,
      hash,
      function: name,
      config,
      imports,
    });
    const signature = checkFunctionSignature(name, found);
    const lookup = hash === undefined ? { ...wanted, version: found.version } : wanted;
    if (found.methods !== undefined) {
      connection.resources(found.hash).learn(found.methods, this.#methodsOf(lookup));
    }
    return {
      module,
      version: found.version,
      hash: found.hash,
      lookup,
      name,
      signature,
      codec: prepareFunction(name, signature, found),
      handle: found.handle,
      generation: connection.generation,
    };
  }

  /** Offers the imports that go with `wanted`, if any; see {@linkcode ProvidedImports.provide}. */
  async #provide(
    connection: SessionConnection,
    wanted: ModuleName & { readonly imports?: ProgramImports | undefined },
  ): Promise<number | undefined> {
    if (wanted.imports === undefined) return undefined;
    const { imports } = connection;
    if (imports !== undefined) return await imports.provide(connection, wanted, wanted.imports);
    throw new GhostError(
      "BAD_ARGUMENTS",
      "Cannot provide imports there: a program provides them to modules on its own node only",
    );
  }

  /** Calls methods of resources of a module, of which `lookup` is a function; each is looked up once. */
  #methodsOf(lookup: WantedFunction): CallMethod {
    const references = new Map<string, Promise<FunctionReference>>();
    return async (method, args) => {
      let reference = references.get(method);
      if (reference === undefined) {
        reference = this.resolve({ ...lookup, function: method });
        references.set(method, reference);
        reference.catch(() => references.delete(method));
      }
      return await this.call(await reference, args);
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
    const { channel } = connection;
    const { codec } = reference;
    const pending = new PendingCall(codec, options?.output, connection);
    try {
      const prepared = codec.prepare(args, connection, pending);
      const id = pending.id = channel.expect(pending);
      pending.streams?.begin(id);
      if (options?.output !== undefined) pending.stop = () => this.#stop(connection, id);
      codec.send(channel, id, reference.handle, prepared);
      return options?.signal === undefined
        ? pending.promise
        : this.#cancellable(connection, id, pending.promise, options.signal, pending.streams?.over);
    } catch (error) {
      pending.takeBack?.();
      pending.streams?.discard();
      return Promise.reject(error);
    }
  }

  /** Looks up a module that is to be run. @throws {GhostError} what the executor answers. */
  find({ module, version, hash }: ModuleName): Promise<FoundModule> {
    return askedAgain(async () => {
      const connection = await this.#connections.dial();
      return await askExecutor(connection, "module.find", { module, version, hash });
    });
  }

  /** Runs `_start` of a module. @throws {GhostError} `BAD_ARGUMENTS` for too many arguments. */
  async run(request: RunRequest): Promise<RunHandle> {
    const { module, version, hash, argv, env, directories, terminals, config, signal, output } = request;
    refuseCancelled(signal);
    if (config !== undefined) checkPluginConfig(config);
    checkRunArguments(module, argv, env);
    const { connection, imports } = await untilAborted(askedAgain(() => this.#prepareRun(request)), signal);
    const { id, reply, send } = upload(
      connection.channel,
      "module.run",
      { module, version, hash, argv, env, directories, terminals, config, imports },
      {
        data: (bytes, flags) => output?.(bytes.slice(), (flags & Flag.STDERR) !== 0 ? "stderr" : "stdout"),
      },
    );
    const decided = connection.decided(id, reply);
    const exitCode = (signal === undefined ? decided : this.#cancellable(connection, id, decided, signal))
      .then(({ exitCode }) => exitCode);
    return { exitCode, send };
  }

  /** The connection for a run, over which what the program provides to it has been offered. */
  async #prepareRun(
    request: RunRequest,
  ): Promise<{ connection: SessionConnection; imports: number | undefined }> {
    const connection = await this.#connections.dial();
    return { connection, imports: await this.#provide(connection, request) };
  }

  /** Forgets the state of a module in this session, or of one version if it is named. */
  async reset({ module, version, hash }: ModuleName): Promise<void> {
    const connection = await this.#connections.dial();
    await askExecutor(connection, "module.reset", { module, version, hash });
  }

  /** Loads a tree of files into the session, for runs to see as the directory `name`. */
  async loadFiles(name: string, entries: Iterable<TreeEntry>): Promise<void> {
    const connection = await this.#connections.dial();
    const { id, reply, send } = upload(connection.channel, "files.load", { name });
    const loaded = connection.decided(id, reply);
    loaded.catch(() => {}); // it may be refused before all is sent
    for (const bytes of encodeTree(entries)) await send(bytes, true);
    send(new Uint8Array(0), false);
    await loaded;
  }

  /** What runs have changed in the directory `name`. */
  async fileChanges(name: string): Promise<TreeChanges> {
    const connection = await this.#connections.dial();
    const decoder = new TreeDecoder(Infinity, "changes");
    await askExecutor(connection, "files.changes", { name }, { data: (bytes) => decoder.push(bytes) });
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
    this.#home.close?.();
  }

  async #callLater(
    reference: FunctionReference,
    args: readonly unknown[],
    options: CallOptions | undefined,
  ): Promise<CallResult> {
    refuseCancelled(options?.signal);
    reference.codec.check(args);
    await untilAborted(this.#renew(reference), options?.signal);
    return await this.call(reference, args, options);
  }

  /** Dials if necessary, and looks the function up again if its handle is of an earlier connection. */
  async #renew(reference: FunctionReference): Promise<void> {
    const connection = await this.#connections.dial();
    if (reference.generation === connection.generation) return;
    const found = await this.resolve(reference.lookup);
    checkSame(reference, found);
    reference.handle = found.handle;
    reference.generation = found.generation;
  }

  /** Has call `id`, for which nobody waits any more, ended. */
  #stop(connection: SessionConnection, id: number): void {
    connection.gaveUp(id);
    this.#home.cancel(connection.executor, id);
  }

  async #cancellable<T>(
    connection: SessionConnection,
    id: number,
    answer: Promise<T>,
    signal: AbortSignal,
    over?: Promise<void>,
  ): Promise<T> {
    let timer: Timer | undefined;
    const cancel = () => {
      this.#home.cancel(connection.executor, id);
      const error = new GhostError("CANCELLED", undefined, { cause: signal.reason });
      timer = new Timer(CANCEL_TIME, () => connection.giveUp(id, error));
    };
    signal.addEventListener("abort", cancel, { once: true });
    if (signal.aborted) cancel(); // before that
    try {
      return await answer;
    } finally {
      const release = () => {
        timer?.cancel();
        signal.removeEventListener("abort", cancel);
      };
      // It may go on after it is answered.
      if (over === undefined) release();
      else over.then(release);
    }
  }
}

/** @throws {GhostError} `CANCELLED` when `signal` was aborted already. */
function refuseCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new GhostError("CANCELLED", undefined, { cause: signal.reason });
}
