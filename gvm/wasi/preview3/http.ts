import type { HostFunction, HostInterface } from "../../component/host.ts";
import { HostFuture } from "../../component/host_future.ts";
import { SourceStream } from "../../component/host_streams.ts";
import type { Context } from "../components/context.ts";
import type { HttpBudget } from "../components/http/budget.ts";
import { fieldFunctions, type Fields } from "../components/http/fields.ts";
import { ACCEPTED, accessors, MAX_TEXT } from "../components/http/parts.ts";
import { CLOSED_WHEN_DROPPED } from "../components/resources.ts";
import { err, ok, type Result } from "../components/result.ts";
import { NOTHING, type Outcome, type SentByGuest } from "./streams.ts";

const DENIED: Result<never, { readonly tag: string }> = err({ tag: "HTTP-request-denied" });

/**
 * The interfaces of `wasi:http` that a guest imports, by their names in the package: it can make a request, and is told
 * that it is denied.
 */
export function httpInterfaces({ http: budget }: Context): Record<string, HostInterface> {
  const send = (request: Message) => {
    request.close();
    return DENIED;
  };
  return {
    types: {
      functions: {
        ...fieldFunctions(budget, "copy-all"),
        ...requestFunctions(budget),
        ...responseFunctions(budget),
        ...optionsFunctions(budget),
      },
      resources: {
        fields: CLOSED_WHEN_DROPPED,
        request: CLOSED_WHEN_DROPPED,
        response: CLOSED_WHEN_DROPPED,
        "request-options": CLOSED_WHEN_DROPPED,
      },
    },
    client: { functions: { send } },
    handler: { functions: { handle: send } },
  };
}

/** A request or a response that a guest has made. Nobody but itself ever reads its body. */
class Message {
  /** Whether it has been transmitted. */
  readonly sent = new HostFuture();
  readonly #taken: number;
  #isOver = false;

  constructor(
    budget: HttpBudget,
    readonly headers: Fields,
    readonly contents: SentByGuest | undefined,
    readonly trailers: SentByGuest,
    readonly options: RequestOptions | undefined,
    /** Its parts besides headers and body; `undefined` for those that are not set. */
    readonly parts: Record<string, unknown>,
  ) {
    this.#taken = budget.take(4 * MAX_TEXT);
  }

  /** Gives its body to the guest; how it was handled is what the guest says. */
  consume(handled: SentByGuest): [SentByGuest | SourceStream, SentByGuest] {
    this.#release();
    handled.receive({
      write: (outcomes) => this.sent.settle((outcomes as Outcome[])[0]),
      end: () => {}, // a future is not dropped before it has its value
    });
    return [this.contents ?? new SourceStream(NOTHING), this.trailers];
  }

  /** It will not be transmitted. */
  close(): void {
    if (this.#isOver) return;
    this.#release();
    this.contents?.drop();
    this.trailers.drop();
    this.sent.settle(DENIED);
  }

  #release(): void {
    this.#isOver = true;
    this.options?.close();
    this.headers.close();
    this.headers.budget.give(this.#taken);
  }
}

function requestFunctions(budget: HttpBudget): Record<string, HostFunction> {
  const parts = ["method", "path-with-query", "scheme", "authority"] as const;
  return {
    "[static]request.new": (
      headers: Fields,
      contents: SentByGuest | undefined,
      trailers: SentByGuest,
      options: RequestOptions | undefined,
    ): [Message, HostFuture] =>
      made(new Message(budget, headers, contents, trailers, options, { method: { tag: "get" } })),
    ...Object.assign(
      {},
      ...parts.map((part) => accessors("request", part, ACCEPTED[part], `get-${part}`)),
    ),
    "[method]request.get-options": ({ options }: Message) => options?.readOnly(),
    ...bodyFunctions("request"),
  };
}

function responseFunctions(budget: HttpBudget): Record<string, HostFunction> {
  return {
    "[static]response.new": (
      headers: Fields,
      contents: SentByGuest | undefined,
      trailers: SentByGuest,
    ): [Message, HostFuture] =>
      made(new Message(budget, headers, contents, trailers, undefined, { "status-code": 200 })),
    ...accessors("response", "status-code", ACCEPTED["status-code"], "get-status-code"),
    ...bodyFunctions("response"),
  };
}

function bodyFunctions(resource: string): Record<string, HostFunction> {
  return {
    [`[method]${resource}.get-headers`]: ({ headers }: Message) => headers.readOnly(),
    [`[static]${resource}.consume-body`]: (self: Message, handled: SentByGuest) => self.consume(handled),
  };
}

function made(message: Message): [Message, HostFuture] {
  return [message, message.sent];
}

/** Options of a request: durations in nanoseconds. */
class RequestOptions {
  readonly #budget: HttpBudget;
  readonly #taken: number;

  /** With `parts`; those of a request that is made are `immutable`. */
  constructor(budget: HttpBudget, readonly parts: Record<string, unknown>, readonly immutable = false) {
    this.#budget = budget;
    this.#taken = immutable ? 0 : budget.take(0);
  }

  readOnly(): RequestOptions {
    return new RequestOptions(this.#budget, this.parts, true);
  }

  close(): void {
    if (!this.immutable) this.#budget.give(this.#taken);
  }
}

function optionsFunctions(budget: HttpBudget): Record<string, HostFunction> {
  const timeout = (part: string): Record<string, HostFunction> => ({
    [`[method]request-options.get-${part}`]: ({ parts }: RequestOptions) => parts[part],
    [`[method]request-options.set-${part}`]: (self: RequestOptions, duration: bigint | undefined) => {
      if (self.immutable) return err({ tag: "immutable" });
      self.parts[part] = duration;
      return ok(undefined);
    },
  });
  return {
    "[constructor]request-options": () => new RequestOptions(budget, {}),
    "[method]request-options.clone": ({ parts }: RequestOptions) => new RequestOptions(budget, { ...parts }),
    ...timeout("connect-timeout"),
    ...timeout("first-byte-timeout"),
    ...timeout("between-bytes-timeout"),
  };
}
