import { assertEquals, assertLessOrEqual } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { encodeBody } from "../../../gmp/frames/body.ts";
import { Kind, SESSION_CAPS } from "../../../gmp/frames/frame.ts";
import { MESSAGES } from "../../../gmp/messages/messages.ts";
import { MAX_NODES } from "../../../gmp/messages/gpmd.ts";
import { MAX_DEVICES } from "../../../gpmd/link/engine/device_store.ts";
import { DeviceNodes, toldNames } from "../../../gpmd/link/device_nodes.ts";

Deno.test("what a device said while its answer was lost is asked for again", async () => {
  const first = Promise.withResolvers<string[]>();
  const answers = [first.promise, Promise.resolve(["node-1"])];
  const changed = Promise.withResolvers<void>();
  const nodes = new DeviceNodes(() => answers.shift()!, changed.resolve);
  const refreshing = nodes.refresh("pi");
  await nodes.refresh("pi"); // its nodes are others, before it has answered
  first.reject(new GhostError("CONNECTION_LOST"));
  await changed.promise;
  assertEquals(nodes.of([{ id: "pi", name: "pi" }]), [{ device: "pi", names: ["node-1"] }]);
  nodes.forget("pi");
  await refreshing;
});

Deno.test("what a device tells of itself and of others fits into a REPLY, however many nodes and devices there are", () => {
  const longest = (i: number) => `${i}-`.padEnd(64, "x");
  const names = toldNames(Array.from({ length: MAX_NODES }, (_, i) => longest(i)));
  const time = "2026-11-28T12:00:00.000Z";
  const devices = Array.from({ length: MAX_DEVICES }, (_, i) => ({
    name: longest(i),
    id: `12D3KooW${"x".repeat(44)}`,
    addresses: Array.from({ length: 16 }, () => "192.168.100.200:59900"),
    since: time,
    lastSeen: time,
    reachable: true,
    way: "stream" as const,
    ping: 1.5,
    relay: true,
    removed: true,
  }));
  const replies = [
    MESSAGES["node.discover"].reply.encode({ names }),
    MESSAGES["device.list"].reply.encode({ devices }),
    MESSAGES["device.discover"].reply.encode({
      // 3,000 names of all devices together
      nodes: devices.map(({ name: device }, i) => ({ device, names: i < 3 ? names : [] })),
    }),
  ];
  for (const reply of replies) assertLessOrEqual(encodeBody(reply).length, SESSION_CAPS[Kind.REPLY]!);
});
