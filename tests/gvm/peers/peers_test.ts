import { assert, assertEquals, assertMatch } from "@std/assert";
import type { GhostNode } from "../../../gvm/node/ghost_node.ts";
import { commandLine, eventually, GvmProcess, ROOT } from "../../tools/commands.ts";
import { variables } from "../../tools/daemon_process.ts";
import { Network, nextEvent, startLoop } from "../../tools/network.ts";
import { assertFails } from "../harness.ts";

Deno.test("a node whose executors cannot start says so, and whose they are, to who connects", async () => {
  await using network = await Network.start();
  const here = await network.node("here");
  const poor = new Deno.Command(Deno.execPath(), {
    args: commandLine("gvm", ["--name", "poor"]).slice(1),
    cwd: ROOT,
    env: { ...variables(network.daemon.settings), PATH: "/nonexistent" },
    stdin: "piped",
    stdout: "null",
    stderr: "null",
  }).spawn();
  try {
    await eventually("the node", async () => (await here.discover()).includes("poor"));
    const { message } = await assertFails("CONNECTION_DENIED", here.connect("poor"));
    assertMatch(message, /^Cannot connect: "poor" has no executor\. Cannot start an executor: .*deno/);
    assertEquals(here.list(), []);
  } finally {
    await poor.stdin.close();
    await poor.status;
  }
});

Deno.test("a node that accepts nobody denies by name, and can connect to others itself", async () => {
  await using network = await Network.start();
  const closed = await network.node("closed", { accept: () => false });
  const here = await network.node("here");
  const error = await assertFails("CONNECTION_DENIED", here.connect("closed"));
  assertEquals(error.message, 'Cannot connect: "closed" denied the connection');
  assertEquals([here.list(), closed.list()], [[], []]);
  await eventually("the end of the executor", () => network.executors().length === 0);
  await closed.connect("here");
  assertEquals(await here.call("math.add", [1, 2], { on: "closed" }), 3);
});

Deno.test("who may connect is asked with the name and id, and awaited", async () => {
  await using network = await Network.start();
  const asked: string[] = [];
  await network.node("choosy", {
    accept: async ({ name, id }) => {
      asked.push(`${name} ${id}`);
      await new Promise((resolve) => setTimeout(resolve));
      return name === "friend";
    },
  });
  const [friend, stranger] = [await network.node("friend"), await network.node("stranger")];
  await friend.connect("choosy");
  await assertFails("CONNECTION_DENIED", stranger.connect("choosy"));
  assertEquals(asked, [`friend ${friend.id}`, `stranger ${stranger.id}`]);
});

Deno.test("a question that fails denies the connection, and the node goes on", async () => {
  await using network = await Network.start();
  await network.node("broken", {
    accept: () => {
      throw new Error("no idea");
    },
  });
  const here = await network.node("here");
  await assertFails("CONNECTION_DENIED", here.connect("broken"));
  assertEquals(await here.discover(), ["broken", "here"]);
});

Deno.test("two nodes that connect to each other at the same instant share one connection", async () => {
  await using network = await Network.start();
  for (let round = 0; round < 12; round++) {
    const [one, two] = await Promise.all([network.node("one"), network.node("two")]);
    const events: string[] = [];
    for (const node of [one, two]) {
      node.on("connect", ({ name }) => events.push(`+${name}`));
      node.on("disconnect", ({ name }) => events.push(`-${name}`));
    }
    // Sometimes exactly at once, sometimes in the middle of the other one's attempt.
    const second = async () => {
      await new Promise((resolve) => setTimeout(resolve, 3 * round));
      await two.connect("one");
    };
    await Promise.all([one.connect("two"), round % 3 === 0 ? two.connect("one") : second()]);
    assertEquals([one.list(), two.list()], [["two"], ["one"]]);
    assertEquals(events.sort(), ["+one", "+two"]);
    assertEquals(await one.call("math.add", [1, 2], { on: "two" }), 3);
    assertEquals(await two.call("math.add", [1, 2], { on: "one" }), 3);
    // Each hosts one session, and nothing is left of the other attempt once its executor has ended.
    await eventually("two executors", () => network.executors().length === 2);
    await Promise.all([one.close(), two.close()]);
  }
});

Deno.test("nodes that ask before they accept meet when both want to", async () => {
  await using network = await Network.start();
  const never = () => new Promise<boolean>(() => {});
  for (let round = 0; round < 6; round++) {
    const one = await network.node("one", { accept: never });
    const two = await network.node("two", { accept: never });
    const first = one.connect("two");
    if (round % 2 === 0) await new Promise((resolve) => setTimeout(resolve, 60));
    await Promise.all([first, two.connect("one")]);
    assertEquals([one.list(), two.list()], [["two"], ["one"]]);
    await Promise.all([one.close(), two.close()]);
  }
});

