import type { KnownNames } from "../../gmp/command/program.ts";
import { readSettings } from "../../gmp/device/settings.ts";
import type { GpmdClient } from "../client/client.ts";
import { connect } from "./connect.ts";

/** The names that the daemon knows, or none without a daemon: a completion must not fail. */
export const KNOWN_NAMES: KnownNames = {
  nodes: () => names((gpmd) => gpmd.nodes()),
  modules: (typed) => names(async (gpmd) => referencesIn(await gpmd.list(), typed)),
  grantees: async () => {
    // Over one connection: with the first, the command has given up reading the secret.
    const found = await names(async (gpmd) => {
      const devices = gpmd.devices().catch(() => []); // without a link there are none
      const [nodes, grants, paired] = await Promise.all([gpmd.nodes(), gpmd.grants(), devices]);
      return [
        ...paired,
        ...grants.map(({ subject }) => ({ name: subject })),
        ...nodes.map(({ name }) => ({ name: `${name}@local` })),
      ];
    });
    return [...new Set(["everyone", "local", ...found])];
  },
  devices: () => names((gpmd) => gpmd.devices()),
};

/** The names of `modules`, or, once there is an `@`, the versions of the one before it, the latest first. */
function referencesIn(
  modules: readonly { name: string; versions: readonly string[] }[],
  typed: string,
): { name: string }[] {
  const at = typed.indexOf("@");
  if (at < 0) return [...modules];
  const found = modules.find(({ name }) => name === typed.slice(0, at));
  return (found?.versions ?? []).toReversed().map((version) => ({ name: `${found!.name}@${version}` }));
}

async function names(ask: (gpmd: GpmdClient) => Promise<readonly { name: string }[]>): Promise<string[]> {
  try {
    await using gpmd = await connect(readSettings({}, (name) => Deno.env.get(name)));
    return (await ask(gpmd)).map(({ name }) => name);
  } catch {
    return [];
  }
}
