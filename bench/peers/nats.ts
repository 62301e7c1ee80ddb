import { AgentProcess } from "../agent_process.ts";
import type { Arena } from "../arena.ts";
import { freePort } from "../daemon.ts";
import type { Ends } from "../placement.ts";
import { untilListening } from "../waiting.ts";
import { inNpm, installed } from "./programs.ts";

/** The client of NATS, by the people of NATS. */
const CLIENT = "npm:@nats-io/transport-node@3";

/** What brings NATS. */
export const NATS = `apt-get install nats-server; ${CLIENT}`;

/** A client that asks and one that answers, with the server between them; `undefined` where it is not installed. */
export function startNats(arena: Arena): Promise<{ client: AgentProcess; ends: Ends } | undefined> {
  return arena.once("nats", async () => {
    if (!await installed("nats-server") || !await inNpm(CLIENT)) return undefined;
    const port = freePort();
    const args = ["--addr", "127.0.0.1", "--port", String(port)];
    const server = new Deno.Command("nats-server", { args, stdout: "null", stderr: "null" }).spawn();
    arena.defer(async () => {
      server.kill();
      await server.status;
    });
    await untilListening(port);
    const [responder, client] = [0, 1].map(() =>
      arena.use(AgentProcess.deno("nats_client", { alone: true, args: [CLIENT] }))
    );
    await responder!.ask("connect", port);
    await responder!.ask("answer");
    await client!.ask("connect", port);
    return {
      client: client!,
      ends: { caller: client!.pids, called: () => [server.pid, ...responder!.pids()] },
    };
  });
}
