/** `kill -9` of nodes and daemons, and what is left of them: nothing. */
import { assert, assertEquals } from "@std/assert";
import type { GpmdClient } from "../../gpmd/client/client.ts";
import { isRunning } from "../gvm/harness.ts";
import { eventually, GvmProcess, runCommand } from "../tools/commands.ts";
import { startDaemon, type TestDaemon } from "../tools/daemon_process.ts";
import { readModule } from "../tools/network.ts";

async function startNetwork(): Promise<TestDaemon> {
  const daemon = await startDaemon();
  await using gpmd = await daemon.connect();
  for (const name of ["math", "program"]) {
    await gpmd.upload({ name, version: "v0.0.1", module: readModule(name) });
  }
  return daemon;
}

/** Kills `node`, and checks that its executors are gone within a second and its name is free at once. */
async function kill(node: GvmProcess, gpmd: GpmdClient): Promise<void> {
  const executors = node.executors();
  assert(executors.length > 0);
  const start = performance.now();
  node.kill("SIGKILL");
  await node.status;
  await eventually(`the name ${node.name} is free`, async () => !(await names(gpmd)).includes(node.name));
  const free = performance.now() - start;
  await eventually("its executors are gone", () => !executors.some(isRunning));
  const gone = performance.now() - start;
  assert(
    free < 500 && gone < 1000,
    `The name was free after ${free} ms, the executors gone after ${gone} ms`,
  );
}

async function names(gpmd: GpmdClient): Promise<string[]> {
  return (await gpmd.nodes()).map(({ name }) => name);
}

Deno.test("what kill -9 of a node leaves", async (t) => {
  await using daemon = await startNetwork();
  await using gpmd = await daemon.connect();
  await using there = await GvmProcess.start(daemon.env, "there");

  await t.step(
    "kill -9 of a node: its executors are gone within a second, its name is free at once",
    async () => {
      {
        await using here = await GvmProcess.start(daemon.env, "here");
        assertEquals(await here.ask("math.sub(3,1)"), ["2"]);
        await here.ask("Node.connect(there)");
        await kill(here, gpmd);
      }
      await using again = await GvmProcess.start(daemon.env, "here");
      assertEquals(await again.ask("Node.connect(there)"), ["there"]);
      assertEquals(await there.ask("Node.list()"), ["here"]);
      assertEquals((await there.ask("Node.run(here, math.sub(3,1))", 2))[1], "2");
    },
  );

  await t.step("the same while an executor is in an endless loop, of its own or of a peer's", async () => {
    await eventually("the end of the node before", async () => (await there.ask("Node.list()"))[0] === "");
    {
      await using here = await GvmProcess.start(daemon.env, "here");
      await there.ask("Node.connect(here)");
      assertEquals((await there.ask("Node.run(here, program(loop))", 2))[1], "one");
      assertEquals(await here.ask("program(loop)"), ["one"]);
      await kill(here, gpmd);
    }
    assertEquals(await there.complaint(), "CONNECTION_LOST: The connection was lost before the answer came");
    assertEquals(await there.ask("Node.list()"), [""]);
    assertEquals(await there.ask("math.sub(3,1)"), ["2"]);
  });
});

Deno.test("GPMD killed under connected nodes: they go on, and register again when it is back", async () => {
  await using daemon = await startNetwork();
  await using here = await GvmProcess.start(daemon.env, "here");
  await using there = await GvmProcess.start(daemon.env, "there");
  await here.ask("Node.connect(there)");
  assertEquals((await here.ask("Node.run(there, math.sub(3,1))", 2))[1], "2");
  Deno.kill(daemon.pid, "SIGKILL");
  await daemon.process.status;
  const sentence = "GPMD_NOT_RUNNING: GPMD is not running on this device; start it with: gpmd start";
  assertEquals(await here.fail("Node.discover()"), sentence);
  assertEquals(await here.fail("Node.connect(third)"), sentence);
  assertEquals((await here.ask("Node.run(there, math.sub(5,1))", 2))[1], "4");
  assertEquals(await runCommand("gpmd", ["status"], { env: daemon.env }).then(({ code }) => code), 1);
  await using again = await startDaemon(daemon.settings);
  await using gpmd = await again.connect();
  await eventually("both are back", async () => `${await names(gpmd)}` === "here,there");
  assertEquals(await there.ask("Node.discover()"), ["here,there"]);
  assertEquals(await there.ask("Node.list()"), ["here"]);
});
