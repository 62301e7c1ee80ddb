import { pause } from "../../gmp/async/pause.ts";
import { Channel, type ChannelOptions } from "../../gmp/channel/channel.ts";
import {
  answering,
  type AskOptions,
  type Handlers,
  hearing,
  notify,
  request,
} from "../../gmp/channel/messages.ts";
import { GhostError } from "../../gmp/errors.ts";
import { LINK_KEY_NAME } from "../../gmp/handshake/keys.ts";
import type { ReceivedReply, Request } from "../../gmp/messages/messages.ts";
import type { OperationName } from "../../gmp/messages/operations.ts";
import { reachGpmd } from "../../gmp/ports/reach_gpmd.ts";

/** Milliseconds between PINGs; a GPMD that is silent for two of them is lost. */
const KEEP_ALIVE = 5000;
/** Milliseconds between two attempts to reach a GPMD that does not answer: at first, and at most. */
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 2000;
/** Characters of a fault's message that are sent. */
const FAULT_LENGTH = 1000;

/** Where GPMD is, and the key that the link has there. */
export interface GpmdPlace {
  /** GPMD's port of nodes. */
  readonly gmpPort: number;
  /** The link's key. */
  readonly key: Uint8Array;
}

/** What is chosen for this device, and holds without a new start of the link. */
type LinkChoice = ReceivedReply<"device.serve">;

/** What GPMD asks and tells. */
interface GpmdHandlers {
  /** Answers what it asks. */
  readonly handlers: Handlers;
  /** Its nodes are others. */
  nodesChanged(): void;
  /** It is back, and says anew what is chosen for this device. */
  back(choice: LinkChoice): void;
}

/** The link's connection to GPMD, which re-establishes itself as long as GPMD runs. */
export class GpmdConnection {
  readonly #place: GpmdPlace;
  readonly #options: ChannelOptions;
  readonly #back: GpmdHandlers["back"];
  readonly #end = new AbortController();
  #channel: Channel | undefined;

  /** Not connected yet. */
  constructor(place: GpmdPlace, { handlers, nodesChanged, back }: GpmdHandlers) {
    this.#place = place;
    this.#back = back;
    this.#options = {
      handlers: answering(handlers),
      notice: hearing({ "nodes.changed": () => nodesChanged() }),
      keepAlive: KEEP_ALIVE,
    };
  }

  /** Connects, and takes the place of any other link. @throws {GhostError} as `reachGpmd`. */
  async connect(): Promise<LinkChoice> {
    const { gmpPort: port, key } = this.#place;
    const connection = await reachGpmd({ audience: "gpmd/nodes", port, keyName: LINK_KEY_NAME }, key);
    this.#channel = new Channel(connection, this.#options);
    return await request(this.#channel, "device.serve", {});
  }

  /** Resolves when GPMD has stopped, or another link has taken this one's place. */
  async ended(): Promise<void> {
    // Without a goodbye it was killed, or was silent for too long, as a device that sleeps.
    while (await this.#channel?.closed !== undefined) if (!await this.#connectAgain()) return;
  }

  /** Asks GPMD. @throws {GhostError} what it answers; `CONNECTION_LOST`. */
  async askFor<Name extends OperationName>(
    name: Name,
    fields: Request<Name>,
    options?: AskOptions<Name>,
  ): Promise<ReceivedReply<Name>> {
    if (this.#channel === undefined) {
      throw new GhostError("CONNECTION_LOST", "Cannot ask GPMD: not connected");
    }
    return await request(this.#channel, name, fields, options);
  }

  /** Tells GPMD that the nodes and devices that can be reached are others. */
  devicesChanged(): void {
    if (this.#channel !== undefined) notify(this.#channel, "devices.changed", {});
  }

  /** Makes `error` an event of GPMD's. */
  fault(error: unknown): void {
    const message = error instanceof GhostError || !(error instanceof Error)
      ? String(error)
      : error.stack ?? `${error}`;
    if (this.#channel !== undefined) {
      notify(this.#channel, "link.fault", { message: message.slice(0, FAULT_LENGTH) });
    }
  }

  /** Says goodbye. */
  async close(): Promise<void> {
    this.#end.abort();
    await this.#channel?.close();
  }

  /** False when there is no GPMD of this store any more. */
  async #connectAgain(): Promise<boolean> {
    for (let wait = FIRST_PAUSE; !this.#end.signal.aborted; wait = Math.min(2 * wait, LONGEST_PAUSE)) {
      try {
        this.#back(await this.connect());
        return true;
      } catch (error) {
        const { code } = GhostError.from(error);
        if (code === "GPMD_NOT_RUNNING" || code === "UNAUTHENTICATED") return false;
        await pause(wait, this.#end.signal);
      }
    }
    return false;
  }
}
