// Calls that go on after they have returned, in a session of this process: fixtures/flows.wat has their source.
import { assert, assertEquals, assertRejects } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { eventually } from "../../tools/commands.ts";
import { code, open } from "./_session.ts";

async function all(stream: ReadableStream<Uint8Array>): Promise<number[]> {
  const received: number[] = [];
  for await (const piece of stream) received.push(...piece);
  return received;
}

Deno.test("a stream is read after the call, other calls come in between, and the watch knows whose turn it is", async () => {
  const { call, valueOf, watch } = open("flows");
  const { id, result } = await call("count", 3);
  watch.entered.length = 0;
  const reader = (result as ReadableStream<Uint8Array>).getReader();
  assertEquals((await reader.read()).value, new Uint8Array([1]));
  assertEquals((await reader.read()).value, new Uint8Array([2]));
  assert(watch.entered.some((entered) => entered.id === id));
  assertEquals(await valueOf("cleaned"), 0);
  assertEquals((await reader.read()).value, new Uint8Array([3]));
  assertEquals((await reader.read()).done, true);
  assertEquals(await valueOf("cleaned"), 1);
  assertEquals(watch.inside.size, 0);
});

Deno.test("a call that waits lends the thread to one that goes on, for which the guest then runs", async () => {
  const { call, watch } = open("flows");
  const { id, result } = await call("count-alone", 2);
  const other = call("count-alone", 3); // which goes on when that one has ended
  await eventually("the other call", () => watch.entered.at(-1)!.id !== id);
  watch.entered.length = 0;
  assertEquals(await all(result as ReadableStream<Uint8Array>), [1, 2]);
  const { id: otherId, result: rest } = await other;
  const entered = watch.entered.map((one) => one.id);
  assert(entered.includes(id), `only ${entered} had the thread`);
  assertEquals(entered.at(-1), otherId);
  assertEquals(await all(rest as ReadableStream<Uint8Array>), [1, 2, 3]);
  assertEquals(watch.inside.size, 0);
});

Deno.test("two streams of one instance are read at once", async () => {
  const { valueOf } = open("flows");
  const [one, other] = [await valueOf("count", 200), await valueOf("count", 100)];
  assertEquals((await Promise.all([all(one), all(other)])).map(({ length }) => length), [200, 100]);
});

Deno.test("a call that can begin only when another's stream is read waits for the reader", async () => {
  const { valueOf } = open("flows");
  const one = await valueOf("count-alone", 2);
  const other = valueOf("count-alone", 3);
  await new Promise((resolve) => setTimeout(resolve));
  assertEquals(await all(one), [1, 2]);
  assertEquals(await all(await other), [1, 2, 3]);
});

Deno.test("what a program sends comes back, piece by piece, while both sides go on", async () => {
  const { valueOf } = open("flows");
  async function* pieces() {
    yield new Uint8Array([1, 2]);
    yield [3, 4];
    yield 5;
    yield "A";
  }
  assertEquals(await all(await valueOf("echo", pieces())), [1, 2, 3, 4, 5, 65]);
  const large = new Uint8Array(100_000).fill(7);
  assertEquals((await all(await valueOf("echo", ReadableStream.from([large])))).length, 100_000);
});

Deno.test("a stream of strings has one element for each piece", async () => {
  const { valueOf } = open("flows");
  const words = Array.from({ length: 100 }, (_, i) => `word ${i} Ж🍰`);
  assertEquals(await Array.fromAsync(await valueOf("words", words)), words);
});

Deno.test("a future is a promise, as an argument and as a result, and is awaited with the call", async () => {
  const { valueOf } = open("flows");
  const number = Promise.withResolvers<number>();
  const doubled = valueOf("double", number.promise);
  number.resolve(21);
  assertEquals(await doubled, 42);
  assertEquals(await valueOf("double", 4), 8);
});

Deno.test("streams and futures are anywhere in a result", async () => {
  const { valueOf } = open("flows");
  const { name, data, size } = await valueOf("describe", 3);
  assertEquals(name, "report");
  assertEquals(await all(data), [1, 2, 3]);
  assertEquals(await size, 3);
});

Deno.test("a guest goes on reading what it was given after it has returned", async () => {
  const { valueOf } = open("flows");
  const sent = Promise.withResolvers<void>();
  async function* pieces() {
    for (let i = 0; i < 10; i++) yield new Uint8Array(5000);
    sent.resolve();
  }
  assertEquals(await valueOf("swallow", pieces()), undefined);
  await sent.promise;
  assertEquals(await valueOf("cleaned"), 1);
});

