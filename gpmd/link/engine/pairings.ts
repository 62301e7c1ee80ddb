import { publicKeyFromRaw } from "@libp2p/crypto/keys";
import type { Connection, Ed25519PrivateKey, Ed25519PublicKey, Stream } from "@libp2p/interface";
import { peerIdFromPublicKey } from "@libp2p/peer-id";
import { Timer } from "../../../gmp/async/timer.ts";
import { GhostError } from "../../../gmp/errors.ts";
import { checkDeviceName } from "../../../gmp/names.ts";
import { hostOf, usableAddresses } from "./addresses.ts";
import type { Devices } from "./devices.ts";
import type { DeviceStore, StoredDevice } from "./device_store.ts";
import { type Endpoint, REFUSED } from "./endpoint.ts";
import { parseInvitationCode, writeInvitationCode } from "../../../gmp/device/invitation_code.ts";
import { type Invitation, Invitations } from "./invitations.ts";
import type { LinkEvents } from "./link_events.ts";
import type { Networks } from "../../../gmp/device/networks.ts";
import { answerPairing, type Introduction, joinByPairing } from "./pairing.ts";

/** Milliseconds that a device which has just joined waits for the connection before `join` returns without it. */
const FIRST_CONNECTION_TIME = 5000;
/** Milliseconds within which the device that has joined opens the connection, before the other side dials it. */
const JOINER_TIME = 2000;
/** Milliseconds that a device which was refused has to read why. */
const REFUSAL_TIME = 500;

/** What a device hears that has connected before its pairing was refused. */
const NOT_PAIRED = "this device was not paired there";

/** An invitation of this device, for people to pass on. */
export interface OpenInvitation {
  /** The line to pass on. */
  readonly code: string;
  /** Where this device listens. */
  readonly addresses: readonly string[];
  /** When it ends. */
  readonly expiresAt: Date;
}

/** What {@linkcode Pairings} need. */
interface PairingsOptions {
  /** This device's own key's fingerprint. */
  readonly ownId: string;
  /** This device's key. */
  readonly key: Ed25519PrivateKey;
  /** What it is called by others unless they choose another name. */
  readonly deviceName: string;
  /** Where it listens and dials. */
  readonly endpoint: Endpoint;
  /** Who may be dialled. */
  readonly networks: Networks;
  /** The paired devices. */
  readonly store: DeviceStore;
  /** The connections to them. */
  readonly devices: Devices;
  /** Told who has joined. */
  readonly events: LinkEvents | undefined;
  /** Listens while there is a reason to, and not otherwise. */
  revise(): Promise<void>;
  /** Aborted when the link ends. */
  readonly signal: AbortSignal;
}

/** Pairing this device with others, from either side. */
export class Pairings {
  readonly #options: PairingsOptions;
  readonly #invitations: Invitations;
  readonly #codes = new WeakMap<Invitation, string>();
  #joining: string | undefined;
  #joins: Promise<unknown> = Promise.resolve();
  #cutting: Timer | undefined;

  /** Without an invitation yet. */
  constructor(options: PairingsOptions) {
    this.#options = options;
    this.#invitations = new Invitations(() => this.#cutStrangersSoon());
  }

  /** Whether an invitation is open. */
  get isInviting(): boolean {
    return this.#invitations.isOpen;
  }

  /** Whether an invitation is open for a device at `address`. */
  invites(address: string): boolean {
    return this.#invitations.admits(address);
  }

  /** The device that this one is about to join. */
  get joining(): string | undefined {
    return this.#joining;
  }

  /** See `LinkHost.invite`. */
  async invite(lifetime: number): Promise<OpenInvitation> {
    const { endpoint, key, revise } = this.#options;
    const invitation = this.#invitations.open(lifetime);
    try {
      await revise();
      const { addresses } = endpoint;
      if (addresses.length === 0) {
        const message = "Cannot invite: this device has no address in a network that may be dialled";
        throw new GhostError("DEVICE_UNREACHABLE", message);
      }
      const { token, expiresAt } = invitation;
      const code = writeInvitationCode({ key: key.publicKey.raw, token, addresses });
      this.#codes.set(invitation, code);
      return { code, addresses, expiresAt };
    } catch (error) {
      this.#invitations.withdraw(invitation);
      await revise().catch(() => {}); // why it cannot listen is told by the error
      throw error;
    }
  }

  /** See `LinkHost.join`; one after the other. */
  join(code: string, name: string | undefined, as: string | undefined): Promise<StoredDevice> {
    const joined = this.#joins.then(() => this.#join(code, name, as));
    this.#joins = joined.catch(() => {});
    return joined;
  }

