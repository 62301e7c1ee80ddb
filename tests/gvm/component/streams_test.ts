// Streams and futures between the host and a component.
import { assertEquals, assertRejects } from "@std/assert";
import { instantiateComponent } from "../../../gvm/component/component.ts";
import { KEEP } from "../../../gvm/component/component_function.ts";
import { functionsOf } from "../../../gvm/component/exported_functions.ts";
import { fixture, load } from "./_fixtures.ts";

async function open() {
  const { exports, store } = instantiateComponent(await load(fixture("streams")), {
    world: { interfaces: {} },
    makeMemories: ({ memories }) => memories.map(() => new WebAssembly.Memory({ initial: 1, maximum: 10 })),
  });
  const functions = new Map(Array.from(functionsOf(exports), ([, name, one]) => [name, one]));
  return async (name: string, ...args: unknown[]) => {
    store.begin();
    return await functions.get(name)!.call(args, undefined, KEEP, 0);
  };
}

Deno.test("a component reads what the host sends, piece by piece and whatever their size", async () => {
  const call = await open();
  async function* pieces() {
    yield new Uint8Array([1, 2, 3]);
    await new Promise((resolve) => setTimeout(resolve));
    yield new Uint8Array(1000).fill(1);
    yield new Uint8Array(0);
    yield new Uint8Array([4]);
  }
  assertEquals(await call("sum", pieces()), 1010);
  assertEquals(await call("sum", ReadableStream.from([new Uint8Array([7])])), 7);
});

Deno.test("a stream of many times the values of one call passes", async () => {
  const call = await open();
  async function* pieces() {
    for (let i = 0; i < 10; i++) yield new Uint8Array(1 << 20).fill(1);
  }
  assertEquals(await call("sum", pieces()), 10 << 20);
});

Deno.test("an error of the host's source ends the call", async () => {
  const call = await open();
  async function* pieces() {
    yield new Uint8Array([1]);
    throw new Error("the source is dry");
  }
  await assertRejects(() => call("sum", pieces()), Error, "the source is dry");
});

Deno.test("the host reads what a component goes on sending after it has returned", async () => {
  const call = await open();
  const stream = await call("count", 5) as AsyncIterable<Uint8Array>;
  const received: number[] = [];
  for await (const piece of stream) received.push(...piece);
  assertEquals(received, [1, 2, 3, 4, 5]);
});

Deno.test("a component waits for a promise of the host", async () => {
  const call = await open();
  const number = Promise.withResolvers<number>();
  const result = call("wait", number.promise);
  number.resolve(42);
  assertEquals(await result, 42);
});
