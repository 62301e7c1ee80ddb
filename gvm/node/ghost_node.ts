import type { AbortOptions } from "../../gmp/abort_options.ts";
import type { ModuleSummary } from "../../gmp/messages/module.ts";
import { GhostError } from "../../gmp/errors.ts";
import { checkModuleName, checkName, type ModuleName, parseModuleName } from "../../gmp/names.ts";
import { readSecret } from "../../gmp/device/secret.ts";
import { DEFAULT_COMMAND_PORT, readSettings, type Settings } from "../../gmp/device/settings.ts";
import {
  checkFunctionName,
  type FunctionName,
  parseDeclaration,
  parseFunctionName,
} from "../../gmp/types/function_name.ts";
import { type CallableSignature, formatSignature } from "../../gmp/types/signature.ts";
import type { CallResult } from "../../gmp/types/values.ts";
import { checkLimits, type ExecutionLimits } from "../engine/execution_limits.ts";
import { checkExecutors } from "../executors/executor_count.ts";
import { ExecutorPool } from "../executors/executor_pool.ts";
import { checkDeclared } from "./declared_function.ts";
import { FrontDoor } from "../peers/front_door.ts";
import { GpmdLink } from "../gpmd/gpmd_link.ts";
import { GpmdModules } from "../gpmd/gpmd_modules.ts";
import type { InlineModules } from "./inline_modules.ts";
import { KnownFunctions } from "./known_functions.ts";
import { localSession } from "../calls/local_session.ts";
import { ModuleRun } from "../calls/module_run.ts";
import { NodeEvents } from "./node_events.ts";
import { withName } from "./node_name.ts";
import type {
  DescribedModule,
  GhostFunction,
  GhostNodeEvents,
  GhostNodeOptions,
  InlineFunction,
  InlineOptions,
  Listener,
  RunOptions,
} from "./node_options.ts";
import { Peers } from "../peers/peers.ts";
import { Reconnection } from "../peers/reconnection.ts";
import type { CallOptions, FunctionReference, OnOptions } from "../calls/session_calls.ts";
import type { SessionClient } from "../calls/session_client.ts";
import { untilAborted } from "../../gmp/async/until_aborted.ts";

/**
 * A node of Ghost Network: registered with its device's GPMD, it runs modules and functions in its own
 * executors and on the nodes that it is connected to.
 *
 * @example
 * ```ts
 * import { GhostNode } from "@ghost/network";
 *
 * await using node = await GhostNode.start({ name: "node-5651" });
 * await node.connect("node-8399");
 * const add = await node.function("math.add", { on: "node-8399" });
 * console.log(await add(34, 34)); // 68
 * ```
 */
export class GhostNode implements AsyncDisposable {
  /** Its id, a UUID, new at every start. */
  readonly id: string;
  readonly #events = new NodeEvents();
  readonly #pool: ExecutorPool;
  readonly #modules: GpmdModules;
  readonly #door: FrontDoor;
  readonly #options: GhostNodeOptions;
  readonly #limits: ExecutionLimits;
  /** Functions called by name; forgotten when a module changes. */
  readonly #called = new KnownFunctions();
  #peers!: Peers;
  #link!: GpmdLink;
  #name = "";
  #localSession: SessionClient | undefined;
  #inlineModules: Promise<InlineModules> | undefined;
  readonly #closing = new AbortController();
  #closed: Promise<void> | undefined;
  readonly #reconnection = new Reconnection((name, signal) => this.connect(name, { signal }));

