import { Channel } from "../../gmp/channel/channel.ts";
import { request } from "../../gmp/channel/messages.ts";
import type { KnownNames } from "../../gmp/command/program.ts";
import { readSecret } from "../../gmp/device/secret.ts";
import { DEFAULT_COMMAND_PORT, readSettings } from "../../gmp/device/settings.ts";
import type { ModuleName } from "../../gmp/names.ts";
import { callableFunctions } from "../../gmp/wasm_format/component/callable_functions.ts";
import { completionsOf } from "../repl/completion/completions.ts";
import { moduleOf } from "../repl/module_of.ts";
import { parse } from "../repl/language/parser.ts";
import { reachGpmd } from "../../gmp/ports/reach_gpmd.ts";

/** The names that GPMD knows, none without GPMD: completion must not report errors. */
export const KNOWN_NAMES: KnownNames = {
  nodes: () => ask(async (gpmd) => (await request(gpmd, "node.discover", {})).names),
  modules: () =>
    ask(async (gpmd) => (await request(gpmd, "module.list", {})).modules.map(({ name }) => name)),
  lines: (typed) => ask((gpmd) => linesFrom(gpmd, typed)),
};

/** What the line of `gvm run` could become: its functions are in the module itself. */
async function linesFrom(gpmd: Channel, typed: string): Promise<readonly string[]> {
  const line = parse(typed);
  const { slot } = line;
  const [{ names: nodes }, { modules }] = await Promise.all([
    request(gpmd, "node.discover", {}),
    request(gpmd, "module.list", {}),
  ]);
  const connected = slot?.kind === "node" && slot.command !== "connect" ? nodes : [];
  const functions = slot?.kind === "function" ? await functionsOf(gpmd, moduleOf(slot)) : undefined;
  const known = modules.map(({ name, versions }) => ({
    name,
    versions,
    ...functions !== undefined && slot?.kind === "function" && name === slot.module.text ? { functions } : {},
  }));
  return completionsOf(line, { nodes, connected, modules: known }).map(({ line }) => line)
    .filter((line) => line !== typed);
}

async function functionsOf(
  gpmd: Channel,
  { module: name, version, hash }: ModuleName,
): Promise<{ name: string; signature: string }[]> {
  const chunks: Uint8Array[] = [];
  await request(gpmd, "module.get", { name, version, hash, encoding: "bytes" }, {
    data: (chunk) => void chunks.push(chunk.slice()),
  });
  const functions = await callableFunctions(
    new Uint8Array(await new Blob(chunks as BlobPart[]).arrayBuffer()),
  );
  return functions.filter((one) => !one.name.startsWith("_"));
}

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
