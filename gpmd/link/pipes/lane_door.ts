import type { Socket } from "node:net";
import { Timer } from "../../../gmp/async/timer.ts";

/** Milliseconds that a connection has to show its certificate; it takes ten, over a bad network a few hundred. */
const LANE_HANDSHAKE_TIME = 5000;
/** Connections that have not yet; beyond it the oldest is closed. */
const LANE_HANDSHAKE_LIMIT = 64;

/**
 * Connections to a lane that have not shown their certificate yet: anybody on the network may make some. Those that say
 * nothing cost a place for some seconds, and beyond a limit the oldest makes room: whoever is paired is through in
 * milliseconds.
 */
export class LaneDoor {
  readonly #time: number;
  readonly #waiting = new Map<Socket, Timer>();

  /** A door at which connections may wait `time` milliseconds. */
  constructor(time: number = LANE_HANDSHAKE_TIME) {
    this.#time = time;
  }

  /** How many wait. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** `socket` waits from now on, until `leave`, its end or the time is over. */
  enter(socket: Socket): void {
    // Closing the connection under TLS is what gives its descriptor back: TLS itself would wait for the other side.
    this.#waiting.set(socket, new Timer(this.#time, () => socket.destroy()));
    socket.once("close", () => this.leave(socket));
    if (this.#waiting.size <= LANE_HANDSHAKE_LIMIT) return;
    const [oldest] = this.#waiting.keys();
    this.leave(oldest!);
    oldest!.destroy();
  }

  /** `socket` waits no more. */
  leave(socket: Socket): void {
    this.#waiting.get(socket)?.cancel();
    this.#waiting.delete(socket);
  }

  /** Closes all that wait. */
  close(): void {
    for (const socket of this.#waiting.keys()) socket.destroy();
  }
}
