// Races within one network share it, so that only the nodes are new; `deno task soak races` runs each 50 times and more.
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

Deno.test(
  "of two daemons that start at once with the same settings one runs, and both starts name it",
  raceToStart,
);

Deno.test("of two daemons that start at once on one home one runs, and the other is told", raceForHome);

Deno.test(
  "of two daemons that start at once on one pair of ports one runs, and the other leaves nothing",
  raceForPorts,
);

Deno.test("two of everything in one network", async (t) => {
  await using network = await Network.start();
  // First, while nobody else is there.
  await t.step(
    "thirty nodes that draw the same name all get one of their own",
    () => raceForDrawnNames(network, 30),
  );
  await t.step("of thirty nodes that are given one name one gets it", () => raceForName(network, 30));
  await t.step(
    "of two uploads of one version at once one wins, the other is told, and none is a mix",
    () => raceToUpload(network, 10),
  );
  await t.step(
    "the same upload twice at once succeeds twice and changes once",
    () => raceToUploadTheSame(network, 10),
  );
  await t.step(
    "two nodes that connect to each other at the same instant are connected once",
    () => raceToConnect(network, 3),
  );
  await t.step(
    "three nodes that connect in a ring at the same instant are all connected",
    () => raceInRing(network, 2),
  );
  await t.step("a node does not connect to itself, and reaches itself all the same", async () => {
    const node = await network.node("alone");
    await assertFails("CONNECTION_DENIED", node.connect("alone"));
    assertEquals(node.list(), []);
    assertEquals(await node.call("math.mul", [6, 7], { on: "alone" }), 42);
  });
});
