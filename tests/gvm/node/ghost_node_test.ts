/**
 * What a program does with a node. One test has the steps that start and end nodes of their own, in a network that is empty at
 * the beginning of each; the other has those with two nodes that stay connected, but for its last steps.
 */
import { assertEquals, assertMatch, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { GhostNode } from "../../../gvm/node/ghost_node.ts";
import { eventually } from "../../tools/commands.ts";
import { Network, startLoop } from "../../tools/network.ts";
import { assertFails, childrenOf, nextText } from "../harness.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

Deno.test("nodes come and go", async (t) => {
  await using network = await Network.start();
  const step = (name: string, test: () => Promise<void>) => network.step(t, name, test);

  await step("a node has a name of its own, an id, and is discovered by all", async () => {
    await using one = await network.node();
    await using two = await network.node("chosen");
    assertMatch(one.name, /^node-\d{4}$/);
    assertMatch(one.id, UUID);
    assertNotEquals(one.id, two.id);
    assertEquals(await one.discover(), ["chosen", one.name]);
    assertEquals(await two.discover(), ["chosen", one.name]);
    await one.close();
    // Its goodbye goes by a connection of its own, which GPMD may read after the question of the other.
    await eventually("its end", async () => `${await two.discover()}` === "chosen");
  });

  await step(
    "a chosen name that is taken is refused, and one that is not a name is not asked for",
    async () => {
      await using _chosen = await network.node("chosen");
      const error = await assertFails("NAME_TAKEN", network.node("chosen"));
      assertEquals(error.message, 'Cannot register "chosen": the name is taken by another node');
      await assertFails("INVALID_NAME", network.node("../../x"));
      await assertFails("INVALID_NAME", network.node("Upper"));
    },
  );

  await step("a drawn name that is taken is drawn again", async () => {
    await using first = await network.node();
    const draw = crypto.getRandomValues;
    let draws = 0;
    // The first draw gives the name that is taken, whatever that is.
    crypto.getRandomValues = <T extends ArrayBufferView>(array: T): T => {
      draw.call(crypto, array as never);
      if (array instanceof Uint16Array && draws++ === 0) array[0] = Number(first.name.slice(5)) - 1000;
      return array;
    };
    try {
      await using second = await network.node();
      assertNotEquals(second.name, first.name);
      assertMatch(second.name, /^node-\d{4}$/);
      assertEquals(draws, 2);
    } finally {
      crypto.getRandomValues = draw;
    }
  });

  await step("a start can be given up", async () => {
    await assertFails("CANCELLED", network.node("late", { signal: AbortSignal.abort() }));
    await using node = await network.node("here");
    assertEquals(await node.discover(), ["here"]);
  });

  await step("modules lists what was uploaded, the latest last", async () => {
    await using node = await network.node();
    await network.upload("math", "v0.0.10", "math");
    await network.upload("math", "v0.0.9", "math");
    assertEquals(await node.modules(), [
      { name: "counter", versions: ["v0.0.1"], latest: "v0.0.1" },
      { name: "greet", versions: ["v0.0.1"], latest: "v0.0.1" },
      { name: "math", versions: ["v0.0.1", "v0.0.9", "v0.0.10"], latest: "v0.0.10" },
      { name: "program", versions: ["v0.0.1"], latest: "v0.0.1" },
    ]);
  });

  await step("`await using` closes a node, and its settings come from its options", async () => {
    const { settings } = network.daemon;
    {
      await using node = await GhostNode.start({ ...settings, name: "short" });
      assertEquals(await node.discover(), ["short"]);
    }
    await using node = await network.node("here");
    assertEquals(await node.discover(), ["here"]);
  });

  await step("a node that is closed leaves no process, no port, and refuses all else", async () => {
    const before = childrenOf(Deno.pid);
    const [here, there] = await network.pair();
    const loops = await Promise.all([startLoop(here, "there"), startLoop(here), startLoop(there, "here")]);
    const failed = Promise.all(loops.map(({ exitCode }) => assertRejects(() => exitCode, GhostError)));
    const { port } = (await network.gpmd.nodes()).find(({ name }) => name === "here")!;
    await Promise.all([here.close(), here.close()]);
    await failed;
    await there.close();
    assertEquals(childrenOf(Deno.pid), before);
    await assertRejects(() => Deno.connect({ hostname: "127.0.0.1", port }), Deno.errors.ConnectionRefused);
    await assertFails("CANCELLED", here.connect("there"));
    await assertFails("CANCELLED", here.call("math.add", [1, 2]));
    await assertFails("CANCELLED", Promise.resolve().then(() => here.run("math").exitCode));
    await assertFails("CANCELLED", here.discover());
  });

  await step("a signal stops a call, a run, a lookup, a question and a connection", async () => {
    await using here = await network.node("here");
    await using there = await network.node("there");
    await here.connect("there");
    await using _slow = await network.node("slow", { accept: () => new Promise(() => {}) });
    const stopped = async (begin: (signal: AbortSignal) => Promise<unknown>) => {
      const stop = new AbortController();
      const promise = begin(stop.signal);
      stop.abort();
      await assertFails("CANCELLED", promise);
      await assertFails("CANCELLED", begin(AbortSignal.abort()));
    };
    for (const on of [undefined, "there"]) {
      await stopped((signal) => here.call("counter.spin", [], { on, signal }));
      await stopped((signal) => here.function("counter.spin", { on, signal }));
      await stopped((signal) =>
        here.run("greet", ["-"], { on, signal, stdin: ReadableStream.from([]) }).exitCode
      );
    }
    await stopped((signal) => here.discover({ signal }));
    await stopped((signal) => here.modules({ signal }));
    await stopped((signal) => here.connect("slow", { signal }));
    assertEquals(here.list(), ["there"]);
    assertEquals(await here.call("math.add", [1, 2], { on: "there" }), 3);
    assertEquals(await there.call("math.add", [1, 2], { on: "here" }), 3);
  });
});

Deno.test("two nodes that are connected", async (t) => {
  await using network = await Network.start();
  const [here, there] = await network.pair();
  await Promise.all([here.warm(), there.warm()]);

  await t.step("state is kept for each caller and never shared, and reset begins anew", async () => {
    assertEquals(await here.call("counter.next"), 1);
    assertEquals(await here.call("counter.next"), 2);
    assertEquals(await there.call("counter.next", [], { on: "here" }), 1);
    assertEquals(await there.call("counter.next"), 1);
    assertEquals(await here.call("counter.next", [], { on: "there" }), 1);
    await here.reset("counter");
    assertEquals(await here.call("counter.next"), 1);
    assertEquals(await here.call("counter.next", [], { on: "there" }), 2);
  });

  await t.step(
    "each version has a state of its own, also with the same bytes, and is reset alone",
    async () => {
      await network.upload("counter", "v0.0.2", "counter");
      for (const on of [undefined, "there"]) {
        const of = on === undefined ? {} : { on };
        await here.reset("counter", of);
        const next = async (version: string) => await here.call(`counter${version}.next`, [], { on });
        assertEquals([await next("@v0.0.1"), await next("@0.0.1"), await next("@v0.0.2"), await next("")], [
          1,
          2,
          1,
          2,
        ]);
        await here.reset("counter@0.0.1", of);
        assertEquals([await next("@v0.0.1"), await next("")], [1, 3]);
        await here.reset("counter@v0.0.9", of); // nothing was kept of it
        await here.reset("nothing", of);
        assertEquals([await next("@v0.0.1"), await next("")], [2, 4]);
        await here.reset("counter", of);
        assertEquals([await next("@v0.0.1"), await next("@v0.0.2")], [1, 1]);
      }
      const found = await here.function("counter@v0.0.2.next");
      assertEquals(found.version, "v0.0.2");
      await assertFails("INVALID_NAME", here.reset("counter@nightly"));
    },
  );

  await t.step("local calls need no connection, and go the same way", async () => {
    assertEquals(await here.call("math.add", [1, 2]), 3);
    assertEquals(await here.call("math.add", [1, 2], { on: here.name }), 3);
    assertEquals(await here.run("math").text(), "Reponse from the math module...\n");
    assertEquals(await here.call("counter.reverse", [1, 2n, 0.5, 4]), [4, 0.5, 2n, 1]);
  });

  await t.step("what a remote run writes arrives while it runs, and its input while it is made", async () => {
    const input = new TransformStream<Uint8Array, Uint8Array>();
    const writer = input.writable.getWriter();
    const run = here.run("greet", ["-"], { on: "there", stdin: input.readable });
    const output = run[Symbol.asyncIterator]();
    for (const name of ["Ada", "Bob"]) {
      await writer.write(new TextEncoder().encode(`${name}\n`));
      assertEquals(await nextText(output), `Hello, ${name}!\n`);
    }
    await writer.close();
    assertEquals(await run.exitCode, 0);
  });

  await t.step("a run tells both streams apart and its exit code, which is no error", async () => {
    for (const on of [undefined, "there"]) {
      const run = here.run("greet", ["Ada", "--fail"], { on });
      const written: [string, string][] = [];
      for await (const { stream, bytes } of run) written.push([stream, new TextDecoder().decode(bytes)]);
      assertEquals(written, [["stdout", "Hello, Ada!\n"], ["stderr", "greet: failed, as asked\n"]]);
      assertEquals(await run.exitCode, 3);
    }
  });

  await t.step("what is wrong with a call is said by name, here and on another node", async () => {
    for (const on of [undefined, "there"]) {
      const call = (name: string, args: unknown[] = []) => here.call(name, args, { on });
      await assertFails("MODULE_NOT_FOUND", call("nothing.add"));
      await assertFails("VERSION_NOT_FOUND", call("math@v9.0.0.add"));
      await assertFails("FUNCTION_NOT_FOUND", call("math.ad"));
      await assertFails("BAD_ARGUMENTS", call("math.add", [1]));
      await assertFails("BAD_ARGUMENTS", call("math.add", [1, "2"]));
      await assertFails("TRAP", call("math.div", [1, 0]));
      await assertFails("INVALID_NAME", call("math"));
      await assertFails("INVALID_NAME", call("../../x.add"));
      await assertFails("MODULE_NOT_FOUND", here.run("nothing", [], { on }).exitCode);
      await assertFails("FUNCTION_NOT_FOUND", here.run("counter", [], { on }).exitCode);
      // It goes on all the same.
      assertEquals(await call("math.add", [1, 2]), 3);
    }
    await assertFails("NOT_CONNECTED", here.call("math.add", [1, 2], { on: "nobody" }));
  });

  await t.step("what a program does wrong has the name of that", async () => {
    const picky = await network.node("picky", {
      accept: () => {
        throw new Error("no list of friends");
      },
    });
    const denied = await assertFails("CONNECTION_DENIED", here.connect("picky"));
    assertEquals(denied.message.includes("no list of friends"), true);
    for (const args of [5, null, "12"]) {
      await assertFails("BAD_ARGUMENTS", here.call("math.add", args as never));
    }
    // What TypeScript refuses, too.
    for (const imports of [5, { env: null }] as never[]) {
      await assertFails("BAD_ARGUMENTS", here.function("math.add", { imports }));
      await assertFails("BAD_ARGUMENTS", here.function("math.add", { isolation: "inline", imports }));
      await assertFails("BAD_ARGUMENTS", here.run("math", [], { imports }).exitCode);
    }
    const signal = new AbortController() as never;
    await assertRejects(() => here.connect("picky", { signal }), TypeError);
    for (const [event, listener] of [["connected", () => {}], ["connect", 5]] as [never, never][]) {
      assertEquals(assertThrows(() => here.on(event, listener), GhostError).code, "BAD_ARGUMENTS");
    }
    await picky.close();
    for (const ask of [() => picky.modules(), () => picky.describe("math")]) {
      await assertFails("CANCELLED", ask());
    }
  });

  await t.step("after one connect both nodes run modules and functions on each other", async () => {
    assertEquals([here.list(), there.list()], [["there"], ["here"]]);
    for (const [node, on] of [[here, "there"], [there, "here"]] as const) {
      assertEquals(await node.call("math.add", [34, 34], { on }), 68);
      assertEquals(await node.run("math", [], { on }).text(), "Reponse from the math module...\n");
      const add = await node.function("math@v0.0.1.add", { on });
      assertEquals(add.version, "v0.0.1");
      assertEquals(add.signature, { parameters: ["i32", "i32"], results: ["i32"] });
      assertEquals(await Promise.all([add(1, 2), add(3, 4)]), [3, 7]);
    }
    const add = await here.function("math.add", { on: "there" });
    await here.disconnect("there");
    const told = add(1, 2).catch((error) => error.code); // it rejects, and does not throw at once
    assertEquals(await told, "NOT_CONNECTED");
  });

  await t.step("console.log of a node says who it is and whom it is connected to", async () => {
    await here.connect("there");
    const options = { colors: false };
    const shown = () => Deno.inspect(here, options).replaceAll(/\s+/g, " ");
    assertEquals(shown(), `GhostNode { name: "here", id: "${here.id}", connected: [ "there" ] }`);
    await here.close();
    assertEquals(shown(), `GhostNode { name: "here", id: "${here.id}", closed: true }`);
  });
});