Deno.test("many nodes connect to many at once", async () => {
  await using network = await Network.start();
  const names = ["a", "b", "c", "d"];
  const nodes = await Promise.all(names.map((name) => network.node(name, { executors: 1 })));
  const others = (node: GhostNode) => names.filter((name) => name !== node.name);
  await Promise.all(nodes.flatMap((node) => others(node).map((name) => node.connect(name))));
  for (const node of nodes) assertEquals(node.list().sort(), others(node));
  const sums = nodes.flatMap((node) => others(node).map((on) => node.call("math.add", [1, 2], { on })));
  assertEquals(await Promise.all(sums), sums.map(() => 3));
});

Deno.test("a node that does not know the ticket yet is dialled once more, with a new one", async () => {
  await using network = await Network.start();
  const [here, there] = [await network.node("here"), await network.node("there")];
  const { port } = (await network.gpmd.nodes()).find(({ name }) => name === "there")!;
  const connect = Deno.connect;
  for (const [wrong, dialled] of [[1, 2], [2, 2]] as const) {
    let dials = 0;
    Deno.connect = (async (options: Deno.ConnectOptions) => {
      const connection = await connect(options);
      if (options.port === port && dials++ < wrong) spoilProof(connection);
      return connection;
    }) as typeof Deno.connect;
    try {
      if (wrong === 1) await here.connect("there");
      else await assertFails("UNAUTHENTICATED", here.connect("there"));
    } finally {
      Deno.connect = connect;
    }
    assertEquals(dials, dialled);
    if (wrong === 1) await here.disconnect("there");
  }
  assertEquals(there.list(), []);
});

/** Has the second of its writes, the PROOF, end with another bit. */
function spoilProof(connection: Deno.TcpConn): void {
  const write = connection.write.bind(connection);
  let writes = 0;
  connection.write = (bytes) => {
    if (++writes !== 2) return write(bytes);
    const spoilt = bytes.slice();
    spoilt[spoilt.length - 1]! ^= 1;
    return write(spoilt);
  };
}

Deno.test("a peer that is killed is lost with an error, and a call to it fails by name", async () => {
  await using network = await Network.start();
  const here = await network.node("here");
  await using there = await GvmProcess.start(network.daemon.env, "there");
  await here.connect("there");
  const loop = await startLoop(here, "there");
  const lost = nextEvent(here, "disconnect");
  there.kill("SIGKILL");
  await assertFails("CONNECTION_LOST", loop.exitCode);
  const { name, error } = await lost;
  assertEquals([name, error?.code], ["there", "CONNECTION_LOST"]);
  assertEquals(here.list(), []);
  await assertFails("NOT_CONNECTED", here.call("math.add", [1, 2], { on: "there" }));
  await eventually("the name is free", async () => !(await here.discover()).includes("there"));
});

Deno.test("a node that is started anew under its name is the one that is connected", async () => {
  await using network = await Network.start();
  const here = await network.node("here");
  for (let start = 1; start <= 3; start++) {
    const there = await network.node("there");
    await there.connect("here");
    assertEquals(await here.call("counter.next", [], { on: "there" }), 1);
    assertEquals(await there.call("counter.next", [], { on: "here" }), 1);
    await there.close();
  }
});

Deno.test("an executor that is killed is replaced, and the peer whose it was hears why its call failed", async () => {
  await using network = await Network.start();
  const [here, there] = await network.pair();
  assertEquals(await here.call("counter.next", [], { on: "there" }), 1);
  const runs = await Promise.all([startLoop(here, "there"), startLoop(there, "here")]);
  const failed = runs.map(({ exitCode }) => assertFails("EXECUTOR_RESTARTED", exitCode));
  const executors = network.executors();
  assertEquals(executors.length, 2);
  for (const pid of executors) Deno.kill(pid, "SIGKILL");
  await Promise.all(failed);
  assertEquals(await here.call("counter.next", [], { on: "there" }), 1);
  assertEquals([here.list(), there.list()], [["there"], ["here"]]);
});

Deno.test("a time limit ends a peer's call and nothing else", async () => {
  await using network = await Network.start();
  const there = await network.node("there", { limits: { time: 300 } });
  const [here, third] = [await network.node("here"), await network.node("third")];
  await Promise.all([here.connect("there"), third.connect("there")]);
  const error = await assertFails("TIME_LIMIT", here.call("counter.spin", [], { on: "there" }));
  assert(error.message.includes("300"), error.message);
  assertEquals(await third.call("math.add", [1, 2], { on: "there" }), 3);
  assertEquals(await here.call("math.add", [1, 2], { on: "there" }), 3);
  assertEquals(there.list().sort(), ["here", "third"]);
});
