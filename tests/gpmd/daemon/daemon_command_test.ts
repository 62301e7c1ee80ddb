import { assertEquals, assertThrows } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { daemonCommand, daemonPermissions } from "../../../gpmd/daemon/daemon_command.ts";
import { freePorts, startDaemon } from "../../tools/daemon_process.ts";
import type { ProbeArguments } from "../_probe.ts";

Deno.test("the daemon has exactly the permissions of security.md", () => {
  const settings = { home: "/home/ghost/.ghost-network", commandPort: 1111, gmpPort: 5989 };
  assertEquals(daemonPermissions(settings), [
    "--no-prompt",
    "--allow-net=127.0.0.1:1111,127.0.0.1:5989",
    "--allow-read=/home/ghost/.ghost-network",
    "--allow-write=/home/ghost/.ghost-network",
  ]);
  const { args } = daemonCommand({ ...settings, attached: false, echo: false });
  assertEquals(
    args.filter((arg) => /^-(?!-no-prompt|-no-config|-quiet|-v8-flags=)/.test(arg)),
    daemonPermissions(settings).slice(1),
  );
});

Deno.test("a store whose path would be read as two is refused", () => {
  assertThrows(() => daemonPermissions({ home: "/a,/etc", commandPort: 1, gmpPort: 2 }), GhostError, "comma");
});

Deno.test("under these flags nothing but the store and the two ports can be reached", async () => {
  await using other = await startDaemon(); // somebody listens there, and there are files outside
  const home = await Deno.makeTempDir();
  const settings = { home, ...freePorts() };
  const given: ProbeArguments = {
    ...settings,
    foreignPort: other.settings.gmpPort,
    foreignPid: other.pid,
    outside: `${other.settings.home}/secret`,
  };
  const { stdout } = await new Deno.Command("deno", {
    args: [
      "run",
      "--quiet",
      ...daemonPermissions(settings),
      import.meta.resolve("../_probe.ts"),
      JSON.stringify(given),
    ],
    stderr: "inherit",
  }).output();
  await Deno.remove(home, { recursive: true });
  const outcomes = Object.entries(JSON.parse(new TextDecoder().decode(stdout)) as Record<string, string>);
  const allowed = outcomes.filter(([, outcome]) => outcome === "done").map(([what]) => what);
  assertEquals(allowed, [
    "writes to the store",
    "reads the store",
    "listens on the port of commands",
    "listens on the port of nodes",
  ]);
  const denied = outcomes.filter(([, outcome]) => outcome !== "done");
  assertEquals(denied.filter(([, outcome]) => outcome !== "NotCapable"), [["imports code", "TypeError"]]);
  assertEquals(denied.length, 19);
});
