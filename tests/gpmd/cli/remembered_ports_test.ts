import { assert, assertEquals, assertMatch } from "@std/assert";
import { GhostNode } from "../../../gvm/node/ghost_node.ts";
import { runCommand } from "../../tools/commands.ts";
import { freePorts } from "../../tools/daemon_process.ts";
import { assertError, gpmd } from "../../tools/gpmd_command.ts";
import { temporaryHome } from "../_modules.ts";

const portsOf = (ports: ReturnType<typeof freePorts>) => [
  `--command-port=${ports.commandPort}`,
  `--gmp-port=${ports.gmpPort}`,
];

async function shownPorts(env: Record<string, string>, ...flags: string[]): Promise<unknown> {
  const { stdout, stderr } = await gpmd(env, "status", "--json", ...flags);
  assertEquals(stderr, "");
  return JSON.parse(stdout).ports;
}

Deno.test("who names only the store finds its GPMD: the commands, a node, the library, and the next start", async () => {
  using place = temporaryHome();
  const env = { GHOST_HOME: place.home };
  const { commandPort, gmpPort } = freePorts();
  const ports = { command: commandPort, gmp: gmpPort };
  assertEquals((await gpmd(env, "start", ...portsOf({ commandPort, gmpPort }))).code, 0);
  try {
    assertEquals(await shownPorts(env), ports);
    const run = await runCommand("gvm", ["run", "Node.list()"], { env });
    assertEquals([run.code, run.stderr], [0, ""]);
    await using node = await GhostNode.start({ home: place.home, name: "here" });
    assertEquals(await node.discover(), ["here"]);
    assertEquals((await gpmd(env, "kill")).code, 0);
    assertEquals((await gpmd(env, "start")).code, 0);
    assertEquals(await shownPorts(env), ports);
    // A variable and a flag outrank what is remembered, and a flag a variable.
    const wrong = `${freePorts().commandPort}`;
    assertError(await gpmd({ ...env, GHOST_COMMAND_PORT: wrong }, "status"), "GPMD_NOT_RUNNING");
    assertError(await gpmd(env, "status", `--command-port=${wrong}`), "GPMD_NOT_RUNNING");
    const both = { ...env, GHOST_COMMAND_PORT: wrong };
    assertEquals(await shownPorts(both, `--command-port=${commandPort}`), ports);
  } finally {
    await gpmd(env, "kill");
  }
});

Deno.test("the last start decides what is remembered; what cannot be ports is named, and removing it helps", async () => {
  using place = temporaryHome();
  const env = { GHOST_HOME: place.home };
  const path = `${place.home}/ports.json`;
  for (const ports of [freePorts(), freePorts()]) {
    assertEquals((await gpmd(env, "start", ...portsOf(ports))).code, 0);
    assertEquals(JSON.parse(await Deno.readTextFile(path)), { format: 1, ...ports });
    assertEquals((await gpmd(env, "kill")).code, 0);
  }
  for (
    const text of ["{", "null", '{"format":1,"commandPort":0,"gmpPort":1}', '{"format":2}', " ".repeat(2000)]
  ) {
    await Deno.writeTextFile(path, text);
    const refused = await gpmd(env, "status");
    assertError(refused, "STORE_FAULT");
    assertMatch(refused.stderr, /ports\.json": it does not have two ports; remove it/);
  }
  await Deno.remove(path);
  await Deno.symlink("/etc/hostname", path);
  assertError(await gpmd(env, "status"), "STORE_FAULT");
  await Deno.remove(path);
  const without = freePorts();
  const explicit = await gpmd(env, "status", ...portsOf(without));
  assert(explicit.stderr.startsWith("GPMD_NOT_RUNNING"), explicit.stderr);
});
