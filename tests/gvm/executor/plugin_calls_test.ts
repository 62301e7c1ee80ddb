// Functions of Extism plug-ins through a real executor, and in this process.
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { Channel } from "../../../gmp/channel/channel.ts";
import { GhostError } from "../../../gmp/errors.ts";
import { dialWithTicket } from "../../../gmp/ports/dial_with_ticket.ts";
import { formatFunction } from "../../../gmp/types/function_signature.ts";
import { toolchainAdvice } from "../../../gmp/wasm_format/toolchain.ts";
import { moduleBytes, nameBytes } from "../../gmp/fixtures/module_bytes.ts";
import { Network, readModule } from "../../tools/network.ts";
import { assertFails, Harness } from "../harness.ts";

const text = (bytes: unknown) => new TextDecoder("utf-8", { fatal: true }).decode(bytes as Uint8Array);

Deno.test("plug-ins in one executor", async (t) => {
  await using harness = new Harness({ size: 1 });

  await t.step("a plug-in takes bytes, an array or text, and returns bytes", async () => {
    const caller = await harness.caller();
    const { signature } = await caller.client.resolve({ module: "plugin", function: "echo" });
    assertEquals(formatFunction("echo", signature), "echo(input: list<u8>) -> result<list<u8>, string>");
    for (const input of ["Ada ✗", "", "long".repeat(1 << 18)]) {
      assertEquals(text(await caller.call("plugin.echo", [input])), input);
    }
    assertEquals(await caller.call("plugin.echo", [[1, 2, 255]]), Uint8Array.of(1, 2, 255));
    assertEquals(await caller.call("plugin.echo", [new Uint8Array(1 << 20)]), new Uint8Array(1 << 20));
    assertEquals(await caller.call("plugin.add", [2, 3]), 5);
  });

  await t.step(
    "a plug-in's error is FUNCTION_FAILED with its message, what it logs comes ahead, and its variables stay",
    async () => {
      const caller = await harness.caller();
      await caller.call("plugin.append", ["a"]);
      const error = await assertRejects(() => caller.call("plugin.fail", ["no soup"]), GhostError);
      assertEquals([error.code, error.payload, error.retryable], ["FUNCTION_FAILED", "no soup", false]);
      const logged: string[] = [];
      await caller.call("plugin.log", ["so it is"], {
        output: (bytes, stream) => logged.push(`${stream} ${text(bytes)}`),
      });
      assertStringIncludes(logged.join(""), "stderr info: so it is\n");
      assertEquals(text(await caller.call("plugin.append", ["a"])), "x");
      await assertFails("TRAP", caller.call("plugin.fail_and_trap", ["no soup"]));
      assertEquals(text(await caller.call("plugin.append", ["a"])), "", "the instance is a new one");
    },
  );

  await t.step("a plug-in has the configuration of its caller, and an instance for each", async () => {
    const { client } = await harness.caller();
    const find = (name: string, config?: Record<string, string>) =>
      client.resolve({ module: "plugin", function: name, config });
    const configured = async (config?: Record<string, string>) =>
      text(await client.call(await find("configured", config), ["greeting"]));
    assertEquals(await configured({ greeting: "Hello ✓", other: "x" }), "Hello ✓");
    assertEquals(await configured({ greeting: "" }), "");
    assertEquals(await configured(), "");
    // The order of the keys does not matter, and each configuration has its own variables.
    const append = async (config?: Record<string, string>) =>
      text(await client.call(await find("append", config), ["a"]));
    assertEquals(await append({ a: "1", b: "2" }), "");
    assertEquals(await append({ b: "2", a: "1" }), "x");
    assertEquals(await append({ a: "2", b: "1" }), "");
    assertEquals(await append({}), "");
    assertEquals(await append(), "x");
    // Other modules have none, and their functions one instance.
    const next = async (config?: Record<string, string>) =>
      await client.call(await client.resolve({ module: "counter", function: "next", config }), []);
    assertEquals([await next({ a: "1" }), await next()], [1, 2]);
  });

  await t.step(
    "a module whose types are not in its file gets advice when it is called with other values than numbers",
    async () => {
      const bytes = moduleBytes(
        [1, 1, 0x60, 1, 0x7f, 1, 0x7f],
        [3, 1, 0],
        [7, 2, ...nameBytes("greet"), 0, 0, ...nameBytes("__new"), 0, 0],
        [10, 1, 4, 0, 0x20, 0, 0x0b],
      );
      harness.modules.add("greetings", bytes);
      const caller = await harness.caller();
      assertEquals(
        (await assertFails("BAD_ARGUMENTS", caller.call("greetings.greet", ["Ada"]))).message,
        `Cannot call greet: argument 1 is "Ada", not an i32; ${toolchainAdvice("AssemblyScript")}`,
      );
      assertEquals(await caller.call("greetings.greet", [7]), 7);
      assertEquals(
        (await assertFails("BAD_ARGUMENTS", caller.call("greetings.greet", [1.5]))).message,
        "Cannot call greet: argument 1 is 1.5, not an i32 (an integer from -2^31 to 2^32-1)",
      );
    },
  );

  await t.step("a configuration, and how many there are, is limited", async () => {
    const { client } = await harness.caller();
    const find = (config: Record<string, string>) =>
      client.resolve({ module: "plugin", function: "configured", config });
    const longest = { greeting: "x".repeat(32_760) };
    assertEquals(text(await client.call(await find(longest), ["greeting"])), longest.greeting);
    await assertFails("BAD_ARGUMENTS", find({ greeting: "x".repeat(32_761) }));
    // The executor checks it as well: a caller may be any program.
    const place = await harness.pool.open({ role: "command" }, () => {}, { isOwn: true }).place();
    const { address, ticket, executor } = place;
    const audience = `executor/${executor}` as const;
    const channel = new Channel(await dialWithTicket({ port: address.loopback!, ticket, audience }));
    const body = { module: "plugin", function: "configured", config: { greeting: "x".repeat(32_761) } };
    await assertFails("BAD_ARGUMENTS", channel.request("function.resolve", body));
    await assertFails("BAD_ARGUMENTS", channel.request("module.run", body));
    await channel.close();
    for (let i = 1; i < 16; i++) await find({ greeting: String(i) });
    await assertFails("TOO_MANY_REQUESTS", find({ greeting: "16" }));
    await find({ greeting: "15" });
  });
});

