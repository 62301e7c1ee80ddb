import { pause } from "../../gmp/async/pause.ts";
import { Channel } from "../../gmp/channel/channel.ts";
import { GhostError } from "../../gmp/errors.ts";
import type { Authenticated } from "../../gmp/handshake/handshake.ts";
import { dialWithTicket } from "../../gmp/ports/dial_with_ticket.ts";
import type { NextPlace, SessionHome } from "./session_calls.ts";
import { SessionLine } from "./session_line.ts";

/** How often in a row an executor is dialled: it may have been replaced since its place was given. */
const DIAL_ATTEMPTS = 3;

/**
 * Longest wait, in milliseconds, before redialling an executor whose connections keep breaking before it has
 * answered anything on them.
 */
const LONGEST_BACKOFF = 5000;

/**
 * The connections of a session to executors, one after the other: dialled when needed, and again when one
 * breaks.
 */
export class SessionLines {
  readonly #home: SessionHome;
  #line: SessionLine | undefined;
  #dialling: Promise<SessionLine> | undefined;
  /** Broken connections whose calls the home has yet to decide on. */
  readonly #broken = new Set<SessionLine>();
  /** The executor whose connection broke last. */
  #lost: string | undefined;
  /** Connections in a row, or attempts to make one, that were of no use. */
  #useless = 0;
  #closed: GhostError | undefined;
  readonly #ending = new AbortController();

  /** Connects to where `home` says. */
  constructor(home: SessionHome) {
    this.#home = home;
  }

  /** The latest connection, whether or not it is still open. */
  get current(): SessionLine | undefined {
    return this.#line;
  }

  /** An open connection: the present one, or a new one. @throws {GhostError} */
  dial(): Promise<SessionLine> {
    if (this.#line?.channel.open) return Promise.resolve(this.#line);
    this.#dialling ??= this.#dialNow().finally(() => this.#dialling = undefined);
    return this.#dialling;
  }

  /**
   * Call `id` at `executor` was ended with `error`, and the executor with it. New calls go to its successor.
   * Reports about calls that are not under way are ignored.
   */
  stopped(executor: string, id: number, error: GhostError): void {
    for (const line of this.#line === undefined ? this.#broken : [this.#line, ...this.#broken]) {
      if (line.executor !== executor || !line.stop(id, error)) continue;
      if (this.#line === line) this.#leave(line);
      return;
    }
  }

  /** Ends the connection and rejects whatever waits with `error`. */
  close(error: GhostError): void {
    this.#closed = error;
    this.#ending.abort();
    this.#line?.channel.close();
    this.#line = undefined;
  }

  async #dialNow(): Promise<SessionLine> {
    const wait = backoff(this.#useless);
    if (wait > 0) await pause(wait, this.#ending.signal);
    for (let attempt = 1;; attempt++) {
      if (this.#closed !== undefined) throw this.#closed;
      const place = await this.#home.place(this.#lost);
      try {
        const { executor, address: { loopback: port }, ticket } = place;
        const connection = await dialWithTicket({ port, ticket, audience: `executor/${executor}` });
        return this.#lineOver(connection, place);
      } catch (error) {
        if (this.#closed === undefined && attempt < DIAL_ATTEMPTS) continue;
        this.#useless++;
        throw this.#closed ??
          new GhostError("CONNECTION_LOST", "Cannot reach the executor", { cause: error });
      }
    }
  }

  #lineOver(connection: Authenticated, { executor, restarted, reason }: NextPlace): SessionLine {
    const channel = new Channel(connection);
    if (this.#closed !== undefined) {
      channel.close();
      throw this.#closed;
    }
    const line = this.#line = new SessionLine(channel, executor, restarted, reason);
    channel.closed.then(() => this.#takeBreak(line));
    return line;
  }

  #leave(line: SessionLine): void {
    if (this.#line === line) this.#line = undefined;
    this.#lost = line.executor;
    // More of its calls may be stopped before it is seen to break.
    this.#broken.add(line);
  }

  /** The connection ended: asks the home what became of its calls, and settles them. */
  async #takeBreak(line: SessionLine): Promise<void> {
    this.#leave(line);
    this.#useless = line.channel.answered ? 0 : this.#useless + 1;
    line.decide(await this.#verdictOn(line));
    this.#broken.delete(line);
  }

  /** Why the calls of a broken connection failed, except those that were stopped. */
  async #verdictOn(line: SessionLine): Promise<GhostError> {
    const failure = line.channel.failure!;
    // An executor that closes idle connections is redialled only when there is something to ask.
    if (!line.waits && this.#useless > 0) return failure;
    try {
      const { restarted, reason } = await this.dial();
      if (failure.code !== "CONNECTION_LOST") return failure;
      return restarted ? new GhostError("EXECUTOR_RESTARTED", reason) : new GhostError("CONNECTION_LOST");
    } catch (error) {
      return failure.code === "CONNECTION_LOST" ? GhostError.from(error, "CONNECTION_LOST") : failure;
    }
  }
}

/** Milliseconds to wait after so many useless attempts in a row; none after the first. */
function backoff(useless: number): number {
  return useless <= 1 ? 0 : Math.min(25 * 2 ** useless, LONGEST_BACKOFF);
}
