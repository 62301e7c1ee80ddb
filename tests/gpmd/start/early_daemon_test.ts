import { assertEquals } from "@std/assert";
import { dropSpare } from "../../../gmp/device/spare_process.ts";
import { GpmdClient } from "../../../gpmd/client/client.ts";
import { startEarlyDaemon } from "../../../gpmd/start/early_daemon.ts";
import { hasEarlyDaemon } from "../../../gpmd/start/launch.ts";
import { startDaemon } from "../../../gpmd/start/start.ts";
import { childrenOf } from "../../gvm/harness.ts";
import { freePorts, variables } from "../../tools/daemon_process.ts";
import { ended } from "../../tools/ended_processes.ts";
import { temporaryHome } from "../_modules.ts";

Deno.test("gpmd start takes the daemon that was started early, and where one runs none is", async () => {
  using place = temporaryHome();
  const settings = { home: place.home, ...freePorts() };
  const variable = (name: string) => variables(settings)[name];
  startEarlyDaemon(["start"], variable);
  assertEquals(hasEarlyDaemon(settings), true);
  const { pid, alreadyRunning } = await startDaemon(settings);
  try {
    assertEquals([childrenOf(Deno.pid), alreadyRunning], [[pid], false]);
    startEarlyDaemon(["start"], variable);
    assertEquals([hasEarlyDaemon(settings), childrenOf(Deno.pid)], [false, [pid]]);
  } finally {
    await using gpmd = await GpmdClient.connect(settings);
    await gpmd.kill();
    await ended(pid);
  }
});

Deno.test("only gpmd start as it is starts one early, with settings that the command takes as they are", () => {
  using place = temporaryHome();
  const ports = freePorts();
  const cases: [args: string[], home: string, gmpPort: number][] = [
    [[], place.home, ports.gmpPort],
    [["status"], place.home, ports.gmpPort],
    [["start", "--help"], place.home, ports.gmpPort],
    [["start", "-nd"], place.home, ports.gmpPort],
    [["start"], "relative", ports.gmpPort],
    [["start"], `${place.home}/../other`, ports.gmpPort],
    [["start"], `${place.home},other`, ports.gmpPort],
    [["start"], place.home, ports.commandPort],
    [["start"], place.home, 70_000],
  ];
  try {
    for (const [args, home, gmpPort] of cases) {
      const settings = { home, commandPort: ports.commandPort, gmpPort };
      startEarlyDaemon(args, (name) => variables(settings)[name]);
      assertEquals(childrenOf(Deno.pid), [], `${args} ${home} ${gmpPort}`);
    }
  } finally {
    dropSpare();
  }
});