Deno.test("plug-ins in this process", async (t) => {
  await using network = await Network.start();
  await network.upload("plugin", "v0.0.1", readModule("plugin"));

  await t.step(
    "a plug-in in this process has the configuration that it is given, or that of its node",
    async () => {
      const node = await network.node("plugged", { config: { greeting: "usual" } });
      const options = { isolation: "inline" } as const;
      const configured = async (config?: Record<string, string>, imports?: Record<string, never>) => {
        const given = { ...options, ...config === undefined ? {} : { config } };
        const f = await node.function(
          "plugin.configured",
          imports === undefined ? given : { ...given, imports },
        );
        return text(await f("greeting"));
      };
      assertEquals(await configured(), "usual");
      assertEquals(await configured({ greeting: "own" }), "own");
      assertEquals(await configured({ greeting: "own" }, {}), "own");
      assertEquals(text(await node.call("plugin.configured", ["greeting"])), "usual");
      assertEquals(
        text(await node.call("plugin.configured", ["greeting"], { config: { greeting: "own" } })),
        "own",
      );
      assertEquals(text(await node.call("plugin.configured", ["greeting"])), "usual");
    },
  );

  await t.step(
    "what a plug-in does not take is refused before anything is sent, also in this process",
    async () => {
      const node = await network.node();
      const remote = await node.function("plugin.echo");
      const inline = await node.function("plugin.echo", { isolation: "inline" });
      for (const echo of [remote, inline] as ((...args: unknown[]) => unknown)[]) {
        const call = async (...args: unknown[]) => await echo(...args);
        assertEquals([text(await call("Ada")), text(await call(Uint8Array.of(65))), await call([])], [
          "Ada",
          "A",
          new Uint8Array(),
        ]);
        assertStringIncludes(
          (await assertFails("BAD_ARGUMENTS", call(7))).message,
          "argument 1 is 7, not a list<u8> (a Uint8Array, an array, or a string)",
        );
        await assertFails("BAD_ARGUMENTS", call([256]));
        await assertFails("BAD_ARGUMENTS", call());
      }
      const fail = await node.function("plugin.fail(list<u8>) -> result<list<u8>, string>", {
        isolation: "inline",
      });
      const error = await assertRejects(
        async () => await fail(new TextEncoder().encode("no soup")),
        GhostError,
      );
      assertEquals([error.code, error.payload], ["FUNCTION_FAILED", "no soup"]);
      const greet = await node.function("plugin.append", { isolation: "inline" });
      await greet("a");
      assertEquals(text(await greet("a")), "x", "an error does not end the instance");
    },
  );
});
