import { connect } from "node:net";
import { connect as connectTls } from "node:tls";
import { GhostError } from "../../../gmp/errors.ts";
import type { LaneCertificate, OwnCertificate } from "./lane_certificate.ts";
import { LANE_READY } from "./lane_server.ts";
import type { PipeEnd } from "./pipe_end.ts";
import { SocketEnd } from "./socket_end.ts";
import { startOf } from "./start_of.ts";

/** Milliseconds in which a lane must be open: where it cannot be, calls wait this long before they go another way. */
const LANE_DIAL_TIME = 2000;
/** Addresses of a device that are dialled at once. */
const MAX_LANE_ADDRESSES = 8;

/** Where a lane is, and between whom. */
export interface LaneDialOptions {
  /** This device's certificate. */
  readonly own: OwnCertificate;
  /** That of the device to reach. */
  readonly peer: LaneCertificate;
  /** Its addresses, which may be dialled; the first eight are, all at once, and the quickest is taken. */
  readonly addresses: readonly string[];
  /** Its port for lanes. */
  readonly port: number;
  /** Milliseconds that it may take; 2000. */
  readonly time?: number;
}

/**
 * Opens a lane to another device. It resolves once the other side has said that it trusts our certificate: of TLS 1.3
 * alone a client hears nothing of it.
 *
 * @throws {GhostError} `DEVICE_UNREACHABLE` when no address answers as that device in time.
 */
export async function dialLane({ addresses, ...options }: LaneDialOptions): Promise<PipeEnd> {
  const attempts = addresses.slice(0, MAX_LANE_ADDRESSES).map((address) => new Attempt(address, options));
  try {
    const first = await Promise.any(attempts.map((attempt) => attempt.ready));
    return first.win();
  } catch (cause) {
    throw new GhostError(
      "DEVICE_UNREACHABLE",
      "Cannot open a lane: no address of the device answers as that device",
      { cause },
    );
  } finally {
    for (const attempt of attempts) attempt.give();
  }
}

/** A lane to one address. */
class Attempt {
  /** Resolves to this when the other side is ready. */
  readonly ready: Promise<Attempt>;
  readonly #end: SocketEnd;
  #hasWon = false;

  constructor(
    address: string,
    { own, peer, port, time = LANE_DIAL_TIME }: Omit<LaneDialOptions, "addresses">,
  ) {
    const under = connect({ host: address, port, allowHalfOpen: true });
    under.setNoDelay(true);
    const halfOpen = { allowHalfOpen: true }; // which the types do not have
    const socket = connectTls({
      socket: under,
      servername: peer.name,
      ca: [peer.pem],
      cert: own.pem,
      key: own.key,
      minVersion: "TLSv1.3",
      ...halfOpen,
    });
    this.#end = new SocketEnd(socket, under);
    this.ready = startOf(this.#end, 1, time).then(({ start, rest }) => {
      if (!socket.authorized || start[0] !== LANE_READY || rest.length > 0) {
        throw new Error("It is no server of lanes");
      }
      return this;
    });
  }

  /** Its end, which is the caller's. */
  win(): PipeEnd {
    this.#hasWon = true;
    return this.#end;
  }

  /** Closes it unless it has won. */
  give(): void {
    if (!this.#hasWon) this.#end.abort();
  }
}
