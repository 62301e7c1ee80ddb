// What a program provides to modules that run on its own node, in a process of their own: it is asked for each call.
// The tests with nodes share a network, in which each has its own.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Channel } from "../../../gmp/channel/channel.ts";
import type { IncomingRequest } from "../../../gmp/channel/incoming.ts";
import type { Body } from "../../../gmp/frames/body.ts";
import type { Identity } from "../../../gmp/handshake/identity.ts";
import { dialWithTicket } from "../../../gmp/ports/dial_with_ticket.ts";
import { ProvidedImports } from "../../../gvm/calls/provided_imports.ts";
import type { SessionConnection } from "../../../gvm/calls/session_connection.ts";
import type { ProgramImports } from "../../../gvm/engine/program_imports.ts";
import type { GhostNode } from "../../../gvm/node/ghost_node.ts";
import { Network } from "../../tools/network.ts";
import { assertFails, Harness } from "../harness.ts";
import { calling, EXITING, I32, I64, SHOUTING } from "./_importing_modules.ts";

const fixture = (name: string) =>
  Deno.readFile(new URL(`../component/fixtures/${name}.wasm`, import.meta.url));

async function start(): Promise<Network> {
  const network = await Network.start();
  await network.upload("desk", "v0.0.1", await fixture("provided"));
  return network;
}

/** What the fixture imports, of which a test replaces what it needs. */
function desk(functions: Record<string, unknown> = {}, root: Record<string, unknown> = {}): ProgramImports {
  const readAll = (name: string) => ({ tag: "ok", val: `contents of ${name}` });
  return {
    "test:host/desk@1.2.7": { readAll, later: (x: number) => x + 1, ...functions },
    $root: { shout: (text: string) => `${text.toUpperCase()}!`, ...root },
  } as ProgramImports;
}

/** A function of the fixture with `imports`. */
async function found(node: GhostNode, name: string, imports: ProgramImports) {
  const f = await node.function(`desk.${name}`, { imports });
  return async (...args: unknown[]) => await f(...args);
}

