import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { freePorts, variables } from "../../tools/daemon_process.ts";
import { connectNode } from "../_node.ts";
import { GPMD, gpmd } from "../../tools/gpmd_command.ts";
import { GpmdClient } from "../../../gpmd/client/client.ts";
import { TextLineStream } from "../link/engine/_lines.ts";
import { temporaryHome } from "../_modules.ts";

Deno.test("restart stops the daemon and starts another on the same store; where none runs it starts one", async () => {
  using place = temporaryHome();
  const settings = { home: place.home, ...freePorts() };
  const env = variables(settings);
  const first = await gpmd(env, "restart");
  assertEquals(first, {
    code: 0,
    stdout: "GPMD was not running; it is now, in the background.\n",
    stderr: "",
  });
  try {
    const before = await statusOf(settings);
    await using node = await connectNode({ settings, secret: Deno.readFileSync(`${place.home}/secret`) });
    await node.register("here");
    const again = await gpmd({ GHOST_HOME: place.home }, "restart");
    assertEquals(again, { code: 0, stdout: "GPMD has been restarted.\n", stderr: "" });
    const after = await statusOf(settings);
    assertNotEquals(after.pid, before.pid);
    assertEquals([after.ports, after.nodes], [before.ports, 0]);
    assert(!(await isRunning(before.pid)));
  } finally {
    await gpmd(env, "kill");
  }
});

Deno.test("one of gpmd start -nd stays that: it is started again by that process, and ends with it", async () => {
  using place = temporaryHome();
  const settings = { home: place.home, ...freePorts() };
  const starter = new Deno.Command("deno", {
    args: [...GPMD, "start", "-nd"],
    env: variables(settings),
    stderr: "piped",
    stdout: "null",
  }).spawn();
  try {
    const lines = starter.stderr.pipeThrough(new TextLineStream()).values();
    const next = async () => (await lines.next()).value?.split(" ").slice(1, 4).join(" ");
    const started = await next();
    assertMatch(started!, /^info daemon.started pid=/);
    const { pid, restarts } = await statusOf(settings);
    assertEquals([started, restarts], [`info daemon.started pid=${pid}`, true]);
    const again = await gpmd(variables(settings), "restart");
    assertEquals(again, { code: 0, stdout: "GPMD has been restarted.\n", stderr: "" });
    assertEquals([await next(), await next()], ["info daemon.stopping", "info daemon.stopped"]);
    const after = await statusOf(settings);
    assertNotEquals(after.pid, pid);
    assertEquals(await next(), `info daemon.started pid=${after.pid}`);
    starter.kill("SIGTERM");
    assertEquals([await next(), await next(), await next()], [
      "info daemon.stopping",
      "info daemon.stopped",
      undefined,
    ]);
  } finally {
    assertEquals(await starter.status, { success: true, code: 0, signal: null });
  }
  assert(!await isListening(settings.commandPort));
});

async function statusOf(settings: { home: string; commandPort: number }) {
  await using client = await GpmdClient.connect(settings);
  return await client.status();
}

async function isListening(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    return true;
  } catch {
    return false;
  }
}

/** Whether a process that is none of ours runs: one that has ended is gone, or a zombie. */
async function isRunning(pid: number): Promise<boolean> {
  const { stdout } = await new Deno.Command("ps", { args: ["-o", "stat=", "-p", `${pid}`] }).output();
  return /^[^Z]/.test(new TextDecoder().decode(stdout).trim());
}
