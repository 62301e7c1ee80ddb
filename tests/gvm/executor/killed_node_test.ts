// Executors die with their node, whatever they do at that moment.
import { assert, assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { eventually } from "../../tools/commands.ts";
import { bundleFlags } from "../../tools/entries.ts";
import { assertFails, childrenOf, elapsed, Harness, isRunning, nextText } from "../harness.ts";

const NODE = fromFileUrl(new URL("_killed_node.ts", import.meta.url));

/** Resolves when the process is gone. */
async function gone(pid: number): Promise<void> {
  while (isRunning(pid)) await new Promise((resolve) => setTimeout(resolve, 5));
}

function startNode(command: string): Deno.ChildProcess {
  const args = ["run", "-A", "--quiet", "--no-check", ...bundleFlags(), NODE, command];
  return new Deno.Command(Deno.execPath(), { args, stdin: "null", stdout: "piped" }).spawn();
}

for (const command of ["idle", "talk", "loop"]) {
  Deno.test(`an executor is gone within a second of its node's SIGKILL: ${command}`, async () => {
    const node = startNode(command);
    const output = node.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const { value } = await output.read();
    const executor = Number(value);
    assertEquals(childrenOf(node.pid), [executor]);
    node.kill("SIGKILL");
    const time = await elapsed(() => Promise.all([gone(executor), node.status]));
    await output.cancel();
    assert(time < 1000, `it took ${time} ms`);
  });
}

Deno.test("an executor is gone whose watchdog has something to report when its node is killed", async () => {
  const node = startNode("cancelled");
  const [output] = await Promise.all([new Response(node.stdout).text(), node.status]);
  const executor = Number(output);
  await eventually("its end", () => !isRunning(executor));
});

Deno.test("executors that are killed", async (t) => {
  await using harness = new Harness({ size: 1 });

  await t.step("Ctrl-C, which reaches every process of a terminal, ends no executor", async () => {
    const caller = await harness.caller();
    assertEquals(await caller.call("counter.next"), 1);
    for (const pid of harness.executors) Deno.kill(pid, "SIGINT");
    assertEquals(await caller.call("counter.next"), 2);
  });

  await t.step("an executor that is killed while it is idle is replaced before the next call", async () => {
    const caller = await harness.caller();
    const next = await caller.client.resolve({ module: "counter", function: "next" });
    assertEquals(await caller.client.call(next, []), 1);
    Deno.kill(harness.executors[0]!, "SIGKILL");
    // The call may cross the kill; whether it does or not, it is told, and the one after it works.
    await caller.client.call(next, []).catch((error) => assertEquals(error.code, "EXECUTOR_RESTARTED"));
    assert(await caller.client.call(next, []));
  });

  await t.step("an executor that is killed in the middle of a call is replaced", async () => {
    const caller = await harness.caller();
    assertEquals(await caller.call("counter.next"), 1);
    const run = caller.run("program", ["loop"]);
    await nextText(run[Symbol.asyncIterator]());
    const [killed] = harness.executors;
    Deno.kill(killed!, "SIGKILL");
    const error = await assertFails("EXECUTOR_RESTARTED", run.exitCode);
    assert(error.retryable);
    assertEquals(await caller.call("counter.next"), 1, "the state is gone");
    const [replacement] = harness.executors;
    assert(replacement !== killed);
  });
});

Deno.test("an executor that runs out of heap is replaced, and its callers are told", async () => {
  await using harness = new Harness({ size: 2 });
  const [greedy, other] = [await harness.caller(), await harness.caller()];
  harness.modules.add("hoard", HOARD);
  await assertFails("EXECUTOR_RESTARTED", greedy.call("hoard.hoard"));
  assertEquals(await greedy.call("counter.next"), 1);
  assertEquals(await other.call("counter.next"), 1);
});

/**
 * A module whose function makes a list of garbage-collected arrays that never ends. wabt does not know these types:
 * `(type $array (array (mut i64))) (type $list (struct (field (ref null $list)) (field (ref null $array))))
 * (func (export "hoard") (local (ref null $list)) (loop
 *   (local.set 0 (struct.new $list (local.get 0) (array.new_default $array (i32.const 1000000)))) (br 0)))`.
 */
const HOARD = new Uint8Array([
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  ...[1, 15, 3, 0x5e, 0x7e, 1, 0x5f, 2, 0x63, 1, 0, 0x63, 0, 0, 0x60, 0, 0],
  ...[3, 2, 1, 2],
  ...[7, 9, 1, 5, 0x68, 0x6f, 0x61, 0x72, 0x64, 0, 0],
  ...[
    10,
    26,
    1,
    24,
    1,
    1,
    0x63,
    1,
    0x03,
    0x40,
    0x20,
    0,
    0x41,
    0xc0,
    0x84,
    0x3d,
    0xfb,
    0x07,
    0,
    0xfb,
    0x00,
    1,
  ],
  ...[0x21, 0, 0x0c, 0, 0x0b, 0x0b],
]);
