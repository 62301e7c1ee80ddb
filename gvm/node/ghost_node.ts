import { isMap, isString, listIn, stringIn } from "../../gmp/body.ts";
import { GhostError } from "../../gmp/errors.ts";
import { checkName } from "../../gmp/names.ts";
import { DEFAULT_COMMAND_PORT, type GivenSettings, readSettings, type Settings } from "../../gmp/settings.ts";
import type { CallResult } from "../../gmp/values.ts";
import { checkLimits, type ExecutionLimits } from "../wasm/execution_limits.ts";
import { ExecutorPool } from "./executor_pool.ts";
import { FrontDoor } from "./front_door.ts";
import { GpmdLink } from "./gpmd_link.ts";
import { GpmdModules } from "./gpmd_modules.ts";
import { localSession } from "./local_session.ts";
import { ModuleRun } from "./module_run.ts";
import { pause } from "./pause.ts";
import { type AcceptPeer, Peers } from "./peers.ts";
import type { CallOptions, FunctionReference, SessionClient } from "./session_client.ts";
import { readSecret } from "./secret.ts";
import { parseFunctionName } from "./function_name.ts";

/** How often a drawn name that is taken is drawn again. */
const DRAWS = 100;
/** Waits before the attempts to make a broken connection again, in milliseconds. */
const RECONNECT_WAITS = [50, 200, 1000, 5000];
/** Functions whose lookup is remembered; a program that calls more by name looks them up again. */
const REMEMBERED = 10_000;

/** How a node is started; everything has a default. */
export interface GhostNodeOptions extends GivenSettings {
  /** Its name, `node-` and four digits by default. */
  name?: string;
  /** The secret of the store, read from `home` by default. */
  secret?: Uint8Array;
  /** Who may connect: everybody who holds a ticket of GPMD by default. */
  accept?: AcceptPeer;
  /** Limits of every call that runs here. */
  limits?: Partial<ExecutionLimits>;
  /** Executor processes that may run at once, 8 by default. */
  executors?: number;
}

/** What happens to a node, by the name of the event. */
export interface GhostNodeEvents {
  /** A node was connected, by whichever side. */
  connect: { readonly name: string };
  /** A node went away: with an error unless either side said goodbye. */
  disconnect: { readonly name: string; readonly error: GhostError | undefined };
  /** GPMD went away, or is back and knows this node again. */
  gpmd: { readonly state: "lost" | "back" };
}

/** A module that can be run, with its versions from the lowest to the highest. */
export interface ModuleSummary {
  /** Its name. */
  readonly name: string;
  /** Its versions, the last being the latest. */
  readonly versions: readonly string[];
  /** The version that is used when none is named. */
  readonly latest: string;
}

/** Where and how something runs. */
export interface OnOptions extends CallOptions {
  /** Name of a connected node; this node by default. */
  on?: string | undefined;
}

/** How a module is run. */
export interface RunOptions extends OnOptions {
  /** Its environment, empty by default. */
  env?: Readonly<Record<string, string>>;
  /** Its standard input, empty by default. */
  stdin?: AsyncIterable<Uint8Array> | Iterable<Uint8Array> | Uint8Array | string;
}

/** A function that was looked up once; calling it sends one frame and awaits one. */
export interface GhostFunction {
  /** Calls it: the result, `undefined` without one, an array of several. */
  (...args: readonly unknown[]): Promise<CallResult>;
  /** What was found: the version, the signature. */
  readonly reference: Readonly<FunctionReference>;
}

/** Handles events of one kind. */
export type Listener<T> = (event: T) => void;

