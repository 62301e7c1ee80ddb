// What programs pass and get for streams.
import { assertEquals, assertRejects } from "@std/assert";
import { type ElementList, elementLists, isStream, readableOf } from "../../../gmp/types/element_lists.ts";
import { Misfit } from "../../../gmp/types/misfit.ts";

/** All lists of `source`. */
async function listsOf(source: unknown, element: unknown): Promise<ElementList[]> {
  const lists = elementLists(source, element);
  const all: ElementList[] = [];
  for (let list; (list = await lists.next()) !== undefined;) all.push(list);
  return all;
}

Deno.test("numbers come one by one or in lists, bytes as text too, and anything else one by one", async () => {
  const bytes = new Uint8Array([1, 2]);
  assertEquals(await listsOf([bytes, [3], 4, "Ж", new Uint8Array(0), []], "u8"), [
    bytes,
    [3],
    [4],
    new TextEncoder().encode("Ж"),
  ]);
  assertEquals(await listsOf(ReadableStream.from([5n]), "u64"), [[5n]]);
  assertEquals(await listsOf(["a", ["b"]], "string"), [["a"], [["b"]]]);
  await assertRejects(() => listsOf(["a"], "u16"), Misfit, "not a list of u16");
  const moved = new Uint8Array(3);
  structuredClone(moved.buffer, { transfer: [moved.buffer] });
  await assertRejects(() => listsOf([moved], "u8"), Misfit, "that still has its buffer");
});

Deno.test("a stream that somebody reads, and what is none, cannot be passed", () => {
  const stream = new ReadableStream();
  assertEquals([stream, [], new Set(), 7, "text", null, {}].map(isStream), [
    true,
    true,
    true,
    false,
    false,
    false,
    false,
  ]);
  stream.getReader();
  assertEquals(isStream(stream), false);
});

Deno.test("a source hears that it is cancelled, also while it is waited for", async () => {
  const cancelled = Promise.withResolvers<unknown>();
  const lists = elementLists(new ReadableStream({ cancel: cancelled.resolve }), "u8");
  const next = lists.next();
  lists.cancel("enough");
  assertEquals(await cancelled.promise, "enough");
  assertEquals(await next, undefined);
});

Deno.test("a stream asks for no more than is read, and ends with an error as its lists do", async () => {
  let asked = 0;
  const stream = readableOf({
    next: () => ++asked < 3 ? Promise.resolve(["a", "b"]) : Promise.reject(new Error("over")),
    cancel: () => {},
  }, "string");
  assertEquals(asked, 0);
  const reader = stream.getReader();
  assertEquals((await reader.read()).value, "a");
  assertEquals((await reader.read()).value, "b");
  assertEquals(asked, 1);
  await reader.read();
  await reader.read();
  await assertRejects(() => reader.read(), Error, "over");
});

Deno.test("a stream that nobody refers to any more is cancelled", async () => {
  const script = new URL("./_abandoned_stream.ts", import.meta.url).pathname;
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "-A", "--v8-flags=--expose-gc", script],
  }).output();
  assertEquals([new TextDecoder().decode(stdout), new TextDecoder().decode(stderr)], ["2\n", ""]);
});
