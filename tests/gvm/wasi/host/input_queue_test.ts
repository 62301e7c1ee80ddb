import { assertEquals, assertRejects } from "@std/assert";
import { InputQueue } from "../../../../gvm/wasi/mod.ts";

const bytes = (...values: number[]) => Uint8Array.from(values);

/** What a read of up to `length` bytes brings. */
function read(input: InputQueue, length: number): Uint8Array {
  const into = new Uint8Array(length);
  return into.subarray(0, input.read(into));
}

Deno.test("bytes are read in order, in pieces as large as asked or as they came", () => {
  const input = new InputQueue([bytes(1, 2, 3), bytes(4)]);
  assertEquals([input.size, input.readable()], [4, 4]);
  assertEquals([read(input, 2), read(input, 9), read(input, 9)], [bytes(1, 2), bytes(3), bytes(4)]);
  assertEquals([input.size, input.readable()], [0, undefined]);
});

Deno.test("at its end it is readable and empty, and takes nothing more", () => {
  const input = new InputQueue([bytes(1)]);
  input.end();
  input.push(bytes(2));
  assertEquals([input.readable(), read(input, 9), input.readable(), read(input, 9)], [
    1,
    bytes(1),
    0,
    bytes(),
  ]);
});

Deno.test("everybody who waits is woken by bytes, and by the end", async () => {
  const { signal } = new AbortController();
  for (const wake of [(input: InputQueue) => input.push(bytes(1)), (input: InputQueue) => input.end()]) {
    const input = new InputQueue();
    const waiting = [input.wait(signal), input.wait(signal)];
    input.push(bytes());
    wake(input);
    await Promise.all(waiting);
    await input.wait(signal);
  }
});

Deno.test("a wait that is aborted rejects with the reason", async () => {
  const controller = new AbortController();
  const input = new InputQueue();
  const waiting = input.wait(controller.signal);
  controller.abort(new Error("enough"));
  await assertRejects(() => waiting, Error, "enough");
  await assertRejects(() => input.wait(controller.signal), Error, "enough");
  input.push(bytes(1));
  assertEquals(read(input, 1), bytes(1));
});
