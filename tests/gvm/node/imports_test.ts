// What a program provides to modules that run in its process.
// The tests share a network, in which each has nodes of its own.
import { assertEquals, assertInstanceOf, assertStringIncludes, assertThrows } from "@std/assert";
import type { ProgramImports } from "../../../gvm/engine/program_imports.ts";
import { Network } from "../../tools/network.ts";
import { GhostError } from "../../../gmp/errors.ts";
import { assertFails } from "../harness.ts";
import { calling, EXITING, I32, SHOUTING } from "./_importing_modules.ts";

const COMPONENT = new URL("../component/fixtures/imports.wasm", import.meta.url);

Deno.test("functions of the program that a module gets", async (t) => {
  await using network = await Network.start();

  await network.step(
    t,
    "a component gets functions of an interface and of its world from the program",
    async () => {
      await network.upload("clerk", "v0.0.1", await Deno.readFile(COMPONENT));
      const node = await network.node();
      const opened: string[] = [];
      const imports: ProgramImports = {
        "test:host/clerk@1.2.3": {
          open: (name: string) => ({ name: opened[opened.push(name) - 1] }),
          "[method]file.size": (file: { name: string }) => file.name.length,
          later: (x: number) => x + 1,
        },
        $root: { shout: (text: string) => `${text.toUpperCase()}!` },
      };
      const inline = <Name extends string>(name: Name) =>
        node.function(name, { isolation: "inline", imports });
      const shout = await inline("clerk.shout(text: string) -> string");
      assertEquals([await shout("hello"), await shout("☃")], ["HELLO!", "☃!"]);
      const measure = await inline("clerk.measure(name: string) -> u32");
      assertEquals([await measure("four"), opened], [4, ["four"]]);
      assertEquals(await (await inline("clerk.wait"))(6), 7);
      // Without them, and elsewhere, nobody provides it.
      await assertFails("IMPORT_NOT_FOUND", node.function("clerk.shout", { isolation: "inline" }));
      await assertFails("IMPORT_NOT_FOUND", node.call("clerk.shout", ["hello"]));
    },
  );

  await network.step(
    t,
    "what an imported function throws or returns wrongly is a trap that says so",
    async () => {
      await network.upload("clerk", "v0.0.1", await Deno.readFile(COMPONENT));
      await network.upload("caller", "v0.0.1", calling("env", "launch", I32));
      const node = await network.node();
      const message = async (shout: unknown) => {
        const clerk = { open: () => ({}), "[method]file.size": () => 0, later: () => 0 };
        const imports = { "test:host/clerk@1.2.0": clerk, $root: { shout } } as ProgramImports;
        const inline = await node.function("clerk.shout", { isolation: "inline", imports });
        return (await assertFails("TRAP", (async () => await inline("hello"))())).message;
      };
      assertStringIncludes(await message(() => 7), "What an import returned is not a string");
      assertStringIncludes(await message(() => Promise.resolve("x")), "the world.shout returned a promise");
      assertStringIncludes(
        await message(() => {
          throw new Error("no voice");
        }),
        "trapped: its import the world.shout failed: no voice",
      );
      const own = new GhostError("RESOURCE_GONE", "the program's own");
      assertStringIncludes(
        await message(() => {
          throw own;
        }),
        "trapped: its import the world.shout failed: the program's own",
      );
      const launch = await node.function("caller.f", {
        isolation: "inline",
        imports: { env: { launch: () => Promise.resolve(1) } },
      });
      assertStringIncludes(
        (await assertFails("TRAP", (async () => await launch(1))())).message,
        "env.launch returned a promise",
      );
    },
  );

  await network.step(
    t,
    "a core module gets functions from the program, but none that nodes provide or that is not its own",
    async () => {
      const node = await network.node();
      const f = async (module: string, name: string, imports: ProgramImports) => {
        const published = `m${name.toLowerCase().replaceAll("_", "")}`;
        await network.upload(published, "v0.0.1", calling(module, name, I32));
        return await node.function(`${published}.f(i32) -> i32`, { isolation: "inline", imports });
      };
      assertEquals(await (await f("env", "launch", { env: { launch: (x: number) => x * 2 } }))(21), 42);
      await assertFails("IMPORT_NOT_FOUND", f("env", "toString", { env: {} }));
      await assertFails("IMPORT_NOT_FOUND", f("__proto__", "constructor", {}));
      const close = await f("wasi_snapshot_preview1", "fd_close", {
        wasi_snapshot_preview1: { fd_close: () => 7 },
      });
      assertEquals(await close(9), 8, "WASI's own, which knows no descriptor 9");
    },
  );

  await network.step(t, "a plug-in gets functions of the program, which take and return bytes", async () => {
    await network.upload("plugged", "v0.0.1", SHOUTING);
    const node = await network.node();
    const text = (bytes: unknown) => new TextDecoder().decode(bytes as Uint8Array);
    const call = async (shout: (input: Uint8Array) => unknown) => {
      const imports = { "extism:host/user": { shout } };
      const f = await node.function("plugged.f", { isolation: "inline", imports });
      return text(await f("hello"));
    };
    assertEquals(await call((input) => text(input).toUpperCase()), "HELLO");
    assertEquals(await call((input) => input.toReversed()), "olleh");
    assertEquals(await call(() => undefined), "");
    await assertFails("TRAP", call(() => 7));
  });

  await network.step(
    t,
    "a program runs in this process, with its input, its output and what the program provides",
    async () => {
      await network.upload("exiting", "v0.0.1", EXITING);
      const node = await network.node();
      const inline = { isolation: "inline" } as const;
      assertEquals(
        await node.run("greet", ["Ada", "-"], { ...inline, stdin: "Bob\n" }).text(),
        "Hello, Ada!\nHello, Bob!\n",
      );
      assertEquals(await node.run("greet", ["Ada", "--fail"], inline).exitCode, 3);
      // More than is held for it, and as it is read.
      const lines = "word\n".repeat(1 << 19);
      assertEquals(await node.run("greet", ["-"], { ...inline, stdin: lines, output: () => {} }).exitCode, 0);
      const run = (code: (n: number) => unknown) =>
        node.run("exiting", [], { ...inline, imports: { host: { code } } }).exitCode;
      assertEquals(await run((n) => n * 2), 14);
      // A run waits for a promise.
      assertEquals(await run((n) => new Promise((resolve) => setTimeout(() => resolve(n + 1), 5))), 8);
      const failed = await assertFails("TRAP", run(() => Promise.reject(new Error("no code"))));
      assertEquals(failed.message, "exiting trapped: its import host.code failed: no code");
      await assertFails("IMPORT_NOT_FOUND", node.run("exiting", [], inline).exitCode);
      // It ends with its signal, although the promise never settles.
      const stop = new AbortController();
      const forever = node.run("exiting", [], {
        ...inline,
        signal: stop.signal,
        imports: {
          host: {
            code: () => {
              queueMicrotask(() => stop.abort());
              return new Promise(() => {});
            },
          },
        },
      });
      await assertFails("CANCELLED", forever.exitCode);
    },
  );

  await network.step(
    t,
    "a program runs in this process neither for another node nor when this one is closed",
    async () => {
      const node = await network.node("here");
      const inline = { isolation: "inline" } as const;
      assertEquals(await node.run("greet", ["Ada"], { ...inline, on: "here" }).text(), "Hello, Ada!\n");
      const refused = (on?: string) =>
        assertThrows(() => node.run("greet", ["Ada"], { ...inline, on }), GhostError).code;
      assertEquals(refused("there"), "BAD_ARGUMENTS");
      const elsewhere = { ...inline, on: "there" };
      await assertFails("BAD_ARGUMENTS", node.function("math.add", elsewhere));
      // A program without types may say anything, and means this process only where it says so.
      const isolated = (isolation: unknown) => node.function("math.add", { isolation } as never);
      await assertFails("BAD_ARGUMENTS", isolated("process"));
      const sum = (await isolated(undefined) as (...args: number[]) => unknown)(1, 2);
      assertInstanceOf(sum, Promise);
      assertEquals(await sum, 3);
      await node.close();
      assertEquals(refused(), "CANCELLED");
    },
  );
});
