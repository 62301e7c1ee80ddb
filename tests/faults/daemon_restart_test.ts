import { assert, assertEquals } from "@std/assert";
import { startDaemon, type TestDaemon } from "../tools/daemon_process.ts";
import { eventually } from "../tools/commands.ts";
import { Network, nextEvent, readModule } from "../tools/network.ts";
import { assertFails } from "../gvm/harness.ts";
import { callFigures, callWithoutPause } from "./_callers.ts";

/** Half of them by `kill -9`. GPMD_RESTARTS=100 has as many as docs/reliability.md tells of. */
const RESTARTS = Number(Deno.env.get("GPMD_RESTARTS") ?? 2);

async function namesKnownTo(daemon: TestDaemon): Promise<string> {
  await using gpmd = await daemon.connect();
  return (await gpmd.nodes()).map(({ name }) => name).join();
}

Deno.test("GPMD restarted again and again under load: no call fails, and every node registers again", async () => {
  await using network = await Network.start();
  await network.upload("waits", "v1.0.0", readModule("waits"));
  const [here, there] = await network.pair();
  const figures = callFigures();
  const stop = new AbortController();
  const routes = [[here, "there"], [there, "here"], [here, undefined]] as const;
  // Both functions that they call are known to every session before the first restart: without GPMD none can be looked up.
  for (const [node, on] of routes) {
    for (const name of ["waits.sleep", "waits.next"]) await node.signature(name, { on });
  }
  const calling = Promise.all(
    routes.map(([node, on]) => callWithoutPause(node, on, () => false, figures, stop.signal)),
  );
  calling.catch(() => {}); // it is awaited below
  let { daemon } = network;
  // Before the network, whose end would take the daemon of now for an executor that is left.
  await using _last = { [Symbol.asyncDispose]: () => daemon[Symbol.asyncDispose]() };
  for (let restart = 0; restart < RESTARTS; restart++) {
    const lost = [nextEvent(here, "gpmd"), nextEvent(there, "gpmd")];
    Deno.kill(daemon.pid, restart % 2 === 0 ? "SIGKILL" : "SIGTERM");
    await Promise.all([daemon.process.status, ...lost]);
    await assertFails("GPMD_NOT_RUNNING", here.discover());
    await daemon.process.stdin.close().catch(() => {}); // of a process that is gone
    daemon = await startDaemon(network.daemon.settings);
    await eventually("the nodes", async () => await namesKnownTo(daemon) === "here,there");
    await using third = await network.node("third");
    await third.connect("here");
    assertEquals(await third.call("waits.next", [], { on: "here" }), 101);
  }
  stop.abort();
  await calling;
  assert(figures.calls > RESTARTS * 10, `${figures.calls} calls are too few to mean anything`);
  assertEquals([figures.failed.size, figures.sessionsLost], [0, 0]);
});
