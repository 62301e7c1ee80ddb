import { assert, assertEquals, assertMatch } from "@std/assert";
import type { ErrorCode, GhostError } from "../../../gmp/errors.ts";
import { encodeBody } from "../../../gmp/frames/body.ts";
import { Kind, PREFACE } from "../../../gmp/frames/frame.ts";
import { newKey } from "../../../gmp/handshake/keys.ts";
import { GhostNode } from "../../../gvm/node/ghost_node.ts";
import type { GhostNodeEvents } from "../../../gvm/node/node_options.ts";
import { concat, frameBytes } from "../../gmp/_wire.ts";
import { connectNode, type TestNode } from "../../gpmd/_node.ts";
import { startDaemon, type TestDaemon } from "../../tools/daemon_process.ts";
import { eventually } from "../../tools/commands.ts";
import { Network, nextEvent, readModule } from "../../tools/network.ts";
import { assertFails, nextText } from "../harness.ts";

Deno.test("nodes of a GPMD that runs, and ends when it is told to", async (t) => {
  await using network = await Network.start();

  await t.step("a node with another secret is not registered", async () => {
    const error = await assertFails("UNAUTHENTICATED", network.node("here", { secret: newKey() }));
    const { gmpPort } = network.daemon.settings;
    assertEquals(
      error.message,
      `Cannot reach GPMD: port ${gmpPort} is that of another store's GPMD; name the one for nodes with --gmp-port or ` +
        "GHOST_GMP_PORT, or the other store with --home or GHOST_HOME",
    );
    assertEquals((await network.gpmd.nodes()).length, 0);
  });

  await t.step("a node that has closed is gone: its name is free, and nobody discovers it", async () => {
    await using here = await network.node("here");
    for (let round = 0; round < 20; round++) {
      const node = await network.node("again");
      assertEquals(await here.discover(), ["again", "here"]);
      await node.close();
      assertEquals(await here.discover(), ["here"]);
    }
  });

  await t.step("GPMD that says goodbye is lost all the same", async () => {
    await using node = await network.node("here");
    const lost = nextEvent(node, "gpmd");
    await using gpmd = await network.daemon.connect();
    await gpmd.kill();
    assertEquals(await lost, { state: "lost" });
    await assertFails("GPMD_NOT_RUNNING", node.discover());
  });
});

Deno.test("GPMD killed under connected nodes: they go on, say so, and register again when it is back", async () => {
  await using network = await Network.start();
  const { daemon } = network;
  const [here, there] = await network.pair();
  for (const [node, on] of [[here, "there"], [there, "here"]] as const) {
    assertEquals(await node.call("math.add", [1, 2], { on }), 3);
  }
  const input = new TransformStream<Uint8Array, Uint8Array>();
  const run = here.run("greet", ["Ada", "-"], { on: "there", stdin: input.readable });
  const output = run[Symbol.asyncIterator]();
  assertEquals(await nextText(output), "Hello, Ada!\n");
  const events: string[] = [];
  for (const node of [here, there]) node.on("gpmd", ({ state }) => events.push(`${node.name} ${state}`));
  const lost = [nextEvent(here, "gpmd"), nextEvent(there, "gpmd")];
  Deno.kill(daemon.pid, "SIGSTOP"); // so that it does not answer what it is asked
  const unanswered = [here.modules(), here.signature("counter.next", { on: "there" })];
  const failed = unanswered.map((asked) => assertFails("GPMD_NOT_RUNNING", asked));
  Deno.kill(daemon.pid, "SIGKILL");
  await Promise.all([...lost, ...failed]);

  assertEquals([here.list(), there.list()], [["there"], ["here"]]);
  assertEquals(await there.call("math.add", [1, 2], { on: "here" }), 3);
  assertEquals(await here.call("math.mul", [3, 4], { on: "there" }), 12);
  await assertFails("GPMD_NOT_RUNNING", here.discover());
  await assertFails("GPMD_NOT_RUNNING", here.modules());
  await assertFails("GPMD_NOT_RUNNING", here.connect("third"));
  await assertFails("GPMD_NOT_RUNNING", here.call("counter.next", [], { on: "there" }));
  await assertFails("GPMD_NOT_RUNNING", GhostNode.start({ ...daemon.settings, secret: daemon.secret }));

  const back = [nextEvent(here, "gpmd"), nextEvent(there, "gpmd")];
  await using again = await startDaemon(daemon.settings);
  await using gpmd = await again.connect();
  await gpmd.upload({ name: "math", version: "v2.0.0", module: readModule("counter") });
  await Promise.all(back);
  assertEquals(events.sort(), ["here back", "here lost", "there back", "there lost"]);
  assertEquals(await here.discover(), ["here", "there"]);
  // It is told of the connections that there are.
  const connections = async () =>
    (await gpmd.nodes()).map(({ name, connections }) => `${name} ${connections}`);
  await eventually("their connections", async () => (await connections()).join() === "here 1,there 1");
  assertEquals(await here.call("math.next", [], { on: "there" }), 1);
  const third = await network.node("third");
  await third.connect("here");
  assertEquals(here.list(), ["there", "third"]);
  await eventually("the third", async () => (await connections()).join() === "here 2,there 1,third 1");
  await third.disconnect("here");
  await eventually("one less", async () => (await connections()).join() === "here 1,there 1,third 0");
  // What ran all the while goes on.
  const writer = input.writable.getWriter();
  await writer.write(new TextEncoder().encode("Bob\n"));
  assertEquals(await nextText(output), "Hello, Bob!\n");
  await writer.close();
  assertEquals(await run.exitCode, 0);
});

