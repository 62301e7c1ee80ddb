import { Channel } from "../../gmp/channel/channel.ts";
import { request } from "../../gmp/channel/messages.ts";
import type { KnownNames } from "../../gmp/command/program.ts";
import { readSecret } from "../../gmp/device/secret.ts";
import { DEFAULT_COMMAND_PORT, readSettings } from "../../gmp/device/settings.ts";
import { reachGpmd } from "../../gmp/ports/reach_gpmd.ts";

/** The names that GPMD knows, none without GPMD: completion must not report errors. */
export const KNOWN_NAMES: KnownNames = {
  nodes: () => ask(async (gpmd) => (await request(gpmd, "node.discover", {})).names),
  modules: () =>
    ask(async (gpmd) => (await request(gpmd, "module.list", {})).modules.map(({ name }) => name)),
};

async function ask(names: (gpmd: Channel) => Promise<readonly string[]>): Promise<readonly string[]> {
  try {
    const settings = readSettings({ commandPort: DEFAULT_COMMAND_PORT }, (name) => Deno.env.get(name));
    const secret = await readSecret(settings.home, Deno);
    const gpmd = new Channel(await reachGpmd({ audience: "gpmd/nodes", port: settings.gmpPort }, secret));
    try {
      return await names(gpmd);
    } finally {
      await gpmd.close();
    }
  } catch {
    return [];
  }
}
