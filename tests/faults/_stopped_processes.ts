/**
 * Processes that are stopped (`SIGSTOP`) and go on later. What takes long is waiting, so each scenario is run in a process
 * of its own beside the others; its name is the argument.
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { assertFails, elapsed } from "../gvm/harness.ts";
import { eventually, GvmProcess, within } from "../tools/commands.ts";
import { gpmd } from "../tools/gpmd_command.ts";
import { Network, nextEvent, readModule } from "../tools/network.ts";
import { CALL_TIME } from "./_callers.ts";

/** Milliseconds after which whatever does not answer is given up, and a little more for a machine under load. */
const GIVE_UP_TIME = 13_000;

async function startNetwork(): Promise<Network> {
  const network = await Network.start();
  await network.upload("waits", "v1.0.0", readModule("waits"));
  return network;
}

/** The time of `action` must be that of giving up. */
async function givesUp(action: () => Promise<unknown>): Promise<void> {
  const time = await elapsed(() => within(CALL_TIME, "giving up", action()));
  assert(time > 1000 && time < GIVE_UP_TIME, `it took ${time} ms`);
}

/** A node: for a moment, and GPMD with it, nothing is given up; for longer its peers give it up, and are connected again when it goes on. */
async function stopPeer(): Promise<void> {
  await using network = await startNetwork();
  const here = await network.node("here");
  await using there = await GvmProcess.start(network.daemon.env, "there");
  await here.connect("there");
  assertEquals(await here.call("waits.next", [], { on: "there" }), 101);
  const stopped = [there.pid, ...there.executors(), network.daemon.pid];
  assertEquals(stopped.length, 3);
  const slept = here.call("waits.sleep", [500], { on: "there" });
  for (const pid of stopped) Deno.kill(pid, "SIGSTOP");
  await new Promise((resolve) => setTimeout(resolve, 3000)); // less than any time to give up
  for (const pid of stopped) Deno.kill(pid, "SIGCONT");
  assertEquals(await slept, undefined);
  assertEquals(await here.call("waits.next", [], { on: "there" }), 102);
  assertEquals(await here.discover(), ["here", "there"]);

  assertEquals(await there.ask("Node.run(here, waits.next())", 2).then(([, result]) => result), "101");
  const lost = nextEvent(here, "disconnect");
  const back = nextEvent(here, "connect");
  const third = await network.node("third");
  there.kill("SIGSTOP");
  try {
    const silent = assertFails("CONNECTION_LOST", third.connect("there"));
    // The executor was not stopped, and answers until its node is given up.
    assertEquals(await here.call("waits.next", [], { on: "there" }), 103);
    await givesUp(() => assertFails("CONNECTION_LOST", here.call("waits.sleep", [60_000], { on: "there" })));
    assertEquals((await lost).error?.code, "CONNECTION_LOST");
    await assertFails("NOT_CONNECTED", here.call("waits.next", [], { on: "there" }));
    await eventually("the end of its executor here", () => network.executors().length === 1);
    assertEquals((await silent).message, 'Cannot connect: "there" does not answer');
  } finally {
    there.kill("SIGCONT");
  }
  await within(CALL_TIME, "the connection", back);
  assertEquals(await here.call("waits.next", [], { on: "there" }), 101);
  await eventually("its connection", async () => (await there.ask("Node.list()"))[0] === "here");
  assertEquals(await there.ask("Node.run(here, waits.next())", 2).then(([, result]) => result), "101");
}

/** Executors: they are replaced. */
async function stopExecutors(): Promise<void> {
  await using network = await startNetwork();
  const [here, there] = await network.pair();
  for (const [node, on] of [[here, "there"], [there, "here"], [here, undefined]] as const) {
    assertEquals(await node.call("waits.next", [], { on }), 101);
  }
  const stopped = network.executors();
  assertEquals(stopped.length, 3);
  for (const pid of stopped) Deno.kill(pid, "SIGSTOP");
  const third = await network.node("third");
  await givesUp(() =>
    Promise.all([
      assertFails("EXECUTOR_RESTARTED", here.call("waits.next", [], { on: "there" })),
      assertFails("EXECUTOR_RESTARTED", there.call("waits.next", [], { on: "here" })),
      assertFails("EXECUTOR_RESTARTED", here.call("waits.next")),
      assertFails("EXECUTOR_RESTARTED", here.run("greet", ["-"], { on: "there" }).exitCode),
    ])
  );
  // Nothing was executed behind anybody's back, and the stopped ones are gone without having been continued.
  for (const [node, on] of [[here, "there"], [there, "here"], [here, undefined]] as const) {
    assertEquals(await node.call("waits.next", [], { on }), 101);
  }
  await third.connect("here");
  assertEquals(stopped.filter((pid) => network.executors().includes(pid)), []);
}

function silent(port: number): string {
  return `Cannot reach GPMD: what listens on port ${port} does not answer`;
}

/**
 * GPMD: who asks it something is told, and all else goes on. Meanwhile an executor whose thread a module keeps for longer than
 * one that was stopped is waited for is left alone.
 */
async function stopDaemon(): Promise<void> {
  await using network = await startNetwork();
  const [here, there] = await network.pair();
  const node = await network.node("busy", { limits: { time: 11_000 } });
  await node.signature("counter.spin"); // GPMD is asked for the module before it is stopped
  const busy = assertFails("TIME_LIMIT", node.call("counter.spin"));
  assertEquals(await here.call("waits.next", [], { on: "there" }), 101);
  Deno.kill(network.daemon.pid, "SIGSTOP");
  try {
    await givesUp(() =>
      Promise.all([
        assertFails("CONNECTION_LOST", here.discover()),
        assertFails("CONNECTION_LOST", here.connect("third")),
        assertFails("CONNECTION_LOST", network.node("third")).then(({ message }) =>
          assertEquals(message, silent(network.daemon.settings.gmpPort))
        ),
        gpmd(network.daemon.env, "status").then(({ code, stderr }) =>
          assertEquals([code, stderr], [
            1,
            `CONNECTION_LOST: ${silent(network.daemon.settings.commandPort)}\n`,
          ])
        ),
        gpmd(network.daemon.env, "start").then(({ code, stderr }) => {
          assertEquals(code, 1);
          assertMatch(stderr, /^PORT_IN_USE: Cannot start GPMD: what holds port \d+ does not answer\n$/);
        }),
      ])
    );
    // Those that are connected need no daemon.
    assertEquals(await here.call("waits.next", [], { on: "there" }), 102);
  } finally {
    Deno.kill(network.daemon.pid, "SIGCONT");
  }
  assertEquals(await here.discover(), ["busy", "here", "there"]);
  const third = await network.node("third");
  await third.connect("there");
  assertEquals(await there.call("waits.next", [], { on: "third" }), 101);
  await busy;
}

/** By name. */
export const SCENARIOS: Readonly<Record<string, () => Promise<void>>> = {
  "a node": stopPeer,
  "executors": stopExecutors,
  "GPMD": stopDaemon,
};

if (import.meta.main) await SCENARIOS[Deno.args[0]!]!();
