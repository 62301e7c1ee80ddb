/** Large modules: how fast, and with how much memory. */
import { join } from "@std/path";
import { AgentProcess } from "../agent_process.ts";
import type { Arena } from "../arena.ts";
import type { Contestant, Row } from "../contest.ts";
import { largeModule } from "../large_module.ts";
import { forgetPeak, residentMemory, withDescendants } from "../processes.ts";

const MEGABYTES = 64;
const QUICK_MEGABYTES = 4;

interface Large {
  readonly path: string;
  readonly size: number;
}

/** A module that GPMD has under the name `large`, and its file. */
function large(arena: Arena): Promise<Large> {
  return arena.once("large", async () => {
    const daemon = await arena.daemon();
    const module = largeModule(arena.quick ? QUICK_MEGABYTES : MEGABYTES);
    const path = join(arena.directory, "large.wasm");
    await Deno.writeFile(path, module);
    await daemon.upload("large", module);
    return { path, size: module.length };
  });
}

async function pipe(arena: Arena): Promise<Contestant> {
  const client = await arena.once("pipe", async () => {
    const [server, client] = [0, 1].map(() => arena.use(AgentProcess.deno("pipe", { alone: true })));
    await client!.ask("connect", ...await server!.ask("listen"));
    return client!;
  });
  return { name: "deno tcp", measure: () => client.ask("send", arena.quick ? QUICK_MEGABYTES : MEGABYTES) };
}

function transferRow(
  id: string,
  title: string,
  action: "upload" | "fetch" | "resolve",
  atLeast?: number,
): Row {
  return {
    id,
    title,
    unit: "MB/s",
    more: true,
    targets: atLeast === undefined ? [] : [{ than: "deno tcp", atLeast }],
    rounds: 9,
    warmUp: 1,
    contestants: async (arena) => {
      const { path, size } = await large(arena);
      const { env } = await arena.daemon();
      const agent = await arena.once(
        "transfer",
        () => Promise.resolve(arena.use(AgentProcess.deno("transfer", { env }))),
      );
      const given = { upload: [path], fetch: ["large", size], resolve: ["large.sub", size] }[action];
      return [{ name: "ghost", measure: () => agent.ask(action, ...given) }, await pipe(arena)];
    },
  };
}

/** From a file to GPMD. */
export const upload: Row = transferRow("upload", "upload of a module of 64 MB out of a file", "upload", 0.6);

/** From GPMD to a node. */
export const fetch: Row = transferRow("fetch", "first fetch of it by a node, its hash checked", "fetch", 0.6);

/** Until a function can be called. */
export const resolve: Row = transferRow("resolve", "the same until the executor has compiled it", "resolve");

/** What all that takes in memory. */
export const transferMemory: Row = {
  id: "transfer-memory",
  title: "peak memory above idle while a module of 64 MB is uploaded and resolved",
  unit: "× module",
  limit: 2,
  rounds: 3,
  warmUp: 0,
  contestants: async (arena) => {
    const { path, size } = await large(arena);
    const { env, pid: daemon } = await arena.daemon();
    /** What `action` adds to the memory of each process of `pids`, as a share of the module. */
    const growth = async (pids: readonly number[], action: () => Promise<unknown>): Promise<number[]> => {
      for (const pid of pids) forgetPeak(pid);
      const before = pids.map((pid) => residentMemory(pid).now);
      await action();
      return pids.map((pid, i) => (residentMemory(pid).peak - before[i]!) / size);
    };
    const uploading = async () => {
      await using agent = AgentProcess.deno("transfer", { env });
      await agent.ask("warm");
      return await growth([daemon, agent.pid], () => agent.ask("upload", path));
    };
    const resolving = async () => {
      await using agent = AgentProcess.deno("transfer", { env });
      await agent.ask("start");
      const executor = withDescendants(agent.pid)[1]!;
      return await growth([daemon, agent.pid, executor], () => agent.ask("hold", "large.sub"));
    };
    const one = (name: string, index: number, measure: () => Promise<number[]>): Contestant => ({
      name,
      measure: async () => [(await measure())[index]!],
    });
    return [
      one("gpmd, upload", 0, uploading),
      one("uploader", 1, uploading),
      one("gpmd, fetch", 0, resolving),
      one("gvm, fetch", 1, resolving),
      one("executor, fetch", 2, resolving),
    ];
  },
};
