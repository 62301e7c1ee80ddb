/** What an executor's process may do, tried from inside of one with an executor's very flags. */
import { assert, assertEquals } from "@std/assert";
import { processEnvironment } from "../../gmp/device/deno_process.ts";
import { executorCommand } from "../../gvm/executors/executor_command.ts";
import { DEFAULT_LIMITS } from "../../gvm/engine/execution_limits.ts";
import { Harness } from "../gvm/harness.ts";
import type { ProbeArguments } from "./_executor_probe.ts";
import { startNetwork, startNode } from "./_network.ts";
import { bundleFlags } from "../tools/entries.ts";

/** Every file below `directory` but those that Deno keeps about code, which it writes at every start of a process. */
function filesBelow(directory: string): string[] {
  return [...Deno.readDirSync(directory)].flatMap((entry) =>
    entry.isDirectory ? filesBelow(`${directory}/${entry.name}`) : [`${directory}/${entry.name}`]
  ).filter((path) => !/_(analysis|code)_cache_v\d+(-shm|-wal)?$|\/gen\//.test(path)).sort();
}

const PROBE = import.meta.resolve("./_executor_probe.ts");

Deno.test("an executor may listen on a loopback port and nothing else", async () => {
  await using daemon = await startNetwork();
  await using node = await startNode(daemon, "node-1");
  const given: ProbeArguments = {
    ports: {
      gpmd: daemon.settings.commandPort,
      "the port of nodes": daemon.settings.gmpPort,
      "its node": node.port,
    },
    file: `${daemon.settings.home}/secret`,
    pid: daemon.pid,
  };
  const { program, args } = executorCommand(DEFAULT_LIMITS);
  // The command of an executor but for the program and what that is told.
  const flags = args.slice(0, -2);
  const { env, ...rest } = processEnvironment();
  const cache = await Deno.makeTempDir();
  const { stdout } = await new Deno.Command(program, {
    ...rest,
    args: [...flags, PROBE, JSON.stringify(given)],
    env: { ...env, DENO_DIR: cache },
    stderr: "inherit",
  }).output();
  assertEquals(filesBelow(cache), []);
  await Deno.remove(cache, { recursive: true });
  const outcomes = Object.entries(JSON.parse(new TextDecoder().decode(stdout)) as Record<string, string>);
  assertEquals(outcomes.filter(([, outcome]) => outcome !== "NotCapable"), [
    // A path, and nothing of what is there.
    ["asks where it is", "done"],
    ["imports a file", "TypeError"],
    ["imports code of another device", "NotCached"],
    ["imports a package", "NotCached"],
    // There is no such thing.
    ["keeps something", "ReferenceError"],
    ["keeps something for a while", "ReferenceError"],
    ["keeps a response", "ReferenceError"],
    ["keeps something in a database", "TypeError"],
  ]);
  assertEquals(outcomes.length, 45);
});

/** Where a process listens: `address:port` in the hexadecimal of proc(5), for IPv4 and IPv6. */
function listeningOf(pid: number): string[] {
  const inodes = new Set<string>();
  for (const { name } of Deno.readDirSync(`/proc/${pid}/fd`)) {
    const inode = /^socket:\[(\d+)\]$/.exec(Deno.readLinkSync(`/proc/${pid}/fd/${name}`))?.[1];
    if (inode !== undefined) inodes.add(inode);
  }
  return ["tcp", "tcp6", "udp", "udp6"].flatMap((table) =>
    Deno.readTextFileSync(`/proc/${pid}/net/${table}`).trim().split("\n").slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => inodes.has(fields[9]!) && (fields[3] === "0A" || table.startsWith("udp")))
      .map((fields) => fields[1]!)
  );
}

Deno.test("the daemon, a node and its executors listen on 127.0.0.1 alone", async () => {
  await using daemon = await startNetwork();
  await using node = await startNode(daemon, "node-1");
  await using harness = new Harness({ size: 1 });
  await harness.caller();
  const hex = (port: number) => `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const { commandPort, gmpPort } = daemon.settings;
  assertEquals(listeningOf(daemon.pid).sort(), [hex(commandPort), hex(gmpPort)].sort());
  assertEquals(listeningOf(node.pid), [hex(node.port)]);
  for (const pid of harness.executors) {
    assertEquals(listeningOf(pid).map((address) => address.split(":")[0]), ["0100007F"]);
  }
});

Deno.test("executors and the daemon get nothing of the environment but what Deno needs", async () => {
  // Of a process of its own, whose environment is its own.
  const script = import.meta.resolve("./_environment.ts");
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "--no-check", ...bundleFlags(), script],
    env: { CLOUD_KEY: "secret" },
    stderr: "inherit",
  }).output();
  const needed = ["DENO_DIR", "DENO_NO_UPDATE_CHECK", "GLIBC_TUNABLES", "HOME", "PATH", "XDG_CACHE_HOME"];
  const found = JSON.parse(new TextDecoder().decode(stdout)) as Record<string, string[]>;
  assertEquals(Object.keys(found), ["executor", "daemon"]);
  for (const [what, names] of Object.entries(found)) {
    assert(
      names.includes("DENO_NO_UPDATE_CHECK") && names.every((name) => needed.includes(name)),
      `${what}: ${names}`,
    );
  }
});

Deno.test("an executor is started by the path of the running Deno, where that may be run", async () => {
  await using harness = new Harness({ size: 1 });
  await harness.caller();
  assertEquals(executorCommand(DEFAULT_LIMITS).program, Deno.execPath());
  for (const pid of harness.executors) assertEquals(Deno.readLinkSync(`/proc/${pid}/exe`), Deno.execPath());
});
