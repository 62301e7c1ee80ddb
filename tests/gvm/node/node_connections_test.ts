/** Connections as a program makes and ends them. The tests share the network and the nodes here and there. */
import { assert, assertEquals } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { Network, nextEvent } from "../../tools/network.ts";
import { assertFails } from "../harness.ts";

Deno.test("connections of a node", async (t) => {
  await using network = await Network.start();
  const [here, there] = await Promise.all([network.node("here"), network.node("there")]);

  await t.step("connecting twice does nothing, to itself or to nobody is refused", async () => {
    await here.connect("there");
    const before = network.executors();
    await Promise.all([here.connect("there"), here.connect("there"), there.connect("here")]);
    assertEquals([here.list(), there.list()], [["there"], ["here"]]);
    assertEquals(network.executors(), before);
    await assertFails("CONNECTION_DENIED", here.connect("here"));
    const error = await assertFails("NODE_NOT_FOUND", here.connect("ther"));
    assertEquals(
      error.message,
      'Cannot find "ther": no node of that name is registered; did you mean "there"?',
    );
    await assertFails("INVALID_NAME", here.connect("../../x"));
    await here.disconnect("there");
  });

  await t.step("connecting to one that is being connected to waits for the same connection", async () => {
    const connections: string[] = [];
    const stop = here.on("connect", ({ name }) => connections.push(name));
    await Promise.all([here.connect("there"), here.connect("there"), here.connect("there")]);
    stop();
    assertEquals([connections, here.list(), there.list()], [["there"], ["there"], ["here"]]);
    await here.disconnect("there");
  });

  await t.step(
    "disconnecting ends it on both sides, without an error, and it can be made again",
    async () => {
      await here.connect("there");
      const left = nextEvent(there, "disconnect");
      await here.disconnect("there");
      assertEquals(await left, { name: "here", error: undefined });
      assertEquals([here.list(), there.list()], [[], []]);
      const error = await assertFails("NOT_CONNECTED", here.disconnect("there"));
      assertEquals(error.message, 'Cannot reach "there": it is not connected');
      await assertFails("NOT_CONNECTED", here.call("math.add", [1, 2], { on: "there" }));
      await there.connect("here");
      assertEquals(await here.call("math.add", [1, 2], { on: "there" }), 3);
      await here.disconnect("there");
    },
  );

  await t.step("events tell of those who come and go, until nobody listens", async () => {
    const guest = await network.node("guest");
    const events: string[] = [];
    const stop = here.on("connect", ({ name }) => events.push(`+${name}`));
    const stopLeft = here.on("disconnect", ({ name }) => events.push(`-${name}`));
    await guest.connect("here");
    const left = nextEvent(here, "disconnect");
    await guest.close();
    await left;
    assertEquals(events, ["+guest", "-guest"]);
    stop();
    await using again = await network.node("guest");
    await again.connect("here");
    assertEquals([here.list(), events], [["guest"], ["+guest", "-guest"]]);
    stopLeft();
  });

  await t.step("a connection that was given up is not made later", async () => {
    const asked = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<boolean>();
    const accept = () => (asked.resolve(), answer.promise);
    await using choosy = await network.node("choosy", { accept });
    await using asking = await network.node("asking");
    const stop = new AbortController();
    const connecting = asking.connect("choosy", { signal: stop.signal });
    await asked.promise;
    stop.abort();
    await assertFails("CANCELLED", connecting);
    answer.resolve(true);
    assertEquals(await asking.discover(), ["asking", "choosy", "here", "there"]);
    assertEquals([asking.list(), choosy.list()], [[], []]);
  });
});

Deno.test("a node can be closed at any moment of connecting", async () => {
  await using network = await Network.start();
  // These stay, with an executor that is there already; the one that is closed is new each time.
  const [caller, called] = await network.smallPair("caller", "called");
  for (let turns = 0; turns < 24; turns += 2) {
    const closing = await network.node(`closing-${turns}`);
    const [here, there] = turns % 4 === 0 ? [closing, called] : [caller, closing];
    const connecting = here.connect(there.name).catch((error) => error);
    for (let turn = 0; turn < turns ** 2; turn++) await Promise.resolve();
    await new Promise((resolve) => setTimeout(resolve, turns));
    await closing.close();
    const outcome = await connecting;
    assert(outcome === undefined || outcome instanceof GhostError, String(outcome));
  }
});
