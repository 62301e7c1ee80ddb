import { GhostError } from "../../gmp/errors.ts";
import { readRememberedPorts } from "../../gmp/device/remembered_ports.ts";
import { readSecret } from "../../gmp/device/secret.ts";
import type { Settings } from "../../gmp/device/settings.ts";
import { GpmdClient } from "../client/client.ts";

/** How a command connects. */
interface ConnectOptions {
  /** Whether it reads other files than the secret. */
  readonly reads?: boolean;
  /** The device whose daemon is meant; this one by default. */
  readonly device?: string | undefined;
}

/** Connects to the daemon, or to that of a paired device. The secret is the last file that may be read, unless the command `reads` others. */
export async function connect(
  settings: Settings,
  { reads = false, device }: ConnectOptions = {},
): Promise<GpmdClient> {
  const secret = await readSecret(settings.home, Deno);
  const remembered = readRememberedPorts(settings.home)?.commandPort;
  Deno.permissions.revokeSync({ name: "sys" });
  if (!reads) Deno.permissions.revokeSync({ name: "read" });
  try {
    return await GpmdClient.connect({ ...settings, secret, device });
  } catch (error) {
    throw withRememberedPort(error, settings.commandPort, remembered);
  }
}

/** `error`, with the port that would have been right if the store remembers another one than was asked. */
function withRememberedPort(error: unknown, port: number, remembered: number | undefined): unknown {
  const isElsewhere = error instanceof GhostError &&
    (error.code === "GPMD_NOT_RUNNING" || error.code === "UNAUTHENTICATED");
  if (!isElsewhere || remembered === undefined || remembered === port) return error;
  const asked = error.code === "GPMD_NOT_RUNNING" ? `Nothing listens on port ${port}` : error.message;
  const message = `${asked}; the GPMD of this store was last started with --command-port ${remembered}`;
  return new GhostError(error.code, message, {
    cause: error,
    ...error.details && { details: error.details },
  });
}
