import { GhostError } from "../../../gmp/errors.ts";
import { dialLane } from "./dial_lane.ts";
import {
  checkProof,
  type LaneCertificate,
  makeCertificate,
  type OwnCertificate,
  readCertificate,
} from "./lane_certificate.ts";
import { LaneServer } from "./lane_server.ts";
import type { PipeEnd } from "./pipe_end.ts";

/** What one link tells another of its lanes, over their authenticated channel (docs/protocol.md, "Between the links of two devices"). */
export interface LaneOffer {
  /** Its certificate, for this run. */
  readonly certificate: Uint8Array;
  /** The port at which it takes lanes; 0 when it takes none. */
  readonly port: number;
  /** The proof, for the other device alone, that it has the certificate's key. */
  readonly proof: Uint8Array;
}

/** What {@linkcode Lanes} need. */
interface LanesOptions {
  /** This device's id, as others know it. */
  readonly id: string;
  /** Where to listen. */
  readonly hostname: string;
  /** The port; 0 lets the system choose. */
  readonly port: number;
  /** Called with each lane of another device; the token of a pipe is the first that comes. */
  serve(device: string, end: PipeEnd): void;
  /** Whether somebody at `address` may connect at all; by default everybody. */
  admits?(address: string): boolean;
  /** Told when it cannot listen. Then this device only dials. */
  fault(error: GhostError): void;
}

/**
 * Lanes between this device and others: connections of their own over mutual TLS, each for one pipe. What a call takes
 * through one was measured to be two fifths of what it takes over a stream of libp2p.
 *
 * Both sides ask once they have a channel, and answer each other: who answers trusts the asker from then on, so whoever
 * has the answer may dial.
 */
export class Lanes {
  readonly #id: string;
  readonly #own: OwnCertificate;
  readonly #server: LaneServer;
  readonly #peers = new Map<string, { readonly certificate: LaneCertificate; readonly port: number }>();
  #port = 0;

  private constructor(own: OwnCertificate, options: LanesOptions) {
    this.#id = options.id;
    this.#own = own;
    const { serve, admits } = options;
    this.#server = new LaneServer({ own, serve, ...admits === undefined ? {} : { admits } });
  }

  /** Makes a certificate and listens. */
  static async open(options: LanesOptions): Promise<Lanes> {
    const lanes = new Lanes(await makeCertificate(), options);
    try {
      lanes.#port = await lanes.#server.listen(options.hostname, options.port);
    } catch (error) {
      options.fault(GhostError.from(error));
    }
    return lanes;
  }

  /** The port at which this device takes lanes; 0 when it takes none. */
  get port(): number {
    return this.#port;
  }

  /** What to ask `device` with. */
  async offerTo(device: string): Promise<LaneOffer> {
    const proof = await this.#own.prove(this.#id, device);
    return { certificate: this.#own.certificate, port: this.#port, proof };
  }

  /**
   * Answers `device`, which may dial from then on.
   *
   * @throws {GhostError} `BAD_REQUEST` when its certificate is none of a lane, or not its own.
   */
  async answer(device: string, offer: LaneOffer): Promise<LaneOffer> {
    this.#server.trust(device, await this.#certificateOf(device, offer));
    return await this.offerTo(device);
  }

  /**
   * Takes the answer of `device`, which may be dialled from then on.
   *
   * @throws {GhostError} `BAD_REQUEST` when its certificate is none of a lane, or not its own.
   */
  async learn(device: string, offer: LaneOffer): Promise<void> {
    this.#peers.set(device, { certificate: await this.#certificateOf(device, offer), port: offer.port });
  }

  /** The port at which `device` takes lanes; nothing when it has offered none. */
  portOf(device: string): number | undefined {
    return this.#peers.get(device)?.port || undefined;
  }

  /** Forgets `device`: there is no channel to it any more. Lanes that are open go on. */
  forget(device: string): void {
    this.#peers.delete(device);
    this.#server.distrust(device);
  }

  /**
   * Opens a lane to `device` at one of `addresses`, which may be dialled.
   *
   * @throws {GhostError} `DEVICE_UNREACHABLE` when it has offered none, or none can be opened.
   */
  async dial(device: string, addresses: readonly string[]): Promise<PipeEnd> {
    const peer = this.#peers.get(device);
    if (peer === undefined || peer.port === 0) {
      throw new GhostError("DEVICE_UNREACHABLE", "Cannot open a lane: the device has offered none");
    }
    return await dialLane({ own: this.#own, peer: peer.certificate, addresses, port: peer.port });
  }

  /** Listens no more; resolves when all lanes that others have opened have ended. */
  async close(): Promise<void> {
    await this.#server.close();
  }

  async #certificateOf(device: string, { certificate, proof }: LaneOffer): Promise<LaneCertificate> {
    const read = await readCertificate(certificate);
    await checkProof(read, proof, device, this.#id);
    return read;
  }
}
