import type { Channel } from "../../gmp/channel/channel.ts";
import { GhostError } from "../../gmp/errors.ts";
import { ask, type AskOptions } from "../../gmp/channel/messages.ts";
import type { ReceivedReply, Request } from "../../gmp/messages/messages.ts";
import type { OperationName } from "../../gmp/messages/operations.ts";
import { isOwn, ownError, rejection } from "../../gmp/own_error.ts";
import type { ProvidedImports } from "./provided_imports.ts";
import { CallerResources } from "./resource.ts";

/**
 * Connections are numbered across all sessions of a process, so that a reference cannot mistake one for
 * another.
 */
let generations = 0;

/** Most abandoned calls of one connection that are remembered until their end is known. */
const GIVEN_UP_LIMIT = 1024;

/** One connection of a session to an executor, and the calls that are under way when it breaks. */
export class SessionConnection {
  /** The connection's number, unique in this process. */
  readonly generation: number = ++generations;
  /** Requests under way that are not calls. */
  #asking = 0;
  readonly #undecided = new Map<number, (error: GhostError) => void>();
  readonly #givenUp = new Set<number>();
  /** Requests that were ended after the break and before whoever asked has said so by {@linkcode undecided}. */
  readonly #stopped = new Map<number, GhostError>();
  #verdict: GhostError | undefined;
  /** By the hash of their module. */
  readonly #resources = new Map<string, CallerResources>();

  /**
   * A connection over `channel` to `executor`; `restarted` if that replaced another executor, for `reason` if
   * that is known.
   */
  constructor(
    readonly channel: Channel,
    readonly executor: string,
    readonly restarted: boolean,
    readonly reason: string | undefined,
    /** What the program provides over it, if it may. */
    readonly imports?: ProvidedImports | undefined,
  ) {}

  /** True if `error` only says that the connection broke: the home then says what became of a call. */
  isBreak(error: unknown): error is GhostError {
    return isOwn(error, this.channel.failure);
  }

  /**
   * The `answer` to request `id`, or what became of it if the connection breaks.
   *
   * @throws {GhostError} what the other side answers, or the home's verdict.
   */
  async decided<T>(id: number, answer: Promise<T>): Promise<T> {
    this.#asking++;
    try {
      return await answer;
    } catch (error) {
      if (!this.isBreak(error)) throw error;
      return await new Promise<T>((resolve) => this.undecided(id, (verdict) => resolve(rejection(verdict))));
    } finally {
      this.#asking--;
    }
  }

  /** Call `id` was under way when the connection broke: `fail` is called once its outcome is known. */
  undecided(id: number, fail: (error: GhostError) => void): void {
    const outcome = this.#stopped.get(id) ?? this.#verdict;
    this.#stopped.delete(id);
    if (outcome === undefined) this.#undecided.set(id, fail);
    else fail(ownError(outcome));
  }

  /** The resources of the module with that hash that are in this session. */
  resources(hash: string): CallerResources {
    let resources = this.#resources.get(hash);
    if (resources === undefined) {
      const drop = async (handle: number) => {
        try {
          await askExecutor(this, "resource.drop", { handles: [handle] });
        } catch (error) {
          // It ended with its instance or with a call that failed, or with the whole session.
          const isGone = error instanceof GhostError && error.code === "RESOURCE_GONE" ||
            isOwn(error, this.#verdict);
          if (!isGone) throw error;
        }
      };
      this.#resources.set(hash, resources = new CallerResources(() => this.channel.open, drop));
    }
    return resources;
  }

  /** True while the outcome of any call is unknown. */
  get waits(): boolean {
    return this.#asking > 0 || this.#undecided.size > 0;
  }

  /** Stops waiting for the cancelled call `id`: its executor may yet be ended for it. */
  giveUp(id: number, error: GhostError): void {
    if (this.channel.abandon(id, error, true)) this.gaveUp(id);
  }

  /** Nobody waits for the cancelled call `id` any more: its executor may yet be ended for it. */
  gaveUp(id: number): void {
    this.#givenUp.add(id);
    if (this.#givenUp.size > GIVEN_UP_LIMIT) this.#givenUp.delete(this.#givenUp.values().next().value!);
  }

  /** Call `id` was ended with `error`: false if no such call is under way. */
  stop(id: number, error: GhostError): boolean {
    if (this.channel.abandon(id, error, true) || this.#givenUp.delete(id)) return true;
    const fail = this.#undecided.get(id);
    this.#undecided.delete(id);
    fail?.(error);
    return fail !== undefined || this.#stopsLater(id, error);
  }

  /** Remembers `error` for a request that broke with the connection a moment ago; for no more than were under way. */
  #stopsLater(id: number, error: GhostError): boolean {
    if (this.channel.open || this.#verdict !== undefined) return false;
    if (this.#stopped.size >= this.#asking) return false;
    this.#stopped.set(id, error);
    return true;
  }

  /** Fails with `verdict` all calls whose outcome is unknown, and any that follow. */
  decide(verdict: GhostError): void {
    this.#verdict = verdict;
    for (const fail of this.#undecided.values()) fail(ownError(verdict));
    this.#undecided.clear();
  }
}

/** Asks the executor over `connection`. @throws {GhostError} as {@linkcode SessionConnection.decided}. */
export function askExecutor<Name extends OperationName>(
  connection: SessionConnection,
  name: Name,
  fields: Request<Name>,
  options?: AskOptions<Name>,
): Promise<ReceivedReply<Name>> {
  const { id, reply } = ask(connection.channel, name, fields, options);
  return connection.decided(id, reply);
}
