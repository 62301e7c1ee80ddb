/**
 * The Ghost Message Protocol: frames, the handshake, channels on which either side may ask, typed calls, errors. It knows
 * bytes and messages; it opens no port, reads no file and runs no module.
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
export * from "./frames/body.ts";
export * from "./frames/budget.ts";
export * from "./channel/channel.ts";
export * from "./frames/decoder.ts";
export * from "./frames/error_payload.ts";
export * from "./errors.ts";
export * from "./frames/frame.ts";
export * from "./handshake/handshake.ts";
export type { Audience, Identity, NodeIdentity, Role } from "./handshake/identity.ts";
export * from "./handshake/keys.ts";
export * from "./channel/incoming.ts";
export * from "./transports/memory.ts";
export * from "./wasm_format/module_reader.ts";
export * from "./names.ts";
export * from "./messages/operations.ts";
export * from "./frames/outbox.ts";
export * from "./channel/pending.ts";
export { showName, writeName } from "./types/quote.ts";
export {
  type CallableSignature,
  checkCallable,
  checkSignature,
  formatSignature,
  formatTypes,
  MAX_SIGNATURE_VALUES,
  type Signature,
  type ValueType,
} from "./types/signature.ts";
export * from "./ports/tcp.ts";
export * from "./transports/transport.ts";
export type { ValueCodec } from "./types/value_codec.ts";
export type { ArgumentOf, NumberType, ValueOf, ValueTypes } from "./types/value_types.ts";
export {
  type CallResult,
  checkArguments,
  prepareCodec,
  resultOf,
  valuesOf,
  type WasmNumber,
} from "./types/values.ts";
