import { Semaphore } from "../../gmp/async/semaphore.ts";
import type { Channel } from "../../gmp/channel/channel.ts";
import { request } from "../../gmp/channel/messages.ts";
import { GhostError } from "../../gmp/errors.ts";
import { grantsOf } from "../../gmp/grants/granted.ts";
import { deviceOf } from "../../gmp/grants/subject.ts";
import type { Right } from "../../gmp/grants/what.ts";
import type { Identity } from "../../gmp/handshake/identity.ts";
import type { Grant } from "../../gmp/messages/grants.ts";
import type { ReceivedRequest } from "../../gmp/messages/messages.ts";
import {
  grantDefaults,
  grantsTo,
  withGrants,
  withoutDevice,
  withoutGrants,
  withRenamedDevice,
} from "./grant_list.ts";
import { readGrants, writeGrants } from "./grants_file.ts";

/** Milliseconds that a node has to confirm a change. */
const CONFIRMATION_TIME = 2000;
/** Nodes that are told of a change at once: each holds all grants in its outbox until it has read them. */
const TOLD_AT_ONCE = 256;

/** Bytes that may wait for a node that does not read: a few changes, even of as many grants as there may be. */
const BACKLOG = 1 << 20;

/** A node that runs things for others, and has to know what they may do. */
interface GrantKeeper {
  /** Its name. */
  readonly node: { readonly name: string };
  /** The connection to it. */
  readonly channel: Channel;
}

/** The outcome of a change. */
interface Change {
  /** What is granted to the subject now. */
  readonly grants: Grant[];
  /** The names of the nodes that have not confirmed the change: they may still go by what was granted before. */
  readonly unconfirmed: string[];
}

/** The grants of this device: on the disk, and at all of its nodes. Changes happen one at a time. */
export class Grants {
  readonly #home: string;
  readonly #nodes: () => Iterable<GrantKeeper>;
  readonly #expectHeld: () => Promise<void>;
  readonly #telling = new Semaphore(TOLD_AT_ONCE);
  #grants: readonly Grant[];
  /** Settles when the latest change has ended. */
  #tail: Promise<unknown> = Promise.resolve();

  private constructor(
    home: string,
    grants: readonly Grant[],
    nodes: () => Iterable<GrantKeeper>,
    expectHeld: () => Promise<void>,
  ) {
    this.#home = home;
    this.#grants = grants;
    this.#nodes = nodes;
    this.#expectHeld = expectHeld;
  }

  /**
   * Reads the grants in the store at `home`, for the registered `nodes`. `expectHeld` is called before each change, and
   * throws when another process may have the store by now.
   *
   * @throws {GhostError} `STORE_FAULT`.
   */
  static async open(
    home: string,
    nodes: () => Iterable<GrantKeeper>,
    expectHeld: () => Promise<void>,
  ): Promise<Grants> {
    return new Grants(home, await readGrants(home), nodes, expectHeld);
  }

  /** All of them. */
  get all(): readonly Grant[] {
    return this.#grants;
  }

  /** What is granted to `subject`, or to anybody. @throws {GhostError} `INVALID_NAME`. */
  list(subject?: string): Grant[] {
    return grantsTo(this.#grants, subject);
  }

  /** Whether `caller` has a right that is no function's: that of a command, say. */
  allows(caller: Identity, right: Right): boolean {
    return grantsOf(caller, this.#grants).some(({ what }) => what === right);
  }

  /** Whether anything is granted to `device` or its nodes. */
  has(device: string): boolean {
    return this.#grants.some(({ subject }) => deviceOf(subject) === device);
  }

  /**
   * Grants something: it holds at the next call when this resolves, except at the nodes that have not confirmed it.
   *
   * @throws {GhostError} as `withGrants`, and `STORE_FAULT`.
   */
  add(grant: ReceivedRequest<"grants.add">): Promise<Change> {
    return this.#change(grant.subject, (grants) => withGrants(grants, grant));
  }

  /** Revokes something, and ends what runs without a grant from then on. @throws {GhostError} as `withoutGrants`. */
  remove(grant: ReceivedRequest<"grants.remove">): Promise<Change> {
    return this.#change(grant.subject, (grants) => withoutGrants(grants, grant));
  }

  /**
   * Grants a device that was paired `what`, by default what `grantDefaults` says, and nothing that it had before, perhaps
   * by the name `formerly`.
   */
  addDevice(device: string, what?: readonly string[], formerly: string = device): Promise<Change> {
    return this.#change(device, (grants) => {
      const others = withoutDevice(withoutDevice(grants, formerly), device);
      if (what === undefined) return [...others, ...grantDefaults(device)];
      return what.length === 0 ? others : withGrants(others, { subject: device, what });
    });
  }

  /** Revokes all from a device that was removed, and from its nodes. */
  removeDevice(device: string): Promise<Change> {
    return this.#change(device, (grants) => withoutDevice(grants, device));
  }

  /** A device has another name. */
  renameDevice(from: string, to: string): Promise<Change> {
    return this.#change(to, (grants) => withRenamedDevice(grants, from, to));
  }

  async #change(subject: string, change: (grants: readonly Grant[]) => Grant[]): Promise<Change> {
    const written = this.#tail.then(async () => {
      await this.#expectHeld();
      return await this.#write(change(this.#grants));
    });
    this.#tail = written.catch(() => {});
    const failure = await written;
    const unconfirmed = await this.#tell();
    if (failure !== undefined) throw failure;
    return { grants: this.list(subject), unconfirmed };
  }

  /** Makes `changed` the grants. Returns an error when they are, and may not survive a power cut. */
  async #write(changed: readonly Grant[]): Promise<unknown> {
    try {
      await writeGrants(this.#home, changed, () => this.#grants = changed);
      return undefined;
    } catch (error) {
      if (this.#grants === changed) return error;
      throw error;
    }
  }

  /** Tells every node what is granted by now, and returns the names of those that did not confirm it. */
  async #tell(): Promise<string[]> {
    const told = await Promise.all(Array.from(this.#nodes(), async ({ node, channel }) => {
      await this.#telling.acquire();
      try {
        const confirmed = request(channel, "grants.apply", { grants: this.#grants }, {
          timeout: CONFIRMATION_TIME,
        });
        dropIfDeaf(channel);
        await confirmed;
        return undefined;
      } catch {
        // A node that said goodbye runs nothing any more; one whose connection broke may.
        const hasLeft = !channel.open && await channel.closed === undefined;
        return hasLeft ? undefined : node.name;
      } finally {
        this.#telling.release();
      }
    }));
    return told.filter((name) => name !== undefined).sort();
  }
}

/** Ends the connection of a node that has stopped reading: it gets the grants when it registers again. */
function dropIfDeaf(channel: Channel): void {
  if (channel.outbox.size <= BACKLOG) return;
  channel.abort(
    new GhostError("CONNECTION_LOST", "Cannot go on: the other side does not read what is granted"),
  );
}
