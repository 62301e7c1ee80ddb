// The tests share a network, in which each has nodes of its own.
import { assertEquals } from "@std/assert";
import { eventually } from "../../tools/commands.ts";
import { Network, nextEvent, startLoop } from "../../tools/network.ts";
import { assertFails } from "../harness.ts";
import { GhostError } from "../../../gmp/errors.ts";
import { Reconnection } from "../../../gvm/peers/reconnection.ts";
import { dialledBy, toFrontDoorOf } from "../node/_dialled.ts";

Deno.test("connections that break between nodes of one network", async (t) => {
  await using network = await Network.start();

  await network.step(
    t,
    "a connection that breaks in the middle of a call fails it by name and comes back by itself",
    async () => {
      const [here, there] = [await network.node("here"), await network.node("there")];
      const dialled = await dialledBy(() => here.connect("there"));
      const add = await here.function("math.add", { on: "there" });
      const loop = await startLoop(here, "there");
      const lost = [nextEvent(here, "disconnect"), nextEvent(there, "disconnect")];
      const back = [nextEvent(here, "connect"), nextEvent(there, "connect")];
      (await toFrontDoorOf("there", network, dialled)).close();
      await assertFails("CONNECTION_LOST", loop.exitCode);
      for (const { error } of await Promise.all(lost)) assertEquals(error?.code, "CONNECTION_LOST");
      await Promise.all(back);
      assertEquals([here.list(), there.list()], [["there"], ["here"]]);
      assertEquals(await add(1, 2), 3);
      assertEquals(await there.call("math.add", [1, 2], { on: "here" }), 3);
      await eventually(
        "the end of the executor of the connection that broke",
        () => network.executors().length === 2,
      );
    },
  );

  await network.step(t, "a connection that is coming back can be called off", async () => {
    const [here, there] = [await network.node("here"), await network.node("there")];
    const dialled = await dialledBy(() => here.connect("there"));
    const lost = nextEvent(here, "disconnect");
    (await toFrontDoorOf("there", network, dialled)).close();
    await lost;
    await here.disconnect("there");
    await assertFails("NOT_CONNECTED", here.disconnect("there"));
    await new Promise((resolve) => setTimeout(resolve, 100)); // twice the first wait of the reconnection
    assertEquals([here.list(), there.list()], [[], []]);
  });

  await network.step(
    t,
    "a node that was left is not connected to again, however that connection ended",
    async () => {
      const [here] = [await network.node("here"), await network.node("there")];
      const breaks = [() => Promise.reject(new Deno.errors.BrokenPipe()), () => new Promise<never>(() => {})];
      for (const write of breaks) {
        const dialled = await dialledBy(() => here.connect("there"));
        (await toFrontDoorOf("there", network, dialled)).write = write;
        const ended = nextEvent(here, "disconnect");
        await here.disconnect("there");
        assertEquals((await ended).error, undefined);
        // It would be no error to call a connection off that is coming back.
        await assertFails("NOT_CONNECTED", here.disconnect("there"));
      }
    },
  );

  await network.step(
    t,
    "a node that closes leaves nothing to do, though a peer does not read its goodbye",
    async () => {
      const [here] = [await network.node("here"), await network.node("there")];
      const dialled = await dialledBy(() => here.connect("there"));
      (await toFrontDoorOf("there", network, dialled)).write = () => new Promise<never>(() => {});
      const ended = nextEvent(here, "disconnect");
      await here.close();
      assertEquals((await ended).error, undefined);
    },
  );

  await network.step(
    t,
    "a connection comes back once, and not at all to a node that does not let us in any more",
    async () => {
      let asked = 0;
      const here = await network.node("here");
      const there = await network.node("there", { accept: () => ++asked === 1 });
      const dialled = await dialledBy(() => here.connect("there"));
      (await toFrontDoorOf("there", network, dialled)).close();
      await eventually("the second question", () => asked === 2);
      await new Promise((resolve) => setTimeout(resolve, 300)); // beyond the second wait of the reconnection
      assertEquals([asked, here.list(), there.list()], [2, [], []]);
    },
  );
});

Deno.test("a node of another device is tried again when devices have changed, even during an attempt", async () => {
  let attempts = 0;
  const start = performance.now();
  const reconnection: Reconnection = new Reconnection(() => {
    if (++attempts === 20) return Promise.resolve();
    reconnection.hurry();
    return Promise.reject(new GhostError(attempts % 2 === 0 ? "DEVICE_UNREACHABLE" : "LINK_NOT_RUNNING"));
  });
  const back = reconnection.begin("node-1@laptop");
  reconnection.hurry();
  await back;
  assertEquals(attempts, 20);
  // The first wait alone would be a second.
  assertEquals(performance.now() - start < 1000, true);
});

Deno.test("a node that has not registered again when devices change is tried as long as one of this device", async () => {
  let attempts = 0;
  const reconnection: Reconnection = new Reconnection(() => {
    if (++attempts === 5) return Promise.resolve();
    reconnection.hurry();
    return Promise.reject(new GhostError("NODE_NOT_FOUND"));
  });
  const back = reconnection.begin("node-1@laptop");
  reconnection.hurry();
  await back;
  assertEquals(attempts, 5);
});

Deno.test("a node of another device is given up when it denies, or its device is not paired any more", async () => {
  for (const code of ["CONNECTION_DENIED", "DEVICE_NOT_FOUND", "NOT_GRANTED"] as const) {
    let attempts = 0;
    const reconnection = new Reconnection(() => {
      attempts++;
      return Promise.reject(new GhostError(code));
    });
    const over = reconnection.begin("node-1@laptop");
    reconnection.hurry();
    await over;
    assertEquals(attempts, 1, code);
  }
});

Deno.test("a connection that breaks while its node closes is not re-established", async () => {
  let attempts = 0;
  const reconnection = new Reconnection(() => {
    attempts++;
    return Promise.reject(new GhostError("CANCELLED")); // as a node that was closed answers
  });
  const before = reconnection.begin("node-1");
  reconnection.close();
  await reconnection.begin("node-2");
  await before;
  assertEquals(attempts, 0);
});
