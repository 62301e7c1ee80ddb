import { readSecret } from "../gmp/device/secret.ts";
import { DEFAULT_GMP_PORT } from "../gmp/device/settings.ts";
import { GpmdConnection } from "../gvm/gpmd/gpmd_connection.ts";

/** A connection to GPMD of a node that serves nobody, and is called `name` and the number of this process. */
export async function gpmdConnection(name: string): Promise<GpmdConnection> {
  return await GpmdConnection.open({
    port: Number(Deno.env.get("GHOST_GMP_PORT") ?? DEFAULT_GMP_PORT),
    secret: await readSecret(Deno.env.get("GHOST_HOME")!, Deno),
    node: { name: `${name}-${Deno.pid}`, id: crypto.randomUUID(), port: 1 },
    expect: () => {},
    state: () => {},
    modulesChanged: () => {},
    devicesChanged: () => {},
    granted: () => Promise.resolve(),
  });
}
