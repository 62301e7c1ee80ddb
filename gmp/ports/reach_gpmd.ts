import { GhostError } from "../errors.ts";
import { LARGE_REPLY_CAPS } from "../frames/frame.ts";
import { type Authenticated, isSilence } from "../handshake/handshake.ts";
import { SECRET_KEY_NAME } from "../handshake/keys.ts";
import { systemFault } from "../system_fault.ts";
import { dial } from "./tcp.ts";

/** One of the two ports of GPMD. */
interface GpmdPort {
  /** Whom it is for. */
  readonly audience: "gpmd/commands" | "gpmd/nodes";
  /** Its number. */
  readonly port: number;
}

/**
 * Connects to a port of this device's GPMD, with the secret of its store.
 *
 * @throws {GhostError} `GPMD_NOT_RUNNING` where nothing listens; `UNAUTHENTICATED` when another program or another
 * store's daemon holds the port; `CONNECTION_LOST` when it does not answer, like a stopped process;
 * `TOO_MANY_CONNECTIONS`; `RESOURCE_EXHAUSTED`; `BAD_ARGUMENTS` where this program may not connect; `CANCELLED` when
 * `signal` aborts.
 */
export async function reachGpmd(
  { audience, port }: GpmdPort,
  secret: Uint8Array,
  signal: AbortSignal = new AbortController().signal,
): Promise<Authenticated> {
  try {
    return await dial({
      hostname: "127.0.0.1",
      port,
      keyName: SECRET_KEY_NAME,
      key: secret,
      audience,
      caps: LARGE_REPLY_CAPS,
      signal,
    });
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
    // Garbage or an early end: whatever it is, it did not prove that it is this store's GPMD.
    const message = `Cannot reach GPMD: what listens on port ${port} is not the GPMD of this store`;
    throw new GhostError("UNAUTHENTICATED", message, { cause: error, details: { port } });
  }
}
