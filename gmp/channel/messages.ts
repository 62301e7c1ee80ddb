/**
 * Requests, replies and notices by the descriptions in `gmp/messages/`: this file encodes, checks and decodes the
 * bodies that go into and come out of a {@linkcode Channel}.
 *
 * @module
 */
import type { Body } from "../frames/body.ts";
import type { Channel } from "./channel.ts";
import type { IncomingRequest, RequestHandlers } from "./incoming.ts";
import {
  MESSAGES,
  type Notice,
  type NoticeName,
  NOTICES,
  type ReceivedNotice,
  type ReceivedReply,
  type ReceivedRequest,
  type Reply,
  type Request,
} from "../messages/messages.ts";
import type { Message, Operation } from "../messages/fields.ts";
import type { OperationName } from "../messages/operations.ts";
import type { RequestOptions } from "./pending.ts";
import type { Asked, OutgoingStream } from "./questions.ts";

/** Options of a request. */
export type AskOptions<Name extends OperationName> = Omit<RequestOptions<ReceivedReply<Name>>, "read">;

/**
 * Asks the other side of `channel` for operation `name`.
 *
 * @throws {GhostError} what it answered, `BAD_REQUEST` for a malformed reply, `CANCELLED`, `CONNECTION_LOST`.
 */
export function request<Name extends OperationName>(
  channel: Channel,
  name: Name,
  fields: Request<Name>,
  options?: AskOptions<Name>,
): Promise<ReceivedReply<Name>> {
  return ask(channel, name, fields, options).reply;
}

/** Asks as {@linkcode request} does, and returns the id as well. */
export function ask<Name extends OperationName>(
  channel: Channel,
  name: Name,
  fields: Request<Name>,
  options?: AskOptions<Name>,
): Asked<ReceivedReply<Name>> {
  return channel.ask(name, encodeRequest(name, fields), { ...options, read: replyReader(name) });
}

/** Asks with DATA behind the request. */
export function upload<Name extends OperationName>(
  channel: Channel,
  name: Name,
  fields: Request<Name>,
  options?: AskOptions<Name>,
): OutgoingStream<ReceivedReply<Name>> {
  return channel.stream(name, encodeRequest(name, fields), { ...options, read: replyReader(name) });
}

/** Tells the other side of `channel` something that has no answer. */
export function notify<Name extends NoticeName>(channel: Channel, name: Name, fields: Notice<Name>): void {
  channel.notify(name, (NOTICES[name] as Message).encode(fields as never));
}

/** Answers a request, or throws an error that becomes an ERROR. */
type Handler<Name extends OperationName> = (
  fields: ReceivedRequest<Name>,
  request: IncomingRequest,
) => Reply<Name> | Promise<Reply<Name>>;

/** The operations that a side answers. */
export type Handlers = { readonly [Name in OperationName]?: Handler<Name> };

/** `handlers` as a channel takes them. */
export function answering(handlers: Handlers): RequestHandlers {
  const answers: RequestHandlers = {};
  for (const [name, given] of Object.entries(handlers) as [OperationName, Handler<OperationName>][]) {
    const handler = given as (fields: unknown, request: IncomingRequest) => unknown;
    const { request: { decode }, reply } = MESSAGES[name] as Operation;
    const encode = reply.encode as (fields: unknown) => Body;
    answers[name] = (request) => {
      const answer = handler(decode(request.body), request);
      return answer instanceof Promise ? answer.then(encode) : encode(answer);
    };
  }
  return answers;
}

/** Sends the reply of operation `name` ahead of DATA that belongs to it: see {@linkcode IncomingRequest.head}. */
export function head<Name extends OperationName>(
  request: IncomingRequest,
  name: Name,
  reply: Reply<Name>,
): void {
  request.head((MESSAGES[name] as Operation).reply.encode(reply as never));
}

/** The notices that a side listens to; all others are ignored. */
type Listeners = {
  readonly [Name in NoticeName]?: (fields: ReceivedNotice<Name>, channel: Channel) => void;
};

/** `listeners` as a channel takes them. A malformed notice ends the connection. */
export function hearing(listeners: Listeners): (name: string, body: Body, channel: Channel) => void {
  const known = new Map(Object.entries(listeners)) as Map<
    string,
    (fields: unknown, channel: Channel) => void
  >;
  return (name, body, channel) => {
    const listener = known.get(name);
    listener?.((NOTICES[name as NoticeName] as Message).decode(body), channel);
  };
}

function encodeRequest<Name extends OperationName>(name: Name, fields: Request<Name>): Body {
  return (MESSAGES[name] as Operation).request.encode(fields as never);
}

function replyReader<Name extends OperationName>(name: Name): (body: Body) => ReceivedReply<Name> {
  return (MESSAGES[name] as Operation).reply.decode as (body: Body) => ReceivedReply<Name>;
}
