import { pause } from "../../gmp/async/pause.ts";
import { untilAborted } from "../../gmp/async/until_aborted.ts";
import { Channel } from "../../gmp/channel/channel.ts";
import { type ErrorCode, GhostError } from "../../gmp/errors.ts";
import type { Authenticated } from "../../gmp/handshake/handshake.ts";
import { dialWithTicket } from "../../gmp/ports/dial_with_ticket.ts";
import { isExhausted } from "../../gmp/system_error.ts";
import { systemFault } from "../../gmp/system_fault.ts";
import type { NextPlace, SessionHome } from "./session_calls.ts";
import { ProvidedImports } from "./provided_imports.ts";
import { SessionConnection } from "./session_connection.ts";

/** How often in a row an executor is dialled: it may have been replaced since its place was given. */
const DIAL_ATTEMPTS = 3;

/**
 * Longest wait, in milliseconds, before redialling an executor whose connections keep breaking before it has
 * answered anything on them.
 */
const LONGEST_BACKOFF = 5000;

/** Why the executor cannot be dialled, when it is on another device. */
const NO_WAY: ReadonlySet<ErrorCode> = new Set([
  "DEVICE_UNREACHABLE",
  "DEVICE_NOT_FOUND",
  "LINK_NOT_RUNNING",
  "GPMD_NOT_RUNNING",
]);

/**
 * The connections of a session to executors, one after the other: dialled when needed, and again when one
 * breaks.
 */
export class SessionConnections {
  readonly #home: SessionHome;
  #connection: SessionConnection | undefined;
  #dialling: Promise<SessionConnection> | undefined;
  /** Broken connections whose calls the home has yet to decide on. */
  readonly #broken = new Set<SessionConnection>();
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
  get current(): SessionConnection | undefined {
    return this.#connection;
  }

  /** An open connection: the present one, or a new one. @throws {GhostError} */
  dial(): Promise<SessionConnection> {
    if (this.#connection?.channel.open) return Promise.resolve(this.#connection);
    this.#dialling ??= this.#dialNow().finally(() => this.#dialling = undefined);
    return this.#dialling;
  }

  /**
   * Call `id` at `executor` was ended with `error`, and the executor with it. New calls go to its successor.
   * Reports about calls that are not under way are ignored.
   */
  stopped(executor: string, id: number, error: GhostError): void {
    for (
      const connection of this.#connection === undefined ? this.#broken : [this.#connection, ...this.#broken]
    ) {
      if (connection.executor !== executor || !connection.stop(id, error)) continue;
      if (this.#connection === connection) this.#leave(connection);
      return;
    }
  }

  /** Ends the connection and rejects whatever waits with `error`. */
  close(error: GhostError): void {
    this.#closed = error;
    this.#ending.abort();
    this.#connection?.channel.close();
    this.#connection = undefined;
  }

  async #dialNow(): Promise<SessionConnection> {
    const wait = backoff(this.#useless);
    if (wait > 0) await pause(wait, this.#ending.signal);
    for (let attempt = 1;; attempt++) {
      if (this.#closed !== undefined) throw this.#closed;
      const place = await this.#place();
      try {
        const { executor, address: { loopback: port }, ticket, isPiped = false } = place;
        const audience = `executor/${executor}` as const;
        const { signal } = this.#ending;
        const authenticated = await dialWithTicket({ port, isPiped, ticket, audience, signal });
        return this.#over(authenticated, place);
      } catch (error) {
        if (this.#closed === undefined && attempt < DIAL_ATTEMPTS) continue;
        this.#useless++;
        throw this.#closed ?? unreachable(error);
      }
    }
  }

  /** Where to dial. @throws {GhostError} as the home does; why the session was closed, as soon as it is. */
  async #place(): Promise<NextPlace> {
    try {
      return await untilAborted(this.#home.place(this.#lost), this.#ending.signal);
    } catch (error) {
      throw this.#closed ?? error;
    }
  }

  #over(authenticated: Authenticated, { executor, restarted, reason }: NextPlace): SessionConnection {
    const imports = this.#home.isOwn === true ? new ProvidedImports() : undefined;
    const channel = new Channel(authenticated, imports === undefined ? {} : { handlers: imports.handlers });
    if (this.#closed !== undefined) {
      channel.close();
      throw this.#closed;
    }
    const connection = this.#connection = new SessionConnection(
      channel,
      executor,
      restarted,
      reason,
      imports,
    );
    channel.closed.then(() => this.#handleBreak(connection));
    return connection;
  }

  #leave(connection: SessionConnection): void {
    if (this.#connection === connection) this.#connection = undefined;
    this.#lost = connection.executor;
    // More of its calls may be stopped before it is seen to break.
    this.#broken.add(connection);
  }

  /** The connection ended: asks the home what became of its calls, and settles them. */
  async #handleBreak(connection: SessionConnection): Promise<void> {
    this.#leave(connection);
    this.#useless = connection.channel.answered ? 0 : this.#useless + 1;
    connection.decide(await this.#verdictOn(connection));
    this.#broken.delete(connection);
  }

  /** Why the calls of a broken connection failed, except those that were stopped. */
  async #verdictOn(connection: SessionConnection): Promise<GhostError> {
    const failure = connection.channel.failure!;
    // An executor that closes idle connections is redialled only when there is something to ask.
    if (!connection.waits && this.#useless > 0) return failure;
    try {
      const { restarted, reason } = await this.dial();
      if (failure.code !== "CONNECTION_LOST") return failure;
      return restarted ? new GhostError("EXECUTOR_RESTARTED", reason) : new GhostError("CONNECTION_LOST");
    } catch (error) {
      if (failure.code !== "CONNECTION_LOST") return failure;
      const why = GhostError.from(error, "CONNECTION_LOST");
      // These say why there is no other connection; of the call itself it is only known that it may have run.
      return NO_WAY.has(why.code) ? new GhostError("CONNECTION_LOST", why.message, { cause: why }) : why;
    }
  }
}

function unreachable(error: unknown): GhostError {
  if (isExhausted(error)) return systemFault("CONNECTION_LOST", "reach the executor", error);
  return new GhostError("CONNECTION_LOST", "Cannot reach the executor", { cause: error });
}

/** Milliseconds to wait after so many useless attempts in a row; none after the first. */
function backoff(useless: number): number {
  return useless <= 1 ? 0 : Math.min(25 * 2 ** useless, LONGEST_BACKOFF);
}
