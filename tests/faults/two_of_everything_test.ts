// Each race of processes is run twice; races within one network share it, so that only the nodes are new.
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

async function twice(race: () => Promise<void>): Promise<void> {
  await race();
  await race();
}

Deno.test("of two daemons that start at once with the same settings one runs, and both starts name it", () =>
  twice(raceToStart));

Deno.test("of two daemons that start at once on one home one runs, and the other is told", () =>
  twice(raceForHome));

Deno.test("of two daemons that start at once on one pair of ports one runs, and the other leaves nothing", () =>
  twice(raceForPorts));

Deno.test("two of everything in one network", async (t) => {
  await using network = await Network.start();
  // First, while nobody else is there.
  await t.step(
    "a hundred nodes that draw the same name all get one of their own",
    () => raceForDrawnNames(network, 100),
  );
  await t.step("of a hundred nodes that are given one name one gets it", () => raceForName(network, 100));
  await t.step(
    "of two uploads of one version at once one wins, the other is told, and none is a mix",
    () => raceToUpload(network, 20),
  );
  await t.step(
    "the same upload twice at once succeeds twice and changes once",
    () => raceToUploadTheSame(network, 20),
  );
  await t.step(
    "two nodes that connect to each other at the same instant are connected once",
    () => raceToConnect(network, 5),
  );
  await t.step(
    "three nodes that connect in a ring at the same instant are all connected",
    () => raceInRing(network, 3),
  );
  await t.step("a node does not connect to itself, and reaches itself all the same", async () => {
    const node = await network.node("alone");
    await assertFails("CONNECTION_DENIED", node.connect("alone"));
    assertEquals(node.list(), []);
    assertEquals(await node.call("math.mul", [6, 7], { on: "alone" }), 42);
  });
});
