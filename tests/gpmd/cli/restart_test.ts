import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { freePorts, variables } from "../../tools/daemon_process.ts";
import { connectNode } from "../_node.ts";
import { gpmd } from "../../tools/gpmd_command.ts";
import { GpmdClient } from "../../../gpmd/client/client.ts";
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

async function statusOf(settings: { home: string; commandPort: number }) {
  await using client = await GpmdClient.connect(settings);
  return await client.status();
}

/** Whether a process that is none of ours runs: one that has ended is gone, or a zombie. */
async function isRunning(pid: number): Promise<boolean> {
  const { stdout } = await new Deno.Command("ps", { args: ["-o", "stat=", "-p", `${pid}`] }).output();
  return /^[^Z]/.test(new TextDecoder().decode(stdout).trim());
}
