import { assert, assertEquals, assertRejects } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { GpmdClient } from "../../../gpmd/client/client.ts";
import { startAttachedDaemon, startDaemon } from "../../../gpmd/start/start.ts";
import { freePorts } from "../../tools/daemon_process.ts";
import { ended } from "../../tools/ended_processes.ts";
import { temporaryHome } from "../_modules.ts";

/** Stops the daemon, and returns when it has ended. */
async function kill(settings: { home: string; commandPort: number }): Promise<void> {
  await using gpmd = await GpmdClient.connect(settings);
  const { pid } = await gpmd.status();
  await gpmd.kill();
  await ended(pid);
}

Deno.test("a daemon is started once, however many start it at once", async () => {
  using place = temporaryHome();
  const settings = { home: place.home, ...freePorts() };
  const started = await Promise.all(Array.from({ length: 4 }, () => startDaemon(settings)));
  try {
    assertEquals(new Set(started.map(({ pid }) => pid)).size, 1);
    assertEquals(started.filter(({ alreadyRunning }) => !alreadyRunning).length, 1);
    const again = await startDaemon(settings);
    assertEquals(again, { ...started[0]!, alreadyRunning: true });
    const error = await assertRejects(() => startAttachedDaemon(settings), GhostError);
    assertEquals([error.code, error.details], ["GPMD_ALREADY_RUNNING", { pid: again.pid }]);
  } finally {
    await kill(settings);
  }
});

Deno.test("a daemon with other ports has the store: the second is refused with its pid", async () => {
  using place = temporaryHome();
  const settings = { home: place.home, ...freePorts() };
  const { pid } = await startDaemon(settings);
  try {
    const error = await assertRejects(() => startDaemon({ home: place.home, ...freePorts() }), GhostError);
    assertEquals([error.code, error.details], ["GPMD_ALREADY_RUNNING", { pid }]);
  } finally {
    await kill(settings);
  }
});

Deno.test("a foreign program on either port is PORT_IN_USE, whatever it says", async () => {
  using place = temporaryHome();
  using held = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const served = (async () => {
    for await (const connection of held) connection.close();
  })();
  const { port } = held.addr;
  const { commandPort, gmpPort } = freePorts();
  for (const settings of [{ commandPort: port, gmpPort }, { commandPort, gmpPort: port }]) {
    const error = await assertRejects(
      () => startDaemon({ home: place.home, ...settings }),
      GhostError,
      `${port}`,
    );
    assertEquals([error.code, error.details], ["PORT_IN_USE", { port }]);
    await assertRejects(() => Deno.lstat(place.home), Deno.errors.NotFound);
  }
  held.close();
  await served;
});

Deno.test("another store's daemon on the port is PORT_IN_USE too", async () => {
  using place = temporaryHome();
  using otherPlace = temporaryHome();
  const settings = { home: place.home, ...freePorts() };
  await startDaemon(settings);
  try {
    const error = await assertRejects(() => startDaemon({ ...settings, home: otherPlace.home }), GhostError);
    assertEquals(error.code, "PORT_IN_USE");
  } finally {
    await kill(settings);
  }
});

Deno.test("settings that cannot work are refused before anything is started", async () => {
  using place = temporaryHome();
  const { commandPort, gmpPort } = freePorts();
  const refused = [
    { home: place.home, commandPort, gmpPort: commandPort },
    { home: `${place.home},x`, commandPort, gmpPort },
    { home: place.home, commandPort: 70_000, gmpPort },
  ];
  for (const settings of refused) {
    assertEquals((await assertRejects(() => startDaemon(settings), GhostError)).code, "BAD_ARGUMENTS");
  }
});

Deno.test("an attached daemon stops when its input ends", async () => {
  using place = temporaryHome();
  const { process, pid } = await startAttachedDaemon({ home: place.home, ...freePorts() });
  assert(pid === process.pid);
  await process.stdin.close();
  assertEquals((await process.status).code, 0);
});
