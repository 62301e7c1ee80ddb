// What nodes say to GPMD: they register, discover, locate and leave. The first tests share a daemon: each leaves no node to it.
import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { eventually } from "../../tools/commands.ts";
import { startDaemon, type TestDaemon } from "../../tools/daemon_process.ts";
import { ADD_MODULE, moduleOf } from "../_modules.ts";
import { connectNode, ticketIn } from "../_node.ts";

const codeOf = async (promise: Promise<unknown>) => (await assertRejects(() => promise, GhostError)).code;

/** Starts a process with a node, "doomed", which has registered. */
async function startDoomed({ settings }: TestDaemon) {
  const child = new Deno.Command("deno", {
    args: ["run", "-A", import.meta.resolve("../_killed_node.ts"), JSON.stringify(settings)],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const output = child.stdout.getReader();
  await output.read();
  return { child, output };
}

Deno.test("the port of nodes", async (t) => {
  await using daemon = await startDaemon();
  await using watching = await daemon.connect();
  const nobody = () =>
    eventually("the end of those before", async () => (await watching.nodes()).length === 0);

  await t.step("a registered node is discovered, by every connection", async () => {
    await nobody();
    await using one = await connectNode(daemon);
    await using other = await connectNode(daemon);
    assertEquals(await one.channel.request("node.discover"), { names: [] });
    await one.register("node-2");
    await other.register("node-1");
    assertEquals(await one.channel.request("node.discover"), { names: ["node-1", "node-2"] });
  });

  await t.step(
    "a registration ends with its connection, and its name is free at once, with a higher generation",
    async () => {
      await nobody();
      let generation = 0;
      for (let i = 0; i < 20; i++) {
        const node = await connectNode(daemon);
        // No waiting: the goodbye, or the end of the socket, came before the next connection.
        const next = await node.register("node-1");
        assert(next > generation);
        generation = next;
        await node.channel.close();
      }
    },
  );

  await t.step("a name is free when the node's process is killed", async () => {
    await nobody();
    const { child, output } = await startDoomed(daemon);
    await using node = await connectNode(daemon);
    await using other = await connectNode(daemon);
    assertEquals(await codeOf(node.register("doomed")), "NAME_TAKEN");
    child.kill("SIGKILL");
    await child.status;
    await output.cancel();
    // The end of its socket is on its way to the daemon beside what comes from here.
    const registers = () => node.register("doomed").then(() => true, () => false);
    await eventually("a free name", registers);
    assertEquals(await codeOf(other.register("doomed")), "NAME_TAKEN");
  });

  await t.step("a connection registers one node, and what it registers is checked", async () => {
    await nobody();
    await using node = await connectNode(daemon);
    assertEquals(await codeOf(node.register("../../x")), "INVALID_NAME");
    assertEquals(await codeOf(node.register("x".repeat(65))), "INVALID_NAME");
    assertEquals(await codeOf(node.register("node-1", 0)), "BAD_REQUEST");
    assertEquals(
      await codeOf(node.channel.request("node.register", { name: "node-1", id: "1", port: 1 })),
      "BAD_REQUEST",
    );
    await node.register("node-1");
    assertEquals(await codeOf(node.register("node-2")), "BAD_REQUEST");
    assertEquals(await node.channel.request("node.discover"), { names: ["node-1"] });
  });

  await t.step(
    "locate gives both nodes the same ticket, a new one each time, to the located one first",
    async () => {
      await nobody();
      await using asking = await connectNode(daemon);
      await using located = await connectNode(daemon);
      await asking.register("node-1", 4001);
      await located.register("node-2", 4002);
      const tickets = new Set<string>();
      for (let i = 0; i < 10; i++) {
        const reply = await asking.channel.request("node.locate", { name: "node-2" });
        const notice = await located.notice();
        const { name, address, port } = reply;
        assertEquals({ name, address, port }, { name: "node-2", address: "127.0.0.1", port: 4002 });
        assertEquals([notice.notice, notice.name, notice.address, notice.port], [
          "peer.expected",
          "node-1",
          "127.0.0.1",
          4001,
        ]);
        assertNotEquals(reply.id, notice.id);
        assertEquals(ticketIn(reply), ticketIn(notice));
        tickets.add(ticketIn(reply));
      }
      assertEquals(tickets.size, 10);
      await using gpmd = await daemon.connect();
      const nodes = await gpmd.nodes();
      assertEquals(nodes.map(({ name, port, connections }) => [name, port, connections]), [
        ["node-1", 4001, 0], // nobody has dialled
        ["node-2", 4002, 0],
      ]);
    },
  );

  await t.step(
    "gpmd nodes says how many nodes each is connected to, as it tells, and takes no nonsense",
    async () => {
      await nobody();
      await using gpmd = await daemon.connect();
      await using node = await connectNode(daemon);
      const connections = async () => (await gpmd.nodes()).map((one) => one.connections);
      node.channel.notify("peers.changed", { count: 7 }); // it has not registered
      await node.register("node-1");
      assertEquals(await connections(), [0]);
      for (const count of [3, 16_384, 0]) {
        node.channel.notify("peers.changed", { count });
        await node.channel.request("node.discover"); // behind the notice
        assertEquals(await connections(), [count]);
      }
      for (const count of [-1, 16_385, 0.5, NaN, "3", undefined, null]) {
        await using wrong = await connectNode(daemon);
        await wrong.register("node-2");
        wrong.channel.notify("peers.changed", { count });
        assertEquals((await wrong.channel.closed)?.code, "BAD_REQUEST", `${count}`);
        await eventually("its end", async () => (await connections()).length === 1);
      }
    },
  );

  await t.step("only a registered node may locate, and only what is registered is found", async () => {
    await nobody();
    await using node = await connectNode(daemon);
    assertEquals(await codeOf(node.channel.request("node.locate", { name: "node-2" })), "BAD_REQUEST");
    await node.register("node-1");
    const error = await assertRejects(
      () => node.channel.request("node.locate", { name: "nod-1" }),
      GhostError,
    );
    assertEquals([error.code, error.details?.suggestion], ["NODE_NOT_FOUND", "node-1"]);
  });

  await t.step(
    "every registered node hears of a module that was published or removed, before the uploader's answer",
    async () => {
      await nobody();
      await using one = await connectNode(daemon);
      await using other = await connectNode(daemon);
      await one.register("node-1");
      await other.register("node-2");
      await using gpmd = await daemon.connect();
      await gpmd.upload({ name: "math", version: "v1.0.0", module: ADD_MODULE });
      await gpmd.upload({ name: "math", version: "v1.0.0", module: ADD_MODULE }); // changes nothing
      await gpmd.upload({ name: "math", version: "v2.0.0", module: moduleOf(100) });
      await gpmd.remove("math");
      for (const node of [one, other]) {
        // Its own answer comes after what was sent before, so nothing is still on its way.
        await node.channel.request("node.discover");
        const notices = [await node.notice(), await node.notice(), await node.notice()];
        assertEquals(notices, Array(3).fill({ notice: "modules.changed", name: "math" }));
      }
    },
  );

  await t.step("a hundred nodes that want one name: one has it", async () => {
    await nobody();
    const nodes = await Promise.all(Array.from({ length: 100 }, () => connectNode(daemon)));
    const results = await Promise.allSettled(nodes.map((node) => node.register("node-1")));
    assertEquals(results.filter(({ status }) => status === "fulfilled").length, 1);
    const codes = results.flatMap((one) => one.status === "rejected" ? [one.reason.code] : []);
    assertEquals(new Set(codes), new Set(["NAME_TAKEN"]));
    await Promise.all(nodes.map((node) => node.channel.close()));
  });
});

Deno.test("locate does not wait for a node that has stopped reading: it is refused, and others are served", async () => {
  await using daemon = await startDaemon();
  await using asking = await connectNode(daemon);
  await asking.register("node-1");
  const { child, output } = await startDoomed(daemon);
  child.kill("SIGSTOP");
  try {
    // The system buffers some notices; then the node is given up, and its name is free.
    let error: GhostError | undefined;
    for (let i = 0; i < 100_000 && error === undefined; i++) {
      const requests = Array.from(
        { length: 500 },
        () => asking.channel.request("node.locate", { name: "doomed" }),
      );
      const results = await Promise.allSettled(requests);
      error = results.find((one) => one.status === "rejected")?.reason;
    }
    assertEquals(error?.code, "CONNECTION_LOST");
    assertEquals((await asking.channel.request("node.discover")).names instanceof Array, true);
  } finally {
    child.kill("SIGKILL");
    await child.status;
    await output.cancel();
  }
});

Deno.test("a thousand nodes register, discover and locate", async () => {
  await using daemon = await startDaemon();
  const nodes = await Promise.all(Array.from({ length: 1000 }, () => connectNode(daemon)));
  await Promise.all(nodes.map((node, i) => node.register(`node-${i}`)));
  const { names } = await nodes[0]!.channel.request("node.discover");
  assertEquals((names as string[]).length, 1000);
  await Promise.all(nodes.map((node, i) => node.channel.request("node.locate", { name: `node-${999 - i}` })));
  await using gpmd = await daemon.connect();
  const { nodes: count, connections } = await gpmd.status();
  assertEquals([count, connections.gmp.open, connections.gmp.accepted], [1000, 1000, 1000]);
  await Promise.all(nodes.map((node) => node.channel.close()));
});