Deno.test("functions of the program that modules on a node get", async (t) => {
  await using network = await start();

  await network.step(
    t,
    "a component on the node gets functions from the program, at once or by a promise",
    async () => {
      const node = await network.node();
      const imports = desk({
        later: (x: number) => new Promise((resolve) => setTimeout(() => resolve(x + 10), 2)),
      });
      const shout = await found(node, "shout", imports);
      assertEquals([await shout("hello"), await shout("☃")], ["HELLO!", "☃!"]);
      assertEquals(await (await found(node, "read", imports))("a.txt"), "contents of a.txt");
      assertEquals(await (await found(node, "repeat", imports))(3), 30);
      // Functions with the same object share an instance, and those with another do not.
      const calls = await found(node, "calls", imports);
      assertEquals([await calls(), await (await found(node, "calls", imports))()], [1, 2]);
      assertEquals(await (await found(node, "calls", desk()))(), 1);
      // An error of WIT is a value.
      const missing = desk({ readAll: () => ({ tag: "err", val: "no such file" }) });
      const error = await assertFails("FUNCTION_FAILED", (await found(node, "read", missing))("b"));
      assertEquals(error.payload, "no such file");
      // Without them nobody provides it.
      await assertFails("IMPORT_NOT_FOUND", node.call("desk.calls"));
      await assertFails("IMPORT_NOT_FOUND", (await found(node, "calls", {}))());
    },
  );

  await network.step(
    t,
    "what such a function throws, or returns wrongly, ends the call and names the function",
    async () => {
      const node = await network.node();
      const message = async (shout: unknown) =>
        (await assertFails("TRAP", (await found(node, "shout", desk({}, { shout })))("x"))).message;
      assertEquals(
        await message(() => {
          throw new Error("no voice");
        }),
        "desk.shout trapped: its import the world.shout failed: no voice",
      );
      assertStringIncludes(await message(() => Promise.reject("hoarse")), "the world.shout failed: hoarse");
      assertStringIncludes(
        await message(() => 7),
        'the world.shout failed: Cannot return from "$root.shout": its result is 7',
      );
      assertStringIncludes(
        await message(() => "x".repeat(245_760)),
        "its result takes 245764 bytes, above the limit",
      );
      assertEquals(
        (await (await found(node, "shout", desk()))("x".repeat(200_000)) as string).length,
        200_001,
      );
      assertStringIncludes(
        (await assertFails("TRAP", (await found(node, "shout", desk()))("x".repeat(245_760)))).message,
        "its arguments take 245764 bytes, above the limit of 245760",
      );
    },
  );

  await network.step(t, "a core module, a plug-in and a program get functions, too", async () => {
    const node = await network.node();
    await network.upload("launcher", "v0.0.1", calling("env", "launch", I32));
    const launch = async (launch: unknown, x: number) => {
      const f = await node.function("launcher.f(i32) -> i32", {
        imports: { env: { launch } } as ProgramImports,
      });
      return await f(x);
    };
    assertEquals(await launch((x: number) => x * 2, -21), -42);
    assertEquals(await launch((x: number) => Promise.resolve(0xffff_ffff - x), 0), -1);
    assertStringIncludes(
      (await assertFails("TRAP", launch(() => "seven", 1))).message,
      'its import env.launch failed: Cannot return from "env.launch": its result is not an i32',
    );
    await network.upload("wide", "v0.0.1", calling("env", "launch", I64));
    const wide = await node.function("wide.f", { imports: { env: { launch: (x: bigint) => x + 1n } } });
    assertEquals(await wide(2n ** 53n), 2n ** 53n + 1n);
    // What nodes provide stays theirs, and an object's own prototype is not provided.
    await network.upload("own", "v0.0.1", calling("env", "toString", I32));
    const own = await node.function("own.f", { imports: { env: {} } });
    await assertFails("IMPORT_NOT_FOUND", own(1) as Promise<unknown>);

    await network.upload("plugged", "v0.0.1", SHOUTING);
    const text = (bytes: unknown) => new TextDecoder().decode(bytes as Uint8Array);
    const shout = (input: Uint8Array) => Promise.resolve(text(input).toUpperCase());
    const plugged = await node.function("plugged.f", { imports: { "extism:host/user": { shout } } });
    assertEquals(text(await plugged("hello")), "HELLO");

    await network.upload("exiting", "v0.0.1", EXITING);
    const run = (code: (n: number) => unknown) =>
      node.run("exiting", [], { imports: { host: { code } } }).exitCode;
    assertEquals(await run((n) => Promise.resolve(n * 2)), 14);
    await assertFails("TRAP", run(() => Promise.reject(new Error("no code"))));
    await assertFails("IMPORT_NOT_FOUND", node.run("exiting").exitCode);
  });

  await network.step(
    t,
    "a call that waits for the program ends with its limit and its signal, and others go on meanwhile",
    async () => {
      const node = await network.node("limited", { limits: { time: 1000 } });
      let asked = 0;
      const forever = desk({ later: () => (asked++, new Promise(() => {})) });
      const repeat = await found(node, "repeat", forever);
      const waiting = assertFails("TIME_LIMIT", repeat(1));
      // Other modules, and the same with other imports, have their turn.
      assertEquals(await (await found(node, "repeat", desk()))(2), 2);
      assertEquals(await node.call("math.add", [1, 2]), 3);
      await waiting;
      const stop = new AbortController();
      const f = await node.function("desk.repeat", { imports: forever, signal: stop.signal });
      const cancelled = assertFails("CANCELLED", f(1) as Promise<unknown>);
      while (asked < 2) await new Promise((resolve) => setTimeout(resolve, 1));
      stop.abort();
      await cancelled;
      // The function that calls the instance that waits for it waits for itself, until the limit.
      const own: { calls?: () => Promise<unknown> } = {};
      const inside = desk({ later: async () => await own.calls!() });
      own.calls = await found(node, "calls", inside);
      await assertFails("TIME_LIMIT", (await found(node, "repeat", inside))(1));
      assertEquals(await own.calls(), 2, "in the next instance, where that call had its turn");
    },
  );

  await network.step(t, "a flood of calls of the program leaves it time for others", async () => {
    const node = await network.node();
    let asked = 0;
    const repeat = await found(node, "repeat", desk({ later: (x: number) => (asked++, x + 1) }));
    const flood = repeat(3000);
    let others = 0;
    let isOver = false;
    const over = flood.then(() => isOver = true);
    while (!isOver) {
      await node.call("math.add", [1, 2]);
      others++;
    }
    await over;
    assertEquals([await flood, asked], [3000, 3000]);
    assert(others > 10, `${others} other calls`);
  });

  await network.step(
    t,
    "a resource is refused by name, and nobody else is offered what a program provides",
    async () => {
      await network.upload("clerk", "v0.0.1", await fixture("imports"));
      const [here, there] = await network.pair();
      const imports = {
        "test:host/clerk@1.2.0": { open: () => ({}), "[method]file.size": () => 1, later: () => 1 },
        $root: { shout: (text: string) => text },
      };
      const refused = await assertFails("UNSUPPORTED_SIGNATURE", here.function("clerk.shout", { imports }));
      assertStringIncludes(
        refused.message,
        'Cannot provide "test:host/clerk@1.2.0.open": it passes a resource',
      );
      const away = await assertFails(
        "BAD_ARGUMENTS",
        here.function("desk.shout", { imports: desk(), on: there.name }),
      );
      assertStringIncludes(away.message, "a program provides them to modules on its own node only");
      await assertFails("BAD_ARGUMENTS", here.run("desk", [], { imports: desk(), on: there.name }).exitCode);
    },
  );
});

