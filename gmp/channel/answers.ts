import { type Body, checkBody, encodeBody } from "../frames/body.ts";
import { CONNECTION_BUDGET } from "../frames/budget.ts";
import type { Channel } from "./channel.ts";
import { type Frame, payloadOf } from "../frames/decoder.ts";
import { GhostError } from "../errors.ts";
import { Flag, Kind } from "../frames/frame.ts";
import { DataQueue, type IncomingRequest, type RequestHandler, type RequestHandlers } from "./incoming.ts";
import { MESSAGES } from "../messages/messages.ts";
import { operationName } from "../messages/operations.ts";

/** Requests of the other side that may be under way at one time. */
const REQUEST_LIMIT = 1024;
/** Bytes that a request under way takes beside its body, for its queue, its signal and its handler. */
const REQUEST_COST = 4096;

interface Incoming {
  data: DataQueue;
  abort: AbortController;
  /** Bytes that are charged for it. */
  cost: number;
  /** Whether its reply went out ahead of DATA. */
  answered: boolean;
}

/** The answering half of a {@linkcode Channel}: the requests of the other side that are under way. */
export class Answers {
  readonly #channel: Channel;
  readonly #handlers: RequestHandlers;
  /** By id; `undefined` while there are none, since most of a daemon's connections are idle. */
  #incoming: Map<number, Incoming> | undefined;

  /** Answers the requests on `channel` with `handlers`. */
  constructor(channel: Channel, handlers: RequestHandlers) {
    this.#channel = channel;
    this.#handlers = handlers;
  }

  /** Takes a REQUEST. @throws {GhostError} `BAD_REQUEST` for id 0 or one that is in use, which ends the connection. */
  take(frame: Frame): void {
    const { id } = frame;
    if (id === 0) throw withoutId("request");
    if (this.#incoming?.has(id)) {
      throw new GhostError("BAD_REQUEST", `Cannot take a request: id ${id} is in use`);
    }
    try {
      this.#start(frame);
    } catch (error) {
      this.#channel.sendError(id, GhostError.from(error));
    }
  }

  /** The queue for DATA of request `id`, as long as more is to come. */
  upload(id: number): DataQueue | undefined {
    const data = this.#incoming?.get(id)?.data;
    return data?.open ? data : undefined;
  }

  /** Cancels request `id`: false when there is none. */
  cancel(id: number): boolean {
    const incoming = this.#incoming?.get(id);
    if (incoming !== undefined) stop(incoming, new GhostError("CANCELLED"));
    return incoming !== undefined;
  }

  /** Ends all requests with `error`: the connection has ended. */
  end(error: GhostError): void {
    for (const incoming of this.#incoming?.values() ?? []) stop(incoming, error);
  }

  #start(frame: Frame): void {
    const { id } = frame;
    const operation = operationName(frame.operation);
    const handler = operation && this.#handlers[operation];
    if (operation === undefined || handler === undefined) {
      throw new GhostError(
        "UNKNOWN_OPERATION",
        `Cannot answer: operation ${frame.operation} is not known here`,
      );
    }
    if ((this.#incoming?.size ?? 0) >= REQUEST_LIMIT) {
      throw new GhostError("TOO_MANY_REQUESTS", `Cannot take a request: ${REQUEST_LIMIT} are under way`);
    }
    const more = (frame.flags & Flag.MORE) !== 0;
    const { known, takesData } = MESSAGES[operation];
    if (more && !takesData) {
      throw new GhostError("BAD_REQUEST", `Cannot answer: ${operation} takes no DATA`);
    }
    const channel = this.#channel;
    const { budget } = channel;
    const checked = checkBody(payloadOf(frame), known);
    const cost = REQUEST_COST + checked.cost;
    if (!budget.fits(cost)) {
      throw new GhostError(
        "TOO_MANY_REQUESTS",
        `Cannot take a request: this connection has ${CONNECTION_BUDGET} bytes held for it`,
      );
    }
    const body = checked.decode();
    const incoming: Incoming = {
      data: new DataQueue(budget),
      abort: new AbortController(),
      cost,
      answered: false,
    };
    if (!more) incoming.data.push(new Uint8Array(0), true);
    (this.#incoming ??= new Map()).set(id, incoming);
    budget.take(cost);
    const request: IncomingRequest = {
      operation,
      id,
      body,
      data: incoming.data,
      signal: incoming.abort.signal,
      channel,
      send: (bytes, flags) => channel.sendData(id, bytes, flags),
      head: (reply) => {
        incoming.answered = true;
        this.#reply(id, reply, Flag.MORE);
      },
    };
    this.#answer(handler, request, incoming);
  }

  async #answer(handler: RequestHandler, request: IncomingRequest, incoming: Incoming): Promise<void> {
    const { id } = request;
    try {
      const result = handler(request);
      const reply = result instanceof Promise ? await result : result;
      if (!incoming.answered) this.#reply(id, reply, 0);
    } catch (error) {
      this.#channel.sendError(id, GhostError.from(error));
    } finally {
      this.#incoming!.delete(id);
      if (this.#incoming!.size === 0) this.#incoming = undefined;
      incoming.data.discard();
      this.#channel.budget.give(incoming.cost);
      this.#channel.checkOutbox();
    }
  }

  #reply(id: number, reply: Body, flags: number): void {
    if (this.#channel.open) this.#channel.outbox.append(Kind.REPLY, flags, 0, id, encodeBody(reply));
  }
}

/** The error for a REQUEST or CALL under id 0: an ERROR under it would be about the connection. */
export function withoutId(what: "request" | "call"): GhostError {
  return new GhostError("BAD_REQUEST", `Cannot take a ${what}: its id is 0, which is the connection's own`);
}

function stop({ data, abort }: Incoming, error: GhostError): void {
  data.fail(error);
  abort.abort(error);
}