/**
 * A node of Ghost Network: registered with the GPMD of its device, it runs modules and functions in executors of its own
 * and on the nodes it is connected to.
 *
 * @example
 * ```ts no-run
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
  readonly #listeners: { [K in keyof GhostNodeEvents]: Set<Listener<GhostNodeEvents[K]>> } = {
    connect: new Set(),
    disconnect: new Set(),
    gpmd: new Set(),
  };
  readonly #pool: ExecutorPool;
  readonly #modules: GpmdModules;
  readonly #door: FrontDoor;
  readonly #options: GhostNodeOptions;
  /** Functions that were called by name, by node and name; forgotten when a module changes. */
  readonly #called = new Map<string, FunctionReference>();
  #peers!: Peers;
  #link!: GpmdLink;
  #name = "";
  #localSession: SessionClient | undefined;
  readonly #closing = new AbortController();

  private constructor(options: GhostNodeOptions) {
    this.id = crypto.randomUUID();
    this.#options = options;
    this.#modules = new GpmdModules(() => this.#link);
    this.#pool = new ExecutorPool({
      size: checkExecutors(options.executors ?? 8),
      limits: checkLimits(options.limits),
      modules: this.#modules,
    });
    this.#door = new FrontDoor((connection, expected) => this.#peers.enter(connection, expected));
  }

  /**
   * Starts a node and registers it.
   *
   * @throws {GhostError} `GPMD_NOT_RUNNING`, `UNAUTHENTICATED`, `NAME_TAKEN`, `INVALID_NAME`, `BAD_ARGUMENTS`.
   */
  static async start(options: GhostNodeOptions = {}): Promise<GhostNode> {
    // The port of commands is nothing to a node: it is named so that no variable has to be read for it.
    const given = { commandPort: DEFAULT_COMMAND_PORT, ...options };
    const settings = readSettings(given, (name) => Deno.env.get(name));
    const secret = options.secret ?? await readSecret(settings.home);
    if (options.name !== undefined) checkName(options.name, "node name");
    const node = new GhostNode(options);
    try {
      await node.#register(settings, secret);
      return node;
    } catch (error) {
      node.#door.close();
      throw error;
    }
  }

  /** Its name, unique on this device. */
  get name(): string {
    return this.#name;
  }

  /** Names of the nodes that can be connected to, this one included. @throws {GhostError} `GPMD_NOT_RUNNING`. */
  discover(): Promise<string[]> {
    return this.#link.discover();
  }

  /** Names of the connected nodes, in the order in which they were connected. */
  list(): string[] {
    return this.#peers.names;
  }

  /** The modules of this device. @throws {GhostError} `GPMD_NOT_RUNNING`. */
  async modules(): Promise<ModuleSummary[]> {
    const list = listIn(await this.#link.request("module.list"), "modules", "maps", isMap);
    return list.map((one) => ({
      name: stringIn(one, "name", 64),
      versions: listIn(one, "versions", "strings", isString),
      latest: stringIn(one, "latest", 64),
    }));
  }

  /**
   * Connects to a node, after which either side can run modules on the other. Connecting twice does nothing.
   *
   * @throws {GhostError} `NODE_NOT_FOUND`, `CONNECTION_DENIED`, `GPMD_NOT_RUNNING`, `CONNECTION_LOST`.
   */
  async connect(name: string): Promise<void> {
    checkName(name, "node name");
    if (name === this.name) {
      throw new GhostError("CONNECTION_DENIED", `Cannot connect: "${name}" is this node`);
    }
    await this.#peers.connect(name, () => this.#link.locate(name));
  }

  /** Ends the connection to a node. @throws {GhostError} `NOT_CONNECTED`. */
  async disconnect(name: string): Promise<void> {
    await this.#peers.get(name).close();
  }

  /**
   * Looks a function up, once: `"math.add"`, `"math@v0.0.1.add"`.
   *
   * @throws {GhostError} `MODULE_NOT_FOUND`, `VERSION_NOT_FOUND`, `FUNCTION_NOT_FOUND`, `UNSUPPORTED_SIGNATURE`,
   * `HASH_MISMATCH`, `NOT_A_MODULE`, `NOT_CONNECTED`; the function itself: `BAD_ARGUMENTS`, `TRAP`, a limit,
   * `EXECUTOR_RESTARTED`, `CONNECTION_LOST`.
   */
  async function(name: string, options: OnOptions = {}): Promise<GhostFunction> {
    const { module, version, function: exported } = parseFunctionName(name);
    const { on } = options;
    const reference = await this.#session(on).resolve(module, version, exported);
    const follow = options.signal === undefined && options.output === undefined ? undefined : options;
    // The session is looked up at every call, so that the function outlives a connection that is made again.
    const call = (...args: readonly unknown[]) => this.#session(on).call(reference, args, follow);
    return Object.assign(call, { reference });
  }

  /** Calls a function by name; see {@linkcode GhostNode.function}. What was looked up is remembered. */
  call(name: string, args: readonly unknown[] = [], options: OnOptions = {}): Promise<CallResult> {
    const reference = this.#called.get(`${options.on ?? ""} ${name}`);
    if (reference === undefined) return this.#callFirst(name, args, options);
    try {
      return this.#session(options.on).call(reference, args, options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Runs a module: its `_start`, in a fresh instance. What it writes can be read while it runs.
   *
   * @throws {GhostError} as {@linkcode GhostNode.function}; a run that fails later rejects its `exitCode`.
   */
  run(module: string, args: readonly string[] = [], options: RunOptions = {}): ModuleRun {
    const [name, version] = splitVersion(module);
    return new ModuleRun(this.#session(options.on), { ...options, module: name, version, argv: args });
  }

  /** Forgets what functions of `module` have kept for this caller; the next call starts afresh. */
  async reset(module: string, options: { on?: string } = {}): Promise<void> {
    await this.#session(options.on).reset(checkName(module, "module name"));
  }

  /** Starts the executor of local calls now rather than at the first of them. */
  async warm(): Promise<void> {
    await this.#session(undefined).connect();
  }

  /** Calls `listener` at every event of that name until the returned function is called. */
  on<K extends keyof GhostNodeEvents>(event: K, listener: Listener<GhostNodeEvents[K]>): () => void {
    const listeners: Set<Listener<GhostNodeEvents[K]>> = this.#listeners[event];
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  /** Leaves: says goodbye to every peer and to GPMD, and ends every executor. */
  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    this.#door.close();
    await this.#peers.close();
    await this.#link.close();
    this.#localSession?.close(new GhostError("CANCELLED", "The node was closed"));
    await this.#pool.close();
  }

  /** See {@linkcode GhostNode.close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #register(settings: Settings, secret: Uint8Array): Promise<void> {
    for (let draw = 1;; draw++) {
      const name = this.#options.name ?? drawName();
      try {
        this.#link = await GpmdLink.open({
          port: settings.gmpPort,
          secret,
          node: { name, id: this.id, port: this.#door.port },
          expect: (peer) => void this.#door.expect(peer),
          state: (state) => this.#emit("gpmd", { state }),
          modulesChanged: () => this.#modulesChanged(),
        });
        this.#name = name;
        break;
      } catch (error) {
        const taken = error instanceof GhostError && error.code === "NAME_TAKEN";
        if (!taken || this.#options.name !== undefined || draw === DRAWS) throw error;
      }
    }
    this.#peers = new Peers({
      self: { name: this.#name, id: this.id },
      pool: this.#pool,
      accept: this.#options.accept ?? (() => true),
      connected: ({ name }) => this.#emit("connect", { name }),
      disconnected: ({ name }, error, ours) => {
        this.#emit("disconnect", { name, error });
        if (ours && error !== undefined) this.#reconnect(name);
      },
    });
  }

  /** Makes a connection again that broke although neither side said goodbye, unless the node is gone. */
  async #reconnect(name: string): Promise<void> {
    for (const wait of RECONNECT_WAITS) {
      await pause(wait, this.#closing.signal);
      if (this.#closing.signal.aborted) return;
      try {
        return await this.connect(name);
      } catch (error) {
        if (GhostError.from(error).code === "NODE_NOT_FOUND") return;
      }
    }
  }

  /** The session in which calls on that node run. */
  #session(on: string | undefined): SessionClient {
    if (this.#closing.signal.aborted) throw new GhostError("CANCELLED", "Cannot go on: the node was closed");
    if (on !== undefined && on !== this.name) return this.#peers.get(on).session;
    return this.#localSession ??= localSession(this.#pool);
  }

  async #callFirst(name: string, args: readonly unknown[], options: OnOptions): Promise<CallResult> {
    const { module, version, function: exported } = parseFunctionName(name);
    const session = this.#session(options.on);
    const reference = await session.resolve(module, version, exported);
    if (this.#called.size >= REMEMBERED) this.#called.clear();
    this.#called.set(`${options.on ?? ""} ${name}`, reference);
    return await session.call(reference, args, options);
  }

  #modulesChanged(): void {
    this.#called.clear();
    this.#modules.changed();
    this.#pool.modulesChanged();
  }

  #emit<K extends keyof GhostNodeEvents>(event: K, value: GhostNodeEvents[K]): void {
    for (const listener of this.#listeners[event]) listener(value);
  }
}

function drawName(): string {
  return `node-${String(crypto.getRandomValues(new Uint16Array(1))[0]! % 9000 + 1000)}`;
}

function checkExecutors(count: number): number {
  if (Number.isInteger(count) && count >= 1 && count <= 1024) return count;
  throw new GhostError(
    "BAD_ARGUMENTS",
    `Cannot use ${count} executors: it is not a whole number from 1 to 1024`,
  );
}

function splitVersion(module: string): [string, string | undefined] {
  const at = module.indexOf("@");
  if (at < 0) return [checkName(module, "module name"), undefined];
  return [checkName(module.slice(0, at), "module name"), checkName(module.slice(at + 1), "version")];
}