Deno.test("an executor takes imports from its own node only, and knows no numbers but its own", async () => {
  await using harness = new Harness();
  await harness.pool.grant([{ subject: "everyone", what: "*" }]);
  const channelTo = async (identity: Identity, isOwn: boolean) => {
    const place = await harness.pool.open(identity, () => {}, { isOwn }).place();
    const { address, ticket, executor } = place;
    const audience = `executor/${executor}` as const;
    return new Channel(await dialWithTicket({ port: address.loopback!, ticket, audience }));
  };
  const offer = { module: "math", provider: 0, functions: [{ module: "env", name: "launch" }] };
  const peer = await channelTo({ role: "node", node: { name: "node-1", id: "1" } }, false);
  const refused = await assertFails("BAD_REQUEST", peer.request("imports.provide", offer));
  assertStringIncludes(refused.message, "only the program whose node this is may");
  const own = await channelTo({ role: "command" }, true);
  assertEquals(await own.request("imports.provide", offer), { number: 0, functions: [] });
  for (const channel of [peer, own]) {
    const wanted = { module: "math", function: "add", imports: 7 };
    await assertFails("BAD_REQUEST", channel.request("function.resolve", wanted));
    await assertFails("BAD_REQUEST", channel.request("module.run", { module: "math", imports: 7 }));
    // It provides nothing itself.
    await assertFails(
      "UNKNOWN_OPERATION",
      channel.request("import.call", { handle: 0, values: new Uint8Array() }),
    );
    await channel.close();
  }
});

Deno.test("whoever asks the program for what it does not provide, or passes what is no value, is refused", async () => {
  const provided = new ProvidedImports();
  const ask = async (body: Body) => await provided.handlers["import.call"]!({ body } as IncomingRequest);
  await assertFails("FUNCTION_NOT_FOUND", ask({ handle: 0, values: new Uint8Array() }));
  const connection = {
    channel: { ask: () => ({ id: 1, reply: Promise.resolve({ number: 0, functions: [described] }) }) },
    decided: (_id: number, answer: Promise<unknown>) => answer,
  } as unknown as SessionConnection;
  const described = {
    handle: 3,
    module: "env",
    name: "launch",
    types: [["list", "u8"]],
    parameters: [["p", 0]],
    result: "u32",
  };
  await provided.provide(connection, { module: "m" }, {
    env: { launch: (bytes: Uint8Array) => bytes.length },
  });
  assertEquals(await ask({ handle: 3, values: Uint8Array.of(2, 0, 0, 0, 7, 7) }), {
    values: Uint8Array.of(2, 0, 0, 0),
  });
  for (const values of [[], [9, 0, 0, 0, 7], [0xff, 0xff, 0xff, 0xff], [1, 0, 0, 0, 7, 7]]) {
    await assertFails("BAD_REQUEST", ask({ handle: 3, values: Uint8Array.from(values) }));
  }
  await assertFails("BAD_REQUEST", ask({ handle: 3, values: new Uint8Array(245_761) }));
  // What was not offered is not provided, whatever an executor says.
  described.name = "toString";
  await assertFails("BAD_REQUEST", provided.provide(connection, { module: "m" }, { env: {} }));
});
