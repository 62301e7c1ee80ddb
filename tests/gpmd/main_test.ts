import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import type { Settings } from "../../gmp/device/settings.ts";
import { VERSION } from "../../gmp/version.ts";
import { freePorts, startDaemon, variables } from "../tools/daemon_process.ts";
import { assertError, GPMD, gpmd, type Outcome } from "../tools/gpmd_command.ts";
import { temporaryHome } from "./_modules.ts";
import { connectNode } from "./_node.ts";

const MATH = new URL("../../examples/math/math.wasm", import.meta.url).pathname;

/** An outcome with wrong usage: exit code 2, `message`, and what to try. */
function assertUsage({ code, stdout, stderr }: Outcome, message: string): void {
  assertEquals([code, stdout], [2, ""], stderr);
  assert(stderr.includes(message), stderr);
  assertMatch(stderr, /\nTry: gpmd .*--help\n$/);
}

Deno.test("start, status, start again, kill, kill again", async () => {
  using place = temporaryHome();
  const settings = { home: place.home, ...freePorts() };
  const env = variables(settings);
  assertError(await gpmd(env, "status"), "GPMD_NOT_RUNNING");
  assertEquals(await gpmd(env, "start"), {
    code: 0,
    stdout: "GPMD is running in the background.\n",
    stderr: "",
  });
  const { stdout } = await gpmd(env, "status", "--json");
  const { pid, ports, store } = JSON.parse(stdout);
  assertEquals([ports.command, ports.gmp, store], [settings.commandPort, settings.gmpPort, settings.home]);
  assertEquals(await gpmd(env, "start"), {
    code: 0,
    stdout: `GPMD is already running with pid ${pid}.\n`,
    stderr: "",
  });
  const again = await gpmd(env, "start", "-nd");
  assertEquals(again, { code: 0, stdout: `GPMD is already running with pid ${pid}.\n`, stderr: "" });
  assertEquals(await gpmd(env, "kill"), { code: 0, stdout: "GPMD has been stopped.\n", stderr: "" });
  for (const port of [settings.commandPort, settings.gmpPort]) {
    Deno.listen({ hostname: "127.0.0.1", port }).close();
  }
  assertError(await gpmd(env, "kill"), "GPMD_NOT_RUNNING");
});

Deno.test("a port held by a foreign program: PORT_IN_USE naming it, exit 1, nothing left behind", async () => {
  using place = temporaryHome();
  using held = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const settings = { home: place.home, ...freePorts(), gmpPort: held.addr.port };
  for (const args of [["start"], ["start", "-nd"]]) {
    const outcome = await gpmd(variables(settings), ...args);
    assertError(outcome, "PORT_IN_USE");
    assert(outcome.stderr.includes(`port ${held.addr.port}`));
    Deno.listen({ hostname: "127.0.0.1", port: settings.commandPort }).close();
    assertThrows(() => Deno.lstatSync(place.home), Deno.errors.NotFound);
  }
});

Deno.test("one port for commands and nodes is refused, and nothing left behind", async () => {
  using place = temporaryHome();
  const { commandPort } = freePorts();
  const outcome = await gpmd(variables({ home: place.home, commandPort, gmpPort: commandPort }), "start");
  assertError(outcome, "BAD_ARGUMENTS");
  assert(outcome.stderr.includes(`port ${commandPort} for commands and for nodes at once`), outcome.stderr);
  assertThrows(() => Deno.lstatSync(place.home), Deno.errors.NotFound);
});

Deno.test("wrong usage is exit code 2 and says what is nearest", async () => {
  const env = variables({ home: "/nowhere", ...freePorts() });
  assertUsage(await gpmd(env, "stats"), 'there is no command "stats"; did you mean "gpmd status"?');
  assertUsage(await gpmd(env, "upload"), 'did you mean "gpmd wasm upload"?');
  assertUsage(await gpmd(env, "wasm", "upload", "--name=x", "--version=v1.0.0"), "needs --file");
  assertUsage(await gpmd(env, "wasm", "upload", "--version=v1.0.0", "--file=x.wasm"), "needs --name");
  assertUsage(await gpmd(env, "start", "--command-port=http"), '"http"');
});

