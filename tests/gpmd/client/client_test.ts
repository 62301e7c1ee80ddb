// What a client of GPMD does. All that leaves it running shares one; the steps have modules of their own.
import { assert, assertEquals, assertRejects } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { SESSION_CAPS } from "../../../gmp/frames/frame.ts";
import { acceptHandshake } from "../../../gmp/handshake/handshake.ts";
import { secretCredential } from "../../../gmp/handshake/keys.ts";
import { TcpTransport } from "../../../gmp/ports/tcp.ts";
import { VERSION } from "../../../gmp/version.ts";
import { GpmdClient } from "../../../gpmd/client/client.ts";
import { startDaemon } from "../../tools/daemon_process.ts";
import { ADD_MODULE, moduleOf, sha256, storedFiles, temporaryHome } from "../_modules.ts";

const codeOf = async (promise: Promise<unknown>) => (await assertRejects(() => promise, GhostError)).code;

Deno.test("a client of GPMD", async (t) => {
  await using daemon = await startDaemon();

  await t.step("status tells what the daemon is", async () => {
    await using gpmd = await daemon.connect();
    const { home, commandPort, gmpPort } = daemon.settings;
    const { pid, version, ports, store, nodes, modules, uptime, startedAt, memory } = await gpmd.status();
    assertEquals({ pid, version, ports, store, nodes, modules }, {
      pid: daemon.pid,
      version: VERSION,
      ports: { command: commandPort, gmp: gmpPort },
      store: home,
      nodes: 0,
      modules: 0,
    });
    assert(uptime >= 0 && uptime < 60_000 && Math.abs(Date.parse(startedAt) + uptime - Date.now()) < 1000);
    assert(memory.rss > memory.heap && memory.heap > 0);
  });

  await t.step("what is refused leaves nothing in the store", async () => {
    await using gpmd = await daemon.connect();
    const upload = (name: string, version: string, module: Uint8Array<ArrayBuffer>) =>
      gpmd.upload({ name, version, module });
    assertEquals(await codeOf(upload("../../x", "v1.0.0", ADD_MODULE)), "INVALID_NAME");
    assertEquals(await codeOf(upload("x", "v1/..", ADD_MODULE)), "INVALID_NAME");
    assertEquals(
      await codeOf(upload("x", "v1.0.0", new TextEncoder().encode("#!/bin/sh\n"))),
      "NOT_A_MODULE",
    );
    assertEquals(await codeOf(upload("x", "v1.0.0", ADD_MODULE.slice(0, -3))), "NOT_A_MODULE");
    assertEquals(await codeOf(upload("x", "v1.0.0", new Uint8Array(0))), "NOT_A_MODULE");
    assertEquals(storedFiles(daemon.settings.home), []);
    await upload("x", "v1.0.0", ADD_MODULE);
    // Refused before all is sent: what is on its way is dropped, and the connection goes on.
    assertEquals(await codeOf(upload("x", "v1.0.0", moduleOf(20_000_000))), "VERSION_EXISTS");
    assertEquals(storedFiles(daemon.settings.home), ["ghost.modules.json", "x-v1.0.0.wasm"]);
    await gpmd.remove("x");
  });

  await t.step("a module that was uploaded is listed, described, and removed", async () => {
    await using gpmd = await daemon.connect();
    const steps: number[] = [];
    const progress = (sent: number) => steps.push(sent);
    const uploaded = await gpmd.upload({ name: "math", version: "v0.0.1", module: ADD_MODULE, progress });
    const { uploadedAt, ...rest } = uploaded;
    const hash = await sha256(ADD_MODULE);
    assertEquals(rest, { name: "math", version: "v0.0.1", hash, size: ADD_MODULE.length, unchanged: false });
    assertEquals(steps, [0, ADD_MODULE.length]);
    assertEquals(
      (await gpmd.upload({ name: "math", version: "v0.0.1", module: ADD_MODULE })).unchanged,
      true,
    );
    assertEquals(await gpmd.list(), [{ name: "math", versions: ["v0.0.1"], latest: "v0.0.1" }]);
    assertEquals(await gpmd.info("math"), {
      name: "math",
      version: "v0.0.1",
      hash,
      size: ADD_MODULE.length,
      uploadedAt,
      exports: [{
        name: "add",
        kind: "function",
        text: "add(i32, i32) -> i32",
        parameters: ["i32", "i32"],
        results: ["i32"],
      }],
      imports: [],
      memories: [],
      omitted: 0,
    });
    assertEquals((await gpmd.remove("math", "v0.0.1")).map(({ name, version }) => [name, version]), [[
      "math",
      "v0.0.1",
    ]]);
    assertEquals(await gpmd.list(), []);
    assertEquals(await codeOf(gpmd.info("math")), "MODULE_NOT_FOUND");
    assertEquals(await codeOf(gpmd.remove("math")), "MODULE_NOT_FOUND");
  });

  await t.step("a module is uploaded from its file, of any size", async () => {
    await using gpmd = await daemon.connect();
    using place = temporaryHome();
    const path = `${place.home}.wasm`;
    for (const size of [16, 262_144, 5_000_000]) {
      await Deno.writeFile(path, moduleOf(size));
      using module = await Deno.open(path);
      const { hash } = await gpmd.upload({ name: "m", version: `v${size}.0.0`, module });
      assertEquals(hash, await sha256(moduleOf(size)));
    }
  });

  await t.step("of two uploads of one version at once, one wins and the other is told", async () => {
    await using one = await daemon.connect();
    await using other = await daemon.connect();
    for (let i = 0; i < 10; i++) {
      const results = await Promise.allSettled(
        [one, other].map((gpmd, seed) =>
          gpmd.upload({ name: "twice", version: `v${i}.0.0`, module: moduleOf(300_000, seed) })
        ),
      );
      const codes = results.map((one) => one.status === "fulfilled" ? "published" : one.reason.code).sort();
      assertEquals(codes, ["VERSION_EXISTS", "published"]);
    }
  });

  await t.step("connect tells why it cannot", async () => {
    using place = temporaryHome();
    const { home, commandPort } = daemon.settings;
    assertEquals(await codeOf(GpmdClient.connect({ home: place.home, commandPort })), "GPMD_NOT_RUNNING");
    const wrong = new Uint8Array(32);
    assertEquals(await codeOf(GpmdClient.connect({ home, commandPort, secret: wrong })), "UNAUTHENTICATED");
    await Deno.chmod(`${home}/secret`, 0o644);
    const error = await assertRejects(() => GpmdClient.connect(daemon.settings), GhostError, "chmod 600");
    assertEquals(error.code, "STORE_FAULT");
    await Deno.chmod(`${home}/secret`, 0o600);
  });

  await t.step(
    "a program that took the port before the daemon is told apart from it, and learns nothing",
    async () => {
      const { home } = daemon.settings;
      const squatters: Record<string, (connection: Deno.TcpConn) => unknown> = {
        "closes": (connection) => connection.close(),
        "speaks HTTP": async (connection) => {
          await connection.write(new TextEncoder().encode("HTTP/1.1 400 Bad Request\r\n\r\n"));
          connection.close();
        },
        "speaks GMP without the secret": (connection) =>
          acceptHandshake(new TcpTransport(connection), {
            audience: "gpmd/commands",
            software: "squatter",
            port: connection.localAddr.port,
            credential: secretCredential(new Uint8Array(32), true),
            caps: SESSION_CAPS,
          }),
      };
      for (const [what, serve] of Object.entries(squatters)) {
        const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
        const served = (async () => {
          for await (const connection of listener) await Promise.resolve(serve(connection)).catch(() => {});
        })();
        assertEquals(
          await codeOf(GpmdClient.connect({ home, commandPort: listener.addr.port })),
          "UNAUTHENTICATED",
          what,
        );
        listener.close();
        await served;
      }
      // One that says nothing: whoever asked decides how long to wait.
      using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      const cancel = new AbortController();
      const silent = GpmdClient.connect({ home, commandPort: listener.addr.port, signal: cancel.signal });
      using connection = await listener.accept();
      await connection.read(new Uint8Array(4));
      cancel.abort();
      assertEquals(await codeOf(silent), "CANCELLED");
    },
  );

  await t.step("two homes run side by side without noticing each other", async () => {
    await using other = await startDaemon();
    await using a = await daemon.connect();
    await using b = await other.connect();
    await a.upload({ name: "here", version: "v1.0.0", module: ADD_MODULE });
    const has = (list: Awaited<ReturnType<typeof a.list>>) => list.some(({ name }) => name === "here");
    assertEquals([has(await a.list()), await b.list()], [true, []]);
    const { home } = daemon.settings;
    const { commandPort } = other.settings;
    assertEquals(await codeOf(GpmdClient.connect({ home, commandPort })), "UNAUTHENTICATED");
  });
});

