/**
 * The Ghost Message Protocol: frames, the handshake, channels on which either side may ask, typed calls, errors. It knows
 * bytes and messages; it opens no port, reads no file and runs no module.
 *
 * @module
 */
export * from "./body.ts";
export * from "./channel.ts";
export * from "./decoder.ts";
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
export * from "./signature.ts";
export * from "./tcp.ts";
export * from "./transport.ts";
export * from "./values.ts";
