/**
 * Modules by their hash from other devices: three daemons, their real links on loopback, and nodes with real executors. The
 * tests share them, each with modules that no other has shipped; the one that takes grants away comes last.
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { GhostNode } from "../../../gvm/node/ghost_node.ts";
import type { Resource } from "../../../gvm/calls/resource.ts";
import type { GhostNodeOptions } from "../../../gvm/node/node_options.ts";
import { ADD_MODULE, moduleOf, sha256 } from "../../gpmd/_modules.ts";
import { eventually } from "../../tools/commands.ts";
import { pairDevices, type TestDevice, withDevices } from "../../tools/paired_devices.ts";
import { assertFails, TestModules } from "../harness.ts";

const EXAMPLES = new TestModules();

/** A node of `device`. */
function startNode({ daemon }: TestDevice, name: string, options: GhostNodeOptions = {}): Promise<GhostNode> {
  return GhostNode.start({ ...daemon.settings, secret: daemon.secret, name, ...options });
}

async function upload(
  { daemon }: TestDevice,
  name: string,
  version: string,
  module: Uint8Array<ArrayBuffer> = EXAMPLES.bytesOf(name),
): Promise<string> {
  await using gpmd = await daemon.connect();
  return (await gpmd.upload({ name, version, module })).hash;
}

/** What `device` has fetched so far, as its log tells. */
async function fetched({ daemon }: TestDevice): Promise<{ hash: string; device: string }[]> {
  const log = await Deno.readTextFile(`${daemon.settings.home}/gpmd.log`);
  return Array.from(
    log.matchAll(/ module\.fetched hash=(\w+) size=\d+ device=(\S+)/g),
    ([, hash, device]) => ({
      hash: hash!,
      device: device!,
    }),
  );
}

/** The module of that name, with bytes of its own for each `mark`: a section that says nothing to it. */
function marked(name: string, mark: string): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(mark);
  return new Uint8Array([...EXAMPLES.bytesOf(name), 0, text.length + 1, text.length, ...text]);
}

const on = "there@pi";

