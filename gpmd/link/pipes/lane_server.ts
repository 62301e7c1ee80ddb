import type { Socket } from "node:net";
import { createServer, type Server, type TlsOptions, type TLSSocket } from "node:tls";
import { GhostError } from "../../../gmp/errors.ts";
import { systemFault } from "../../../gmp/system_fault.ts";
import type { LaneCertificate, OwnCertificate } from "./lane_certificate.ts";
import { LaneDoor } from "./lane_door.ts";
import type { PipeEnd } from "./pipe_end.ts";
import { SocketEnd } from "./socket_end.ts";

/** The byte that a server of lanes sends first: the certificate is that of a device it trusts, and it speaks version 1. */
export const LANE_READY = 1;

/** What a {@linkcode LaneServer} needs. */
interface LaneServerOptions {
  /** This device's certificate. */
  readonly own: OwnCertificate;
  /** Called with each connection of a device that is trusted; the token of a pipe is the first that comes. */
  serve(device: string, end: PipeEnd): void;
  /** Whether somebody at `address` may connect at all; by default everybody. */
  admits?(address: string): boolean;
  /** Milliseconds that a connection has to show its certificate; 5000. */
  readonly time?: number;
}

/**
 * Takes connections of other devices over TLS 1.3 in which both sides show certificates: those that were exchanged over
 * the authenticated channel between the links, each for one run. `Deno.listenTls` asks for no client certificate.
 */
export class LaneServer {
  readonly #options: LaneServerOptions;
  readonly #server: Server;
  readonly #door: LaneDoor;
  readonly #devices = new Map<string, LaneCertificate>();
  /** Connections under TLS by the other side's address. */
  readonly #raw = new Map<string, Socket>();

  /** A server that trusts nobody yet. */
  constructor(options: LaneServerOptions) {
    this.#options = options;
    this.#door = new LaneDoor(options.time);
    const halfOpen = { allowHalfOpen: true }; // which the types do not have
    this.#server = createServer({ ...this.#context(), ...halfOpen });
    this.#server.on("connection", (socket: Socket) => this.#admit(socket));
    this.#server.on("secureConnection", (socket: TLSSocket) => this.#enter(socket));
    this.#server.on("tlsClientError", (_error: Error, socket: TLSSocket) => socket.destroy());
  }

  /** How many connections have not shown a certificate yet. */
  get waiting(): number {
    return this.#door.waiting;
  }

  /**
   * Listens at `port`, or any for 0, of `hostname`, and returns its number.
   *
   * @throws {GhostError} `PORT_IN_USE`, `RESOURCE_EXHAUSTED`, or `BAD_ARGUMENTS` when the system refuses.
   */
  async listen(hostname: string, port: number): Promise<number> {
    try {
      await new Promise<void>((resolve, reject) => {
        this.#server.once("error", reject);
        this.#server.listen({ host: hostname, port }, resolve);
      });
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") {
        throw new GhostError("PORT_IN_USE", `Cannot open lanes: port ${port} is held by another program`, {
          cause: error,
        });
      }
      throw systemFault("BAD_ARGUMENTS", `open lanes at port ${port}`, error);
    }
    const address = this.#server.address();
    return address === null || typeof address === "string" ? 0 : address.port;
  }

  /** From now on `device` may connect with `certificate`, and with no other. */
  trust(device: string, certificate: LaneCertificate): void {
    const known = this.#devices.get(device);
    if (known !== undefined && isSame(known.certificate, certificate.certificate)) return;
    this.#devices.set(device, certificate);
    this.#server.setSecureContext(this.#context());
  }

  /** From now on `device` may not connect; connections that it has go on. */
  distrust(device: string): void {
    if (this.#devices.delete(device)) this.#server.setSecureContext(this.#context());
  }

  /** Listens no more and closes who has shown no certificate; resolves when all its connections have ended. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#door.close();
    await closed;
  }

  #context(): TlsOptions {
    const { own } = this.#options;
    return {
      cert: own.pem,
      key: own.key,
      // Never empty: then those of public authorities would do.
      ca: [own.pem, ...Array.from(this.#devices.values(), ({ pem }) => pem)],
      requestCert: true,
      rejectUnauthorized: true,
      minVersion: "TLSv1.3",
    };
  }

  #admit(socket: Socket): void {
    const { admits } = this.#options;
    if (admits !== undefined && !admits(socket.remoteAddress ?? "")) {
      socket.destroy();
      return;
    }
    socket.setNoDelay(true);
    const key = addressOf(socket);
    this.#raw.set(key, socket);
    socket.once("close", () => {
      if (this.#raw.get(key) === socket) this.#raw.delete(key);
    });
    this.#door.enter(socket);
  }

  #enter(socket: TLSSocket): void {
    const raw = this.#raw.get(addressOf(socket));
    if (raw !== undefined) this.#door.leave(raw);
    const device = socket.authorized ? this.#deviceOf(socket.getPeerCertificate().raw) : undefined;
    if (raw === undefined || device === undefined) {
      raw?.destroy();
      socket.destroy();
      return;
    }
    const end = new SocketEnd(socket, raw);
    end.send(Uint8Array.of(LANE_READY));
    this.#options.serve(device, end);
  }

  /** Whose certificate that is; one that two devices have proved, which share a key, is nobody's. */
  #deviceOf(certificate: Uint8Array | undefined): string | undefined {
    if (certificate === undefined) return undefined;
    const devices = Array.from(this.#devices).filter(([, known]) => isSame(known.certificate, certificate));
    return devices.length === 1 ? devices[0]![0] : undefined;
  }
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, i) => byte === other[i]);
}

function addressOf(socket: Socket): string {
  return `${socket.remoteAddress} ${socket.remotePort}`;
}
