/**
 * The Ghost Message Protocol, for programs that speak it themselves: the handshake, what it runs over, and channels on
 * which either side may ask. It opens no port, reads no file and runs no module.
 *
 * @example The names of all nodes, over a connection of one's own
 * ```ts
 * import { Channel, dial, LARGE_REPLY_CAPS, SECRET_KEY_NAME } from "@ghost/network/gmp";
 *
 * const gpmd = new Channel(
 *   await dial({
 *     hostname: "127.0.0.1",
 *     port: Number(Deno.env.get("GHOST_GMP_PORT") ?? 5989),
 *     audience: "gpmd/nodes",
 *     keyName: SECRET_KEY_NAME,
 *     key: await Deno.readFile(`${Deno.env.get("GHOST_HOME")}/secret`),
 *     caps: LARGE_REPLY_CAPS,
 *   }),
 * );
 * console.log(await gpmd.request("node.discover")); // { names: ["node-8399"] }
 * await gpmd.close();
 * ```
 *
 * @module
 */
export { Channel, type ChannelOptions } from "./channel/channel.ts";
export type { DataQueue, IncomingRequest, RequestHandler, RequestHandlers } from "./channel/incoming.ts";
export type { Pending, RequestOptions } from "./channel/pending.ts";
export type { Asked, OutgoingStream } from "./channel/questions.ts";
export {
  type AnyGhostError,
  ERROR_SENTENCES,
  type ErrorCode,
  GhostError,
  type GhostErrorOptions,
  isGhostError,
} from "./errors.ts";
export type { Body } from "./frames/body.ts";
export { type Frame, NotGmpError, payloadOf } from "./frames/decoder.ts";
export { Flag, Kind, LARGE_REPLY_CAPS, type PayloadCaps, SESSION_CAPS } from "./frames/frame.ts";
export type { Outbox } from "./frames/outbox.ts";
export {
  type Accepted,
  acceptHandshake,
  type AcceptOptions,
  type Authenticated,
  connectHandshake,
  type ConnectOptions,
} from "./handshake/handshake.ts";
export type { Audience } from "./handshake/identity.ts";
export {
  type Credential,
  KEY_BYTES,
  newKey,
  SECRET_KEY_NAME,
  secretCredential,
  ticketName,
} from "./handshake/keys.ts";
export { type OperationName, OPERATIONS } from "./messages/operations.ts";
export { checkName, checkVersion } from "./names.ts";
export { dial, type DialOptions, TcpTransport } from "./ports/tcp.ts";
export { memoryPair } from "./transports/memory.ts";
export type { Transport } from "./transports/transport.ts";
