import { fromFileUrl } from "@std/path";
import { AgentProcess } from "../agent_process.ts";
import type { Arena } from "../arena.ts";
import { freePort } from "../daemon.ts";
import type { Ends } from "../placement.ts";
import { untilListening } from "../waiting.ts";
import { installed } from "./programs.ts";

/** What brings Erlang. */
export const ERLANG = "apt-get install erlang-base";

const SOURCE = fromFileUrl(new URL("../agents/bench_agent.erl", import.meta.url));

/** The agent of a node of Erlang that calls, and the name of the one that it calls. */
export interface ErlangPair {
  readonly client: AgentProcess;
  readonly called: string;
  readonly ends: Ends;
}

/** Two nodes of Erlang on loopback, connected; `undefined` where it is not installed. */
export function startErlang(arena: Arena): Promise<ErlangPair | undefined> {
  return arena.once("erlang", async () => {
    if (!await installed("erlc", "erl", "epmd")) return undefined;
    await compileAgent(arena);
    const server = await startErlangNode(arena, "called");
    const client = await startErlangNode(arena, "caller");
    await client.ask("connect", "called@127.0.0.1");
    return { client, called: "called@127.0.0.1", ends: { caller: client.pids, called: server.pids } };
  });
}

/** Makes the agent's code, in the directory of the arena. */
export async function compileAgent(arena: Arena): Promise<void> {
  const compiled = await new Deno.Command("erlc", { args: ["-o", arena.directory, SOURCE] }).output();
  if (!compiled.success) throw new Error(new TextDecoder().decode(compiled.stdout));
}

/** A node of Erlang. */
export async function startErlangNode(arena: Arena, name: string): Promise<AgentProcess> {
  const { port } = await startEpmd(arena);
  const flags = ["-noshell", "-start_epmd", "false", "-setcookie", "bench", "-pa", arena.directory];
  const loopback = ["-kernel", "inet_dist_use_interface", "{127,0,0,1}"];
  const args = [...flags, ...loopback, "-name", `${name}@127.0.0.1`, "-s", "bench_agent", "serve"];
  const env = { ERL_EPMD_PORT: String(port), ERL_CRASH_DUMP_BYTES: "0" };
  const agent = arena.use(AgentProcess.start("erl", args, env));
  await agent.ask("ready"); // it can be found by its name
  return agent;
}

/** Erlang's Port Mapper Daemon on a port of its own. */
export function startEpmd(arena: Arena): Promise<{ port: number; pid: number }> {
  return arena.once("epmd", async () => {
    const port = freePort();
    const args = ["-port", String(port), "-address", "127.0.0.1"];
    const process = new Deno.Command("epmd", { args, stdout: "null", stderr: "null" }).spawn();
    let ended = false;
    const end = process.status.then(() => ended = true);
    arena.defer(async () => {
      if (!ended) process.kill();
      await end;
    });
    await untilListening(port);
    return { port, pid: process.pid };
  });
}
