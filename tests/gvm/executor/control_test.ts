/** A node's control connection to its executor: one, and sessions for callers that it names. */
import { Channel } from "../../../gmp/channel/channel.ts";
import type { Body } from "../../../gmp/frames/body.ts";
import { newKey } from "../../../gmp/handshake/keys.ts";
import { dialWithTicket } from "../../../gmp/ports/dial_with_ticket.ts";
import { checkLimits } from "../../../gvm/engine/execution_limits.ts";
import type { ExecutorReport } from "../../../gvm/executor/main.ts";
import { spawnExecutor } from "../../../gvm/executors/executor_spawn.ts";
import { assertFails } from "../harness.ts";

const NODE = { name: "node-1", id: crypto.randomUUID() };

async function firstLine(stream: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  for await (const chunk of stream.values({ preventCancel: true })) {
    text += new TextDecoder().decode(chunk);
    if (text.includes("\n")) return text.slice(0, text.indexOf("\n"));
  }
  throw new Error("the executor said nothing");
}

Deno.test("an executor takes one control connection, and opens sessions only for callers that are named", async () => {
  const child = spawnExecutor({ limits: checkLimits() });
  try {
    const { id, port, key } = JSON.parse(await firstLine(child.stderr)) as ExecutorReport;
    const dial = (ticket: Uint8Array, isPiped = false) =>
      dialWithTicket({ port, isPiped, ticket, audience: `executor/${id}` });
    const control = new Channel(await dial(Uint8Array.fromHex(key)));
    await assertFails("UNAUTHENTICATED", dial(Uint8Array.fromHex(key)));

    let session = 0;
    const open = async (caller: Body | undefined): Promise<Uint8Array> => {
      const ticket = newKey();
      await control.request("session.open", { session: ++session, ticket, caller, revision: 0 });
      return ticket;
    };
    const wrong: (Body | undefined)[] = [
      undefined,
      {},
      { role: "link" },
      { role: "node", node: "node-1" },
      { role: "node", node: { name: "node-1" } },
      { role: "node", device: 7 },
    ];
    for (const caller of wrong) await assertFails("BAD_REQUEST", open(caller));
    // Only who comes from another device comes over a pipe.
    for (const caller of [{ role: "command" }, { role: "node", node: NODE, device: "laptop" }]) {
      const isPiped = "device" in caller;
      const ticket = await open(caller);
      await assertFails("UNAUTHENTICATED", dial(ticket, !isPiped));
      const channel = new Channel(await dial(ticket, isPiped));
      await channel.request("module.reset", { module: "math" });
      await channel.close();
    }
    await control.close();
  } finally {
    await Promise.all([child.stdin.close(), child.stderr.cancel()]).catch(() => {});
    await child.status;
  }
});
