/** A device that is removed while it calls. */
import { assert, assertEquals } from "@std/assert";
import { eventually } from "../tools/commands.ts";
import type { NetworkDevice } from "./_device.ts";
import type { Scene } from "./_faults.ts";

/** Milliseconds within which nothing of a removed device goes on. */
const REMOVAL_TIME = 1000;

/** Removes `pi` from the laptop during its calls, and looks at all that it could do before. */
export async function removeDuringCall({ laptop, pi, calls }: Scene): Promise<void> {
  await laptop.lines("grant", "pi", "commands");
  await pi.lines("--device=laptop", "status");
  await calls.sleep();
  await calls.fresh();
  const woken = calls.next("woken");
  const failing = calls.next("failing");
  await laptop.lines("device", "remove", "pi");
  const removed = performance.now();
  await Promise.all([
    woken,
    failing,
    eventually("the end of connections", async () => {
      return (await connectionsTo(laptop, "10.77.0.2")).length === 0;
    }),
  ]);
  const time = performance.now() - removed;
  assert(time < REMOVAL_TIME, `it was over after ${time} ms`);
  // It asks for everything again, with the key and the addresses that it has, and gets nothing.
  const { answered } = await calls.check();
  for (const args of [["status"], ["nodes"], ["wasm", "list"]]) {
    const { code, stderr } = await pi.type("--device=laptop", ...args);
    assertEquals([code, stderr.split(":")[0]], [1, "DEVICE_UNREACHABLE"]);
  }
  const nodes = await pi.lines("nodes");
  assertEquals(await pi.lines("nodes"), nodes);
  assert(!nodes.join().includes("@laptop"));
  assertEquals((await calls.check()).answered, answered);
  assertEquals(JSON.parse((await laptop.lines("grants", "pi", "--json")).join("")), []);
}

/** Connections between the link of `device` and `address`. */
async function connectionsTo(device: NetworkDevice, address: string): Promise<string[]> {
  const { stdout } = await device.command(["ss", "-Htn", "state", "established", "dst", address]).output();
  return new TextDecoder().decode(stdout).split("\n").filter(Boolean);
}
