// A module by its hash at the prompt: all that is shown of it is of exactly that one.
import { assertEquals, assertMatch } from "@std/assert";
import { LiveVocabulary } from "../../../gvm/repl/completion/live_vocabulary.ts";
import { parse } from "../../../gvm/repl/language/parser.ts";
import { Network } from "../../tools/network.ts";
import { told } from "./_recorder.ts";

Deno.test("help and completions of a module by its hash are of that version, not of the latest", async () => {
  await using network = await Network.start();
  await network.upload("math", "v0.0.2", "counter");
  const exact = `math@sha256:${(await network.gpmd.info("math", "v0.0.1")).hash}`;
  const node = await network.node();
  const { told: [module, name] } = await told(node, [`help ${exact}`, `help ${exact}.add`]);
  assertMatch(module!, /^math@v0\.0\.1, /);
  assertMatch(name!, /^math\.add\(i32, i32\) -> i32\n {2}A function of math@v0\.0\.1/);
  const { modules } = await new LiveVocabulary(node, () => {}).for(parse(`${exact}.`));
  assertEquals(modules.flatMap(({ functions = [] }) => functions.map(({ name }) => name)).slice(0, 2), [
    "add",
    "sub",
  ]);
});