  private constructor(options: GhostNodeOptions) {
    this.id = crypto.randomUUID();
    this.#options = options;
    this.#limits = checkLimits(options.limits);
    this.#modules = new GpmdModules(() => this.#link);
    this.#pool = new ExecutorPool({
      size: checkExecutors(options.executors ?? 8),
      limits: this.#limits,
      modules: this.#modules,
    });
    this.#door = new FrontDoor(this.id, (connection, expected) => this.#peers.enter(connection, expected));
  }

  /**
   * Starts a node and registers it.
   *
   * @throws {GhostError} `GPMD_NOT_RUNNING`, `UNAUTHENTICATED`, `CONNECTION_LOST`, `NAME_TAKEN`, `INVALID_NAME`, `BAD_ARGUMENTS`,
   * `CANCELLED`.
   *
   * @example
   * ```ts
   * import { GhostNode } from "@ghost/network";
   * import { assertEquals } from "@std/assert";
   *
   * await using node = await GhostNode.start({
   *   name: "careful",
   *   accept: (peer) => peer.name.startsWith("node-"),
   *   limits: { time: 1000, memory: 2 ** 24 },
   *   executors: 2,
   * });
   * assertEquals(node.name, "careful");
   * ```
   */
  static async start(options: GhostNodeOptions = {}): Promise<GhostNode> {
    // A node does not use the command port: it is given so that no environment variable has to be read for
    // it.
    const given = { ...options, commandPort: DEFAULT_COMMAND_PORT };
    const settings = readSettings(given, (name) => Deno.env.get(name));
    const secret = options.secret ?? await readSecret(settings.home, Deno);
    if (options.name !== undefined) checkName(options.name, "node name");
    const node = new GhostNode(options);
    try {
      await node.#register(settings, secret);
      return node;
    } catch (error) {
      await node.#door.close();
      throw error;
    }
  }

  /** Its name, unique on this device. */
  get name(): string {
    return this.#name;
  }

  /** Names of all registered nodes, including this one. @throws {GhostError} `GPMD_NOT_RUNNING`. */
  discover(options: AbortOptions = {}): Promise<string[]> {
    return this.#link.discover(options);
  }

  /** Names of the connected nodes, in the order in which they were connected. */
  list(): string[] {
    return this.#peers.names;
  }

  /** The modules of this device. @throws {GhostError} `GPMD_NOT_RUNNING`. */
  async modules(options: AbortOptions = {}): Promise<ModuleSummary[]> {
    return (await this.#link.request("module.list", {}, options)).modules;
  }

  /**
   * What a module says about itself: `"math"`, or `"math@v0.0.1"`.
   *
   * @throws {GhostError} `MODULE_NOT_FOUND`, `VERSION_NOT_FOUND`, `GPMD_NOT_RUNNING`, `NOT_A_MODULE`.
   *
   * @example
   * ```ts
   * import { GhostNode } from "@ghost/network";
   * import { assertEquals } from "@std/assert";
   *
   * await using node = await GhostNode.start();
   * const { version, functions } = await node.describe("math");
   * assertEquals(version, "v0.0.1");
   * assertEquals(functions.find(({ name }) => name === "add")?.signature, "add(i32, i32) -> i32");
   * ```
   */
  async describe(name: string | ModuleName): Promise<DescribedModule> {
    const { module, version } = moduleName(name);
    const found = await this.#modules.resolve(module, version);
    const { readModuleInTurns } = await import("../../gmp/wasm_format/module_reader.ts");
    const { exports } = await readModuleInTurns(await this.#modules.bytes(found.hash));
    const functions = exports.flatMap((one) =>
      one.kind === "function" ? [{ name: one.name, signature: formatSignature(one.name, one.type) }] : []
    );
    return { ...found, functions };
  }

  /**
   * Connects to a node, after which either side can run modules on the other. Connecting twice does nothing.
   *
   * @throws {GhostError} `NODE_NOT_FOUND`, `CONNECTION_DENIED`, `GPMD_NOT_RUNNING`, `CONNECTION_LOST`, `CANCELLED`.
   *
   * @example
   * ```ts
   * import { GhostNode } from "@ghost/network";
   * import { assertEquals } from "@std/assert";
   *
   * await using node = await GhostNode.start();
   * await node.connect("node-8399");
   * assertEquals(node.list(), ["node-8399"]);
   * await node.disconnect("node-8399");
   * ```
   */
  async connect(name: string, options: AbortOptions = {}): Promise<void> {
    checkName(name, "node name");
    if (name === this.name) {
      throw new GhostError("CONNECTION_DENIED", `Cannot connect: "${name}" is this node`);
    }
    this.#refuseClosed();
    await this.#peers.connect(name, options.signal);
  }

  /**
   * Ends the connection to a node, even one that broke and is being re-established. @throws {GhostError}
   * `NOT_CONNECTED`.
   */
  async disconnect(name: string): Promise<void> {
    const ended = this.#reconnection.end(name);
    if (!ended || this.list().includes(name)) await this.#peers.get(name).close();
  }

  /**
   * Looks up a function, once: `"math.add"`, `"math@v0.0.1.add"`. With its signature, as in `"math.add(i32,
   * i32) -> i32"`, arguments and result are typed, and the function found must have that signature.
   *
   * @throws {GhostError} `MODULE_NOT_FOUND`, `VERSION_NOT_FOUND`, `FUNCTION_NOT_FOUND`, `UNSUPPORTED_SIGNATURE`,
   * `HASH_MISMATCH`, `NOT_A_MODULE`, `NOT_CONNECTED`; the function itself: `BAD_ARGUMENTS`, `TRAP`, a limit,
   * `EXECUTOR_RESTARTED`, `CONNECTION_LOST`.
   *
   * @example
   * ```ts
   * import { GhostNode } from "@ghost/network";
   * import { assertEquals } from "@std/assert";
   *
   * await using node = await GhostNode.start();
   * await node.connect("node-8399");
   * const add = await node.function("math.add(i32, i32) -> i32", { on: "node-8399" });
   * const sum: number = await add(34, 34);
   * assertEquals(sum, 68);
   * ```
   */
  function<Name extends string>(name: Name, options?: CallOptions): Promise<GhostFunction<Name>>;
  /**
   * Looks up a function to run in this process, for a module that the program trusts; see docs/security.md, "What is not promised".
   *
   * @example
   * ```ts
   * import { GhostNode } from "@ghost/network";
   * import { assertEquals } from "@std/assert";
   *
   * await using node = await GhostNode.start();
   * const next = await node.function("counter.next() -> i32", { isolation: "inline" });
   * assertEquals([await next(), await next()], [1, 2]);
   * ```
   */
  function<Name extends string>(name: Name, options: InlineOptions): Promise<InlineFunction<Name>>;
  async function(
    text: string,
    options: CallOptions | InlineOptions = {},
  ): Promise<GhostFunction | InlineFunction> {
    const declaration = parseDeclaration(text);
    this.#refuseClosed();
    if ("isolation" in options) {
      const inline = await (await this.#inline()).function(declaration.name, options.output);
      checkDeclared(declaration, inline.signature);
      return inline;
    }
    const { on, signal } = options;
    const reference = await untilAborted(this.#session(on).resolve(declaration.name), signal);
    checkDeclared(declaration, reference.signature);
    const follow = options.signal === undefined && options.output === undefined ? undefined : options;
    // Each call looks up the session, so that the function survives a reconnection.
    const call = (...args: readonly unknown[]) => {
      try {
        return this.#session(on).call(reference, args, follow);
      } catch (error) {
        return Promise.reject(error);
      }
    };
    const { module, version, signature } = reference;
    return Object.assign(call, { module, version, signature });
  }

  /**
   * Calls a function by name; see {@linkcode GhostNode.function}. Lookups are remembered. A program that has
   * the name in parts need not join them.
   *
   * @example
   * ```ts
   * import { GhostNode } from "@ghost/network";
   * import { assertEquals } from "@std/assert";
   *
   * await using node = await GhostNode.start();
   * assertEquals(await node.call("counter.divmod", [7, 2]), [3, 1]);
   * assertEquals(await node.call("greet.fib", [92]), 7540113804746346429n); // an i64
   * assertEquals(await node.call({ module: "math", version: "v0.0.1", function: "add" }, [1, 2]), 3);
   * ```
   */
  call(
    name: string | FunctionName,
    args: readonly unknown[] = [],
    options: CallOptions = {},
  ): Promise<CallResult> {
    try {
      const reference = this.#called.get(options.on, name);
      if (reference === undefined) return this.#callFirst(name, args, options);
      return this.#session(options.on).call(reference, args, options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * What a function takes and returns, without calling it; a later {@linkcode GhostNode.call} need not look
   * it up again.
   *
   * @example
   * ```ts
   * import { GhostNode } from "@ghost/network";
   * import { assertEquals } from "@std/assert";
   *
   * await using node = await GhostNode.start();
   * assertEquals(await node.signature("counter.half"), { parameters: ["f32"], results: ["f32"] });
   * ```
   */
  async signature(name: string | FunctionName, options: OnOptions = {}): Promise<CallableSignature> {
    const known = this.#called.get(options.on, name);
    return (known ?? await this.#lookUp(name, options)).signature;
  }

  /**
   * Runs a module's `_start` in a fresh instance. Its output can be read while it runs.
   *
   * @throws {GhostError} as {@linkcode GhostNode.function}; a run that fails later rejects its `exitCode`.
   *
   * @example
   * ```ts
   * import { GhostNode } from "@ghost/network";
   * import { assertEquals } from "@std/assert";
   *
   * await using node = await GhostNode.start();
   * assertEquals(await node.run("greet", ["Ada", "-"], { stdin: "Bob\n" }).text(), "Hello, Ada!\nHello, Bob!\n");
   * ```
   */
  run(module: string | ModuleName, args: readonly string[] = [], options: RunOptions = {}): ModuleRun {
    const request = { ...options, ...moduleName(module), argv: args };
    return new ModuleRun(this.#session(options.on), request, this.#limits.output);
  }

  /**
   * Forgets the state that a module's functions keep for this caller, for all versions (`"counter"`) or for
   * one (`"counter@v0.0.1"`); the next call starts afresh. Without such state, nothing happens.
   *
   * @throws {GhostError} `INVALID_NAME`, `NOT_CONNECTED`, `CONNECTION_LOST`.
   *
   * @example
   * ```ts
   * import { GhostNode } from "@ghost/network";
   * import { assertEquals } from "@std/assert";
   *
   * await using node = await GhostNode.start();
   * assertEquals([await node.call("counter.next"), await node.call("counter.next")], [1, 2]);
   * await node.reset("counter");
   * assertEquals(await node.call("counter.next"), 1);
   * ```
   */
  async reset(module: string | ModuleName, options: Pick<OnOptions, "on"> = {}): Promise<void> {
    const name = moduleName(module);
    await this.#session(options.on).reset(name);
  }

  /** Starts the executor for local calls now instead of at the first one. */
  async warm(): Promise<void> {
    await this.#session(undefined).connect();
  }

  /**
   * Calls `listener` at every event of that name until the returned function is called.
   *
   * @example
   * ```ts
   * import { GhostNode } from "@ghost/network";
   *
   * await using node = await GhostNode.start(); const stop = node.on("disconnect", ({ name, error }) =>
   * console.log(`${name} left`, error?.code ?? "")); stop(); // from now on it is not called
   * ```
   */
  on<K extends keyof GhostNodeEvents>(event: K, listener: Listener<GhostNodeEvents[K]>): () => void {
    return this.#events.on(event, listener);
  }

  /** Leaves: says goodbye to every peer and to GPMD, and ends every executor. */
  close(): Promise<void> {
    return this.#closed ??= this.#close();
  }

  /** See {@linkcode GhostNode.close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    this.#closing.abort();
    this.#reconnection.close();
    await this.#door.close();
    await this.#peers.close();
    await this.#link.close();
    this.#localSession?.close(new GhostError("CANCELLED", "The node was closed"));
    await this.#pool.close();
  }

  async #register(settings: Settings, secret: Uint8Array): Promise<void> {
    const { name: chosen, signal } = this.#options;
    await withName(chosen, async (name) => {
      this.#link = await GpmdLink.open({
        port: settings.gmpPort,
        secret,
        node: { name, id: this.id, port: this.#door.port },
        expect: (peer) => this.#door.expect(peer),
        state: (state, error) => {
          this.#events.emit("gpmd", error === undefined ? { state } : { state, error });
        },
        modulesChanged: () => this.#modulesChanged(),
      }, signal);
      this.#name = name;
    });
    this.#peers = new Peers({
      self: { name: this.#name, id: this.id },
      pool: this.#pool,
      locate: (name, signal) => this.#link.locate(name, { signal }),
      accept: this.#options.accept ?? (() => true),
      modulesChanged: () => this.#called.clear(),
      connected: ({ name }) => {
        this.#link.peersChanged(this.list().length);
        this.#events.emit("connect", { name });
      },
      disconnected: ({ name }, error, ours) => {
        this.#link.peersChanged(this.list().length);
        this.#events.emit("disconnect", { name, error });
        if (ours && error !== undefined) this.#reconnection.begin(name);
      },
    });
  }

  /** The session for calls on that node. */
  #session(on: string | undefined): SessionClient {
    this.#refuseClosed();
    if (on !== undefined && on !== this.name) return this.#peers.get(on).session;
    return this.#localSession ??= localSession(this.#pool, {
      role: "node",
      node: { name: this.#name, id: this.id },
    });
  }

  /**
   * Loads the engine with the first inline function: a node whose modules all run in executors starts without
   * it.
   */
  #inline(): Promise<InlineModules> {
    return this.#inlineModules ??= import("./inline_modules.ts").then(({ InlineModules }) =>
      new InlineModules(this.#modules, this.#limits)
    );
  }

  async #callFirst(
    name: string | FunctionName,
    args: readonly unknown[],
    options: OnOptions,
  ): Promise<CallResult> {
    const reference = await this.#lookUp(name, options);
    return await this.#session(options.on).call(reference, args, options);
  }

  async #lookUp(name: string | FunctionName, { on, signal }: OnOptions): Promise<FunctionReference> {
    const wanted = typeof name === "string" ? parseFunctionName(name) : checkFunctionName(name);
    const reference = await untilAborted(this.#session(on).resolve(wanted), signal);
    this.#called.set(on, name, reference);
    return reference;
  }

  #refuseClosed(): void {
    if (this.#closing.signal.aborted) throw new GhostError("CANCELLED", "Cannot go on: the node was closed");
  }

  #modulesChanged(): void {
    this.#called.clear();
    this.#modules.changed();
    this.#pool.modulesChanged();
    // A peer may have heard of the change from its GPMD, and asked us, before we heard.
    this.#peers?.modulesChanged();
  }
}

function moduleName(name: string | ModuleName): ModuleName {
  return typeof name === "string" ? parseModuleName(name) : checkModuleName(name);
}