Deno.test("an upload that is cancelled, or whose file shrinks or grows, leaves nothing, and the daemon goes on", async () => {
  await using daemon = await startDaemon();
  await using gpmd = await daemon.connect();
  const cancel = new AbortController();
  const module = moduleOf(5_000_000);
  const progress = (sent: number) => sent > 0 && cancel.abort();
  const cancelled = gpmd.upload({ name: "x", version: "v1.0.0", module, signal: cancel.signal, progress });
  assertEquals(await codeOf(cancelled), "CANCELLED");
  using place = temporaryHome();
  const path = `${place.home}.wasm`;
  await Deno.writeFile(path, module);
  using file = await Deno.open(path);
  const shrink = (sent: number) => sent > 0 && Deno.truncateSync(path, sent);
  const error = await codeOf(gpmd.upload({ name: "x", version: "v1.0.0", module: file, progress: shrink }));
  assertEquals(error, "HASH_MISMATCH");
  await Deno.writeFile(path, module);
  const grow = (sent: number) => sent > 0 && Deno.truncateSync(path, module.length + 1);
  const grown = await codeOf(gpmd.upload({ name: "x", version: "v1.0.0", module: file, progress: grow }));
  assertEquals(grown, "HASH_MISMATCH");
  assertEquals(await gpmd.list(), []);
  await gpmd.kill(); // waits for what is being swept up
  assertEquals(storedFiles(daemon.settings.home), []);
});

