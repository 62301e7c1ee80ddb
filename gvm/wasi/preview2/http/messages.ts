import type { HostFunction } from "../../../component/host.ts";
import type { HttpBudget } from "../../components/http/budget.ts";
import type { Fields } from "../../components/http/fields.ts";
import { ACCEPTED, accessors, MAX_TEXT } from "../../components/http/parts.ts";
import { err, ok, type Result } from "../../components/result.ts";
import { MAX_PIECE } from "../../host/streams.ts";
import { READY } from "../io/pollable.ts";
import type { OutputStream } from "../io/streams.ts";

/** The body of a message that nobody will read. */
class OutgoingBody {
  #isWritten = false;

  write(): Result<OutputStream, undefined> {
    if (this.#isWritten) return err(undefined);
    this.#isWritten = true;
    return ok({ ...READY, room: () => MAX_PIECE, write() {}, writeAll() {} });
  }
}

/** A request or a response that a guest makes. */
class OutgoingMessage {
  /** Its parts besides headers and body; `undefined` for those that are not set. */
  readonly parts: Record<string, unknown>;
  readonly #headers: Fields;
  readonly #taken: number;
  #hasBody = false;

  constructor(budget: HttpBudget, headers: Fields, parts: Record<string, unknown>) {
    this.#taken = budget.take(4 * MAX_TEXT);
    this.#headers = headers;
    this.parts = parts;
  }

  get headers(): Fields {
    return this.#headers.readOnly();
  }

  body(): Result<OutgoingBody, undefined> {
    if (this.#hasBody) return err(undefined);
    this.#hasBody = true;
    return ok(new OutgoingBody());
  }

  close(): void {
    this.#headers.close();
    this.#headers.budget.give(this.#taken);
  }
}

/** Options of a request: durations in nanoseconds. */
class RequestOptions {
  readonly parts: Record<string, unknown> = {};
  readonly #taken: number;

  constructor(readonly budget: HttpBudget) {
    this.#taken = budget.take(0);
  }

  close(): void {
    this.budget.give(this.#taken);
  }
}

/** The functions of the resources that a guest makes to ask for something. */
export function messageFunctions(budget: HttpBudget): Record<string, HostFunction> {
  const request = { method: { tag: "get" } };
  const timeout = (name: string) =>
    accessors("request-options", `${name}-timeout`, (value) => value, `${name}-timeout`);
  return {
    "[constructor]outgoing-request": (headers: Fields) =>
      new OutgoingMessage(budget, headers, { ...request }),
    ...messageMethods("outgoing-request"),
    ...partsOf("outgoing-request", ["method", "path-with-query", "scheme", "authority"]),
    "[constructor]outgoing-response": (headers: Fields) =>
      new OutgoingMessage(budget, headers, { "status-code": 200 }),
    ...messageMethods("outgoing-response"),
    ...partsOf("outgoing-response", ["status-code"]),
    "[method]outgoing-body.write": (body: OutgoingBody) => body.write(),
    "[static]outgoing-body.finish": (_body: OutgoingBody, trailers: Fields | undefined) => {
      trailers?.close();
      return ok(undefined);
    },
    "[constructor]request-options": () => new RequestOptions(budget),
    ...timeout("connect"),
    ...timeout("first-byte"),
    ...timeout("between-bytes"),
  };
}

function messageMethods(resource: string): Record<string, HostFunction> {
  return {
    [`[method]${resource}.headers`]: (self: OutgoingMessage) => self.headers,
    [`[method]${resource}.body`]: (self: OutgoingMessage) => self.body(),
  };
}

function partsOf(resource: string, names: readonly (keyof typeof ACCEPTED)[]): Record<string, HostFunction> {
  return Object.assign({}, ...names.map((name) => accessors(resource, name, ACCEPTED[name], name)));
}
