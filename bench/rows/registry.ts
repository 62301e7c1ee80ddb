/** Many nodes at one GPMD, against Erlang's port mapper, which is given as many as it can hold. */
import { AgentProcess } from "../agent_process.ts";
import type { Arena } from "../arena.ts";
import type { Contestant, Missing, Row } from "../contest.ts";
import { BenchDaemon } from "../daemon.ts";
import { ERLANG, startEpmd } from "../peers/erlang.ts";
import { installed } from "../peers/programs.ts";
import { privateMemory } from "../processes.ts";
import { until } from "../waiting.ts";

const NODES = 10_000;
const QUICK_NODES = 500;
/** What epmd is asked to hold: it waits by select(2), which knows 1,024 descriptors, and resets connections beyond. */
const EPMD_NODES = 900;

/** A process that registers nodes, and where. */
interface Registrar {
  readonly agent: AgentProcess;
  /** The process of the registry. */
  readonly pid: number;
  /** Nodes that it is measured with. */
  readonly nodes: number;
  /** Registers that many nodes; microseconds that each took, its connection included. */
  register(count: number): Promise<number[]>;
  /** Microseconds of questions where each of those is. */
  locate(count: number): Promise<number[]>;
  /** Microseconds of questions for all names. */
  discover(count: number): Promise<number[]>;
  /** Removes them. */
  leave(): Promise<void>;
}

function nodesOf(arena: Arena): number {
  return arena.quick ? QUICK_NODES : NODES;
}

async function startGpmd(arena: Arena, stack: Pick<Arena, "use">): Promise<Registrar> {
  const daemon = stack.use(await BenchDaemon.start(arena.directory));
  const agent = stack.use(AgentProcess.deno("registrar", { env: daemon.env }));
  return {
    agent,
    pid: daemon.pid,
    nodes: nodesOf(arena),
    register: (count) => agent.ask("register", count),
    locate: (count) => agent.ask("locate", count),
    discover: (count) => agent.ask("discover", count),
    leave: async () => {
      await agent.ask("leave");
      await until("nodes that left are still registered", async () => await daemon.countNodes() === 0);
    },
  };
}

function gpmd(arena: Arena): Promise<Registrar> {
  return arena.once("registrar at gpmd", () => startGpmd(arena, arena));
}

function epmd(arena: Arena): Promise<Registrar | undefined> {
  return arena.once("registrar at epmd", async () => {
    if (!await installed("epmd")) return undefined;
    const { port, pid } = await startEpmd(arena);
    const agent = arena.use(AgentProcess.deno("registrar"));
    return {
      agent,
      pid,
      nodes: Math.min(nodesOf(arena), EPMD_NODES),
      register: (count) => agent.ask("epmdRegister", port, count),
      locate: (count) => agent.ask("epmdLocate", port, count),
      discover: (count) => agent.ask("epmdDiscover", port, count),
      leave: async () => {
        await agent.ask("epmdLeave");
        await until("epmd still has names", async () => (await agent.ask("epmdNames", port))[0] === 0);
      },
    };
  });
}

/** Two contestants, of which `measure` tells how. */
async function both(
  arena: Arena,
  measure: (registrar: Registrar) => Promise<readonly number[]>,
): Promise<(Contestant | Missing)[]> {
  const [ours, theirs] = [await gpmd(arena), await epmd(arena)];
  return [
    { name: "gpmd", measure: () => measure(ours) },
    theirs === undefined
      ? { name: "epmd", missing: ERLANG }
      : { name: "epmd", measure: () => measure(theirs) },
  ];
}

/** Registers all, and removes them when `look` has seen them. */
async function whileRegistered<T>(
  registrar: Registrar,
  count: number,
  look: (times: readonly number[]) => Promise<T>,
): Promise<T> {
  const seen = await look(await registrar.register(count));
  await registrar.leave();
  return seen;
}

/** Connecting and registering. */
export const register: Row = {
  id: "register",
  title: "connecting (with a mutual proof of the secret) and registering, 10,000 nodes",
  unit: "µs",
  rounds: 3,
  warmUp: 1,
  contestants: (arena) =>
    both(arena, (one) => whileRegistered(one, one.nodes, (times) => Promise.resolve(times))),
};

/** Registering alone. */
export const registerRequest: Row = {
  id: "register-request",
  title: "registering alone, over the connection that is there, 10,000 nodes",
  unit: "µs",
  targets: [{ than: "epmd", atMost: 1 }],
  rounds: 7,
  warmUp: 0,
  contestants: (arena) =>
    both(arena, (one) => whileRegistered(one, one.nodes, () => one.agent.ask("requests"))),
};

/** Whether it becomes slower. */
export const registerGrowth: Row = {
  id: "register-growth",
  title: "connecting and registering, the last 1,000 of 10,000 against 1,000",
  unit: "µs",
  targets: [{ than: "gpmd, 1,000", atMost: 1.2 }],
  rounds: 3,
  warmUp: 0,
  contestants: async (arena) => {
    const [ours, all] = [await gpmd(arena), nodesOf(arena)];
    const tenth = all / 10;
    const last = (times: readonly number[]) => Promise.resolve(times.slice(-tenth));
    return [
      { name: "gpmd, the last 1,000", measure: () => whileRegistered(ours, all, last) },
      { name: "gpmd, 1,000", measure: () => whileRegistered(ours, tenth, last) },
    ];
  },
};

/** Finding one. */
export const locate: Row = {
  id: "locate",
  title: "locating one of 10,000 nodes (gpmd makes a ticket and tells the located node too)",
  unit: "µs",
  targets: [{ than: "epmd", atMost: 1 }],
  rounds: 2,
  warmUp: 0,
  contestants: (arena) => both(arena, (one) => whileRegistered(one, one.nodes, () => one.locate(2000))),
};

/** Finding all. */
export const discover: Row = {
  id: "discover",
  title: "the names of all 10,000 nodes, for each name",
  unit: "µs",
  targets: [{ than: "epmd", atMost: 1 }],
  rounds: 2,
  warmUp: 0,
  contestants: (arena) =>
    both(arena, (one) =>
      whileRegistered(one, one.nodes, async () => {
        return (await one.discover(100)).map((time) => time / one.nodes);
      })),
};

/** What a node costs its registry. */
export const nodeMemory: Row = {
  id: "node-memory",
  title: "private memory of the registry for each of 10,000 nodes that are registered",
  unit: "bytes",
  limit: 8192,
  rounds: 3,
  warmUp: 0,
  contestants: (arena) => {
    const count = nodesOf(arena);
    const measure = async (): Promise<number[]> => {
      await using stack = new AsyncDisposableStack();
      const fresh = await startGpmd(arena, stack);
      const before = privateMemory(fresh.pid);
      await fresh.register(count);
      return [(privateMemory(fresh.pid) - before) / count];
    };
    return Promise.resolve([{ name: "gpmd", measure }]);
  },
};
