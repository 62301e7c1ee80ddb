/**
 * Runs every example in the docstrings, in docs/ and in the README, in a network of its own: a real daemon in a temporary
 * home, which `GHOST_HOME` and the ports name, with `math`, `greet`, `counter` and `greeter`, and beside it a node "node-8399".
 * The environment is that of the process, so that these tests have one of their own; their types are checked with all others
 * (run_tests.ts).
 */
import { assert } from "@std/assert";
import { examplesIn } from "./doc_examples.ts";
import { Network, readModule } from "./network.ts";

const PLACES = ["mod.ts", "gmp", "gpmd", "gvm", "docs", "README.md"];

Deno.test("the examples of docstrings and pages", async (t) => {
  const examples = await examplesIn(PLACES);
  assert(examples.length > 40, `only ${examples.length} were found`);
  await using network = await Network.start();
  await network.upload("greeter", "v0.0.1", readModule("greeter"));
  await network.node("node-8399");
  for (const [name, value] of Object.entries(network.daemon.env)) Deno.env.set(name, value);
  for (const { name, run } of examples) await t.step(name, run);
});
