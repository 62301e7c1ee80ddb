/**
 * Connections between nodes of one network. The tests share it, and `here`: a node with one executor, which serves all its
 * peers. Nodes of their own have the names that the test gives them, and are gone with it.
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import type { GhostNode } from "../../../gvm/node/ghost_node.ts";
import { commandLine, eventually, GvmProcess, ROOT } from "../../tools/commands.ts";
import { variables } from "../../tools/daemon_process.ts";
import { Network, nextEvent, startLoop } from "../../tools/network.ts";
import { assertFails } from "../harness.ts";

/** The options of a node that needs one executor, whatever it is connected to. */
const SMALL = { executors: 1 };

Deno.test("nodes of one network connect to each other", async (t) => {
  await using network = await Network.start();
  const here = await network.node("here", SMALL);
  await here.warm();
  const kept = network.executors();
  const started = () => network.executors().filter((pid) => !kept.includes(pid));

  await t.step(
    "a node whose executors cannot start says so, and whose they are, to who connects",
    async () => {
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
    },
  );

  await t.step("a node that accepts nobody denies by name, and can connect to others itself", async () => {
    await using closed = await network.node("closed", { accept: () => false });
    await using other = await network.node("other");
    const error = await assertFails("CONNECTION_DENIED", other.connect("closed"));
    assertEquals(error.message, 'Cannot connect: "closed" denied the connection');
    assertEquals([other.list(), closed.list()], [[], []]);
    await eventually("the end of the executor", () => started().length === 0);
    await closed.connect("here");
    assertEquals(await here.call("math.add", [1, 2], { on: "closed" }), 3);
  });

  await t.step("who may connect is asked with the name and id, and awaited", async () => {
    const asked: string[] = [];
    await using _choosy = await network.node("choosy", {
      accept: async ({ name, id }) => {
        asked.push(`${name} ${id}`);
        await new Promise((resolve) => setTimeout(resolve));
        return name === "here";
      },
    });
    await using stranger = await network.node("stranger");
    await here.connect("choosy");
    await assertFails("CONNECTION_DENIED", stranger.connect("choosy"));
    assertEquals(asked, [`here ${here.id}`, `stranger ${stranger.id}`]);
  });

  await t.step("a question that fails denies the connection, and the node goes on", async () => {
    await using _broken = await network.node("broken", {
      accept: () => {
        throw new Error("no idea");
      },
    });
    await assertFails("CONNECTION_DENIED", here.connect("broken"));
    assertEquals(await here.discover(), ["broken", "here"]);
  });

  await t.step("two nodes that connect to each other at the same instant share one connection", async () => {
    for (let round = 0; round < 3; round++) {
      await using one = await network.node("one");
      await using two = await network.node("two");
      await meet(one, two, 30 * round);
      // Each hosts one session, and nothing is left of the other attempt once its executor has ended.
      await eventually("two executors", () => started().length === 2);
    }
  });

  await t.step("they do so again and again, and leave as often", async () => {
    // Their executors are there already: an attempt takes milliseconds, and they meet at another moment of it each time.
    const [one, two] = await network.smallPair("one", "two");
    for (let round = 0; round < 12; round++) {
      await meet(one, two, round);
      const left = nextEvent(two, "disconnect");
      await one.disconnect("two");
      await left;
    }
    assertEquals(started().length, 2);
    await Promise.all([one.close(), two.close()]);
  });

  await t.step("nodes that ask before they accept meet when both want to", async () => {
    let asked = Promise.withResolvers<void>();
    const accept = () => (asked.resolve(), new Promise<boolean>(() => {}));
    const [one, two] = await network.smallPair("one", "two", { accept });
    for (let round = 0; round < 6; round++) {
      asked = Promise.withResolvers<void>();
      const first = one.connect("two");
      if (round % 2 === 0) await asked.promise;
      await Promise.all([first, two.connect("one")]);
      assertEquals([one.list(), two.list()], [["two"], ["one"]]);
      const left = nextEvent(two, "disconnect");
      await one.disconnect("two");
      await left;
    }
    await Promise.all([one.close(), two.close()]);
  });

  await t.step("many nodes connect to many at once", async () => {
    const names = ["a", "b", "c", "d"];
    const nodes = await Promise.all(names.map((name) => network.node(name, SMALL)));
    const others = (node: GhostNode) => names.filter((name) => name !== node.name);
    await Promise.all(nodes.flatMap((node) => others(node).map((name) => node.connect(name))));
    for (const node of nodes) assertEquals(node.list().sort(), others(node));
    const sums = nodes.flatMap((node) => others(node).map((on) => node.call("math.add", [1, 2], { on })));
    assertEquals(await Promise.all(sums), sums.map(() => 3));
    await Promise.all(nodes.map((node) => node.close()));
  });

  await t.step("a node that does not know the ticket yet is dialled once more, with a new one", async () => {
    await using there = await network.node("there");
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

  await t.step("a peer that is killed is lost with an error, and a call to it fails by name", async () => {
    await using mortal = await GvmProcess.start(network.daemon.env, "mortal");
    await here.connect("mortal");
    const loop = await startLoop(here, "mortal");
    const lost = nextEvent(here, "disconnect");
    mortal.kill("SIGKILL");
    await assertFails("CONNECTION_LOST", loop.exitCode);
    const { name, error } = await lost;
    assertEquals([name, error?.code], ["mortal", "CONNECTION_LOST"]);
    assertEquals(here.list(), []);
    await assertFails("NOT_CONNECTED", here.call("math.add", [1, 2], { on: "mortal" }));
    await eventually("the name is free", async () => !(await here.discover()).includes("mortal"));
  });

  await t.step("a node that is started anew under its name is the one that is connected", async () => {
    for (let start = 1; start <= 2; start++) {
      const there = await network.node("there");
      await there.connect("here");
      assertEquals(await here.call("counter.next", [], { on: "there" }), 1);
      assertEquals(await there.call("counter.next", [], { on: "here" }), 1);
      await there.close();
    }
  });

  await t.step(
    "an executor that is killed is replaced, and the peer whose it was hears why its call failed",
    async () => {
      await using one = await network.node("one");
      await using there = await network.node("there");
      await one.connect("there");
      assertEquals(await one.call("counter.next", [], { on: "there" }), 1);
      const runs = await Promise.all([startLoop(one, "there"), startLoop(there, "one")]);
      const failed = runs.map(({ exitCode }) => assertFails("EXECUTOR_RESTARTED", exitCode));
      const executors = started();
      assertEquals(executors.length, 2);
      for (const pid of executors) Deno.kill(pid, "SIGKILL");
      await Promise.all(failed);
      assertEquals(await one.call("counter.next", [], { on: "there" }), 1);
      assertEquals([one.list(), there.list()], [["there"], ["one"]]);
    },
  );

  await t.step("a time limit ends a peer's call and nothing else", async () => {
    await using there = await network.node("there", { limits: { time: 300 } });
    await using third = await network.node("third");
    await Promise.all([here.connect("there"), third.connect("there")]);
    const error = await assertFails("TIME_LIMIT", here.call("counter.spin", [], { on: "there" }));
    assert(error.message.includes("300"), error.message);
    assertEquals(await third.call("math.add", [1, 2], { on: "there" }), 3);
    assertEquals(await here.call("math.add", [1, 2], { on: "there" }), 3);
    assertEquals(there.list().sort(), ["here", "third"]);
  });
});

/** Has `one` and `two` connect to each other, one of them `delay` milliseconds after the other: exactly at once, or in the middle of that attempt. */
async function meet(one: GhostNode, two: GhostNode, delay: number): Promise<void> {
  const events: string[] = [];
  const stops = [one, two].flatMap((node) => [
    node.on("connect", ({ name }) => events.push(`+${name}`)),
    node.on("disconnect", ({ name }) => events.push(`-${name}`)),
  ]);
  // Whoever is connected is so at both sides, whichever hears of it first.
  const connect = async (node: GhostNode, name: string) => {
    await node.connect(name);
    assertEquals([one.list(), two.list()], [["two"], ["one"]]);
  };
  const second = async () => {
    await new Promise((resolve) => setTimeout(resolve, delay));
    await connect(two, "one");
  };
  await Promise.all([connect(one, "two"), delay === 0 ? connect(two, "one") : second()]);
  assertEquals(events.sort(), ["+one", "+two"]);
  for (const stop of stops) stop();
  assertEquals(await one.call("math.add", [1, 2], { on: "two" }), 3);
  assertEquals(await two.call("math.add", [1, 2], { on: "one" }), 3);
}

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
