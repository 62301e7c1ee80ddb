import { assertEquals } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { DeviceNodes } from "../../../gpmd/link/device_nodes.ts";

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
