import { createServer, type Server } from "node:net";
import { Timer } from "../../../gmp/async/timer.ts";
import { GhostError } from "../../../gmp/errors.ts";
import type { PipeEnd } from "./pipe_end.ts";
import { SocketEnd } from "./socket_end.ts";

/** Milliseconds that a port waits for its connection, as long as the ticket that goes with it. */
const ONE_SHOT_TIME = 30_000;
/** Ports of a process that wait at once; each has a descriptor. */
const ONE_SHOT_LIMIT = 1024;

/** A port that waits for its connection. */
interface OneShotPort {
  /** Its number. */
  readonly number: number;
  /** Closes it, unless its connection has come. */
  abort(): void;
}

/**
 * Ports on 127.0.0.1 that each serve a single connection and are closed then. Whoever comes first has it: the GMP
 * handshake behind it authenticates, and a stranger's connection costs only that port.
 */
export class OneShotPorts {
  readonly #time: number;
  readonly #waiting = new Map<Server, { readonly timer: Timer; readonly abort: () => void }>();

  /** Ports that wait `time` milliseconds. */
  constructor(time: number = ONE_SHOT_TIME) {
    this.#time = time;
  }

  /** How many wait for their connection. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /**
   * Opens a port, any. Its only connection goes to `take`; if it is closed before, or none comes in time, `unused` is
   * called.
   *
   * @throws {GhostError} `TOO_MANY_CONNECTIONS` when too many wait; `RESOURCE_EXHAUSTED`.
   */
  async open(take: (end: PipeEnd) => void, unused: () => void): Promise<OneShotPort> {
    if (this.#waiting.size >= ONE_SHOT_LIMIT) {
      throw new GhostError(
        "TOO_MANY_CONNECTIONS",
        `Cannot open a port: ${ONE_SHOT_LIMIT} wait to be used already`,
      );
    }
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true });
    const close = () => {
      this.#waiting.get(server)?.timer.cancel();
      server.close();
      return this.#waiting.delete(server);
    };
    const closeUnused = () => {
      if (close()) unused();
    };
    this.#waiting.set(server, { timer: new Timer(this.#time, closeUnused), abort: closeUnused });
    server.on("connection", (socket) => {
      if (close()) take(new SocketEnd(socket));
      else socket.destroy(); // it was queued before the port closed
    });
    try {
      await new Promise<void>((resolve, reject) => {
        server.once("error", reject);
        server.listen({ host: "127.0.0.1", port: 0 }, resolve);
      });
    } catch (error) {
      close();
      throw GhostError.from(error);
    }
    const address = server.address();
    if (address === null || typeof address === "string") throw new GhostError("CANCELLED"); // closed meanwhile
    return { number: address.port, abort: closeUnused };
  }

  /** Closes all that wait. */
  close(): void {
    for (const { abort } of this.#waiting.values()) abort();
  }
}
