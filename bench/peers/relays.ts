/** What two links cost at least: two relays without anything of ours between a client and a server, in two networks. */
import { AgentProcess } from "../agent_process.ts";
import type { Arena } from "../arena.ts";
import { makeCable } from "../network.ts";
import type { Ends } from "../placement.ts";

const PORT = 6000;

/** A client and its server, with relays between them that talk over `kind`. */
export function startRelays(
  arena: Arena,
  kind: "tls" | "tcp",
): Promise<{ client: AgentProcess; ends: Ends }> {
  return arena.once(`relays, ${kind}`, async () => {
    const { here, there } = await makeCable(arena);
    const start = (name: string, namespace: typeof here) => arena.use(AgentProcess.deno(name, { namespace }));
    const [client, near] = [start("echo_client", here), start("plain_relay", here)];
    const [server, far] = [start("echo_server", there), start("plain_relay", there)];
    await far.ask("far", kind, there.address, PORT, ...await server.ask("port"));
    await client.ask("connect", ...await near.ask("near", kind, there.address, PORT));
    return {
      client,
      ends: {
        caller: () => [...client.pids(), ...near.pids()],
        called: () => [...server.pids(), ...far.pids()],
      },
    };
  });
}
