/**
 * Nodes of two devices, as their gvm and both daemons see them; the link between is the test's own. All steps share the devices,
 * each with nodes of its own; the last one kills the link.
 */
import { assertEquals } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { nextEvent, startLoop } from "../../tools/network.ts";
import { TwoDevices } from "../../tools/two_devices.ts";
import { assertFails } from "../harness.ts";

Deno.test("nodes of two devices that are linked", async (t) => {
  await using two = await TwoDevices.start();
  const step = (name: string, test: () => Promise<void>) =>
    t.step(name, async () => {
      await test();
      await two.pipesClosed();
    });

  await step("what works between two nodes of one device works between nodes of two", async () => {
    await using here = await two.node("pi", "node-1");
    await using there = await two.node("laptop", "node-8399");
    assertEquals(await here.discover(), ["node-1", "node-8399@laptop"]);
    assertEquals(await there.discover(), ["node-8399", "node-1@pi"]);
    const connected = nextEvent(there, "connect");
    await here.connect("node-8399@laptop");
    assertEquals(await connected, { name: "node-1@pi" });
    assertEquals([here.list(), there.list()], [["node-8399@laptop"], ["node-1@pi"]]);

    const on = "node-8399@laptop";
    assertEquals(await here.call("math.add", [34, 34], { on }), 68);
    const add = await here.function("math.add(i32, i32) -> i32", { on });
    assertEquals(await Promise.all([add(1, 2), add(3, 4)]), [3, 7]);
    assertEquals(await here.signature("math.add", { on }), { parameters: ["i32", "i32"], results: ["i32"] });
    const greeting = await here.run("greet", ["Ada", "-"], { on, stdin: "Bob\n" }).text();
    assertEquals(greeting, "Hello, Ada!\nHello, Bob!\n");
    // And the other way round, over the same connection.
    assertEquals(await there.call("math.add", [1, 1], { on: "node-1@pi" }), 2);

    // State is kept there, for this caller, until it is reset.
    assertEquals([await here.call("counter.next", [], { on }), await here.call("counter.next", [], { on })], [
      1,
      2,
    ]);
    assertEquals(await there.call("counter.next"), 1);
    await here.reset("counter", { on });
    assertEquals(await here.call("counter.next", [], { on }), 1);

    const stop = new AbortController();
    const endless = here.run("program", ["loop"], { on, signal: stop.signal });
    await endless[Symbol.asyncIterator]().next();
    stop.abort();
    await assertFails("CANCELLED", endless.exitCode);
    assertEquals(await add(5, 6), 11);

    const left = nextEvent(there, "disconnect");
    await here.disconnect(on);
    assertEquals(await left, { name: "node-1@pi", error: undefined });
    assertEquals([here.list(), there.list()], [[], []]);
    await assertFails("NOT_CONNECTED", here.call("math.add", [1, 2], { on }));
  });

  await step(
    "a node of another device may have the name of one of this device, or of this node",
    async () => {
      await using here = await two.node("pi", "same", { executors: 1 });
      await using _neighbour = await two.node("pi", "other", { executors: 1 });
      await using there = await two.node("laptop", "other");
      await using _same = await two.node("laptop", "same");
      const events: string[] = [];
      here.on("connect", ({ name }) => events.push(`+${name}`));
      here.on("disconnect", ({ name }) => events.push(`-${name}`));
      await here.connect("other");
      await here.connect("other@laptop");
      await here.connect("same@laptop");
      assertEquals(here.list(), ["other", "other@laptop", "same@laptop"]);
      await here.call("counter.next", [], { on: "other" });
      assertEquals(await here.call("counter.next", [], { on: "other@laptop" }), 1);
      await here.disconnect("other");
      assertEquals(here.list(), ["other@laptop", "same@laptop"]);
      assertEquals(await here.call("counter.next", [], { on: "other@laptop" }), 2);
      assertEquals(there.list(), ["same@pi"]);
      assertEquals(events, ["+other", "+other@laptop", "+same@laptop", "-other"]);
      await assertFails("CONNECTION_DENIED", here.connect("same"));
    },
  );

  await step("who may connect is asked with the device, and denies by it", async () => {
    const asked: unknown[] = [];
    await using choosy = await two.node("laptop", "choosy", {
      executors: 1,
      accept: (peer) => {
        asked.push({ ...peer });
        return peer.device === undefined || peer.name === "friend@pi";
      },
    });
    await using friend = await two.node("pi", "friend");
    await using stranger = await two.node("pi", "stranger");
    await using neighbour = await two.node("laptop", "stranger");
    await friend.connect("choosy@laptop");
    const error = await assertFails("CONNECTION_DENIED", stranger.connect("choosy@laptop"));
    assertEquals(error.message, 'Cannot connect: "choosy" denied the connection');
    await neighbour.connect("choosy");
    assertEquals(asked, [
      { name: "friend@pi", id: friend.id, device: "pi" },
      { name: "stranger@pi", id: stranger.id, device: "pi" },
      { name: "stranger", id: neighbour.id, device: undefined },
    ]);
    assertEquals(choosy.list(), ["friend@pi", "stranger"]);
  });

  await step("two nodes that connect to each other at the same instant share one connection", async () => {
    for (let round = 0; round < 2; round++) {
      await using here = await two.node("pi", "one");
      await using there = await two.node("laptop", "two");
      await Promise.all([here.connect("two@laptop"), there.connect("one@pi")]);
      assertEquals([here.list(), there.list()], [["two@laptop"], ["one@pi"]]);
      assertEquals(await here.call("math.add", [1, 2], { on: "two@laptop" }), 3);
      assertEquals(await there.call("math.add", [3, 4], { on: "one@pi" }), 7);
    }
    // Again and again, with executors that are there already: an attempt is over in milliseconds.
    const small = { executors: 1 };
    await using here = await two.node("pi", "one", small);
    await using there = await two.node("laptop", "two", small);
    await Promise.all([here.warm(), there.warm()]);
    for (let round = 0; round < 6; round++) {
      await Promise.all([here.connect("two@laptop"), there.connect("one@pi")]);
      assertEquals([here.list(), there.list()], [["two@laptop"], ["one@pi"]]);
      assertEquals(await here.call("math.add", [1, 2], { on: "two@laptop" }), 3);
      assertEquals(await there.call("math.add", [3, 4], { on: "one@pi" }), 7);
      const left = nextEvent(there, "disconnect");
      await here.disconnect("two@laptop");
      await left;
    }
  });

  await step("calls wait while the cable is out for a moment, and none is made twice", async () => {
    await using here = await two.node("pi", "node-1");
    await using _there = await two.node("laptop", "node-2");
    const on = "node-2@laptop";
    await here.connect(on);
    assertEquals(await here.call("counter.next", [], { on }), 1);
    two.setCable("out");
    const waiting = [here.call("counter.next", [], { on }), here.call("counter.next", [], { on })];
    await assertFails("DEVICE_UNREACHABLE", here.connect("node-3@laptop"));
    two.setCable("in");
    assertEquals(await Promise.all(waiting), [2, 3]);
    assertEquals(here.list(), [on]);
  });

  await step(
    "a call whose connection breaks while the device is unreachable is CONNECTION_LOST, and not made again",
    async () => {
      await using here = await two.node("pi", "node-1");
      // The loop that nobody hears of any more ends at this limit, and the next call waits for that.
      await using _there = await two.node("laptop", "node-2", { limits: { time: 3000 } });
      const on = "node-2@laptop";
      await here.connect(on);
      const loop = await startLoop(here, on);
      // Only the connection to the executor breaks: the peer still answers executor.open.
      two.refuseOpen("pi", new GhostError("DEVICE_UNREACHABLE", "Cannot open: nobody is there"));
      two.breakPipes(1);
      const error = await assertFails("CONNECTION_LOST", loop.exitCode);
      assertEquals(error.message, "Cannot open: nobody is there");
      await assertFails("DEVICE_UNREACHABLE", here.call("math.add", [1, 2], { on }));
      two.refuseOpen("pi", undefined);
      assertEquals([await here.call("math.add", [1, 2], { on }), here.list()], [3, [on]]);
    },
  );

  await step("an executor that is killed is replaced, over another pipe", async () => {
    await using here = await two.node("pi", "node-1");
    await using _there = await two.node("laptop", "node-2", { limits: { time: 300 } });
    const on = "node-2@laptop";
    const opened = () => two.asked("pi").filter((what) => what === "open").length;
    const before = opened();
    await here.connect(on);
    const add = await here.function("math.add", { on });
    assertEquals(await here.call("counter.next", [], { on }), 1);
    await assertFails("TIME_LIMIT", here.run("program", ["loop"], { on }).exitCode);
    assertEquals(await add(1, 2), 3);
    assertEquals(await here.call("counter.next", [], { on }), 1);
    assertEquals(opened() - before, 2);
  });

  await step(
    "a connection over a link that is killed fails its calls by name, and is back when the link is",
    async () => {
      await using here = await two.node("pi", "node-1");
      await using there = await two.node("laptop", "node-2");
      const on = "node-2@laptop";
      await here.connect(on);
      const add = await here.function("math.add", { on });
      const loop = await startLoop(here, on);
      const lost = [nextEvent(here, "disconnect"), nextEvent(there, "disconnect")];
      const back = [nextEvent(here, "connect"), nextEvent(there, "connect")];
      await two.killLink("pi");
      await assertFails("CONNECTION_LOST", loop.exitCode);
      assertEquals((await Promise.all(lost)).map(({ name, error }) => [name, error?.code]), [
        [on, "CONNECTION_LOST"],
        ["node-1@pi", "CONNECTION_LOST"],
      ]);
      await assertFails("NOT_CONNECTED", add(1, 2));
      await assertFails("LINK_NOT_RUNNING", here.connect("node-3@laptop"));
      assertEquals(await here.discover(), ["node-1"]);
      await two.startLinks();
      await Promise.all(back);
      assertEquals(await add(1, 2), 3);
      assertEquals(await there.call("math.add", [1, 2], { on: "node-1@pi" }), 3);
    },
  );
});
