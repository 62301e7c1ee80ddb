import { pause } from "../async/pause.ts";
import { GhostError } from "../errors.ts";
import { LARGE_REPLY_CAPS } from "../frames/frame.ts";
import { type Authenticated, isOtherKey, isSilence } from "../handshake/handshake.ts";
import { SECRET_KEY_NAME } from "../handshake/keys.ts";
import { systemFault } from "../system_fault.ts";
import { dial } from "./tcp.ts";

/** One of the two ports of GPMD. */
interface GpmdPort {
  /** Whom it is for. */
  readonly audience: "gpmd/commands" | "gpmd/nodes";
  /** Its number. */
  readonly port: number;
  /** Name of the key to prove: that of the store's secret by default. */
  readonly keyName?: string;
}

/**
 * Connects to a port of this device's GPMD, with the secret of its store or another key.
 *
 * @throws {GhostError} `GPMD_NOT_RUNNING` where nothing listens; `UNAUTHENTICATED` when another program or another
 * store's daemon holds the port, or it is the other one of the two, saying which and what helps; `CONNECTION_LOST` when it does not answer, like a stopped process;
 * `TOO_MANY_CONNECTIONS`; `RESOURCE_EXHAUSTED`; `BAD_ARGUMENTS` where this program may not connect; `CANCELLED` when
 * `signal` aborts.
 */
export async function reachGpmd(
  { audience, port, keyName = SECRET_KEY_NAME }: GpmdPort,
  key: Uint8Array,
  signal: AbortSignal = new AbortController().signal,
): Promise<Authenticated> {
  try {
    return await dialPatiently({ audience, port, keyName }, key, signal);
  } catch (error) {
    if (signal.aborted) throw new GhostError("CANCELLED", undefined, { cause: error });
    if (error instanceof Deno.errors.ConnectionRefused) {
      throw new GhostError("GPMD_NOT_RUNNING", undefined, { cause: error });
    }
    if (!(error instanceof GhostError)) {
      throw systemFault("BAD_ARGUMENTS", `reach GPMD at port ${port}`, error);
    }
    if (error.code === "TOO_MANY_CONNECTIONS" || error.code === "RESOURCE_EXHAUSTED") throw error;
    if (isSilence(error)) {
      const message = `Cannot reach GPMD: what listens on port ${port} does not answer`;
      throw new GhostError("CONNECTION_LOST", message, { cause: error, details: { port, silent: true } });
    }
    const holder = isOtherKey(error) ? await otherGpmd({ audience, port, keyName }, key, signal) : PROGRAM;
    const message = `Cannot reach GPMD: port ${port} is ${holder}; ${hintFor(audience, holder)}`;
    throw new GhostError("UNAUTHENTICATED", message, { cause: error, details: { port } });
  }
}

/** Milliseconds for which one that leaves in the handshake may be a GPMD that is ending, and so be gone a little later. */
const ENDING_TIME = 500;
/** Milliseconds between two attempts meanwhile. */
const ENDING_PAUSE = 20;

/** Dials until the other side stays, or is gone, or has left so often that it is no GPMD at its end. */
async function dialPatiently(port: Required<GpmdPort>, key: Uint8Array, signal: AbortSignal) {
  for (const until = performance.now() + ENDING_TIME;;) {
    try {
      return await dialGpmd(port, key, signal);
    } catch (error) {
      if (!isLeave(error) || signal.aborted || performance.now() >= until) throw error;
      await pause(ENDING_PAUSE, signal);
    }
  }
}

function isLeave(error: unknown): boolean {
  return error instanceof GhostError && error.code === "CONNECTION_LOST" && !isSilence(error);
}

/** Who answers at a port instead, for messages. Garbage or an early end is that of a program. */
const PROGRAM = "held by another program";
const STORE = "that of another store's GPMD";
const OTHER_PORT = {
  "gpmd/commands": "GPMD's port for nodes",
  "gpmd/nodes": "GPMD's port for commands",
} as const;

/** Which GPMD answers at a port: that of another store, or this store's, whose other port it is. */
async function otherGpmd(
  { audience, port, keyName }: Required<GpmdPort>,
  key: Uint8Array,
  signal: AbortSignal,
) {
  const other = audience === "gpmd/nodes" ? "gpmd/commands" : "gpmd/nodes";
  try {
    const { transport } = await dialGpmd({ audience: other, port, keyName }, key, signal);
    transport.close();
    return OTHER_PORT[audience];
  } catch {
    return STORE;
  }
}

/** What helps: naming the port, or the store whose GPMD it is. */
function hintFor(audience: GpmdPort["audience"], holder: string): string {
  const [what, name] = audience === "gpmd/nodes" ? ["nodes", "gmp-port"] : ["commands", "command-port"];
  const port = `--${name} or GHOST_${name.toUpperCase().replace("-", "_")}`;
  const named = `name the one for ${what} with ${port}`;
  return holder === STORE ? `${named}, or the other store with --home or GHOST_HOME` : named;
}

function dialGpmd({ audience, port, keyName }: Required<GpmdPort>, key: Uint8Array, signal: AbortSignal) {
  return dial({ hostname: "127.0.0.1", port, keyName, key, audience, caps: LARGE_REPLY_CAPS, signal });
}
