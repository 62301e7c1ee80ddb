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
 *     role: "gpmd",
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
export * from "./body.ts";
export * from "./budget.ts";
export * from "./channel.ts";
export * from "./decoder.ts";
export * from "./error_payload.ts";
export * from "./errors.ts";
export * from "./frame.ts";
export * from "./handshake.ts";
export * from "./incoming.ts";
export * from "./memory.ts";
export * from "./module_reader.ts";
export * from "./names.ts";
export * from "./operations.ts";
export * from "./outbox.ts";
export * from "./pending.ts";
export { showName, writeName } from "./quote.ts";
export * from "./signature.ts";
export * from "./tcp.ts";
export * from "./transport.ts";
export * from "./values.ts";
