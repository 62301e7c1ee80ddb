/** A program with what is declared of a component with streams and futures, for `deno check` and nobody else. */
import { GhostNode } from "@ghost/network";
import type { Flows, Report } from "./_flows.d.ts";

await using node = await GhostNode.start();
const words = await node.function<Flows["words"]>("flows.words");
for await (const word of await words(["a", "b"])) console.log(word.length);
const double = await node.function<Flows["double"]>("flows.double");
const number: number = await double(Promise.resolve(1));
const describe = await node.function<Flows["describe"]>("flows.describe");
const { name, size }: Report = await describe(3);
console.log(number, name, await size);
