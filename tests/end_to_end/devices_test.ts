// Nodes of two devices over the real link: two daemons in two homes, paired on loopback.
import { assert, assertEquals } from "@std/assert";
import type { GhostNode } from "../../gvm/node/ghost_node.ts";
import { linksOf, nextLink, noneLeft, startLink } from "../gpmd/link/_processes.ts";
import { assertFails } from "../gvm/harness.ts";
import { eventually } from "../tools/commands.ts";
import { Network, nextEvent, startLoop } from "../tools/network.ts";

/** Two devices that have paired: the first invites, and the second calls it `laptop`. */
class PairedDevices implements AsyncDisposable {
  readonly #nodes: GhostNode[] = [];

  private constructor(readonly laptop: Network, readonly pi: Network) {}

  static async start(): Promise<PairedDevices> {
    const two = new PairedDevices(await Network.start(), await Network.start());
    for (const network of [two.laptop, two.pi]) {
      await startLink(network.daemon.settings);
    }
    const { code } = await two.laptop.gpmd.invite({ lifetime: 60_000 });
    await two.pi.gpmd.join(code, { name: "laptop", as: "pi" });
    return two;
  }

  async node(network: Network, name: string): Promise<GhostNode> {
    const node = await network.node(name);
    this.#nodes.push(node);
    return node;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#nodes.map((node) => node.close()));
    const homes = [this.pi, this.laptop].map(({ daemon }) => daemon.settings.home);
    for (const network of [this.pi, this.laptop]) await network.gpmd.kill();
    for (const home of homes) await noneLeft(home);
    await this.pi[Symbol.asyncDispose]();
    await this.laptop[Symbol.asyncDispose]();
  }
}

Deno.test("nodes of two paired devices", async (t) => {
  await using two = await PairedDevices.start();

  await t.step(
    "what runs on another device streams, is cancelled, reset and ended as if it were here",
    async () => {
      const here = await two.node(two.pi, "here");
      const there = await two.laptop.node("there", { limits: { time: 2000 } });
      const on = "there@laptop";
      await eventually("the other node", async () => (await here.discover()).includes(on));
      const connected = nextEvent(there, "connect");
      await here.connect(on);
      assertEquals((await connected).name, "here@pi");

      // Its output comes while it runs.
      const stop = new AbortController();
      const run = here.run("program", ["busy", "4000000000"], { on, signal: stop.signal });
      const first = await run[Symbol.asyncIterator]().next();
      assert(!first.done);
      stop.abort();
      await assertFails("CANCELLED", run.exitCode);

      assertEquals(
        [await here.call("counter.next", [], { on }), await here.call("counter.next", [], { on })],
        [
          1,
          2,
        ],
      );
      await here.reset("counter", { on });
      assertEquals(await here.call("counter.next", [], { on }), 1);

      // What computes for too long costs its executor, and the next call has another one.
      await assertFails("TIME_LIMIT", here.call("counter.spin", [], { on }));
      assertEquals(await here.call("counter.next", [], { on }), 1);
      const left = nextEvent(here, "disconnect");
      await there.close();
      assertEquals((await left).name, on);
      await here.close();
    },
  );

  // Last, for it kills a link.
  await t.step("they find, connect to and use each other, and are back when a link was killed", async () => {
    const here = await two.node(two.pi, "node-1");
    const there = await two.node(two.laptop, "node-8399");
    const on = "node-8399@laptop";
    await eventually(
      "the node of the other device, alone",
      async () => `${await here.discover()}` === `node-1,${on}`,
    );
    await here.connect(on);
    assertEquals([here.list(), there.list()], [[on], ["node-1@pi"]]);
    assertEquals(await here.call("math.add", [34, 34], { on }), 68);
    assertEquals(await there.call("math.add", [1, 2], { on: "node-1@pi" }), 3);
    assertEquals(await here.run("greet", ["Ada"], { on }).text(), "Hello, Ada!\n");
    await assertFails("NODE_NOT_FOUND", here.connect("node-8398@laptop"));
    await assertFails("DEVICE_NOT_FOUND", here.connect("node-8399@lapto"));

    const loop = await startLoop(here, on);
    const lost = nextEvent(here, "disconnect");
    const back = nextEvent(here, "connect");
    const { home } = two.pi.daemon.settings;
    const [link] = linksOf(home);
    const killed = performance.now();
    Deno.kill(link!, "SIGKILL");
    await assertFails("CONNECTION_LOST", loop.exitCode);
    assertEquals((await lost).name, on);
    await nextLink(home, link);
    await back;
    assert(performance.now() - killed < 15_000, "it is back in 15 s");
    assertEquals(await here.call("math.add", [1, 2], { on }), 3);
  });
});