  /** Answers a device that joins by `stream`. */
  answer(stream: Stream, { remotePeer, remoteAddr }: Connection): void {
    if (remotePeer.type !== "Ed25519") throw new GhostError("PAIRING_FAILED");
    const { key, store, devices, events } = this.#options;
    const id = remotePeer.toString();
    answerPairing(stream, {
      ownKey: key.publicKey.raw,
      peerKey: remotePeer.publicKey.raw,
      own: this.#introduction(undefined),
      peer: id,
      address: hostOf(remoteAddr),
      invitations: this.#invitations,
      called: ({ name, chosen }) => this.#checkFree(chosen ? name : store.get(id)?.name ?? name, id, "as"),
      store: async (peer, invitation) => {
        const before = store.get(id);
        const stored = await this.#put(id, peer);
        try {
          await events?.paired?.(devices.describe(stored), this.#codes.get(invitation)!, before?.name);
        } catch (error) {
          await this.#restore(id, before);
          throw error;
        }
        if (store.get(id) !== undefined) devices.keep(id, JOINER_TIME); // unless it was removed meanwhile
      },
    });
  }

  /** Ends all invitations, and waits for what is under way. */
  async end(): Promise<void> {
    this.#invitations.end();
    this.#cutting?.cancel();
    await this.#joins;
    this.#cutting?.cancel();
  }

  async #join(code: string, name: string | undefined, as: string | undefined): Promise<StoredDevice> {
    const { ownId, key, store, endpoint, signal, revise } = this.#options;
    if (name !== undefined) checkDeviceName(name);
    if (as !== undefined) checkDeviceName(as);
    const invited = parseInvitationCode(code);
    const id = idOf(invited.key);
    if (id === ownId) throw new GhostError("PAIRING_FAILED", "Cannot pair: the code is this device's own");
    if (name !== undefined) this.#checkFree(name, id, "name");
    this.#joining = id;
    try {
      await revise();
      const connection = await endpoint.dial(id, invited.addresses, signal);
      const before = store.get(id);
      await joinByPairing(await endpoint.openStream(connection, "pair", signal), {
        ownKey: key.publicKey.raw,
        peerKey: invited.key,
        own: this.#introduction(as),
        token: invited.token,
        signal,
        called: (theirs) => this.#checkFree(name ?? before?.name ?? checkDeviceName(theirs.name), id, "name"),
        store: async (peer) => void await this.#put(id, peer),
        forget: () => this.#restore(id, before),
      });
      await this.#connectFirst(id, connection);
      return store.get(id) ?? removedMeanwhile();
    } catch (error) {
      throw refusal(error);
    } finally {
      this.#joining = undefined;
      await revise();
    }
  }

  /** The connection of the pairing becomes that of the two devices; if it cannot, another is dialled in time. */
  async #connectFirst(id: string, connection: Connection): Promise<void> {
    if (this.#options.store.get(id) === undefined) removedMeanwhile();
    const kept = this.#options.devices.keep(id, FIRST_CONNECTION_TIME);
    if (kept.active !== undefined) return;
    await kept.connect(connection, AbortSignal.timeout(FIRST_CONNECTION_TIME)).catch(() => kept.wake());
  }

  #introduction(as: string | undefined): Introduction {
    const { deviceName, endpoint } = this.#options;
    const chosen = as !== undefined;
    return { name: as ?? deviceName, ...chosen && { chosen }, addresses: endpoint.addresses };
  }

  async #put(id: string, { name, addresses }: Introduction): Promise<StoredDevice> {
    const stored = {
      name,
      id,
      addresses: usableAddresses(addresses, this.#options.networks),
      since: new Date().toISOString(),
    };
    await this.#options.store.put(stored);
    return stored;
  }

  /** A device was not paired after all: it is what it was before, unless it was removed meanwhile. */
  async #restore(id: string, before: StoredDevice | undefined): Promise<void> {
    const { store, devices, events } = this.#options;
    if (before !== undefined) return store.get(id) === undefined ? undefined : await store.put(before);
    const forgotten = store.delete(id);
    // It may have connected as soon as it was in the store.
    try {
      await Promise.all([forgotten, devices.release(id, NOT_PAIRED)]);
    } finally {
      events?.unpaired?.(id);
    }
  }

  /** `name`. @throws {GhostError} `NAME_TAKEN`, which says to whoever joins with which option to choose another name. */
  #checkFree(name: string, id: string, option: "name" | "as"): string {
    if (!this.#options.store.isTaken(name, id)) return name;
    const [whose, here] = option === "name" ? ["the other device", "here"] : ["this device", "there"];
    throw new GhostError(
      "NAME_TAKEN",
      `Cannot call ${whose} "${name}": another device has that name ${here}, or had it a moment ago; choose one with --${option}`,
    );
  }

  /** Whoever was refused has a moment to read why. */
  #cutStrangersSoon(): void {
    const { endpoint, events, revise } = this.#options;
    this.#cutting ??= new Timer(REFUSAL_TIME, () => {
      this.#cutting = undefined;
      for (const stranger of endpoint.strangers) {
        if (!this.invites(hostOf(stranger.remoteAddr))) stranger.abort(new Error("No invitation is open"));
      }
      if (this.isInviting) return;
      revise().catch((error) => events?.fault?.(error));
    });
  }
}

function idOf(key: Uint8Array): string {
  try {
    return peerIdFromPublicKey(publicKeyFromRaw(key) as Ed25519PublicKey).toString();
  } catch (cause) {
    throw new GhostError("PAIRING_FAILED", "Cannot read the code: its key is none", { cause });
  }
}

function removedMeanwhile(): never {
  throw new GhostError("DEVICE_NOT_FOUND", "Cannot pair: the device was removed while it was paired");
}

/** A device that is there and lets nobody in has no open invitation, and says nothing about the code. */
function refusal(error: unknown): GhostError {
  if (!(error instanceof GhostError)) return GhostError.from(error, "DEVICE_UNREACHABLE");
  if (error.details?.reason !== REFUSED) return error;
  return new GhostError(
    "PAIRING_FAILED",
    "Cannot pair: the other device has no open invitation; the code was used, is too old, or ended after wrong tries. " +
      "Make a new one there with: gpmd device invite",
    { cause: error },
  );
}
