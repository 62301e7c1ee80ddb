import { assert, assertEquals } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { Network, nextEvent } from "../../tools/network.ts";
import { assertFails } from "../harness.ts";

Deno.test("connecting twice does nothing, to itself or to nobody is refused", async () => {
  await using network = await Network.start();
  const [here, there] = await network.pair();
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
});

Deno.test("connecting to one that is being connected to waits for the same connection", async () => {
  await using network = await Network.start();
  const [here, there] = [await network.node("here"), await network.node("there")];
  const connections: string[] = [];
  here.on("connect", ({ name }) => connections.push(name));
  await Promise.all([here.connect("there"), here.connect("there"), here.connect("there")]);
  assertEquals([connections, here.list(), there.list()], [["there"], ["there"], ["here"]]);
});

Deno.test("disconnecting ends it on both sides, without an error, and it can be made again", async () => {
  await using network = await Network.start();
  const [here, there] = await network.pair();
  const left = nextEvent(there, "disconnect");
  await here.disconnect("there");
  assertEquals(await left, { name: "here", error: undefined });
  assertEquals([here.list(), there.list()], [[], []]);
  const error = await assertFails("NOT_CONNECTED", here.disconnect("there"));
  assertEquals(error.message, 'Cannot reach "there": it is not connected');
  await assertFails("NOT_CONNECTED", here.call("math.add", [1, 2], { on: "there" }));
  await there.connect("here");
  assertEquals(await here.call("math.add", [1, 2], { on: "there" }), 3);
});

Deno.test("events tell of those who come and go, until nobody listens", async () => {
  await using network = await Network.start();
  const [here, there] = [await network.node("here"), await network.node("there")];
  const events: string[] = [];
  const stop = here.on("connect", ({ name }) => events.push(`+${name}`));
  here.on("disconnect", ({ name }) => events.push(`-${name}`));
  await there.connect("here");
  const left = nextEvent(here, "disconnect");
  await there.close();
  await left;
  assertEquals(events, ["+there", "-there"]);
  stop();
  const again = await network.node("there");
  await again.connect("here");
  assertEquals([here.list(), events], [["there"], ["+there", "-there"]]);
});

Deno.test("a connection that was given up is not made later", async () => {
  await using network = await Network.start();
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<boolean>();
  const there = await network.node("there", { accept: () => (asked.resolve(), answer.promise) });
  const here = await network.node("here");
  const stop = new AbortController();
  const connecting = here.connect("there", { signal: stop.signal });
  await asked.promise;
  stop.abort();
  await assertFails("CANCELLED", connecting);
  answer.resolve(true);
  assertEquals([await here.discover(), here.list(), there.list()], [["here", "there"], [], []]);
});

Deno.test("a node can be closed at any moment of connecting", async () => {
  await using network = await Network.start();
  for (let turns = 0; turns < 24; turns++) {
    const [here, there] = await Promise.all([network.node("here"), network.node("there")]);
    const connecting = here.connect("there").catch((error) => error);
    for (let turn = 0; turn < turns ** 2; turn++) await Promise.resolve();
    await new Promise((resolve) => setTimeout(resolve, turns));
    await (turns % 2 === 0 ? here : there).close();
    const outcome = await connecting;
    assert(outcome === undefined || outcome instanceof GhostError, String(outcome));
    await Promise.all([here.close(), there.close()]);
  }
});
