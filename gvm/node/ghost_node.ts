import type { AbortOptions } from "../../gmp/abort_options.ts";
import { untilAborted } from "../../gmp/async/until_aborted.ts";
import type { ModuleSummary } from "../../gmp/messages/module.ts";
import { checkModuleName, checkName, type ModuleName, parseModuleName } from "../../gmp/names.ts";
import { readSecret } from "../../gmp/device/secret.ts";
import { DEFAULT_COMMAND_PORT, readSettings } from "../../gmp/device/settings.ts";
import { type FunctionName, parseDeclaration } from "../../gmp/types/function_name.ts";
import type { FunctionSignature } from "../../gmp/types/function_signature.ts";
import type { CallResult } from "../../gmp/types/values.ts";
import { checkLimits } from "../engine/execution_limits.ts";
import type { ModuleRun } from "../calls/module_run.ts";
import { NodeConnections } from "./node_connections.ts";
import { NodeEvents } from "./node_events.ts";
import { isInline, NodeFunctions } from "./node_functions.ts";
import type {
  AsyncFunction,
  DescribedModule,
  FoundFunction,
  FunctionOptions,
  GhostFunction,
  GhostNodeEvents,
  GhostNodeOptions,
  InlineFunction,
  InlineOptions,
  Listener,
  RunOptions,
} from "./node_options.ts";
import type { CallOptions, OnOptions } from "../calls/session_calls.ts";
import { anywhere } from "../gpmd/module_source.ts";

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
  readonly #connections: NodeConnections;
  readonly #functions: NodeFunctions;

  private constructor(options: GhostNodeOptions) {
    const limits = checkLimits(options.limits);
    const forget = () => this.#functions.forget();
    this.#connections = new NodeConnections(options, limits, this.#events, forget);
    this.#functions = new NodeFunctions(this.#connections, limits, options.config);
    this.id = this.#connections.id;
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
    await node.#connections.open(settings, secret);
    return node;
  }

  /** Its name, unique on this device. */
  get name(): string {
    return this.#connections.name;
  }

  /** Names of all registered nodes, including this one. @throws {GhostError} `GPMD_NOT_RUNNING`, `CANCELLED`. */
  discover(options: AbortOptions = {}): Promise<string[]> {
    return this.#connections.gpmd.discover(options);
  }

  /** Names of the connected nodes, in the order in which they were connected. */
  list(): string[] {
    return this.#connections.peers;
  }

  /** The modules of this device. @throws {GhostError} `GPMD_NOT_RUNNING`, `CANCELLED`. */
  modules(options: AbortOptions = {}): Promise<ModuleSummary[]> {
    return this.#connections.gpmd.modules(options);
  }

  /**
   * What a module says about itself: `"math"`, or `"math@v0.0.1"`.
   *
   * @throws {GhostError} `MODULE_NOT_FOUND`, `VERSION_NOT_FOUND`, `GPMD_NOT_RUNNING`, `NOT_A_MODULE`, `CANCELLED`.
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
  async describe(name: string | ModuleName, options: AbortOptions = {}): Promise<DescribedModule> {
    return await untilAborted(this.#describe(moduleName(name)), options.signal);
  }

  async #describe({ module, version, hash }: ModuleName): Promise<DescribedModule> {
    const { modules } = this.#connections;
    const found = await modules.resolve(module, version, anywhere(hash));
    const { callableFunctions } = await import("../../gmp/wasm_format/component/callable_functions.ts");
    const functions = await callableFunctions(await modules.bytes(found.hash));
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
    await this.#connections.connect(name, options);
  }

  /**
   * Ends the connection to a node, even one that broke and is being re-established. @throws {GhostError}
   * `NOT_CONNECTED`.
   */
  async disconnect(name: string): Promise<void> {
    await this.#connections.disconnect(name);
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
  function<Name extends string>(name: Name, options?: FunctionOptions): Promise<GhostFunction<Name>>;
  /**
   * Looks up a function of which the program says what it takes and returns, as `gpmd wasm types` writes it:
   * that is not compared with the function found.
   *
   * @example
   * ```ts
   * import { GhostNode } from "@ghost/network";
   * import { assertEquals } from "@std/assert";
   *
   * await using node = await GhostNode.start();
   * const fib = await node.function<(index: number) => Promise<bigint>>("greet.fib");
   * assertEquals(await fib(92), 7540113804746346429n);
   * ```
   */
  function<Typed extends AsyncFunction>(
    name: string,
    options?: FunctionOptions,
  ): Promise<Typed & FoundFunction>;
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
    options: FunctionOptions | InlineOptions = {},
  ): Promise<GhostFunction | InlineFunction> {
    const declaration = parseDeclaration(text);
    this.#connections.refuseClosed();
    return isInline(options)
      ? await this.#functions.findInline(declaration, options)
      : await this.#functions.find(declaration, options);
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
    return this.#functions.call(name, args, options);
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
  async signature(name: string | FunctionName, options: OnOptions = {}): Promise<FunctionSignature> {
    return await this.#functions.signature(name, options);
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
    return this.#functions.run(moduleName(module), args, options);
  }

  /**
   * Forgets the state that a module's functions keep for this caller, for all versions (`"counter"`) or for
   * one (`"counter@v0.0.1"`), on this node those in this process as well; the next call starts afresh. Without such state,
   * nothing happens.
   *
   * @throws {GhostError} `INVALID_NAME`, `NOT_CONNECTED`, `CONNECTION_LOST`, `CANCELLED`: then it may be forgotten yet.
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
  async reset(module: string | ModuleName, options: Pick<OnOptions, "on" | "signal"> = {}): Promise<void> {
    await untilAborted(this.#functions.reset(moduleName(module), options.on), options.signal);
  }

  /** Starts the executor for local calls now instead of at the first one. */
  async warm(): Promise<void> {
    await this.#connections.session(undefined).connect();
  }

  /**
   * Calls `listener` at every event of that name until the returned function is called.
   *
   * @example
   * ```ts
   * import { GhostNode } from "@ghost/network";
   *
   * await using node = await GhostNode.start();
   * const stop = node.on("disconnect", ({ name, error }) => console.log(`${name} left`, error?.code ?? ""));
   * stop(); // from now on it is not called
   * ```
   */
  on<K extends keyof GhostNodeEvents>(event: K, listener: Listener<GhostNodeEvents[K]>): () => void {
    return this.#events.on(event, listener);
  }

  /** Leaves: says goodbye to every peer and to GPMD, and ends every executor. */
  close(): Promise<void> {
    return this.#connections.close();
  }

  /** See {@linkcode GhostNode.close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** What `console.log` shows of it: who it is, and its peers. */
  [Symbol.for("Deno.customInspect")](inspect: typeof Deno.inspect, options: Deno.InspectOptions): string {
    const { name, id } = this;
    const state = this.#connections.closed ? { closed: true } : { connected: this.list() };
    return `GhostNode ${inspect({ name, id, ...state }, options)}`;
  }
}

function moduleName(name: string | ModuleName): ModuleName {
  return typeof name === "string" ? parseModuleName(name) : checkModuleName(name);
}
