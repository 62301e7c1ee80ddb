import type { Stream } from "@libp2p/interface";
import { timingSafeEqual } from "@std/crypto/timing-safe-equal";
import { Timer } from "../../../gmp/async/timer.ts";
import { Channel } from "../../../gmp/channel/channel.ts";
import { answering, type Handlers, request } from "../../../gmp/channel/messages.ts";
import { GhostError } from "../../../gmp/errors.ts";
import { FrameDecoder } from "../../../gmp/frames/decoder.ts";
import { type PayloadCaps, SESSION_CAPS } from "../../../gmp/frames/frame.ts";
import { checkDeviceName } from "../../../gmp/names.ts";
import type { Invitation, Invitations } from "./invitations.ts";
import { pairingNonce, pairingProof, type PairingTranscript } from "./pairing_proof.ts";
import { StreamTransport } from "./stream_transport.ts";

/** Milliseconds that a whole pairing may take: four round trips, two writes to disk and what GPMD has to say. */
const PAIRING_TIME = 15_000;
/** Bytes of a message of pairing at most: a proof, a name and sixteen addresses are some 600. */
const PAIRING_CAP = 4096;
const PAIRING_CAPS: PayloadCaps = SESSION_CAPS.map((cap) => Math.min(cap, PAIRING_CAP));

/** How a device introduces itself to the one that it is paired with. */
export interface Introduction {
  /** What it would be called there. */
  readonly name: string;
  /** Whether its user has chosen that name; otherwise one that is known already stays. */
  readonly chosen?: boolean | undefined;
  /** Where it listens. */
  readonly addresses: readonly string[];
}

/** One side of a pairing. */
interface PairingSide {
  /** This device's public key. */
  readonly ownKey: Uint8Array;
  /** The other's public key, which Noise has proved. */
  readonly peerKey: Uint8Array;
  /** What this device says of itself. */
  readonly own: Introduction;
  /** What the other device is called here, by its introduction. @throws {GhostError} why it may not be called that. */
  called(introduction: Pick<Introduction, "name" | "chosen">): string;
}

/** What the inviting side needs. */
interface HostSide extends PairingSide {
  /** The other's key as the invitations know it. */
  readonly peer: string;
  /** Where it is, as far as the invitations count. */
  readonly address: string;
  /** The invitations of this device. */
  readonly invitations: Invitations;
  /** Stores the other device, which has proved `invitation`, durably. */
  store(peer: Introduction, invitation: Invitation): Promise<void>;
}

/** What the joining side needs. */
interface JoinerSide extends PairingSide {
  /** The token of the code. */
  readonly token: Uint8Array;
  /** Stores the other device, durably. */
  store(peer: Introduction): Promise<void>;
  /** Takes the other device out of the store again, if it was not there before. */
  forget(): Promise<void>;
  /** Ends the attempt. */
  readonly signal: AbortSignal;
}

/** Answers a device that joins by `stream`. Resolves when the stream has ended. */
export async function answerPairing(stream: Stream, side: HostSide): Promise<void> {
  let transcript: PairingTranscript | undefined;
  let invitation: Invitation | undefined;
  let peer: Introduction | undefined;
  const channel = channelOf(stream, {
    "pair.begin": ({ nonce }) => {
      // A second beginning would make room for a second guess.
      if (transcript !== undefined) throw outOfTurn();
      const hostNonce = pairingNonce();
      transcript = { joinerKey: side.peerKey, hostKey: side.ownKey, joinerNonce: nonce, hostNonce };
      return { nonce: hostNonce };
    },
    "pair.prove": async ({ mac, name, addresses, chosen }) => {
      const known = transcript;
      if (known === undefined || invitation !== undefined) throw outOfTurn();
      transcript = undefined;
      const proved = await side.invitations.prove(
        side.peer,
        side.address,
        mac,
        (token) => pairingProof("join", token, known),
      );
      invitation = proved;
      checkDeviceName(name);
      peer = { name: side.called({ name, chosen }), addresses };
      return { mac: await pairingProof("host", proved.token, known), ...side.own };
    },
    "pair.finish": async () => {
      if (peer === undefined || invitation === undefined) throw outOfTurn();
      const joined = peer;
      peer = undefined;
      await side.store(joined, invitation);
      side.invitations.use(invitation);
      return {};
    },
  });
  await channel.closed;
  if (invitation !== undefined) side.invitations.release(invitation);
}

/**
 * Joins the device at the other end of `stream`; resolves when both have stored each other. If the last answer is lost,
 * this device forgets the other, which may have stored it: it joins again with a new code.
 *
 * @throws {GhostError} `PAIRING_FAILED`, `NAME_TAKEN` or `INVALID_NAME` with the reason; `CONNECTION_LOST`; `CANCELLED`.
 */
export async function joinByPairing(stream: Stream, side: JoinerSide): Promise<void> {
  const { signal } = side;
  const channel = channelOf(stream, {});
  try {
    const joinerNonce = pairingNonce();
    const { nonce: hostNonce } = await request(channel, "pair.begin", { nonce: joinerNonce }, { signal });
    const transcript = { joinerKey: side.ownKey, hostKey: side.peerKey, joinerNonce, hostNonce };
    const mac = await pairingProof("join", side.token, transcript);
    const host = await request(channel, "pair.prove", { mac, ...side.own }, { signal });
    if (!timingSafeEqual(host.mac, await pairingProof("host", side.token, transcript))) {
      throw new GhostError("PAIRING_FAILED", "Cannot pair: the other device does not know the code");
    }
    await side.store({ name: side.called(host), addresses: host.addresses });
    try {
      await request(channel, "pair.finish", {}, { signal });
    } catch (error) {
      await side.forget();
      throw error;
    }
  } finally {
    await channel.close();
  }
}

function channelOf(stream: Stream, handlers: Handlers): Channel {
  const transport = new StreamTransport(stream);
  const decoder = new FrameDecoder(PAIRING_CAPS, false);
  const timer = new Timer(PAIRING_TIME, () => {
    channel.abort(new GhostError("PAIRING_FAILED", "Cannot pair: the other device does not answer"));
  });
  const channel: Channel = new Channel({ transport, decoder }, {
    handlers: answering(handlers),
    ended: () => timer.cancel(),
  });
  return channel;
}

function outOfTurn(): GhostError {
  return new GhostError("BAD_REQUEST", "Cannot pair: the request is out of turn");
}
