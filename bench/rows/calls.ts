/** Remote calls, against the floor and against peers. */
import { AgentProcess } from "../agent_process.ts";
import type { Argument } from "../agent.ts";
import type { Arena } from "../arena.ts";
import type { Contestant, Missing, Row } from "../contest.ts";
import { startEcho } from "../peers/echo.ts";
import { ERLANG, startErlang } from "../peers/erlang.ts";
import { NATS, startNats } from "../peers/nats.ts";
import type { Ends } from "../placement.ts";

/** Bytes of a RESULT with an i32, and of the DATA with 1 KiB of output before one without a value. */
const RESULT_BYTES = 16;
const OUTPUT_BYTES = 12 + 1024 + 12;

const COUNT = 1000;
const MEBIBYTE = 1 << 20;

function asking(
  name: string,
  agent: AgentProcess,
  ends: Ends,
  action: string,
  ...given: Argument[]
): Contestant {
  return { name, ends, measure: () => agent.ask(action, ...given) };
}

async function ghost(arena: Arena, name: string, action: string, ...given: Argument[]): Promise<Contestant> {
  const [caller, called] = [await arena.connected("caller", "called"), await arena.node("called")];
  return asking(name, caller, { caller: caller.pids, called: called.pids }, action, ...given);
}

async function echo(arena: Arena, replyBytes: number): Promise<Contestant> {
  const { client, ends } = await startEcho(arena);
  return asking("deno echo", client, ends, "sequence", COUNT, replyBytes);
}

async function erlang(arena: Arena, action: string, ...given: Argument[]): Promise<Contestant | Missing> {
  const pair = await startErlang(arena);
  if (pair === undefined) return { name: "erlang", missing: ERLANG };
  return asking("erlang", pair.client, pair.ends, action, pair.called, ...given);
}

async function nats(arena: Arena, action: string, ...given: Argument[]): Promise<Contestant | Missing> {
  const started = await startNats(arena);
  if (started === undefined) return { name: "nats", missing: NATS };
  return asking("nats", started.client, started.ends, action, ...given);
}

/** In sequence, with a function that was resolved once. */
export const call: Row = {
  id: "call",
  title: "remote math.sub, one call after the other, resolved function",
  unit: "µs",
  targets: [{ than: "deno echo", atMost: 1.15 }, { than: "erlang", atMost: 1 }],
  placed: true,
  rounds: 31,
  warmUp: 3,
  contestants: async (arena) => [
    await ghost(arena, "ghost", "sequence", "math.sub", "called", COUNT),
    await echo(arena, RESULT_BYTES),
    await erlang(arena, "sequence", COUNT),
    await nats(arena, "sequence", COUNT),
  ],
};

/** In sequence, by name. */
export const callByName: Row = {
  id: "call-by-name",
  title: 'the same by name, node.call("math.sub", …)',
  unit: "µs",
  targets: [{ than: "ghost, resolved", atMost: 1.05 }],
  placed: true,
  rounds: 61,
  warmUp: 3,
  contestants: async (arena) => [
    await ghost(arena, "ghost, by name", "named", "math.sub", "called", COUNT),
    await ghost(arena, "ghost, resolved", "sequence", "math.sub", "called", COUNT),
  ],
};

/** With a text, which a function of a component takes and returns. */
export const callText: Row = {
  id: "call-text",
  title: 'remote greeter.greet("Ada"), a component, one call after the other, resolved function',
  unit: "µs",
  targets: [{ than: "ghost, math.sub", atMost: 1.1 }],
  placed: true,
  rounds: 31,
  warmUp: 3,
  contestants: async (arena) => [
    await ghost(arena, "ghost", "text", "greeter.greet", "called", COUNT, "Ada"),
    await ghost(arena, "ghost, math.sub", "sequence", "math.sub", "called", COUNT),
  ],
};

/** With many bytes. */
export const callBytes: Row = {
  id: "call-bytes",
  title: "remote greeter.size of 1 MiB, a component, one call after the other",
  unit: "MB/s",
  more: true,
  targets: [{ than: "deno tcp", atLeast: 0.5 }],
  placed: true,
  rounds: 9,
  warmUp: 3,
  contestants: async (arena) => {
    const [server, client] = await arena.once("pipe", async () => {
      const server = arena.use(AgentProcess.deno("pipe", { alone: true }));
      const client = arena.use(AgentProcess.deno("pipe", { alone: true }));
      await client.ask("connect", ...await server.ask("listen"));
      return [server, client] as const;
    });
    const ends = { caller: client.pids, called: server.pids };
    const count = arena.quick ? 20 : 200;
    return [
      await ghost(arena, "ghost", "bytes", "greeter.size", "called", count, MEBIBYTE),
      asking("deno tcp", client, ends, "sequence", count, MEBIBYTE),
    ];
  },
};

/** Many at once over one connection. */
export const concurrent: Row = {
  id: "concurrent",
  title: "remote math.sub from 64 callers over one connection",
  unit: "calls/s",
  more: true,
  targets: [{ than: "erlang", atLeast: 6 }],
  placed: true,
  rounds: 9,
  warmUp: 2,
  contestants: async (arena) => [
    await ghost(arena, "ghost", "concurrent", "math.sub", "called", 64, arena.quick ? 100 : 1000),
    await erlang(arena, "concurrent", 64, arena.quick ? 100 : 300),
    await nats(arena, "concurrent", 64, arena.quick ? 50 : 100),
  ],
};

/** With output. */
export const output: Row = {
  id: "output",
  title: "remote call that returns 1 KiB of output",
  unit: "µs",
  placed: true,
  rounds: 9,
  warmUp: 3,
  contestants: async (arena) => [
    await ghost(arena, "ghost", "output", "bench.kilobyte", "called", COUNT),
    await echo(arena, OUTPUT_BYTES),
    await erlang(arena, "output", COUNT, 1024),
  ],
};

/** A whole run. */
export const remoteRun: Row = {
  id: "remote-run",
  title: "remote run of a small module: _start in a fresh instance, its output, its exit code",
  unit: "µs",
  placed: true,
  rounds: 9,
  warmUp: 3,
  contestants: async (arena) => [
    await ghost(arena, "ghost", "run", "math", "called", 300),
    await echo(arena, RESULT_BYTES),
  ],
};
