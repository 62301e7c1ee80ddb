import { assertEquals } from "@std/assert";
import { LiveVocabulary } from "../../../../gvm/repl/completion/live_vocabulary.ts";
import { parse } from "../../../../gvm/repl/language/parser.ts";
import { Network } from "../../../tools/network.ts";

Deno.test("nodes, modules and the functions that a line comes to are known", async () => {
  await using network = await Network.start();
  const [here] = await network.pair();
  const vocabulary = new LiveVocabulary(here, () => {});
  const { nodes, connected, modules } = await vocabulary.for(parse("No"));
  assertEquals([nodes, connected], [["there"], ["there"]]);
  assertEquals(modules.map(({ name, versions, functions }) => [name, versions, functions]), [
    ["counter", ["v0.0.1"], undefined],
    ["greet", ["v0.0.1"], undefined],
    ["math", ["v0.0.1"], undefined],
    ["program", ["v0.0.1"], undefined],
  ]);
  const functionsFor = async (text: string) =>
    (await vocabulary.for(parse(text))).modules.flatMap(({ functions = [] }) =>
      functions.map(({ signature }) => signature)
    );
  const math = await functionsFor("math.");
  assertEquals(math.slice(0, 2), ["add(i32, i32) -> i32", "sub(i32, i32) -> i32"]);
  assertEquals(await functionsFor("Node.run(there, math@v0.0.1.add(1"), math);
  assertEquals(await functionsFor("math@v0.0.2."), []);
  assertEquals(await functionsFor("nothing."), []);
});

Deno.test("without GPMD what was known is known", async () => {
  await using network = await Network.start();
  const here = await network.node("here");
  const vocabulary = new LiveVocabulary(here, () => {});
  await vocabulary.for(parse("No"));
  const lost = Promise.withResolvers<void>();
  using _ = { [Symbol.dispose]: here.on("gpmd", () => lost.resolve()) };
  network.daemon.process.kill("SIGKILL");
  await lost.promise;
  vocabulary.renew();
  assertEquals((await vocabulary.for(parse("No"))).modules.length, 4);
});