Deno.test("a node that is closed while GPMD is away does not come back", async () => {
  await using network = await Network.start();
  const nodes = await Promise.all(["a", "b", "c", "d", "e", "f"].map((name) => network.node(name)));
  const lost = nodes.map((node) => nextEvent(node, "gpmd"));
  Deno.kill(network.daemon.pid, "SIGKILL");
  await Promise.all(lost);
  await using again = await startDaemon(network.daemon.settings);
  // At various moments of its return.
  for (const node of nodes) {
    await node.close();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await using gpmd = await again.connect();
  await eventually("the nodes are gone", async () => (await gpmd.nodes()).length === 0);
});

Deno.test("a name that another node took meanwhile is taken back when that one leaves", async () => {
  await using network = await Network.start();
  const node = await network.node("here");
  const lost = nextEvent(node, "gpmd");
  Deno.kill(network.daemon.pid, "SIGKILL");
  await lost;
  let back = false;
  node.on("gpmd", () => back = true);
  await using _again = await startDaemon(network.daemon.settings);
  // It may be too late for that; then the name was never free.
  const thief = await network.node("here").catch((error: GhostError) =>
    assertEquals(error.code, "NAME_TAKEN")
  );
  if (thief !== undefined) {
    assertEquals(await thief.discover(), ["here"]);
    await thief.close();
  }
  await eventually("the return", () => back);
  assertEquals(await node.discover(), ["here"]);
});

/** Has somebody else take the name of `node` while its GPMD is away. Whoever is first has it, so it may take several attempts. */
async function stealName(
  network: Network,
  node: GhostNode,
): Promise<{ daemon: TestDaemon; thief: TestNode }> {
  for (let { daemon }: { daemon: TestDaemon } = network;;) {
    const lost = nextEvent(node, "gpmd");
    Deno.kill(daemon.pid, "SIGKILL");
    await daemon.process.status;
    await lost;
    // That of the network is its own to end; one of an attempt before is nobody's.
    if (daemon !== network.daemon) await daemon[Symbol.asyncDispose]();
    daemon = await startDaemon(network.daemon.settings);
    const thief = await connectNode(daemon);
    if (await thief.register(node.name).then(() => true, () => false)) return { daemon, thief };
    await thief.channel.close();
  }
}

Deno.test("a node whose name was taken while GPMD was away says that, and not that GPMD is away", async () => {
  await using network = await Network.start();
  const node = await network.node("here");
  const told = Promise.withResolvers<GhostNodeEvents["gpmd"]>();
  node.on("gpmd", (event) => event.state === "refused" && told.resolve(event));
  const { daemon, thief } = await stealName(network, node);
  await using _daemon = daemon;
  const { error } = await told.promise;
  assertEquals(error?.code, "NAME_TAKEN");
  for (
    const asked of [node.discover(), node.modules(), node.connect("other"), node.call("math.add", [1, 2])]
  ) {
    const { message } = await assertFails("NAME_TAKEN", asked);
    assertEquals(message, 'Cannot register "here": the name is taken by another node');
  }
  const back = nextEvent(node, "gpmd");
  await thief.channel.close();
  assertEquals(await back, { state: "back" });
  assertEquals(await node.discover(), ["here"]);
});

/** A program on the port of nodes that is not GPMD: it answers everyone with `say`, and keeps what it hears of the last. */
async function foreignProgram(
  say: (connection: Deno.TcpConn, heard: (bytes: Uint8Array) => void) => Promise<void>,
  code: ErrorCode = "UNAUTHENTICATED",
): Promise<{ error: GhostError; heard: Uint8Array; secret: Uint8Array }> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const secret = newKey();
  let heard: Uint8Array = new Uint8Array(0);
  const served = (async () => {
    for await (const accepted of listener) {
      using connection = accepted;
      heard = new Uint8Array(0);
      await say(connection, (bytes) => heard = concat(heard, bytes));
      for await (const bytes of readAll(connection)) heard = concat(heard, bytes);
    }
  })();
  const settings = { home: "/nonexistent", gmpPort: listener.addr.port, secret };
  const error = await assertFails(code, GhostNode.start({ ...settings, name: "my-name" }));
  listener.close();
  await served;
  return { error, heard, secret };
}

