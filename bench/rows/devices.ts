/** Calls between two devices in networks of their own. */
import type { AgentProcess } from "../agent_process.ts";
import type { Argument } from "../agent.ts";
import type { Arena } from "../arena.ts";
import type { Contestant, Missing, Row } from "../contest.ts";
import { PEER, startDevices, type Way } from "../devices.ts";
import { whyNoNamespaces } from "../network.ts";
import { ERLANG_TLS, startErlangOverTls } from "../peers/erlang_tls.ts";
import { startRelays } from "../peers/relays.ts";

const COUNT = 1000;
/** Of calls that are only stated, and slow: over a relay one takes milliseconds. */
const FEW = 200;
const CALLED = `called@${PEER}`;
const WAYS: readonly Way[] = ["lane", "stream", "relay"];

/** Bytes of an answer: those of a RESULT with one i32. */
const ANSWER_BYTES = 16;

/** A node on the first device, connected to one on the second. */
async function caller(arena: Arena, way: Way): Promise<AgentProcess> {
  const { here, there } = await startDevices(arena, way);
  return await arena.once(`caller, ${way}`, async () => {
    await there.agent(arena, "ghost_node").ask("start", "called");
    const agent = here.agent(arena, "ghost_node");
    await agent.ask("start", "caller");
    await agent.ask("connect", CALLED);
    return agent;
  });
}

async function ghost(arena: Arena, way: Way, action: string, ...given: Argument[]): Promise<Contestant> {
  const { ends } = await startDevices(arena, way);
  const agent = await caller(arena, way);
  return { name: `ghost, ${way}`, ends, measure: () => agent.ask(action, "math.sub", CALLED, ...given) };
}

async function erlang(arena: Arena, action: string, ...given: Argument[]): Promise<Contestant | Missing> {
  const pair = await startErlangOverTls(arena);
  if (pair === undefined) return { name: "erlang over TLS", missing: ERLANG_TLS };
  const { client, called, ends } = pair;
  return { name: "erlang over TLS", ends, measure: () => client.ask(action, called, ...given) };
}

/** All ways and Erlang; where there are no networks to be had, all of them are missing. */
async function allWays(
  arena: Arena,
  action: string,
  given: readonly Argument[],
  few: readonly Argument[] = given,
): Promise<(Contestant | Missing)[]> {
  const missing = await whyNoNamespaces(arena);
  if (missing !== undefined) return [{ name: "ghost, lane", missing }];
  const contestants: (Contestant | Missing)[] = [];
  for (const way of WAYS) {
    contestants.push(await ghost(arena, way, action, ...way === "lane" ? given : few));
  }
  return [...contestants, await erlang(arena, action, ...given)];
}

/** In sequence. */
export const deviceCall: Row = {
  id: "device-call",
  title: "remote math.sub of a node on another device, one call after the other, resolved function",
  unit: "µs",
  targets: [{ than: "erlang over TLS", atMost: 1.1 }],
  placed: true,
  rounds: 9,
  warmUp: 2,
  contestants: (arena) => allWays(arena, "sequence", [COUNT], [FEW]),
};

/** Many at once. */
export const deviceConcurrent: Row = {
  id: "device-concurrent",
  title: "the same from 64 callers over one connection",
  unit: "calls/s",
  more: true,
  targets: [{ than: "erlang over TLS", atLeast: 2 }],
  placed: true,
  rounds: 7,
  warmUp: 2,
  contestants: (arena) => allWays(arena, "concurrent", [64, arena.quick ? 100 : 300]),
};

/** What is between two devices, without the ends of a call, and what that costs at least. */
export const deviceEcho: Row = {
  id: "device-echo",
  title: "as many bytes as a call has, there and back through two links, and what stands in for them",
  unit: "µs",
  placed: true,
  rounds: 9,
  warmUp: 2,
  contestants: async (arena) => {
    const missing = await whyNoNamespaces(arena);
    if (missing !== undefined) return [{ name: "ghost, lane", missing }];
    const relays = async (name: string, kind: "tls" | "tcp"): Promise<Contestant> => {
      const { client, ends } = await startRelays(arena, kind);
      return { name, ends, measure: () => client.ask("sequence", COUNT, ANSWER_BYTES) };
    };
    return [
      await throughLinks(arena),
      await relays("relays of node:tls", "tls"),
      await relays("relays without TLS", "tcp"),
      await erlang(arena, "sequence", COUNT),
    ];
  },
};

/** A client and a server on two devices, through a pipe. */
async function throughLinks(arena: Arena): Promise<Contestant> {
  const { here, there, ends } = await startDevices(arena, "lane");
  const server = there.agent(arena, "echo_server");
  const offered = await there.agent(arena, "device_pipe").ask(
    "offerPort",
    "here",
    ...await server.ask("port"),
  );
  const client = here.agent(arena, "echo_client");
  await client.ask("connect", ...await here.agent(arena, "device_pipe").ask("openPort", PEER, ...offered));
  return { name: "ghost, lane", ends, measure: () => client.ask("sequence", COUNT, ANSWER_BYTES) };
}
