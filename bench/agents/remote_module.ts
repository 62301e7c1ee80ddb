/** Has GPMD fetch a module from another device, as for a node that is asked for one by its hash. */
import { serveActions } from "../agent.ts";
import { gpmdConnection } from "../gpmd_connection.ts";

/** Milliseconds that it may take, as for a node. */
const MODULE_TIME = 60_000;

serveActions({
  /** MB a second until GPMD has it, its hash checked. */
  fetch: async (name, hash, size) => {
    const connection = await gpmdConnection("fetcher");
    const wanted = { name: String(name), hash: String(hash), encoding: "none", elsewhere: true } as const;
    const start = performance.now();
    const got = await connection.request("module.get", wanted, { timeout: MODULE_TIME });
    const time = performance.now() - start;
    if (got.size !== size) throw new Error(`${got.size} bytes came`);
    await connection.close();
    return [Number(size) / 1000 / time];
  },
});
