import { rememberedPort, withRememberedPort } from "../../gmp/command/remembered_port.ts";
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
  const remembered = rememberedPort(settings.home, "commandPort");
  Deno.permissions.revokeSync({ name: "sys" });
  if (!reads) Deno.permissions.revokeSync({ name: "read" });
  try {
    return await GpmdClient.connect({ ...settings, secret, device });
  } catch (error) {
    throw withRememberedPort(error, "commandPort", settings.commandPort, remembered);
  }
}
