/** Uploads modules as the command does, and gets them as a node does. */
import { GpmdModules } from "../../gvm/gpmd/gpmd_modules.ts";
import { GhostNode, GpmdClient } from "../../mod.ts";
import { serveActions } from "../agent.ts";
import { gpmdConnection } from "../gpmd_connection.ts";

let uploads = 0;
let held: GhostNode | undefined;

async function timed(megabytes: number, action: () => Promise<unknown>): Promise<[number]> {
  const start = performance.now();
  await action();
  return [megabytes / (performance.now() - start) * 1000];
}

serveActions({
  /** MB a second of an upload out of a file, which is removed again. */
  upload: async (path) => {
    await using client = await GpmdClient.connect();
    using module = await Deno.open(String(path));
    const version = `v0.0.${++uploads}`;
    const { size } = await module.stat();
    const rate = await timed(size / 1e6, () => client.upload({ name: "uploaded", version, module }));
    await client.remove("uploaded", version);
    return rate;
  },
  /** MB a second of what a node does to have a module: it gets it and checks its hash. */
  fetch: async (name, size) => {
    const connection = await gpmdConnection("fetcher");
    const rate = await timed(
      Number(size) / 1e6,
      () => new GpmdModules(() => connection).resolve(String(name), undefined),
    );
    await connection.close();
    return rate;
  },
  /** MB a second until a function can be called, by a node whose executor runs. */
  resolve: async (name, size) => {
    await using node = await GhostNode.start();
    await node.warm();
    return await timed(Number(size) / 1e6, () => node.function(String(name)));
  },
  /** A node whose executor runs. */
  start: async () => {
    held = await GhostNode.start();
    await held.warm();
  },
  /** Has that node resolve a function, and keeps it. */
  hold: async (name) => void await held!.function(String(name)),
  /** Nothing: the process has started. */
  warm: async () => {},
});
