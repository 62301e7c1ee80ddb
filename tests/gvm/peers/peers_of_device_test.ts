import { assertEquals, assertThrows } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { checkPeersOf } from "../../../gvm/peers/peers_of_device.ts";

Deno.test("256 nodes of one device may connect to a node, whoever else is connected, under whatever name", () => {
  const names = (device: string, count: number) =>
    Array.from({ length: count }, (_, i) => `node-${i}@${device}`);
  const others = [...names("pi", 1000), "laptop", "node-laptop", ...names("laptop", 255)];
  checkPeersOf("laptop", others);
  checkPeersOf("laptop", [...others, ...others]); // each counts once
  const error = assertThrows(() => checkPeersOf("laptop", [...others, "one-more@laptop"]), GhostError);
  assertEquals(error.code, "TOO_MANY_CONNECTIONS");
});
