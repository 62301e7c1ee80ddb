import type { KnownNames } from "../../gmp/command/program.ts";
import { readSettings } from "../../gmp/device/settings.ts";
import type { GpmdClient } from "../client/client.ts";
import { connect } from "./connect.ts";

/** The names that the daemon knows, or none without a daemon: a completion must not fail. */
export const KNOWN_NAMES: KnownNames = {
  nodes: () => names((gpmd) => gpmd.nodes()),
  modules: () => names((gpmd) => gpmd.list()),
};

async function names(ask: (gpmd: GpmdClient) => Promise<readonly { name: string }[]>): Promise<string[]> {
  try {
    await using gpmd = await connect(readSettings({}, (name) => Deno.env.get(name)));
    return (await ask(gpmd)).map(({ name }) => name);
  } catch {
    return [];
  }
}
