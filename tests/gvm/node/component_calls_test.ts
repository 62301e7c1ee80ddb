// Functions of components as a program calls them: here, on another node, and in its own process.
// The tests share a network, in which each has nodes of its own.
import { assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { formatFunction } from "../../../gmp/types/function_signature.ts";
import { Resource } from "../../../gvm/calls/resource.ts";
import { Network } from "../../tools/network.ts";

const ADA = { name: "Ada", age: 36, email: undefined, tags: ["x"], balance: 12.5 };

Deno.test("functions of components that a node calls", async (t) => {
  await using network = await Network.start();

  await network.step(
    t,
    "a function of a component is called by name, with its text, here and on another node",
    async () => {
      await network.upload("greeter", "v0.0.1", "greeter");
      const [here] = await network.pair();
      for (const on of [undefined, "there"]) {
        const where = on === undefined ? {} : { on };
        assertEquals(await here.call("greeter.greet", ["Ada"], where), "Hello, Ada!");
        assertEquals(await here.call("greeter.birthday", [ADA], where), { ...ADA, age: 37, balance: 25 });
        const signature = await here.signature("greeter.sum", where);
        assertEquals(formatFunction("sum", signature), "sum(xs: list<u32>) -> u64");
        const sum = await here.function("greeter.sum(xs: list<u32>) -> u64", where);
        assertEquals(await sum(Uint32Array.of(1, 2)), 3n);
        const wrong = await assertRejects(
          () => here.function("greeter.sum(xs: list<u8>) -> u64", where),
          GhostError,
        );
        assertEquals(
          [wrong.code, wrong.message],
          [
            "UNSUPPORTED_SIGNATURE",
            "Cannot use greeter.sum as greeter.sum(xs: list<u8>) -> u64: its signature is greeter.sum(xs: list<u32>) -> u64",
          ],
        );
        const failed = await assertRejects(
          () => here.call("greeter.area", [{ tag: "empty" }], where),
          GhostError,
        );
        assertEquals([failed.code, failed.payload], ["FUNCTION_FAILED", "nothing to measure"]);
        const megabytes = new Uint8Array(3 << 20);
        assertEquals(await here.call("greeter.size", [megabytes], where), megabytes.length);
      }
    },
  );

  await network.step(
    t,
    "a function of a component in this process is called with the same values",
    async () => {
      await network.upload("greeter", "v0.0.1", "greeter");
      const here = await network.node();
      const birthday = await here.function("greeter.birthday", { isolation: "inline" });
      assertEquals(await birthday(ADA), { ...ADA, age: 37, balance: 25 });
      const area = await here.function("greeter.area", { isolation: "inline" });
      assertEquals(await area({ tag: "rect", val: [2, 3] }), 6);
      const failed = await assertRejects(async () => await area({ tag: "empty" }), GhostError);
      assertEquals([failed.code, failed.payload], ["FUNCTION_FAILED", "nothing to measure"]);
      await assertRejects(async () => await birthday(7), GhostError, "Cannot call birthday");
      // What would arrive as something else is refused, as it is elsewhere; the counter says that the instance goes on.
      const counter = await here.function("greeter.counter", { isolation: "inline" });
      const next = await here.function("greeter#counter.next", { isolation: "inline" });
      const made = await counter(5);
      const moved = new Uint8Array(3);
      structuredClone(moved.buffer, { transfer: [moved.buffer] });
      for (
        const [name, value, what] of [
          ["greet", "\ud800", "not a string of whole characters"],
          ["size", "\ud800", "not a string of whole characters"],
          ["size", moved, "not a list that still has its buffer"],
        ] as const
      ) {
        const one = await here.function(`greeter.${name}`, { isolation: "inline" });
        const { code, message } = await assertRejects(async () => await one(value), GhostError);
        assertEquals([code, message.slice(-what.length)], ["BAD_ARGUMENTS", what]);
      }
      assertEquals(await next(made), 5);
    },
  );

  await network.step(t, "streams and futures go to a function in this process, and come back", async () => {
    await network.upload("flows", "v0.0.1", "flows");
    const here = await network.node();
    const inline = { isolation: "inline" } as const;
    const echo = await here.function("flows.echo", inline);
    const echoed = await echo(ReadableStream.from([new Uint8Array([1, 2])])) as ReadableStream<Uint8Array>;
    assertInstanceOf(echoed, ReadableStream);
    assertEquals(await Array.fromAsync(echoed), [new Uint8Array([1, 2])]);
    const double = await here.function("flows.double", inline);
    assertEquals(await double(Promise.resolve(21)), 42);
    const describe = await here.function("flows.describe", inline);
    const { name, data, size } = await describe(2) as {
      name: string;
      data: ReadableStream<Uint8Array>;
      size: Promise<number>;
    };
    assertEquals([name, await Array.fromAsync(data)], ["report", [new Uint8Array([1]), new Uint8Array([2])]]);
    assertEquals(await size, 2);
  });

  await network.step(t, "a resource of another node is there until it is disposed of", async () => {
    await network.upload("greeter", "v0.0.1", "greeter");
    const [here, there] = await network.pair();
    const on = "there";
    let kept: unknown;
    {
      await using counter = await here.call('greeter."[constructor]counter"', [5], { on }) as Resource;
      assertInstanceOf(counter, Resource);
      assertEquals(await here.call('greeter."[method]counter.next"', [counter], { on }), 5);
      // It is not here, nor of another node's making.
      const elsewhere = () => here.call('greeter."[method]counter.next"', [counter]);
      assertEquals((await assertRejects(elsewhere, GhostError)).code, "RESOURCE_GONE");
      const own = await there.call('greeter."[constructor]counter"', [1]);
      const foreign = () => here.call('greeter."[method]counter.next"', [own], { on });
      assertEquals((await assertRejects(foreign, GhostError)).code, "RESOURCE_GONE");
      kept = counter;
    }
    const gone = await assertRejects(
      () => here.call('greeter."[method]counter.next"', [kept], { on }),
      GhostError,
    );
    assertEquals([gone.code, gone.message], [
      "RESOURCE_GONE",
      "Cannot use counter 1: it was dropped or given away",
    ]);
  });
});