Deno.test("a guest that wants no more ends what is sent, and one whose reader leaves hears of it", async () => {
  const { valueOf, watch } = open("flows");
  const cancelled = Promise.withResolvers<void>();
  await valueOf("refuse", new ReadableStream({ cancel: () => cancelled.resolve() }));
  await cancelled.promise;
  const stream: ReadableStream<Uint8Array> = await valueOf("zeros");
  for await (const piece of stream) {
    assertEquals(piece.length, 1024);
    break;
  }
  assertEquals(await valueOf("cleaned"), 1);
  assertEquals(watch.inside.size, 0);
});

Deno.test("a source that fails, or has what does not fit, ends the call with that error", async () => {
  const { valueOf } = open("flows");
  async function* dry() {
    yield new Uint8Array([1]);
    throw new GhostError("CANCELLED", "the source is dry");
  }
  const stream = await valueOf("echo", dry());
  assertEquals(await code(all(stream)), "CANCELLED");
  assertEquals(await code(all(await valueOf("echo", ["x", {}]))), "BAD_ARGUMENTS");
  const late = Promise.withResolvers<number>();
  const doubled = code(valueOf("double", late.promise));
  late.promise.catch(() => {}); // nobody waits for it until the function is found
  late.reject(new GhostError("CANCELLED"));
  assertEquals(await doubled, "CANCELLED");
  assertEquals(await code(valueOf("double", "x")), "BAD_ARGUMENTS");
  assertEquals(await valueOf("double", 1), 2); // in another instance
  assertEquals(await code(Array.fromAsync(await valueOf("words", ["x", 7]))), "BAD_ARGUMENTS");
});

Deno.test("a trap after the call has returned ends its stream, and the next call starts afresh", async () => {
  const { valueOf } = open("flows");
  await all(await valueOf("count", 1));
  assertEquals(await valueOf("cleaned"), 1);
  const error = await assertRejects(async () => all(await valueOf("break")), GhostError);
  assertEquals([error.code, error.message], ["TRAP", "flows.break trapped: unreachable"]);
  assertEquals(await valueOf("cleaned"), 0);
});

Deno.test("a guest that goes on without end is ended by its time, and not while it waits for its reader", async () => {
  const { valueOf, watch } = open("flows", { time: 200 });
  const waiting: ReadableStream<Uint8Array> = await valueOf("count", 2);
  const reader = waiting.getReader();
  await reader.read();
  await new Promise((resolve) => setTimeout(resolve, 300)); // longer than any call may take
  assertEquals((await reader.read()).value, new Uint8Array([2]));
  await reader.cancel();
  assertEquals(await code(all(await valueOf("dawdle"))), "TIME_LIMIT");
  assertEquals(watch.inside.size, 0);
});

Deno.test("memory that a guest takes after it has returned counts", async () => {
  const { valueOf, memory } = open("flows");
  const stream = await valueOf("grow");
  const before = memory.bytes;
  await assertRejects(() => all(stream), GhostError, "unreachable");
  assert(before > 0);
  assertEquals(memory.bytes, 0); // its instance is gone
});

Deno.test("a call that goes on is cancelled by its id, and ends with its session, its state and its grant", async () => {
  const { session, call } = open("flows");
  const first = async (name: string) => {
    const { id, result } = await call(name);
    const reader = (result as ReadableStream<Uint8Array>).getReader();
    await reader.read();
    return { id, rest: code(reader.read().then(() => reader.read())) };
  };
  const cancelled = await first("dawdle");
  session.cancel(cancelled.id);
  assertEquals(await cancelled.rest, "CANCELLED");
  const reset = await first("dawdle");
  session.reset("flows");
  assertEquals(await reset.rest, "RESOURCE_GONE");
  const revoked = await first("dawdle");
  session.sift(() => new GhostError("NOT_GRANTED"), new Set());
  assertEquals(await revoked.rest, "NOT_GRANTED");
  const closed = await first("dawdle");
  session.close();
  assertEquals(await closed.rest, "RESOURCE_GONE");
});

Deno.test("an instance that is in use is kept while its grants change", async () => {
  const { session, call } = open("flows");
  const { result } = await call("count", 2);
  session.sift(() => undefined, new Set());
  assertEquals(await all(result as ReadableStream<Uint8Array>), [1, 2]);
});
