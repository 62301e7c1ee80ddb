// Functions of components through a real executor, over the wire as any other.
import { assert, assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { type ErrorCode, GhostError } from "../../../gmp/errors.ts";
import { formatFunction } from "../../../gmp/types/function_signature.ts";
import { CallerResources, Resource } from "../../../gvm/calls/resource.ts";
import { type Caller, Harness } from "../harness.ts";

async function assertFails(promise: Promise<unknown>, code: ErrorCode, message: string): Promise<void> {
  const error = await assertRejects(() => promise, GhostError);
  assertEquals([error.code, error.message], [code, message]);
}

const ADA = { name: "Ada", age: 36, email: undefined, tags: ["x", "yz"], balance: 12.5 };

Deno.test("functions of a component, in one executor", async (t) => {
  await using harness = new Harness({ size: 1 });

  await t.step("values of a component go there and back", async () => {
    const caller = await harness.caller();
    assertEquals(await caller.call("greeter.greet", ["Ada"]), "Hello, Ada!");
    assertEquals(await caller.call("greeter.birthday", [ADA]), { ...ADA, age: 37, balance: 25 });
    assertEquals(await caller.call("greeter.area", [{ tag: "rect", val: [2, 3] }]), 6);
    assertEquals(await caller.call("greeter.sum", [Uint32Array.of(1, 2, 0xffff_ffff)]), 0x1_0000_0002n);
    assertEquals(await caller.call("greeter.size", [new Uint8Array(3)]), 3);
  });

  await t.step(
    "a function of a component says what it takes, and refuses what it does not before anything is sent",
    async () => {
      const { client } = await harness.caller();
      const found = await client.resolve({ module: "greeter", function: "greet" });
      assertEquals(formatFunction("greet", found.signature), "greet(name: string) -> string");
      await assertFails(
        client.call(found, [7]),
        "BAD_ARGUMENTS",
        "Cannot call greet: argument 1 is 7, not a string",
      );
    },
  );

  await t.step(
    "an error that a function returns is FUNCTION_FAILED with what it returned, and the instance goes on",
    async () => {
      const caller = await harness.caller();
      const error = await assertRejects(() => caller.call("greeter.area", [{ tag: "empty" }]), GhostError);
      assertEquals([error.code, error.payload, error.retryable], [
        "FUNCTION_FAILED",
        "nothing to measure",
        false,
      ]);
      assertEquals(await caller.call("greeter.area", [{ tag: "rect", val: [2, 2] }]), 4);
    },
  );

  await t.step(
    "a resource is in its session until it is dropped, given away, or its instance ends",
    async () => {
      const [caller, other] = [await harness.caller(), await harness.caller()];
      const next = (counter: Resource, by = caller) => by.call("greeter.[method]counter.next", [counter]);
      const [one, two] = [await counter(caller, 5), await counter(caller, 7)];
      assertEquals([one.name, one.handle, two.handle], ["counter", 1, 2]);
      assertEquals([await next(one), await next(one), await next(two)], [5, 6, 7]);
      // Another session's handle is nobody's here.
      const others = await counter(other, 100);
      await assertFails(
        next(others),
        "RESOURCE_GONE",
        "Cannot use counter 1: it is in another session, or another module's",
      );
      // Given away, both are gone, and a number is never used again.
      const merged = await caller.call("greeter.[static]counter.merge", [one, two]) as Resource;
      assertEquals([await next(merged), one.isGone, two.isGone, merged.handle], [15, true, true, 3]);
      await assertFails(next(one), "RESOURCE_GONE", "Cannot use counter 1: it was dropped or given away");
      // Dropped, it is gone, and dropping it again does nothing.
      await merged.drop();
      await merged.drop();
      await assertFails(next(merged), "RESOURCE_GONE", "Cannot use counter 3: it was dropped or given away");
      // What cannot be sent is not given.
      const kept = await counter(caller, 1);
      await assertRejects(
        () => caller.call("greeter.[static]counter.merge", [kept, kept]),
        GhostError,
        "given away",
      );
      assertEquals([kept.isGone, await next(kept)], [false, 1]);
      // A reset ends the instance, and with it what it has made.
      await caller.client.reset({ module: "greeter" });
      await assertFails(
        next(kept),
        "RESOURCE_GONE",
        "Cannot use resource 4: there is no such in this session now",
      );
      const fresh = await counter(caller, 1);
      assertEquals([fresh.handle, await next(fresh), await next(others, other)], [5, 1, 100]);
    },
  );

  await t.step("a resource has its methods, and is dropped at the end of its block", async () => {
    const caller = await harness.caller();
    let kept: Resource;
    {
      await using made = await caller.call("greeter.counter", [5]) as Resource & { next(): Promise<number> };
      kept = made;
      assertEquals([await made.next(), await made.next()], [5, 6]);
      assertEquals(Object.keys(made), ["name", "handle"]);
      await assertRejects(
        () => (made.next as (n: number) => Promise<number>)(1),
        GhostError,
        "it takes 1 argument",
      );
    }
    assert(kept.isGone);
    await assertFails(
      (kept as Resource & { next(): Promise<number> }).next(),
      "RESOURCE_GONE",
      "Cannot use counter 1: it was dropped or given away",
    );
  });

  await t.step("handles that lie are refused, and harm nobody", async () => {
    const caller = await harness.caller();
    const made = await counter(caller, 5);
    // A handle that was never given out, as a hostile caller sends it.
    Object.defineProperty(made, "handle", { value: 4_000_000_000 });
    await assertFails(
      caller.call("greeter.[method]counter.next", [made]),
      "RESOURCE_GONE",
      "Cannot use resource 4000000000: there is no such in this session now",
    );
    assertEquals(await caller.call("greeter.greet", ["Ada"]), "Hello, Ada!");
  });

  await t.step("bytes of up to 16 MiB go there, and beyond that the caller is told", async () => {
    const caller = await harness.caller();
    for (const length of [1 << 18, 1 << 20, (1 << 24) - 4]) {
      assertEquals(await caller.call("greeter.size", [new Uint8Array(length)]), length);
    }
    await assertFails(
      caller.call("greeter.size", [new Uint8Array(1 << 24)]),
      "PAYLOAD_TOO_LARGE",
      `Cannot send the values: they take more than ${1 << 24} bytes`,
    );
    const long = "x".repeat(1 << 20);
    assertEquals(await caller.call("greeter.greet", [long]), `Hello, ${long}!`);
  });

  await t.step("a hundred large calls at once all come back", async () => {
    const { client } = await harness.caller();
    const found = await client.resolve({ module: "greeter", function: "size" });
    const calls = Array.from({ length: 100 }, (_, i) => client.call(found, [new Uint8Array((1 << 20) + i)]));
    assert((await Promise.all(calls)).every((size, i) => size === (1 << 20) + i));
  });
});

async function counter(caller: Caller, start: number): Promise<Resource> {
  const made = await caller.call("greeter.[constructor]counter", [start]);
  assertInstanceOf(made, Resource);
  return made;
}

Deno.test("a method that an executor names hides nothing of a resource, and makes it no promise", () => {
  const resources = new CallerResources(() => true, () => Promise.resolve());
  const names = [
    "then",
    "drop",
    "name",
    "handle",
    "is-gone",
    "constructor",
    "to-string",
    "__proto__",
    "pass",
    "next-one",
  ];
  resources.learn([...names.map((name) => `counter.${name}`), "counter", "", "."], (method, args) => {
    return Promise.resolve([method, args.length]);
  });
  const made = resources.valueOf(7, "counter") as Resource & { nextOne(): Promise<unknown>; then?: unknown };
  assertEquals([made.name, made.handle, made.isGone, made.then], ["counter", 7, false, undefined]);
  assertInstanceOf(made, Resource);
  assertEquals(Object.getOwnPropertyNames(made).sort(), ["handle", "name", "nextOne"]);
});