Deno.test("modules by their hash between devices that are paired", async (t) => {
  await withDevices(async (laptop, pi, box) => {
    await pairDevices(laptop, pi);
    const [code] = await box!.lines("device", "invite", ...box!.link);
    await pi.lines("device", "join", code!, "--name=box", "--as=pi");
    await using here = await startNode(laptop, "here");
    await using there = await startNode(pi, "there");
    await Promise.all([here.warm(), there.warm()]);
    await eventually("the other device", async () => (await here.discover()).includes("there@pi"));
    await here.connect("there@pi");
    await assertFails("MODULE_NOT_FOUND", here.call("nothing.next", [], { on }));

    /** A step, which asks for what the pi has fetched since it began. */
    const step = (name: string, test: (news: () => ReturnType<typeof fetched>) => Promise<void>) =>
      t.step(name, async () => {
        const { length } = await fetched(pi);
        await test(async () => (await fetched(pi)).slice(length));
      });

    await step(
      "a module that only the caller has is shipped once, by its hash, and its state is kept",
      async (news) => {
        const hash = await upload(laptop, "counter", "v1.0.0");
        assertEquals(await here.call("counter.next", [], { on }), 1);
        assertEquals(await here.call("counter.next", [], { on }), 2);
        assertEquals(await here.call("counter@v1.0.0.next", [], { on }), 3);
        assertEquals(await news(), [{ hash, device: "laptop" }]);
        // It has no name there: nobody else finds it by one.
        assertEquals((await there.modules()).filter(({ name }) => name === "counter"), []);
        await assertFails("MODULE_NOT_FOUND", there.call("counter.next"));
        // By its hash everybody does, without asking anybody.
        assertEquals(await there.call(`counter@sha256:${hash}.next`), 1);
        const next = await here.function("counter.next() -> i32", { on });
        assertEquals([await next(), next.version], [4, "v1.0.0"]);
        await here.reset("counter", { on });
        assertEquals(await next(), 1);
        assertEquals((await news()).length, 1);
      },
    );

    await step(
      "a run of a module that only the caller has gets its input and gives its output, also the first time",
      async (news) => {
        await upload(laptop, "greet", "v1.0.0");
        for (let i = 0; i < 2; i++) {
          assertEquals(
            await here.run("greet", ["Ada", "-"], { on, stdin: "Bob\n" }).text(),
            "Hello, Ada!\nHello, Bob!\n",
          );
        }
        assertEquals((await news()).length, 1);
        await assertFails("MODULE_NOT_FOUND", here.run("nothing", [], { on }).exitCode);
      },
    );

    await step(
      "a version with other bytes there than here is refused by both hashes, unless a hash says which is meant",
      async (news) => {
        const mine = await upload(laptop, "math", "v1.0.0", ADD_MODULE);
        const theirs = await upload(pi, "math", "v1.0.0");
        await upload(laptop, "hello", "v1.0.0", EXAMPLES.bytesOf("program"));
        await upload(pi, "hello", "v1.0.0", EXAMPLES.bytesOf("greet"));
        for (
          const call of [
            here.call("math@v1.0.0.add", [1, 2], { on }),
            here.signature("math@v1.0.0.add", { on }),
          ]
        ) {
          const error = await assertFails("HASH_MISMATCH", call);
          assertEquals(error.details, { here: mine, there: theirs });
          assert(error.message.includes(mine) && error.message.includes(theirs), error.message);
        }
        await assertFails("HASH_MISMATCH", here.run("hello@v1.0.0", [], { on }).exitCode);
        // Without a version, the called device decides.
        assertEquals(await here.call("math.add", [1, 2], { on }), 3);
        assertEquals(await here.run("hello", ["Ada"], { on }).text(), "Hello, Ada!\n");
        assertEquals(await news(), []);
        for (const hash of [theirs, mine]) {
          assertEquals(await here.call(`math@sha256:${hash}.add`, [1, 2], { on }), 3);
        }
        assertEquals(await news(), [{ hash: mine, device: "laptop" }]);
        // A version that only one of the two has is that one.
        await upload(laptop, "math", "v1.1.0", ADD_MODULE);
        await upload(pi, "math", "v1.2.0");
        assertEquals(await here.call("math@v1.1.0.add", [3, 4], { on }), 7);
        assertEquals(await here.call("math@v1.2.0.add", [3, 4], { on }), 7);
      },
    );

    await step("a module of 64 MB is shipped, and called while it is remembered", async (news) => {
      const filler = moduleOf(64 * 2 ** 20).subarray(8);
      const module = new Uint8Array(ADD_MODULE.length + filler.length);
      module.set(ADD_MODULE);
      module.set(filler, ADD_MODULE.length);
      const hash = await upload(laptop, "large", "v1.0.0", module);
      assertEquals(hash, await sha256(module));
      assertEquals(await here.call("large.add", [1, 2], { on }), 3);
      assertEquals(await news(), [{ hash, device: "laptop" }]);
    });

    await step(
      "a component that only this device has is called on another one: texts, errors, megabytes, resources",
      async () => {
        await upload(laptop, "greeter", "v1.0.0");
        assertEquals(await here.call("greeter.greet", ["Ada"], { on }), "Hello, Ada!");
        const failed = await assertFails(
          "FUNCTION_FAILED",
          here.call("greeter.area", [{ tag: "empty" }], { on }),
        );
        assertEquals(failed.payload, "nothing to measure");
        const text = "x".repeat(3 << 20); // there and back as DATA
        assertEquals(await here.call("greeter.greet", [text], { on }), `Hello, ${text}!`);
        await using counter = await here.call('greeter."[constructor]counter"', [5], { on }) as Resource;
        assertEquals(await here.call('greeter."[method]counter.next"', [counter], { on }), 5);
      },
    );

    await step(
      "a module by its hash comes from a third device, which need not know the caller",
      async (news) => {
        const hash = await upload(box!, "counter", "v1.0.0", marked("counter", "box"));
        await eventually("the third device", async () => {
          const devices = JSON.parse((await pi.lines("device", "list", "--json")).join(""));
          return devices.every(({ reachable }: { reachable: boolean }) => reachable);
        });
        assertEquals(await here.call(`counter@sha256:${hash}.next`, [], { on }), 1);
        assertEquals(await news(), [{ hash, device: "box" }]);
        // A node gets it for its own calls, too.
        assertEquals(await there.call({ module: "counter", hash, function: "next" }), 1);
        const inline = await there.function(`counter@sha256:${hash}.next() -> i32`, { isolation: "inline" });
        assertEquals(await inline(), 1);
        const { version, functions } = await there.describe(`counter@sha256:${hash}`);
        assertEquals([version, functions.some(({ name }) => name === "next")], [`sha256:${hash}`, true]);
        await assertFails("MODULE_NOT_FOUND", there.call(`counter@sha256:${"0".repeat(64)}.next`));
        await assertFails("INVALID_NAME", there.call("counter@sha256:abc.next"));
      },
    );

    await step(
      "whoever may not ship is refused before anything is fetched, and whoever gives no modules is named",
      async (news) => {
        const hash = await upload(laptop, "ticker", "v1.0.0", marked("counter", "ticker"));
        await pi.lines("revoke", "laptop", "ship");
        const unshipped = await assertFails("NOT_GRANTED", here.call("ticker.next", [], { on }));
        assertEquals(unshipped.details, { subject: "here@laptop", what: "ship" });
        assertMatch(unshipped.message, /gpmd grant here@laptop ship$/);
        const named = await assertFails("NOT_GRANTED", here.call(`ticker@sha256:${hash}.next`, [], { on }));
        assertEquals(named.message, unshipped.message);
        await assertFails("NOT_GRANTED", here.run("ticker", [], { on }).exitCode);
        assertEquals(await news(), []);

        await pi.lines("grant", "laptop", "ship");
        await laptop.lines("revoke", "pi", "modules");
        const kept = await assertFails("NOT_GRANTED", here.call("ticker.next", [], { on }));
        assertEquals(kept.details, { subject: "pi", what: "modules", device: "laptop" });
        assertMatch(kept.message, /run on laptop: gpmd grant pi modules$/);
        assertEquals(await news(), []);

        // What a caller has brought falls under ship alone, also while it holds it.
        await laptop.lines("grant", "pi", "modules");
        await pi.lines("revoke", "laptop", "*");
        const next = await here.function("ticker.next() -> i32", { on });
        assertEquals([await next(), await next()], [1, 2]);
        await pi.lines("revoke", "laptop", "ship");
        const revoked = await assertFails("NOT_GRANTED", next());
        assertEquals(revoked.details, { subject: "here@laptop", what: "ship" });
        // By the same hash, and the name under which it is published there, it is the device's own.
        await upload(pi, "ticker", "v2.0.0", marked("counter", "ticker"));
        await pi.lines("grant", "laptop", "ticker.next");
        assertEquals(await here.call(`ticker@sha256:${hash}.next`, [], { on }), 1);
        await assertFails("NOT_GRANTED", here.call(`other@sha256:${hash}.next`, [], { on }));
        assertEquals([await there.call("ticker.next"), (await news()).length], [1, 1]);
      },
    );
  }, 3);
});
