// Streams and futures of functions, on this node and on another one: fixtures/flows.wat of tests/gvm/component has them.
import { assert, assertEquals, assertRejects } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { Network } from "../../tools/network.ts";

async function all(stream: unknown): Promise<number[]> {
  const received: number[] = [];
  for await (const piece of stream as ReadableStream<Uint8Array>) received.push(...piece);
  return received;
}

async function code(promise: Promise<unknown>): Promise<string> {
  return (await assertRejects(() => promise, GhostError)).code;
}

Deno.test("streams between two nodes", async (t) => {
  await using network = await Network.start();
  await network.upload("flows", "v0.0.1", "flows");
  const [here, there] = await network.pair();

  await t.step("streams and futures are passed and returned, here and on another node", async () => {
    for (const on of [undefined, "there"]) {
      const call = (name: string, ...args: unknown[]) => here.call(`flows.${name}`, args, { on });
      assertEquals(await all(await call("count", 200)), Array.from({ length: 200 }, (_, i) => i + 1));
      const large = new Uint8Array(1_000_000).map((_, i) => i * 31);
      const echoed = await all(
        await call("echo", ReadableStream.from([large.subarray(0, 10), large.subarray(10)])),
      );
      assertEquals(echoed.length, large.length);
      assert(echoed.every((byte, i) => byte === large[i]));
      const words = Array.from({ length: 300 }, (_, i) => `word ${i} Ж🍰`);
      assertEquals(
        await Array.fromAsync(await call("words", words) as unknown as ReadableStream<string>),
        words,
      );
      const number = Promise.withResolvers<number>();
      const doubled = call("double", number.promise);
      number.resolve(21);
      assertEquals(await doubled, 42);
      const { name, data, size } = await call("describe", 3) as unknown as {
        name: string;
        data: ReadableStream;
        size: Promise<number>;
      };
      assertEquals([name, await all(data), await size], ["report", [1, 2, 3], 3]);
    }
  });

  await t.step(
    "a stream that nobody reads holds nothing up: neither other streams, nor calls, nor its guest",
    async () => {
      const call = (name: string, ...args: unknown[]) => here.call(`flows.${name}`, args, { on: "there" });
      await here.reset("flows", { on: "there" }); // so that no other stream is counted
      const unread = await call("zeros") as unknown as ReadableStream<Uint8Array>;
      const reader = unread.getReader();
      const first = await reader.read();
      assertEquals(first.value!.length % 1024, 0);
      assertEquals(await all(await call("count", 100)), Array.from({ length: 100 }, (_, i) => i + 1));
      assertEquals(await call("cleaned"), 1);
      await reader.cancel();
      // Its guest hears that nobody reads any more, in a turn of its own.
      while (await call("cleaned") !== 2);
    },
  );

  await t.step(
    "a source is asked for no more than is read, and hears when nobody wants any more",
    async () => {
      const call = (name: string, ...args: unknown[]) => here.call(`flows.${name}`, args, { on: "there" });
      let given = 0;
      const cancelled = Promise.withResolvers<void>();
      const source = () =>
        new ReadableStream<Uint8Array>({
          pull(controller) {
            controller.enqueue(new Uint8Array(10_000));
            given += 10_000;
          },
          cancel: () => cancelled.resolve(),
        }, { highWaterMark: 0 });
      const echoed = (await call("echo", source()) as unknown as ReadableStream<Uint8Array>).getReader();
      await echoed.read();
      await call("cleaned");
      assert(given < 2_000_000, `${given} bytes were taken`); // a window in each direction
      await echoed.cancel();
      await cancelled.promise;
      const refused = Promise.withResolvers<void>();
      await call("refuse", new ReadableStream({ cancel: () => refused.resolve() }));
      await refused.promise;
    },
  );

  await t.step(
    "a call that goes on is cancelled by its signal, and ends with its state and with its node",
    async () => {
      const first = async (name: string, signal?: AbortSignal) => {
        const stream = await here.call(`flows.${name}`, [], {
          on: "there",
          ...signal === undefined ? {} : { signal },
        });
        const reader = (stream as unknown as ReadableStream<Uint8Array>).getReader();
        await reader.read();
        return async () => {
          while (!(await reader.read()).done);
        };
      };
      const stop = new AbortController();
      const rest = (await first("zeros", stop.signal))();
      stop.abort();
      assertEquals(await code(rest), "CANCELLED");
      const computing = new AbortController();
      const spinning = (await first("spin", computing.signal))();
      computing.abort();
      assertEquals(await code(spinning), "CANCELLED");
      const reset = await first("zeros");
      await here.reset("flows", { on: "there" });
      assertEquals(await code(reset()), "RESOURCE_GONE");
      const gone = await first("zeros");
      await there.close();
      assertEquals(await code(gone()), "CONNECTION_LOST");
    },
  );
});

Deno.test("streams between two nodes that give a call a second", async (t) => {
  await using network = await Network.start();
  await network.upload("flows", "v0.0.1", "flows");
  const [here] = await network.pair({ limits: { time: 1000 } });
  const call = (name: string, ...args: unknown[]) => here.call(`flows.${name}`, args, { on: "there" });

  await t.step("an error ends a stream, with the name it has, at both sides", async () => {
    assertEquals(await code(call("double", Promise.reject(new Error("not today")))), "CANCELLED");
    assertEquals(await code(call("break").then(all)), "TRAP");
    async function* dry() {
      yield new Uint8Array(5);
      throw new Error("the source is dry");
    }
    const error = await assertRejects(() => call("echo", dry()).then(all), GhostError, "the source is dry");
    assertEquals(error.code, "CANCELLED");
    assertEquals(await code(call("echo", [{}]).then(all)), "BAD_ARGUMENTS");
    const huge = ["x".repeat(1 << 24)];
    assertEquals(
      await code(call("words", huge).then((words) => Array.fromAsync(words as never))),
      "PAYLOAD_TOO_LARGE",
    );
    assertEquals(await code(call("echo", 7)), "BAD_ARGUMENTS");
    assertEquals(await code(call("dawdle").then(all)), "TIME_LIMIT");
  });

  await t.step(
    "a guest that computes without end after its call has returned is ended with its executor",
    async () => {
      assertEquals(await code(call("spin").then(all)), "TIME_LIMIT");
      assertEquals(await call("cleaned"), 0);
    },
  );
});
