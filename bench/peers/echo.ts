import { AgentProcess } from "../agent_process.ts";
import type { Arena } from "../arena.ts";
import type { Ends } from "../placement.ts";

/** The floor: two Deno processes and a TCP connection between them. */
export function startEcho(arena: Arena): Promise<{ client: AgentProcess; ends: Ends }> {
  return arena.once("echo", async () => {
    const server = arena.use(AgentProcess.deno("echo_server", { alone: true }));
    const client = arena.use(AgentProcess.deno("echo_client", { alone: true }));
    await client.ask("connect", ...await server.ask("port"));
    return { client, ends: { caller: client.pids, called: server.pids } };
  });
}
