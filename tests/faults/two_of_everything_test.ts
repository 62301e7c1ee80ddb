import { assertEquals } from "@std/assert";
import { assertFails } from "../gvm/harness.ts";
import { Network } from "../tools/network.ts";
import {
  raceForDrawnNames,
  raceForHome,
  raceForName,
  raceForPorts,
  raceInRing,
  raceToConnect,
  raceToStart,
  raceToUpload,
  raceToUploadTheSame,
} from "./_races.ts";

async function times(count: number, race: () => Promise<void>): Promise<void> {
  for (let i = 0; i < count; i++) await race();
}

Deno.test("of two daemons that start at once with the same settings one runs, and both starts name it", () =>
  times(4, raceToStart));

Deno.test("of two daemons that start at once on one home one runs, and the other is told", () =>
  times(4, raceForHome));

Deno.test("of two daemons that start at once on one pair of ports one runs, and the other leaves nothing", () =>
  times(4, raceForPorts));

Deno.test("of two uploads of one version at once one wins, the other is told, and none is a mix", () =>
  raceToUpload(20));

Deno.test("the same upload twice at once succeeds twice and changes once", () => raceToUploadTheSame(20));

Deno.test("a hundred nodes that draw the same name all get one of their own", () => raceForDrawnNames(100));

Deno.test("of a hundred nodes that are given one name one gets it", () => raceForName(100));

Deno.test("two nodes that connect to each other at the same instant are connected once", () =>
  raceToConnect(10));

Deno.test("three nodes that connect in a ring at the same instant are all connected", () => raceInRing(5));

Deno.test("a node does not connect to itself, and reaches itself all the same", async () => {
  await using network = await Network.start();
  const node = await network.node("alone");
  await assertFails("CONNECTION_DENIED", node.connect("alone"));
  assertEquals(node.list(), []);
  assertEquals(await node.call("math.mul", [6, 7], { on: "alone" }), 42);
});