/** Runs `gpmd start -nd` and sends it `signal` once its daemon serves: how it ended, and what it wrote. */
async function startAndStop(settings: Settings, signal: Deno.Signal) {
  const child = new Deno.Command("deno", {
    args: [...GPMD, "start", "-nd"],
    env: variables(settings),
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const output = new Response(child.stdout).text();
  let log = "";
  let sent = false;
  for await (const chunk of child.stderr) { // ends when the daemon has ended too, which has it as well
    log += new TextDecoder().decode(chunk);
    if (sent || !log.includes("daemon.started")) continue;
    sent = true;
    child.kill(signal);
  }
  return { status: await child.status, output: await output, log: log.trim() };
}

Deno.test("start -nd stays, logs to standard error, and SIGINT and SIGTERM stop it cleanly", async () => {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    using place = temporaryHome();
    const settings = { home: place.home, ...freePorts() };
    const { status, output, log } = await startAndStop(settings, signal);
    assertEquals([status.code, output], [0, ""]);
    assertEquals(log.split("\n").map((line) => line.split(" ")[2]), [
      "daemon.started",
      "daemon.stopping",
      "daemon.stopped",
    ]);
    for (const port of [settings.commandPort, settings.gmpPort]) {
      Deno.listen({ hostname: "127.0.0.1", port }).close();
    }
  }
});

Deno.test("start -nd that is killed takes its daemon along", async () => {
  using place = temporaryHome();
  const { status, log } = await startAndStop({ home: place.home, ...freePorts() }, "SIGKILL");
  assertEquals(status.signal, "SIGKILL");
  assert(log.endsWith("daemon.stopped"), log);
});

Deno.test("gpmd, with a daemon that runs", async (t) => {
  await using daemon = await startDaemon();

  await t.step("status, nodes and wasm list are aligned text for people and JSON for programs", async () => {
    assertEquals(await gpmd(daemon.env, "nodes"), {
      code: 0,
      stdout: "",
      stderr: "No node is registered.\n",
    });
    assertEquals((await gpmd(daemon.env, "wasm", "list", "--json")).stdout, "[]\n");
    await using node = await connectNode(daemon);
    await node.register("node-1", 4001);
    await using other = await connectNode(daemon);
    await other.register("a-much-longer-name", 4002);
    await gpmd(daemon.env, "wasm", "upload", "--name=math", "--version=v0.0.1", `--file=${MATH}`);
    const { stdout: status } = await gpmd(daemon.env, "status");
    assertMatch(
      status,
      new RegExp(`^Pid {10}${daemon.pid}\nUptime {7}\\d+s\nVersion {6}${VERSION}\nPorts {8}`),
    );
    assertMatch(status, /\nNodes {8}2\nModules {6}1\nMemory {7}[\d.]+ MB\n/);
    const { stdout: nodes } = await gpmd(daemon.env, "nodes");
    const lines = nodes.trim().split("\n");
    assertMatch(lines[0]!, /^NAME {16}ID {36}PORT {2}SINCE {21}CONNECTIONS$/);
    assertMatch(lines[1]!, /^a-much-longer-name {2}[-0-9a-f]{36} {2}4002 {2}\d{4}-\S+Z {2}0$/);
    assertMatch(lines[2]!, /^node-1 {14}[-0-9a-f]{36} {2}4001 {2}/);
    const json = JSON.parse((await gpmd(daemon.env, "nodes", "--json")).stdout);
    assertEquals(json.map(({ name, port }: { name: string; port: number }) => [name, port]), [
      ["a-much-longer-name", 4002],
      ["node-1", 4001],
    ]);
    assertEquals(
      (await gpmd(daemon.env, "wasm", "list")).stdout,
      "NAME  LATEST  VERSIONS\nmath  v0.0.1  v0.0.1\n",
    );
  });

  await t.step("settings are flags as well as variables, and flags go before", async () => {
    const { home, commandPort, gmpPort } = daemon.settings;
    const flags = [`--home=${home}`, "--command-port", `${commandPort}`, `--gmp-port=${gmpPort}`];
    const elsewhere = { GHOST_HOME: "/nowhere", GHOST_COMMAND_PORT: "1", GHOST_GMP_PORT: "2" };
    for (const args of [[...flags, "status", "--json"], ["status", "--json", ...flags]]) {
      const { code, stdout } = await gpmd(elsewhere, ...args);
      assertEquals([code, JSON.parse(stdout).pid], [0, daemon.pid]);
    }
  });

  await t.step("the command gives up what it does not need before it connects", async () => {
    const script = `
    const query = Deno.permissions.querySync;
    const connect = Deno.connect;
    const asked = [
      { name: "read", path: "/" }, { name: "write", path: "/" }, { name: "env", variable: "GHOST_HOME" },
      { name: "run", command: "deno" }, { name: "sys", kind: "hostname" }, { name: "ffi", path: "/" },
    ];
    Deno.connect = (options) => {
      const granted = asked.filter((permission) => query(permission).state === "granted");
      console.error("granted: " + granted.map(({ name }) => name));
      return connect(options);
    };`;
    const preload = `data:application/javascript,${encodeURIComponent(script)}`;
    const [run, ...flags] = GPMD;
    const granted = async (...args: string[]) => {
      const all = [run!, `--preload=${preload}`, ...flags, ...args];
      const { stderr } = await new Deno.Command("deno", { args: all, env: daemon.env }).output();
      return new TextDecoder().decode(stderr).split("\n")[0];
    };
    assertEquals(await granted("start"), "granted: read,run");
    assertEquals(
      await granted("wasm", "upload", "--name=x", "--version=v1.0.0", `--file=${MATH}`),
      "granted: read",
    );
    for (const args of [["status"], ["nodes"], ["wasm", "list"], ["wasm", "remove", "x"], ["kill"]]) {
      assertEquals(await granted(...args), "granted: ", args.join(" "));
    }
  });
});
