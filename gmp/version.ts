import config from "../deno.json" with { type: "json" };

/** The version of Ghost Network. */
export const VERSION: string = config.version;

/** Name and version, as the handshake sends them. */
export const SOFTWARE = `ghost/${VERSION}`;
