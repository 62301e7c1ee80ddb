// What nodes may do with each other, by GPMD's grants: a real daemon, real nodes, real executors. All but the last test share the
// daemon; each has nodes of its own, and grants what it needs.
import { assertEquals, assertStringIncludes } from "@std/assert";
import { GpmdClient } from "../../../gpmd/client/client.ts";
import { GhostNode } from "../../../gvm/node/ghost_node.ts";
import { freePorts, startDaemon } from "../../tools/daemon_process.ts";
import { Network, nextEvent, readModule, startLoop } from "../../tools/network.ts";
import { temporaryHome } from "../../gpmd/_modules.ts";
import { eventually } from "../../tools/commands.ts";
import { assertFails, childrenOf, nextText, processorTime } from "../harness.ts";

const on = "there";
/** The options of a node that needs one executor, for itself and for its peers. */
const SMALL = { executors: 1 };

Deno.test("what nodes may do with each other", async (t) => {
  await using network = await Network.start();
  const { gpmd } = network;
  for (const name of ["endless_plain", "hoard"]) await network.upload(name, "v0.0.1", name);

  await network.step(t, "the nodes of a device may do anything until somebody revokes it", async () => {
    const [here, there] = await network.pair(SMALL);
    assertEquals(await here.call("math.add", [1, 2], { on }), 3);
    assertEquals(await there.call("math.add", [1, 2], { on: "here" }), 3);
    const next = await here.function("counter.next", { on });
    assertEquals(await next(), 1);
    assertEquals((await gpmd.revoke("local", ["*"])).unconfirmed, []);

    // Held, by name, a run, and the other way: all of it is refused, with what to type.
    const error = await assertFails("NOT_GRANTED", next());
    assertStringIncludes(error.message, "Cannot call counter.next: here@local may not");
    assertStringIncludes(error.message, "gpmd grant here@local counter.next");
    await assertFails("NOT_GRANTED", here.call("math.add", [1, 2], { on }));
    await assertFails("NOT_GRANTED", here.run("math", [], { on }).exitCode);
    const other = await assertFails("NOT_GRANTED", there.call("math.add", [1, 2], { on: "here" }));
    assertStringIncludes(other.message, "gpmd grant there@local math.add");
    // A node that starts now, or connects now, is told the same.
    const late = await network.node("late", SMALL);
    await late.connect("here");
    await assertFails("NOT_GRANTED", late.call("math.add", [1, 2], { on: "here" }));
    // What a node does itself needs no grant.
    for (const node of [here, there, late]) assertEquals(await node.call("math.add", [1, 2]), 3);

    // A command as it was suggested helps, and helps nobody else.
    await gpmd.grant("here@local", ["counter.next", "math"]);
    assertEquals(await next(), 1, "what it kept was dropped with the grant");
    assertEquals(await here.run("math", [], { on }).text(), "Reponse from the math module...\n");
    await assertFails("NOT_GRANTED", here.call("math.add", [1, 2], { on }));
    await assertFails("NOT_GRANTED", late.call("counter.next", [], { on: "here" }));
    await gpmd.grant("everyone", ["math.*"]);
    assertEquals(await late.call("math.add", [1, 2], { on: "here" }), 3);
    assertEquals(await here.call("math.add", [1, 2], { on }), 3);
  });

  await network.step(
    t,
    "a revocation ends what computes, what waits and what is queued, and nothing of anybody else",
    async () => {
      await gpmd.grant("local", ["*"]);
      await gpmd.revoke("everyone", ["math.*"]);
      const [here, there] = await network.pair();
      const other = await network.node("other");
      await other.connect(on);
      await gpmd.grant("other@local", ["*"]);
      const kept = other.run("greet", ["-"], { on, stdin: new ReadableStream() });
      const output = kept[Symbol.asyncIterator]();

      const waiting = here.run("program", ["talk"], { on, stdin: new ReadableStream() });
      assertEquals(await nextText(waiting[Symbol.asyncIterator]()), "one\n");
      const waited = assertFails("NOT_GRANTED", waiting.exitCode);
      await gpmd.revoke("local", ["*"]);
      await waited;

      await gpmd.grant("local", ["*"]);
      const computing = await startLoop(here, on);
      const computed = assertFails("NOT_GRANTED", computing.exitCode);
      const looping = assertFails("NOT_GRANTED", there.call("endless_plain.loop", [], { on: "here" }));
      const computes = () => childrenOf(Deno.pid).filter((pid) => processorTime(pid) > 500).length;
      await eventually("two executors that compute", () => computes() >= 2);
      await gpmd.revoke("local", ["*"]);
      const error = await computed;
      assertStringIncludes(error.message, "gpmd grant here@local program");
      await looping;

      const run = output.next();
      assertEquals(await other.call("math.add", [1, 2], { on }), 3);
      await gpmd.revoke("other@local", ["*"]);
      await assertFails("NOT_GRANTED", kept.exitCode);
      await run.catch(() => {});
    },
  );

  await network.step(t, "limits of a grant are kept on the other node, below its own", async () => {
    await gpmd.grant("local", ["*"]);
    const [here] = await network.pair({ ...SMALL, limits: { time: 1000, memory: 1 << 24 } });
    await gpmd.grant("here@local", ["endless_plain.*"], { time: 300 });
    await gpmd.grant("here@local", ["hoard.grow"], { memory: 1 << 20, time: 60_000 });
    const error = await assertFails("TIME_LIMIT", here.call("endless_plain.loop", [], { on }));
    assertStringIncludes(error.message, "300 ms");
    assertEquals(await here.call("hoard.grow", [16], { on }), -1);
    assertEquals(await here.call("hoard.grow", [15], { on }), 1);
    const own = await assertFails("TIME_LIMIT", here.call("endless_plain.loop"));
    assertStringIncludes(own.message, "1000 ms");
  });
});