async function* readAll(connection: Deno.TcpConn): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(4096);
  for (;;) {
    const count = await connection.read(buffer).catch(() => null);
    if (count === null) return;
    yield buffer.slice(0, count);
  }
}

/** A CHALLENGE as GPMD sends it. */
const CHALLENGE = frameBytes(Kind.CHALLENGE, {
  payload: encodeBody({ nonce: new Uint8Array(16), role: "gpmd", software: "squatter" }),
});

Deno.test("a foreign program on the port of nodes is told to be one, and learns nothing", async () => {
  const programs: Record<
    string,
    (connection: Deno.TcpConn, heard: (bytes: Uint8Array) => void) => Promise<void>
  > = {
    "closes at once": (connection) => Promise.resolve(connection.closeWrite()),
    "speaks HTTP": async (connection) => {
      await connection.write(
        new TextEncoder().encode("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"),
      );
    },
    "speaks garbage": async (connection) => {
      await connection.write(crypto.getRandomValues(new Uint8Array(512)));
    },
    "says nothing": () => Promise.resolve(),
    "echoes": async (connection, heard) => {
      const buffer = new Uint8Array(4096);
      const count = await connection.read(buffer);
      heard(buffer.slice(0, count!));
      await connection.write(buffer.subarray(0, count!));
    },
    "is an executor": async (connection) => {
      const payload = encodeBody({ nonce: new Uint8Array(16), role: "executor", software: "squatter" });
      await connection.write(frameBytes(Kind.CHALLENGE, { payload }));
    },
  };
  await Promise.all(
    Object.entries(programs).map(async ([what, say]) => {
      const start = performance.now();
      // What never gets to the end of a CHALLENGE may be GPMD, stopped.
      const silent = what === "says nothing" || what === "echoes";
      const { error, heard } = await foreignProgram(say, silent ? "CONNECTION_LOST" : undefined);
      const reason = silent
        ? /: what listens on port \d+ does not answer$/
        : /: port \d+ is held by another program; name the one for nodes with --gmp-port or GHOST_GMP_PORT$/;
      assertMatch(error.message, reason);
      // Nothing but the preface, and where it spoke GMP the ERROR that ends it.
      assertEquals(heard.subarray(0, 4), PREFACE.slice(), what);
      assert(heard.length === 4 || heard[8] === Kind.ERROR, `${what}: ${heard.toHex()}`);
      const time = performance.now() - start;
      if (what === "says nothing") assert(time > 4000, `It was given up after ${time} ms`);
    }),
  );
});

Deno.test("a program that plays GPMD gets a proof that is of no use, and neither the secret nor a name", async () => {
  const { heard, secret } = await foreignProgram(async (connection, heard) => {
    await connection.write(CHALLENGE);
    const buffer = new Uint8Array(4096);
    for (let count = 0; count < 40;) {
      const read = await connection.read(buffer);
      heard(buffer.slice(0, read!));
      count += read!;
    }
    const mac = crypto.getRandomValues(new Uint8Array(32));
    await connection.write(frameBytes(Kind.WELCOME, { payload: encodeBody({ mac }) }));
  });
  const text = heard.toHex();
  assert(!text.includes(secret.toHex()) && !text.includes(new TextEncoder().encode("my-name").toHex()));
  assertEquals(heard[8], Kind.PROOF);
});
