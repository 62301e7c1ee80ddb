import { CONNECTION_BUDGET } from "../frames/budget.ts";
import type { Channel } from "./channel.ts";
import { type Frame, payloadOf } from "../frames/decoder.ts";
import { GhostError } from "../errors.ts";
import { Flag, Kind } from "../frames/frame.ts";
import { Gathering } from "./gathering.ts";
import { ValueSender, WHOLE_VALUES } from "./value_sender.ts";

/** What a channel does with a whole CALL or RESULT. */
interface Takers {
  call(frame: Frame): void;
  answer(frame: Frame): void;
}

/** The CALLs and RESULTs of a {@linkcode Channel} that are longer than a frame, in both directions. */
export class Values {
  readonly #channel: Channel;
  readonly #take: Takers;
  /** Made with the first of each. */
  #calls: Gathering | undefined;
  #results: Gathering | undefined;
  #sender: ValueSender | undefined;

  /** Passes what came for `channel` to `take`. */
  constructor(channel: Channel, take: Takers) {
    this.#channel = channel;
    this.#take = take;
  }

  /** Sends a CALL. The bytes are not copied if they are longer than a frame. */
  call(id: number, payload: Uint8Array): void {
    if (payload.length <= WHOLE_VALUES) this.#channel.outbox.append(Kind.CALL, 0, 0, id, payload);
    else this.#sending().send(Kind.CALL, id, payload);
  }

  /**
   * Sends a RESULT in the same way, and resolves when a long one is sent: until then it is charged to the connection.
   *
   * @throws {GhostError} `TOO_MANY_REQUESTS` when too much waits already.
   */
  result(id: number, payload: Uint8Array): Promise<void> | undefined {
    const { outbox, budget } = this.#channel;
    if (payload.length <= WHOLE_VALUES) return void outbox.append(Kind.RESULT, 0, 0, id, payload);
    if (budget.fits(payload.length)) return this.#sending().send(Kind.RESULT, id, payload, budget);
    throw new GhostError(
      "TOO_MANY_REQUESTS",
      `Cannot return the result: this connection has ${CONNECTION_BUDGET} bytes held for it`,
    );
  }

  /**
   * Takes a CALL or RESULT: false if that is all of it.
   *
   * @throws {GhostError} `BAD_REQUEST` for an id of which more is to come, which ends the connection.
   */
  begin(frame: Frame, isWanted: boolean): boolean {
    const { id, kind } = frame;
    const isCall = kind === Kind.CALL;
    if ((isCall ? this.#calls : this.#results)?.has(id)) {
      throw new GhostError("BAD_REQUEST", `Cannot take values: more is to come for id ${id}`);
    }
    if ((frame.flags & Flag.MORE) === 0) return false;
    if (!isWanted) return true;
    const { budget } = this.#channel;
    const gathering = isCall
      ? this.#calls ??= new Gathering(budget)
      : this.#results ??= new Gathering(budget);
    this.#try(isCall, id, () => gathering.begin(frame));
    return true;
  }

  /** Takes DATA if it belongs to a CALL or a RESULT: false if it does not. */
  data(frame: Frame): boolean {
    const { id, flags } = frame;
    const isCall = this.#calls?.has(id) ?? false;
    const gathering = isCall ? this.#calls : this.#results;
    if (!gathering?.has(id)) return false;
    this.#try(isCall, id, () => {
      const whole = gathering.add(id, payloadOf(frame), (flags & Flag.MORE) !== 0);
      if (whole === undefined) return;
      if (isCall) this.#take.call(whole);
      else this.#take.answer(whole);
    });
    return true;
  }

  /** Forgets a CALL of which more is to come: true if there is one. */
  cancel(id: number): boolean {
    if (!this.#calls?.has(id)) return false;
    this.#calls.drop(id);
    this.#channel.sendError(id, new GhostError("CANCELLED"));
    return true;
  }

  /** Forgets what has come: the connection has ended. */
  end(): void {
    this.#calls?.end();
    this.#results?.end();
  }

  /** What cannot be taken is refused, or, if it was asked for, fails. */
  #try(isCall: boolean, id: number, take: () => void): void {
    try {
      take();
    } catch (error) {
      if (isCall) this.#channel.sendError(id, GhostError.from(error));
      else this.#channel.abandon(id, GhostError.from(error), true);
    }
  }

  #sending(): ValueSender {
    return this.#sender ??= new ValueSender(this.#channel);
  }
}