Deno.test("kill resolves when both ports are free and the store is whole; a second one finds nobody", async () => {
  for (const moment of [0, 1]) { // while a module is on its way, and when all of it has been sent
    await using daemon = await startDaemon();
    await using gpmd = await daemon.connect();
    await using other = await daemon.connect();
    const reached = Promise.withResolvers<void>();
    const progress = (sent: number, total: number) => sent >= moment * total ? reached.resolve() : undefined;
    const published = other.upload({ name: "m", version: "v1.0.0", module: moduleOf(10_000_000), progress })
      .then(() => true, () => false);
    await reached.promise;
    assertEquals(await gpmd.kill(), daemon.pid);
    const { home, commandPort, gmpPort } = daemon.settings;
    for (const port of [commandPort, gmpPort]) Deno.listen({ hostname: "127.0.0.1", port }).close();
    assertEquals(storedFiles(home), await published ? ["ghost.modules.json", "m-v1.0.0.wasm"] : []);
    assertEquals([...Deno.readDirSync(home)].map(({ name }) => name).sort(), [
      "fetched",
      "gpmd.log",
      "modules",
      "ports.json",
      "secret",
    ]);
    assertEquals(await codeOf(GpmdClient.connect(daemon.settings)), "GPMD_NOT_RUNNING");
    assertEquals((await daemon.process.status).code, 0);
  }
});
