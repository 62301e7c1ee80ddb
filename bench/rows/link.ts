/** What a device costs that has been paired: its link. */
import { join } from "@std/path";
import { AgentProcess } from "../agent_process.ts";
import type { Arena } from "../arena.ts";
import { EMPTY } from "../commands.ts";
import type { Contestant, Missing, Row } from "../contest.ts";
import { NETWORKS, startDevices } from "../devices.ts";
import { largeModule } from "../large_module.ts";
import { makeCable, whyNoNamespaces } from "../network.ts";
import { parentOf, privateMemory, processorTime } from "../processes.ts";

const MEGABYTES = 64;
const QUICK_MEGABYTES = 4;
/** Milliseconds in which a process that has nothing to do is watched. */
const IDLE_TIME = 5000;
const TLS_PORT = 6000;

/** What `contestants` are, unless there are no networks for them. */
function inNetworks(
  first: string,
  contestants: (arena: Arena) => Promise<readonly (Contestant | Missing)[]>,
): Row["contestants"] {
  return async (arena) => {
    const missing = await whyNoNamespaces(arena);
    return missing === undefined ? await contestants(arena) : [{ name: first, missing }];
  };
}

/** A process that does nothing, for the comparison. */
function idleDeno(arena: Arena): Promise<AgentProcess> {
  const args = ["run", "--quiet", EMPTY, "stay"];
  return arena.once("idle", () => Promise.resolve(arena.use(AgentProcess.start(Deno.execPath(), args))));
}

/** Bytes. */
export const devicePipe: Row = {
  id: "device-pipe",
  title: "64 MB through a pipe to another device",
  unit: "MB/s",
  more: true,
  targets: [{ than: "bare TLS", atLeast: 0.5 }],
  placed: true,
  rounds: 9,
  warmUp: 1,
  contestants: inNetworks("ghost, lane", async (arena) => {
    const megabytes = arena.quick ? QUICK_MEGABYTES : MEGABYTES;
    const ghosts = (["lane", "stream"] as const).map(async (way): Promise<Contestant> => {
      const { here, there, ends } = await startDevices(arena, way);
      const [sink, source] = [there.agent(arena, "device_pipe"), here.agent(arena, "device_pipe")];
      await source.ask("open", "there", ...await sink.ask("offer", "here"));
      return { name: `ghost, ${way}`, ends, measure: () => source.ask("send", megabytes) };
    });
    return [...await Promise.all(ghosts), await bareTls(arena, megabytes)];
  }),
};

/** A module by its hash. */
export const deviceModule: Row = {
  id: "device-module",
  title: "a module of 64 MB by its hash from another device, checked and written",
  unit: "MB/s",
  more: true,
  targets: [{ than: "bare TLS", atLeast: 0.5 }],
  placed: true,
  rounds: 7,
  warmUp: 1,
  contestants: inNetworks("ghost, lane", async (arena) => {
    const megabytes = arena.quick ? QUICK_MEGABYTES : MEGABYTES;
    const { here, there, ends } = await startDevices(arena, "lane");
    const agent = here.agent(arena, "remote_module");
    const path = join(arena.directory, "remote.wasm");
    const module = largeModule(megabytes);
    let rounds = 0;
    const measure = async () => {
      // Another one each time: what was fetched is kept.
      new DataView(module.buffer).setUint32(module.length - 4, ++rounds);
      await Deno.writeFile(path, module);
      const name = `remote-${rounds}`;
      await there.gpmd("wasm", "upload", `--name=${name}`, "--version=v1.0.0", `--file=${path}`);
      const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", module)).toHex();
      const rate = await agent.ask("fetch", name, hash, module.length);
      await there.gpmd("wasm", "remove", name);
      return rate;
    };
    return [{ name: "ghost, lane", ends, measure }, await bareTls(arena, megabytes)];
  }),
};

/** The floor of both: TLS between two processes in networks of their own. */
function bareTls(arena: Arena, megabytes: number): Promise<Contestant> {
  return arena.once("bare TLS", async () => {
    const cable = await makeCable(arena);
    const [sink, source] = [cable.there, cable.here].map((namespace) =>
      arena.use(AgentProcess.deno("tls_pipe", { namespace }))
    );
    await sink!.ask("listen", cable.there.address, TLS_PORT);
    await source!.ask("connect", cable.there.address, TLS_PORT);
    return {
      name: "bare TLS",
      ends: { caller: source!.pids, called: sink!.pids },
      measure: () => source!.ask("send", megabytes),
    };
  });
}

/** Start. */
export const startLink: Row = {
  id: "start-link",
  title: "the link of a paired device, from its start with its keeper until it serves",
  unit: "ms",
  limit: 500,
  rounds: 9,
  warmUp: 1,
  contestants: inNetworks("link", async (arena) => {
    const { here } = await startDevices(arena, "lane");
    const starter = here.agent(arena, "link_starter");
    await starter.ask("end", parentOf(here.link()));
    return [{ name: "link", measure: () => starter.ask("start", NETWORKS) }];
  }),
};

/** Memory. */
export const memoryLink: Row = {
  id: "memory-link",
  title: "private memory of the link of a paired device, idle",
  unit: "MB",
  limit: 110,
  rounds: 5,
  warmUp: 0,
  contestants: inNetworks("link", async (arena) => {
    const link = (await startDevices(arena, "lane")).here.link();
    const deno = (await idleDeno(arena)).pid;
    const memory = (name: string, pid: number): Contestant => ({
      name,
      measure: async () => {
        await idle(arena);
        return [privateMemory(pid) / 1e6];
      },
    });
    return [memory("link", link), memory("deno run, idle", deno)];
  }),
};

/** Processor time. */
export const idleLink: Row = {
  id: "idle-link",
  title: "processor time of the link of a paired device that nobody uses",
  unit: "ms/s",
  rounds: 5,
  warmUp: 1,
  contestants: inNetworks("link", async (arena) => {
    const { here } = await startDevices(arena, "lane");
    const time = (name: string, pid: number): Contestant => ({
      name,
      measure: async () => {
        const before = processorTime(pid);
        const start = performance.now();
        await idle(arena);
        return [(processorTime(pid) - before) / (performance.now() - start) * 1000];
      },
    });
    return [time("link", here.link()), time("deno run, idle", (await idleDeno(arena)).pid)];
  }),
};

function idle(arena: Arena): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, arena.quick ? IDLE_TIME / 5 : IDLE_TIME));
}
