/** Calls and runs on the very device, against V8 by itself and Extism. */
import type { Argument } from "../agent.ts";
import type { Arena } from "../arena.ts";
import type { Contestant, Missing, Row } from "../contest.ts";
import { EXTISM, startEngine, startExtism } from "../peers/extism.ts";

async function ghost(arena: Arena, action: string, ...given: Argument[]): Promise<Contestant> {
  const node = await arena.node("caller");
  const pool = () => node.pids().filter((pid) => pid !== node.pid);
  return {
    name: "ghost",
    ends: { caller: () => [node.pid], called: pool },
    measure: () => node.ask(action, ...given),
  };
}

async function v8(arena: Arena, action: string, ...given: Argument[]): Promise<Contestant> {
  const engine = await startEngine(arena);
  return { name: "bare v8", measure: () => engine.ask(action, ...given) };
}

async function extism(
  arena: Arena,
  name: string,
  action: string,
  ...given: Argument[]
): Promise<Contestant | Missing> {
  const engine = await startExtism(arena);
  if (engine === undefined) return { name, missing: EXTISM };
  return { name, measure: () => engine.ask(action, ...given) };
}

/** In the caller's own process. */
export const inline: Row = {
  id: "inline",
  title: 'math.sub in the caller\'s own process, isolation: "inline"',
  unit: "µs",
  targets: [{ than: "bare v8", atMost: 2 }, { than: "extism, foreground", atMost: 1 }],
  rounds: 15,
  warmUp: 3,
  contestants: async (arena) => [
    { ...await ghost(arena, "inline", "math.sub", 200), name: "ghost, inline" },
    await v8(arena, "direct", 200),
    await extism(arena, "extism, foreground", "plugin", 20),
  ],
};

/** In an executor of the caller's node. */
export const localCall: Row = {
  id: "local-call",
  title: "local math.sub, resolved function, against a plugin's call without input or output",
  unit: "µs",
  targets: [{ than: "extism, own thread", atMost: 1 }],
  rounds: 15,
  warmUp: 3,
  contestants: async (arena) => [
    await ghost(arena, "sequence", "math.sub", "", 1000),
    await extism(arena, "extism, own thread", "worker", 1000),
  ],
};

/** A fresh instance for each run. */
export const freshRun: Row = {
  id: "fresh-run",
  title: "local run of a compiled module in a fresh instance",
  unit: "µs",
  rounds: 15,
  warmUp: 3,
  contestants: async (arena) => [
    await ghost(arena, "run", "bench", "", 300),
    await extism(arena, "extism, foreground", "freshPlugin", 100),
    await v8(arena, "fresh", 1000),
  ],
};

/** From nothing to the first result. */
export const coldCall: Row = {
  id: "cold-call",
  title: "first call of a node: start an executor, fetch, check, compile, call; against a new plugin",
  unit: "µs",
  rounds: 9,
  warmUp: 1,
  contestants: async (arena) => [
    await ghost(arena, "cold", "math.sub", 3),
    await extism(arena, "extism, own thread", "cold", 3, 1),
    await extism(arena, "extism, foreground", "cold", 3, 0),
  ],
};
