import { readSecret } from "../../gmp/device/secret.ts";
import type { Settings } from "../../gmp/device/settings.ts";
import { GpmdClient } from "../client/client.ts";

/** Connects to the daemon. The secret is the last file that may be read, unless the command `reads` others. */
export async function connect(settings: Settings, reads = false): Promise<GpmdClient> {
  const secret = await readSecret(settings.home, Deno);
  Deno.permissions.revokeSync({ name: "sys" });
  if (!reads) Deno.permissions.revokeSync({ name: "read" });
  return await GpmdClient.connect({ ...settings, secret });
}
