import { Timer } from "../../gmp/async/timer.ts";
import { GhostError } from "../../gmp/errors.ts";
import type { NodeIdentity } from "../../gmp/handshake/identity.ts";
import type { LocatedNode } from "../../gmp/messages/gpmd.ts";
import { isDeviceName, isName, type NodeAddress, writeNodeAddress } from "../../gmp/names.ts";
import { nearest } from "../../gmp/nearest.ts";
import type { LinkConnection } from "./link_connection.ts";

/** Milliseconds that a list of nodes waits for those of other devices: a link that hangs delays nobody for longer. */
export const DISCOVER_TIME = 500;
/** Milliseconds until a device that does not answer counts as unreachable; a node waits for GPMD for 10 s. */
const DEVICE_ANSWER_TIME = 8000;

/** What the link knows of a device's nodes. */
interface NodesOfDevice {
  readonly device: string;
  readonly names: readonly string[];
}

/** A node of another device. */
interface RemoteAddress extends NodeAddress {
  readonly device: string;
}

/** The nodes of other devices, as far as the link reaches them. */
export class RemoteNodes {
  readonly #link: LinkConnection;
  /** The question under way, which all share that ask meanwhile. */
  #asked: Promise<readonly NodesOfDevice[]> | undefined;

  /** Asks `link`. */
  constructor(link: LinkConnection) {
    this.#link = link;
  }

  /** Their names, `node-1@laptop`, in order; none of those that the link does not tell in {@linkcode DISCOVER_TIME}. */
  async names(): Promise<string[]> {
    const all = await this.#nodes();
    return all.flatMap(({ device, names }) => names.map((name) => writeNodeAddress({ name, device }))).sort();
  }

  /**
   * Where the node of that name at `device` is, for node `by` of this device.
   *
   * @throws {GhostError} `NODE_NOT_FOUND` and `DEVICE_NOT_FOUND`, with the closest name, if any, in the message and as
   * `details.suggestion`; `LINK_NOT_RUNNING`, `DEVICE_UNREACHABLE`, and whatever that device answers.
   */
  async locate(
    { name, device }: RemoteAddress,
    { name: asking, id }: NodeIdentity,
    signal: AbortSignal,
  ): Promise<LocatedNode> {
    const wanted = { device: device, name, by: { name: asking, id } };
    try {
      const found = await this.#answered(
        device,
        signal,
        (signal) => this.#link.ask("device.locate", wanted, { signal }),
      );
      return { ...found, address: "127.0.0.1" };
    } catch (error) {
      throw await this.#withSuggestion(GhostError.from(error), { name, device });
    }
  }

  /** Lets `device` connect once to loopback port `port`; returns the token for it. @throws {GhostError} */
  async offer(device: string, port: number, signal: AbortSignal): Promise<Uint8Array> {
    const ask = (signal: AbortSignal) => this.#link.ask("device.offer", { device, port }, { signal });
    return (await this.#answered(device, signal, ask)).pipe;
  }

  /** A loopback port that leads, once, to what `device` has offered as `pipe`. @throws {GhostError} */
  async open(device: string, pipe: Uint8Array, signal: AbortSignal): Promise<number> {
    const ask = (signal: AbortSignal) => this.#link.ask("device.open", { device, pipe }, { signal });
    return (await this.#answered(device, signal, ask)).port;
  }

  /** A node of another device that may be meant by `name`, which no node of this one has. */
  async suggestion(name: string): Promise<string | undefined> {
    if (!this.#link.running) return undefined;
    const addresses = (await this.#nodes()).flatMap(({ device, names }) =>
      names.map((name) => ({ name, device }))
    );
    const meant = nearest(name, addresses.map((one) => one.name));
    const found = addresses.find((one) => one.name === name) ?? addresses.find((one) => one.name === meant);
    return found && writeNodeAddress(found);
  }

  async #nodes(): Promise<readonly NodesOfDevice[]> {
    if (!this.#link.running) return [];
    this.#asked ??= this.#link.ask("device.discover", {}, { timeout: DEVICE_ANSWER_TIME }).then(
      // The names come from the link and from other devices: whatever is none is not shown to anybody.
      ({ nodes }) =>
        nodes.filter(({ device }) => isDeviceName(device))
          .map(({ device, names }) => ({ device, names: names.filter(isName) })),
      () => [],
    ).finally(() => this.#asked = undefined);
    const late = Promise.withResolvers<readonly NodesOfDevice[]>();
    const timer = new Timer(DISCOVER_TIME, () => late.resolve([]));
    try {
      return await Promise.race([this.#asked, late.promise]);
    } finally {
      timer.cancel();
    }
  }

  /** What `ask` gets, within {@linkcode DEVICE_ANSWER_TIME}. */
  async #answered<T>(
    device: string,
    signal: AbortSignal,
    ask: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const late = new AbortController();
    const timer = new Timer(DEVICE_ANSWER_TIME, () => late.abort());
    try {
      return await ask(AbortSignal.any([signal, late.signal]));
    } catch (error) {
      if (!late.signal.aborted) throw error;
      const message = `Cannot reach "${device}": it does not answer`;
      throw new GhostError("DEVICE_UNREACHABLE", message, { cause: error });
    } finally {
      timer.cancel();
    }
  }

  /** `error`, with the name that may be meant if the node or its device is not known. */
  async #withSuggestion(error: GhostError, { name, device }: RemoteAddress): Promise<GhostError> {
    const wanted = writeNodeAddress({ name, device });
    if (error.code === "NODE_NOT_FOUND") {
      const meant = error.details?.suggestion;
      const suggestion = isName(meant) ? writeNodeAddress({ name: meant, device }) : undefined;
      return notFound(error, `Cannot find "${wanted}": no node of that name is registered there`, suggestion);
    }
    if (error.code !== "DEVICE_NOT_FOUND") return error;
    const known = await this.#link.ask("device.list", {}, { timeout: DISCOVER_TIME }).then(
      ({ devices }) => devices.map((one) => one.name),
      () => [],
    );
    const meant = nearest(device, known);
    const suggestion = meant && writeNodeAddress({ name, device: meant });
    return notFound(
      error,
      `Cannot find "${wanted}": no device "${device}" is paired with this one`,
      suggestion,
    );
  }
}

function notFound({ code }: GhostError, message: string, suggestion: string | undefined): GhostError {
  if (suggestion === undefined) return new GhostError(code, message);
  return new GhostError(code, `${message}; did you mean "${suggestion}"?`, { details: { suggestion } });
}
