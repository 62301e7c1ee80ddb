/**
 * A module that keeps state for each peer. Two visitors call the same function of the same module on one host, and each
 * has a counter of its own: the functions of a session run in an instance that nobody else sees, and that lives as long as
 * the connection. All three nodes are of this one program; they would behave the same on their own.
 *
 *     gpmd wasm upload --name=counter --version=v0.0.1 --file=examples/counter/counter.wasm
 *     deno run -P=gvm examples/visitors.ts
 */
import { GhostError, GhostNode } from "@ghost/network";

try {
  await using host = await GhostNode.start();
  await using ada = await GhostNode.start();
  await using bob = await GhostNode.start();
  const on = host.name;
  await ada.connect(on);
  await bob.connect(on);

  const count = async (who: string, node: GhostNode): Promise<void> => {
    console.log(`${who}: ${await node.call("counter.next", [], { on })}`);
  };
  await count("ada", ada);
  await count("ada", ada);
  await count("bob", bob);
  await count("ada", ada);

  await ada.reset("counter", { on });
  await count("ada after a reset", ada);

  await bob.disconnect(on);
  await bob.connect(on);
  await count("bob after he came back", bob);
} catch (error) {
  const { code, message } = GhostError.from(error);
  console.error(`${code}: ${message}`);
  Deno.exitCode = 1;
}
