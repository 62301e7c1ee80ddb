// How the elements of a stream become pieces of bytes, and elements again on the other side.
import { assertEquals, assertRejects } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { prepareComponentCodec } from "../../../gmp/types/component_codec.ts";
import type { TypeNode } from "../../../gmp/types/component_types.ts";
import type { ElementList, ElementLists, PassedStream } from "../../../gmp/types/element_lists.ts";
import { ValueStreams } from "../../../gmp/types/value_streams.ts";
import { MAX_VALUE_BYTES } from "../../../gmp/types/value_writer.ts";
import { withChannels } from "../_wire.ts";
import { CallerResources } from "../../../gvm/calls/resource.ts";

/** What is sent for a stream, by its number. */
type Sources = Parameters<ConstructorParameters<typeof ValueStreams>[0]["send"]>[0][];

/** The sources of what one side sends, and what the other gets, which counts what its elements take. */
class Sides {
  readonly sources: Sources = [];
  readonly resources = new CallerResources(() => true, () => Promise.resolve());
  readonly withdrawn: number[] = [];
  held = 0;

  /** Sends `value` as a `type`, the last of `types`: its elements as the other side gets them. */
  pass(types: readonly TypeNode[], value: unknown): ElementLists {
    const wire = {
      send: (source: Sources[number]) => this.sources.push(source) - 1,
      withdraw: (number: number, reason?: GhostError) => {
        if (reason !== undefined) this.sources[number]!.cancel(reason);
        this.withdrawn.push(number);
      },
      receive: (number: number) => this.sources[number]!,
    };
    const streams = new ValueStreams(wire, {
      resources: this.resources,
      present: (_type, lists) => lists,
      charge: (bytes) => this.held += bytes,
    });
    const codec = prepareComponentCodec("f", {
      types,
      parameters: [["x", types.length - 1]],
      result: null,
    });
    const bytes = codec.writeArguments("f", [value], { ahead: 0, whole: 0, streams });
    const from = { bytes, view: new DataView(bytes.buffer), start: 0, end: bytes.length };
    return codec.readArguments(from, this.resources, streams).values[0] as ElementLists;
  }
}

const CRATES: readonly TypeNode[] = [
  ["own", "item"],
  ["list", "u8"],
  ["record", [["item", 0], ["contents", 1]]],
  ["stream", 2],
];

/** Elements of so many bytes, each of which gives a resource away. */
function crates({ resources }: Sides, sizes: readonly number[]) {
  return sizes.map((size, handle) => ({
    item: resources.valueOf(handle, "item"),
    contents: new Uint8Array(size).fill(handle),
  }));
}

/** `elements` at once, as a component sends them. */
function passed(elements: readonly unknown[]): PassedStream {
  const lists = [[...elements]];
  return { lists: () => ({ next: () => Promise.resolve(lists.shift()), cancel: () => {} }) };
}

Deno.test("an element for which a piece has no room begins the next, and gives away what it has once", async () => {
  const sides = new Sides();
  const sizes = [60_000, MAX_VALUE_BYTES - 60_000, 5, 1_000_000];
  const lists = sides.pass(CRATES, passed(crates(sides, sizes)));
  const got: number[][] = [];
  for (let list; (list = await lists.next()) !== undefined;) {
    got.push(Array.from(list, (one) => (one as { contents: Uint8Array }).contents.length));
  }
  assertEquals(got, [[60_000], [MAX_VALUE_BYTES - 60_000], [5, 1_000_000]]);
  assertEquals(sides.held, 0);
});

Deno.test("an element that is too long is not sent, what comes before it is, and it keeps what it has", async () => {
  for (const before of [[], [60_000]]) {
    const sides = new Sides();
    const sent = crates(sides, [...before, MAX_VALUE_BYTES]);
    const lists = sides.pass(CRATES, passed(sent));
    for (const size of before) {
      const [one] = Array.from((await lists.next())!) as { contents: Uint8Array }[];
      assertEquals(one!.contents.length, size);
    }
    const error = await assertRejects(() => lists.next(), GhostError, "takes more than 16777216 bytes");
    assertEquals(error.code, "PAYLOAD_TOO_LARGE");
    // It can be passed still: it is this session's.
    assertEquals(sides.resources.handleOf(sent.at(-1)!.item, "item", true), sent.length - 1);
  }
});

Deno.test("streams of an element that is not sent are withdrawn; those of one that is sent later are not lost", async () => {
  const inner: TypeNode[] = [["stream", "string"], ["tuple", [0, "u8"]], ["stream", 1]];
  const sides = new Sides();
  const [first, second] = [ReadableStream.from(["a"]), ReadableStream.from(["b"])];
  const refused = sides.pass(inner, passed([[first, 1], [second, 256]]));
  assertEquals((await refused.next())!.length, 1);
  await assertRejects(() => refused.next(), GhostError, "element 2: it is 256, not a u8");
  assertEquals(sides.withdrawn, [2, 3]); // when it did not fit behind the first, and when it did not at all
  assertEquals([first.locked, second.locked], [false, true]); // it is cancelled

  const long: TypeNode[] = [["stream", "string"], ["tuple", [0, "string"]], ["stream", 1]];
  const later = new Sides();
  const text = "x".repeat(MAX_VALUE_BYTES - 60_000);
  const lists = later.pass(
    long,
    passed([[ReadableStream.from(["a"]), "x".repeat(60_000)], [ReadableStream.from(["b"]), text]]),
  );
  const got: unknown[] = [];
  for (let list; (list = await lists.next()) !== undefined;) {
    for (const [stream] of Array.from(list) as [ElementLists][]) got.push(Array.from((await stream.next())!));
  }
  assertEquals(got, [["a"], ["b"]]);
  assertEquals(later.withdrawn, [2]);
});

