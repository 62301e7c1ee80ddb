// Streams between two devices: two daemons, their real links on loopback, and nodes with real executors.
import { assertEquals, assertRejects } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { GhostNode } from "../../../gvm/node/ghost_node.ts";
import { eventually } from "../../tools/commands.ts";
import { readModule } from "../../tools/network.ts";
import { pairDevices, type TestDevice, withDevices } from "../../tools/paired_devices.ts";

function startNode({ daemon }: TestDevice, name: string): Promise<GhostNode> {
  return GhostNode.start({ ...daemon.settings, secret: daemon.secret, name });
}

Deno.test("streams and futures pass between devices, and end when their grant is revoked", async () => {
  await withDevices(async (laptop, pi) => {
    await pairDevices(laptop, pi);
    await using here = await startNode(laptop, "here");
    await using there = await startNode(pi, "there");
    await using gpmd = await pi.daemon.connect();
    await gpmd.upload({ name: "flows", version: "v1.0.0", module: readModule("flows") });
    await eventually("the other device", async () => (await here.discover()).includes("there@pi"));
    await here.connect("there@pi");
    const call = (name: string, ...args: unknown[]) => here.call(`flows.${name}`, args, { on: "there@pi" });
    const large = new Uint8Array(700_000).fill(7);
    let count = 0;
    for await (const piece of await call("echo", [large]) as unknown as ReadableStream<Uint8Array>) {
      count += piece.length;
    }
    assertEquals(count, large.length);
    assertEquals(await call("double", Promise.resolve(21)), 42);
    assertEquals(there.list(), ["here@laptop"]);
    const reader = (await call("zeros") as unknown as ReadableStream<Uint8Array>).getReader();
    await reader.read();
    await gpmd.revoke("laptop", ["*"]);
    const error = await assertRejects(async () => {
      while (!(await reader.read()).done);
    }, GhostError);
    assertEquals(error.code, "NOT_GRANTED");
  });
});
