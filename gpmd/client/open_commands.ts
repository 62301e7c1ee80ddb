import { Channel } from "../../gmp/channel/channel.ts";
import { reachGpmd } from "../../gmp/ports/reach_gpmd.ts";
import { readSecret } from "../../gmp/device/secret.ts";
import { DEFAULT_GMP_PORT, readSettings } from "../../gmp/device/settings.ts";
import type { GpmdClientOptions } from "./client_types.ts";

/** Milliseconds between PINGs; a daemon that is silent for two of them is lost. */
const KEEP_ALIVE = 10_000;

/** A channel to a daemon's port of commands. @throws {GhostError} as `GpmdClient.connect`. */
export async function openCommands(options: GpmdClientOptions): Promise<Channel> {
  // A command has no use for the port of nodes: naming it saves reading its variable.
  const given = { ...options, gmpPort: DEFAULT_GMP_PORT };
  const { home, commandPort } = readSettings(given, (name) => Deno.env.get(name));
  const key = options.secret ?? await readSecret(home, Deno);
  const connection = await reachGpmd({ audience: "gpmd/commands", port: commandPort }, key, options.signal);
  const channel = new Channel(connection, { keepAlive: KEEP_ALIVE });
  const { device, signal } = options;
  if (device === undefined) return channel;
  try {
    const { reachDevice } = await import("./reach_device.ts"); // only commands for other devices need it
    const there = await reachDevice(channel, device, signal);
    return new Channel(there, { keepAlive: KEEP_ALIVE });
  } finally {
    await channel.close();
  }
}