Deno.test("nothing is numbered in an element that comes after the stream was cancelled", async () => {
  const sides = new Sides();
  const element = Promise.withResolvers<ElementList>();
  const source: PassedStream = { lists: () => ({ next: () => element.promise, cancel: () => {} }) };
  sides.pass([["stream", "string"], ["stream", 0]], source);
  const piece = sides.sources[0]!.next();
  sides.sources[0]!.cancel();
  element.resolve([["a"]]);
  assertEquals(await piece, undefined);
  assertEquals(sides.sources.length, 1);
});

Deno.test("a source hears that what it gives does not fit, and need give no more", async () => {
  const ended: string[] = [];
  async function* words(name: string, last: unknown) {
    try {
      yield "a";
      yield last;
    } finally {
      ended.push(name);
    }
  }
  for (
    const [name, last, code] of [["wrong", 7, "BAD_ARGUMENTS"], [
      "long",
      "x".repeat(MAX_VALUE_BYTES),
      "PAYLOAD_TOO_LARGE",
    ]]
  ) {
    const lists = new Sides().pass([["stream", "string"]], words(name as string, last));
    assertEquals(Array.from((await lists.next())!), ["a"]);
    assertEquals((await assertRejects(() => lists.next(), GhostError)).code, code);
  }
  assertEquals(ended, ["wrong", "long"]);
});

Deno.test("a stream that a program reads after all is not cancelled", () => {
  const sides = new Sides();
  const stream = ReadableStream.from(["a"]);
  sides.pass([["stream", "string"]], stream);
  const reader = stream.getReader();
  sides.sources[0]!.cancel();
  reader.releaseLock();
});

Deno.test("over a connection, an element and the value of a future may be as long as any value, and nothing stays held", async () => {
  const types: TypeNode[] = [["list", "u8"], ["stream", 0], ["future", 0]];
  const codec = prepareComponentCodec("f", { types, parameters: [["x", 1], ["y", 2]], result: null });
  const options = {
    resources: new CallerResources(() => true, () => Promise.resolve()),
    present: (_type: unknown, lists: ElementLists) => lists,
    charge: () => {},
  };
  await withChannels({}, {}, async (caller, executor) => {
    const [asked, answered] = [caller.streams.ask(), executor.streams.answer(1)];
    const [there, here] = [new ValueStreams(asked, options), new ValueStreams(answered, options)];
    const long = crypto.getRandomValues(new Uint8Array(1 << 16));
    const sizes = [3, 1 << 20, MAX_VALUE_BYTES - 4, 2];
    const elements = sizes.map((size) => {
      const bytes = new Uint8Array(size);
      for (let at = 0; at < size; at += long.length) bytes.set(long.subarray(0, size - at), at);
      return bytes;
    });
    const args = [passed(elements), Promise.resolve(elements[2])];
    const bytes = codec.writeArguments("f", args, { ahead: 0, whole: 0, streams: there });
    caller.streams.begin(asked, 1);
    const from = { bytes, view: new DataView(bytes.buffer), start: 0, end: bytes.length };
    const [lists, future] = codec.readArguments(from, options.resources, here).values as ElementLists[];
    const got: unknown[] = [];
    for (let list; (list = await lists!.next()) !== undefined;) got.push(...Array.from(list));
    assertEquals(got.map((one) => (one as Uint8Array).length), sizes);
    assertEquals(got.map(equalsIn(elements)), sizes.map(() => true));
    const [value] = Array.from((await future!.next())!);
    assertEquals(equalsIn(elements)(value, 2), true);
    asked.answered();
    answered.answered();
    assertEquals([caller.budget.held, executor.budget.held], [0, 0]);
  });
});

/** Whether a list is the one of `elements` at its place: quicker than comparing megabytes for a readable difference. */
function equalsIn(elements: readonly Uint8Array[]) {
  return (one: unknown, place: number): boolean =>
    (one as Uint8Array).every((byte, at) => byte === elements[place]![at]);
}

Deno.test("over a connection, a call ends though an element of it with a stream could not be sent", async () => {
  const types: TypeNode[] = [["stream", "string"], ["tuple", [0, "u8"]], ["stream", 1]];
  const codec = prepareComponentCodec("f", { types, parameters: [["x", 2]], result: null });
  const options = {
    resources: new CallerResources(() => true, () => Promise.resolve()),
    present: (_type: unknown, lists: ElementLists) => lists,
    charge: () => {},
  };
  await withChannels({}, {}, async (caller, executor) => {
    const [asked, answered] = [caller.streams.ask(), executor.streams.answer(1)];
    const over = Promise.withResolvers<void>();
    asked.over = over.resolve;
    const [there, here] = [new ValueStreams(asked, options), new ValueStreams(answered, options)];
    const value = passed([[ReadableStream.from(["a"]), 256]]);
    const bytes = codec.writeArguments("f", [value], { ahead: 0, whole: 0, streams: there });
    caller.streams.begin(asked, 1);
    const from = { bytes, view: new DataView(bytes.buffer), start: 0, end: bytes.length };
    const [lists] = codec.readArguments(from, options.resources, here).values as [ElementLists];
    await assertRejects(() => lists.next(), GhostError, "element 2: it is 256, not a u8");
    asked.answered();
    await over.promise;
    answered.answered();
  });
});
