/** Many nodes that call one. */
import type { AgentProcess } from "../agent_process.ts";
import type { Argument } from "../agent.ts";
import type { Arena } from "../arena.ts";
import type { Contestant, Missing, Row } from "../contest.ts";
import { ERLANG, startErlang, startErlangNode } from "../peers/erlang.ts";
import { startEngine } from "../peers/extism.ts";

const NODES = 8;
/** Thousands of steps of `bench.compute`: some 2 ms, beside which a call is nothing. */
const THOUSANDS = 2000;

/** Nodes in processes of their own, each connected to one called `hub`. */
function callers(arena: Arena): Promise<AgentProcess[]> {
  return Promise.all(Array.from({ length: NODES }, (_, i) => arena.connected(`caller-${i + 1}`, "hub")));
}

/** Calls a second of all `agents` together, while all of them call. */
async function together(
  agents: readonly AgentProcess[],
  action: string,
  given: readonly Argument[],
): Promise<[number]> {
  const rates = await Promise.all(agents.map((agent) => agent.ask(action, ...given)));
  return [rates.reduce((sum, [rate]) => sum + rate!, 0)];
}

async function ghost(arena: Arena, nodes: number, name: string, ...given: Argument[]): Promise<Contestant> {
  const agents = (await callers(arena)).slice(0, nodes);
  return {
    name: `ghost, ${nodes} node${nodes === 1 ? "" : "s"}`,
    measure: () => together(agents, "concurrent", [name, "hub", ...given]),
  };
}

async function erlang(arena: Arena, nodes: number, count: number): Promise<Contestant | Missing> {
  const name = `erlang, ${nodes} nodes`;
  const pair = await startErlang(arena);
  if (pair === undefined) return { name, missing: ERLANG };
  const agents = await Promise.all(
    Array.from({ length: nodes }, (_, i) =>
      arena.once(`erlang ${i}`, async () => {
        const agent = await startErlangNode(arena, `caller-${i + 1}`);
        await agent.ask("connect", pair.called);
        return agent;
      })),
  );
  return { name, measure: () => together(agents, "concurrent", [pair.called, 1, count]) };
}

/** Small calls. */
export const nodes: Row = {
  id: "nodes",
  title: "8 nodes in 8 processes that call math.sub of one, each one call after the other, all together",
  unit: "calls/s",
  more: true,
  targets: [{ than: "erlang, 8 nodes", atLeast: 1 }],
  rounds: 9,
  warmUp: 2,
  contestants: async (arena) => [
    await ghost(arena, NODES, "math.sub", 1, 1000),
    await ghost(arena, 1, "math.sub", 1, 1000),
    await erlang(arena, NODES, 1000),
  ],
};

/** Calls that keep a core busy. */
export const nodesCompute: Row = {
  id: "nodes-compute",
  title: "the same with 2 ms of computation in each call",
  unit: "calls/s",
  more: true,
  targets: [{ than: "ghost, 1 node", atLeast: 0.9 * Math.min(NODES, navigator.hardwareConcurrency) }],
  rounds: 7,
  warmUp: 1,
  contestants: async (arena) => {
    const engine = await startEngine(arena);
    return [
      await ghost(arena, NODES, "bench.compute", 1, 25, THOUSANDS),
      await ghost(arena, 1, "bench.compute", 1, 100, THOUSANDS),
      { name: "bare v8, 1 thread", measure: () => engine.ask("compute", 100, THOUSANDS) },
    ];
  },
};
