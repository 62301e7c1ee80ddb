import { assert, assertEquals, assertRejects } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { Daemon } from "../../../gpmd/daemon/daemon.ts";
import { GpmdClient } from "../../../gpmd/client/client.ts";
import { startDaemon } from "../../tools/daemon_process.ts";
import { ADD_MODULE, temporaryHome } from "../_modules.ts";
import { connectNode } from "../_node.ts";

const exists = (path: string) => Deno.lstat(path).then(() => true, () => false);

Deno.test("a port held by another program is named, and nothing is left behind", async () => {
  using place = temporaryHome();
  using held = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = held.addr;
  const { home } = place;
  for (const settings of [{ home, commandPort: port, gmpPort: 0 }, { home, commandPort: 0, gmpPort: port }]) {
    const error = await assertRejects(() => Daemon.start(settings), GhostError, `port ${port}`);
    assertEquals([error.code, error.details], ["PORT_IN_USE", { port }]);
    assertEquals(await exists(home), false);
  }
});

Deno.test("a second daemon on one home is told which process has it, and gives its ports back", async () => {
  await using daemon = await startDaemon();
  const { home } = daemon.settings;
  using free = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = free.addr;
  free.close();
  const error = await assertRejects(() => Daemon.start({ home, commandPort: port, gmpPort: 0 }), GhostError);
  assertEquals([error.code, error.details], ["GPMD_ALREADY_RUNNING", { pid: daemon.pid }]);
  Deno.listen({ hostname: "127.0.0.1", port }).close();
  await using gpmd = await daemon.connect();
  assertEquals((await gpmd.status()).pid, daemon.pid);
});

Deno.test("five daemons that start at once on one home and its ports: one runs, the others say why not", async () => {
  using place = temporaryHome();
  await using first = await startDaemon({ home: place.home, commandPort: 0, gmpPort: 0 });
  const { settings } = first;
  await using gpmd = await first.connect();
  await gpmd.kill();
  const results = await Promise.allSettled(Array.from({ length: 5 }, () => startDaemon(settings)));
  const started = results.flatMap((one) => one.status === "fulfilled" ? [one.value] : []);
  const codes = results.flatMap((one) => one.status === "rejected" ? [one.reason.code] : []);
  assertEquals(started.length, 1);
  assertEquals(new Set(codes), new Set(["PORT_IN_USE"]));
  await using again = await started[0]!.connect();
  assertEquals((await again.status()).pid, started[0]!.pid);
  await started[0]![Symbol.asyncDispose]();
});

Deno.test("SIGINT and SIGTERM stop it: nodes get a goodbye, and both ports are free", async () => {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    await using daemon = await startDaemon();
    await using node = await connectNode(daemon);
    await node.register("node-1");
    daemon.process.kill(signal);
    assertEquals(await node.channel.closed, undefined); // an error, had the socket just broken
    assertEquals((await daemon.process.status).code, 0);
    const { home, commandPort, gmpPort } = daemon.settings;
    for (const port of [commandPort, gmpPort]) Deno.listen({ hostname: "127.0.0.1", port }).close();
    assertEquals(await exists(`${home}/gpmd.pid`), false);
  }
});

Deno.test("it writes its pid, and after a kill -9 the next one takes over with all modules", async () => {
  using place = temporaryHome();
  const { home } = place;
  const first = await startDaemon({ home, commandPort: 0, gmpPort: 0 });
  assertEquals(Number(await Deno.readTextFile(`${home}/gpmd.pid`)), first.pid);
  {
    await using gpmd = await first.connect();
    await gpmd.upload({ name: "math", version: "v1.0.0", module: ADD_MODULE });
    first.process.kill("SIGKILL");
    await first.process.status;
  }
  await first[Symbol.asyncDispose]();
  await using second = await startDaemon(first.settings);
  assertEquals(Number(await Deno.readTextFile(`${home}/gpmd.pid`)), second.pid);
  await using gpmd = await second.connect();
  assertEquals((await gpmd.list()).map(({ name }) => name), ["math"]);
});

Deno.test("a store that cannot be used is no reason to hold ports", async () => {
  using place = temporaryHome();
  Deno.mkdirSync(place.home, { mode: 0o755 });
  Deno.chmodSync(place.home, 0o755);
  const error = await assertRejects(
    () => Daemon.start({ home: place.home, commandPort: 0, gmpPort: 0 }),
    GhostError,
  );
  assert(error.message.includes(`chmod 700 "${place.home}"`));
  Deno.chmodSync(place.home, 0o700);
  Deno.mkdirSync(`${place.home}/modules`);
  Deno.writeTextFileSync(`${place.home}/modules/ghost.modules.json`, "{");
  const settings = { home: place.home, commandPort: 0, gmpPort: 0 };
  assertEquals((await assertRejects(() => Daemon.start(settings), GhostError)).code, "STORE_FAULT");
  Deno.removeSync(`${place.home}/modules/ghost.modules.json`);
  Deno.symlinkSync("/dev/null", `${place.home}/gpmd.log`);
  await assertRejects(() => Daemon.start(settings), GhostError, "symbolic link");
  Deno.removeSync(`${place.home}/gpmd.log`);
  await using daemon = await Daemon.start(settings); // nothing of the attempts is in the way
  assert(daemon.ports.gmpPort > 0);
});

Deno.test("the log tells what happened, and one line tells of a flood that was refused", async () => {
  await using daemon = await startDaemon();
  {
    await using node = await connectNode(daemon);
    await node.register("node-1", 4001);
    await using gpmd = await daemon.connect();
    await gpmd.upload({ name: "math", version: "v1.0.0", module: ADD_MODULE });
    await gpmd.remove("math");
    for (let i = 0; i < 20; i++) {
      using connection = await Deno.connect({ hostname: "127.0.0.1", port: daemon.settings.gmpPort });
      await connection.write(new TextEncoder().encode("GET /"));
      await connection.read(new Uint8Array(1)).catch(() => {});
    }
    await gpmd.kill();
  }
  const lines = (await Deno.readTextFile(`${daemon.settings.home}/gpmd.log`)).trim().split("\n");
  const events = lines.map((line) => line.split(" ").slice(1, 3).join(" "));
  assertEquals(events, [
    "info daemon.started",
    "info node.registered",
    "info module.published",
    "info module.removed",
    "warn connections.refused",
    "info daemon.stopping",
    "info node.left",
    "info daemon.stopped",
  ]);
  assert(lines[1]!.includes("name=node-1"));
});

Deno.test("the time that it has run is right when the system's clock is set back", async () => {
  using place = temporaryHome();
  await using daemon = await Daemon.start({ home: place.home, commandPort: 0, gmpPort: 0 });
  await using gpmd = await GpmdClient.connect({ home: place.home, ...daemon.ports });
  const now = Date.now;
  Date.now = () => now() - 3_600_000;
  try {
    const { uptime } = await gpmd.status();
    assert(uptime >= 0 && uptime < 60_000, `${uptime}`);
  } finally {
    Date.now = now;
  }
});
