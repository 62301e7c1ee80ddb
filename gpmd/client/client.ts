import type { AbortOptions } from "../../gmp/abort_options.ts";
import { Channel } from "../../gmp/channel/channel.ts";
import { request } from "../../gmp/channel/messages.ts";
import type { GhostError } from "../../gmp/errors.ts";
import type { DaemonStatus, NodeSummary } from "../../gmp/messages/gpmd.ts";
import type { ReceivedReply, Request } from "../../gmp/messages/messages.ts";
import type { ModuleInfo, ModuleSummary, UploadedModule, VersionSummary } from "../../gmp/messages/module.ts";
import type { OperationName } from "../../gmp/messages/operations.ts";
import { reachGpmd } from "../../gmp/ports/reach_gpmd.ts";
import { readSecret } from "../../gmp/device/secret.ts";
import { DEFAULT_GMP_PORT, type GivenSettings, readSettings } from "../../gmp/device/settings.ts";
import type { UploadOptions } from "./send_module.ts";

/** Milliseconds between PINGs; a daemon that is silent for two of them is lost. */
const KEEP_ALIVE = 10_000;

/** How a {@linkcode GpmdClient} connects; everything has a default. */
export interface GpmdClientOptions extends Pick<GivenSettings, "home" | "commandPort">, AbortOptions {
  /** The secret of the store, read from `home` by default. */
  secret?: Uint8Array;
}

/**
 * A connection to the GPMD of this device, over its port of commands: it does what the command `gpmd` does. Every
 * method is rejected with a {@linkcode GhostError}: what the daemon answered, or `CONNECTION_LOST`.
 *
 * @example
 * ```ts
 * import { GpmdClient } from "@ghost/network/gpmd";
 *
 * await using gpmd = await GpmdClient.connect();
 * const module = await Deno.readFile("examples/math/math.wasm");
 * await gpmd.upload({ name: "math", version: "v0.0.1", module });
 * console.log(await gpmd.list());
 * ```
 */
export class GpmdClient implements AsyncDisposable {
  readonly #channel: Channel;

  private constructor(channel: Channel) {
    this.#channel = channel;
  }

  /**
   * Connects.
   *
   * @throws {GhostError} `GPMD_NOT_RUNNING`; `UNAUTHENTICATED` when another program or another store's daemon holds the
   * port; `CONNECTION_LOST` when it does not answer; `STORE_FAULT` when the secret cannot be used;
   * `TOO_MANY_CONNECTIONS`, `RESOURCE_EXHAUSTED`, `CANCELLED`.
   */
  static async connect(options: GpmdClientOptions = {}): Promise<GpmdClient> {
    // A command has no use for the port of nodes: naming it saves reading its variable.
    const given = { ...options, gmpPort: DEFAULT_GMP_PORT };
    const { home, commandPort } = readSettings(given, (name) => Deno.env.get(name));
    const key = options.secret ?? await readSecret(home, Deno);
    const connection = await reachGpmd({ audience: "gpmd/commands", port: commandPort }, key, options.signal);
    return new GpmdClient(new Channel(connection, { keepAlive: KEEP_ALIVE }));
  }

  /**
   * The daemon's status.
   *
   * @example
   * ```ts
   * import { GpmdClient } from "@ghost/network/gpmd";
   *
   * await using gpmd = await GpmdClient.connect();
   * const { pid, version, nodes } = await gpmd.status();
   * console.log(`gpmd ${version} with pid ${pid} knows ${nodes} nodes`);
   * ```
   */
  async status(options: AbortOptions = {}): Promise<DaemonStatus> {
    return await this.#ask("gpmd.status", {}, options);
  }

  /** The nodes that are registered, in the order of their names. */
  async nodes(options: AbortOptions = {}): Promise<NodeSummary[]> {
    return (await this.#ask("gpmd.nodes", {}, options)).nodes;
  }

  /** Stops the daemon. Resolves to its process id when it has gone and both ports are free. */
  async kill(options: AbortOptions = {}): Promise<number> {
    const { pid } = await this.#ask("gpmd.kill", {}, options);
    await this.#channel.closed; // the daemon closes it last
    return pid;
  }

  /** The modules, in the order of their names. */
  async list(options: AbortOptions = {}): Promise<ModuleSummary[]> {
    return (await this.#ask("module.list", {}, options)).modules;
  }

  /**
   * The exports and imports of a version of a module, by default the latest.
   *
   * @example
   * ```ts
   * import { GpmdClient } from "@ghost/network/gpmd";
   * import { assertEquals } from "@std/assert";
   *
   * await using gpmd = await GpmdClient.connect();
   * const { version, exports } = await gpmd.info("math");
   * assertEquals(version, "v0.0.1");
   * assertEquals(exports.map(({ text }) => text).includes("add(i32, i32) -> i32"), true);
   * ```
   */
  async info(name: string, version?: string, options: AbortOptions = {}): Promise<ModuleInfo> {
    return await this.#ask("module.info", { name, version }, options);
  }

  /**
   * Publishes a version of a module. Publishing the same bytes again changes nothing.
   *
   * @throws {GhostError} `INVALID_NAME`, `NOT_A_MODULE`, `VERSION_EXISTS`, `PAYLOAD_TOO_LARGE`, `HASH_MISMATCH` when
   * the file changed while it was read, `CANCELLED`, `CONNECTION_LOST`.
   *
   * @example
   * ```ts
   * import { GpmdClient } from "@ghost/network/gpmd";
   *
   * await using gpmd = await GpmdClient.connect();
   * using module = await Deno.open("examples/math/math.wasm");
   * const { hash, unchanged } = await gpmd.upload({
   *   name: "math",
   *   version: "v0.0.1",
   *   module,
   *   progress: (sent, total) => console.log(`${sent} of ${total} bytes`),
   * });
   * console.log(hash, unchanged ? "was there already" : "is new");
   * ```
   */
  async upload(options: UploadOptions): Promise<UploadedModule> {
    const { sendModule } = await import("./send_module.ts"); // only an upload needs it
    return await sendModule(this.#channel, options);
  }

  /** Removes a version of a module, by default all of them, and returns what was removed. */
  async remove(name: string, version?: string, options: AbortOptions = {}): Promise<VersionSummary[]> {
    return (await this.#ask("module.remove", { name, version }, options)).removed;
  }

  /** Resolved when the connection has ended: with the error that ended it, or `undefined` after a graceful end. */
  get closed(): Promise<GhostError | undefined> {
    return this.#channel.closed;
  }

  /** Ends the connection. */
  async close(): Promise<void> {
    await this.#channel.close();
  }

  /** See {@linkcode GpmdClient.close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #ask<Name extends OperationName>(
    name: Name,
    fields: Request<Name>,
    options: AbortOptions,
  ): Promise<ReceivedReply<Name>> {
    const channel = this.#channel;
    // A daemon that is full or stopping says so after the handshake, perhaps before anything is asked.
    const refusal = channel.open ? undefined : await channel.closed;
    if (refusal !== undefined) throw refusal;
    return await request(channel, name, fields, options);
  }
}
