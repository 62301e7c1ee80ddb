import type { AbortOptions } from "../../gmp/abort_options.ts";
import type { Channel } from "../../gmp/channel/channel.ts";
import { request } from "../../gmp/channel/messages.ts";
import type { GhostError } from "../../gmp/errors.ts";
import type { DeviceDescription, DeviceExamination, LinkSettings } from "../../gmp/messages/device.ts";
import type { Grant, GrantLimits } from "../../gmp/messages/grants.ts";
import type { DaemonStatus, NodeSummary } from "../../gmp/messages/gpmd.ts";
import type { ReceivedReply, Request } from "../../gmp/messages/messages.ts";
import type { ModuleInfo, ModuleSummary, UploadedModule, VersionSummary } from "../../gmp/messages/module.ts";
import type { OperationName } from "../../gmp/messages/operations.ts";
import type {
  ChangedGrants,
  GpmdClientOptions,
  Invitation,
  InviteOptions,
  JoinedDevice,
  JoinOptions,
  LinkState,
} from "./client_types.ts";
import { openCommands } from "./open_commands.ts";
import type { UploadOptions } from "./send_module.ts";

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
   * `TOO_MANY_CONNECTIONS`, `RESOURCE_EXHAUSTED`, `CANCELLED`. For another device also `LINK_NOT_RUNNING`,
   * `DEVICE_NOT_FOUND` and `DEVICE_UNREACHABLE`; what it does not grant is `NOT_GRANTED` when it is asked for.
   */
  static async connect(options: GpmdClientOptions = {}): Promise<GpmdClient> {
    return new GpmdClient(await openCommands(options));
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

  /**
   * Has the daemon started again by whoever started it, `gpmd start -nd` in a terminal or as a service. Resolves to true when
   * it has gone and both ports are free; to false if nobody does that, as for one in the background, and then it runs on.
   */
  async restart(options: AbortOptions = {}): Promise<boolean> {
    const { restarts } = await this.#ask("gpmd.kill", { restart: true }, options);
    if (restarts !== false) await this.#channel.closed; // one of before this operation knew `restart` stops, too
    return restarts ?? false;
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
   * The TypeScript declarations of the functions of a version of a module, by default the latest: the text of a
   * `.d.ts` file.
   *
   * @throws {GhostError} as {@linkcode GpmdClient.info}; `PAYLOAD_TOO_LARGE` when they are too long.
   *
   * @example
   * ```ts
   * import { GpmdClient } from "@ghost/network/gpmd";
   * import { assert } from "@std/assert";
   *
   * await using gpmd = await GpmdClient.connect();
   * const text = await gpmd.declarations("math");
   * assert(text.includes("add(p1: number | boolean, p2: number | boolean): Promise<number>;"));
   * ```
   */
  async declarations(name: string, version?: string, options: AbortOptions = {}): Promise<string> {
    const { declarations = "" } = await this.#ask(
      "module.info",
      { name, version, declarations: true },
      options,
    );
    return declarations;
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

  /**
   * Makes a code with which another device can be paired with this one, once. Its link must be running, as it is once
   * `gpmd device invite` was used.
   *
   * @throws {GhostError} `LINK_NOT_RUNNING`, `TOO_MANY_REQUESTS`.
   */
  async invite({ lifetime, grants, ...options }: InviteOptions): Promise<Invitation> {
    return await this.#ask("device.invite", { lifetime, grants }, options);
  }

  /**
   * Pairs this device with the one that made `code`, and returns what is known of that.
   *
   * @throws {GhostError} `PAIRING_FAILED`, `NAME_TAKEN`, `INVALID_NAME`, `LINK_NOT_RUNNING`.
   */
  async join(code: string, { name, as, grants, ...options }: JoinOptions = {}): Promise<JoinedDevice> {
    const reply = await this.#ask("device.join", { code, name, as, grants }, options);
    return { ...reply.device, grants: reply.grants ?? [] };
  }

  /**
   * The settings of this device's link, after changing those that are given: ports and networks for its next start,
   * `relay` at once.
   *
   * @throws {GhostError} `BAD_ARGUMENTS`, `STORE_FAULT`.
   */
  async linkSettings(change: Partial<LinkSettings> = {}, options: AbortOptions = {}): Promise<LinkState> {
    return await this.#ask("device.settings", change, options);
  }

  /** The paired devices, in the order of their names. @throws {GhostError} `LINK_NOT_RUNNING`. */
  async devices(options: AbortOptions = {}): Promise<DeviceDescription[]> {
    return (await this.#ask("device.list", {}, options)).devices;
  }

  /** Dials a paired device, and says what is in the way to it. @throws {GhostError} `DEVICE_NOT_FOUND`, `LINK_NOT_RUNNING`. */
  async examineDevice(device: string, options: AbortOptions = {}): Promise<DeviceExamination> {
    return await this.#ask("device.examine", { device }, options);
  }

  /** Calls a paired device `name` from now on. @throws {GhostError} `DEVICE_NOT_FOUND`, `NAME_TAKEN`, `INVALID_NAME`. */
  async renameDevice(device: string, name: string, options: AbortOptions = {}): Promise<void> {
    await this.#ask("device.rename", { device, name }, options);
  }

  /** Ends the pairing with a device: its connections end within a second. @throws {GhostError} `DEVICE_NOT_FOUND`. */
  async removeDevice(device: string, options: AbortOptions = {}): Promise<void> {
    await this.#ask("device.remove", { device }, options);
  }

  /**
   * What may be done on the nodes of this device, and by whom: all of it, or only by `subject`, such as `local` or
   * `node-1@laptop` (docs/security.md, "Who may call what").
   */
  async grants(subject?: string, options: AbortOptions = {}): Promise<Grant[]> {
    return (await this.#ask("grants.list", { subject }, options)).grants;
  }

  /**
   * Lets `subject` do `what`, within `limits`: a change of the limits of what it may do already, or something new. It
   * holds at the next call when this resolves.
   *
   * @throws {GhostError} `INVALID_NAME`, `RESOURCE_EXHAUSTED`, `STORE_FAULT`.
   *
   * @example
   * ```ts
   * import { GpmdClient } from "@ghost/network/gpmd";
   * import { assertEquals } from "@std/assert";
   *
   * await using gpmd = await GpmdClient.connect();
   * await gpmd.grant("laptop", ["math.*", "greet"], { time: 5000, memory: 2 ** 26 });
   * const { grants } = await gpmd.revoke("laptop", ["greet"]);
   * assertEquals(grants, [{ subject: "laptop", what: "math.*", time: 5000, memory: 2 ** 26 }]);
   * ```
   */
  async grant(
    subject: string,
    what: readonly string[],
    limits: GrantLimits = {},
    options: AbortOptions = {},
  ): Promise<ChangedGrants> {
    return await this.#ask("grants.add", { subject, what, ...limits }, options);
  }

  /**
   * Takes from `subject` exactly what was granted as `what`, and ends what it runs without a grant from then on.
   *
   * @throws {GhostError} `INVALID_NAME`, `NOT_GRANTED` if it is not granted, `STORE_FAULT`.
   */
  async revoke(subject: string, what: readonly string[], options: AbortOptions = {}): Promise<ChangedGrants> {
    return await this.#ask("grants.remove", { subject, what }, options);
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