Deno.test("a restart of GPMD changes nothing, and nodes go by the last grants while it is away", async () => {
  using place = temporaryHome();
  const settings = { home: place.home, ...freePorts() };
  const nodes: GhostNode[] = [];
  try {
    {
      await using daemon = await startDaemon(settings);
      await using gpmd = await daemon.connect();
      await gpmd.upload({ name: "counter", version: "v0.0.1", module: readModule("counter") });
      const { secret } = daemon;
      for (const name of ["here", "there"]) nodes.push(await GhostNode.start({ ...settings, secret, name }));
      await nodes[0]!.connect("there");
      await gpmd.revoke("local", ["*"]);
      await gpmd.grant("here@local", ["counter.next"]);
      assertEquals(await nodes[0]!.call("counter.next", [], { on }), 1);
      const lost = nodes.map((node) => nextEvent(node, "gpmd"));
      daemon.process.kill("SIGKILL");
      for (const event of await Promise.all(lost)) assertEquals(event.state, "lost");
    }
    const [here, there] = [nodes[0]!, nodes[1]!];
    assertEquals(await here.call("counter.next", [], { on }), 2);
    await assertFails("NOT_GRANTED", here.call("counter.get", [], { on }));
    await assertFails("NOT_GRANTED", there.call("counter.next", [], { on: "here" }));
    const back = nodes.map((node) => nextEvent(node, "gpmd"));
    await using _again = await startDaemon(settings);
    await using gpmd = await GpmdClient.connect(settings);
    // A node that is not back yet gets it when it registers.
    await gpmd.revoke("here@local", ["counter.next"]);
    for (const event of await Promise.all(back)) assertEquals(event.state, "back");
    assertEquals((await gpmd.grant("pi", ["math"])).unconfirmed, []); // both have what was there by then
    await assertFails("NOT_GRANTED", here.call("counter.next", [], { on }));
    assertEquals((await gpmd.grants()).length, 3);
  } finally {
    for (const node of nodes) await node.close();
  }
});
