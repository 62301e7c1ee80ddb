/**
 * A program with what is declared of the greeter, for `deno check` and nobody else: it compiles, but for the lines that say
 * otherwise. Each of those is wrong in what the lines before show to be there.
 */
import { GhostNode } from "@ghost/network";
import type { Counter, Greeter, GreeterFailures } from "../../../examples/greeter/greeter.d.ts";

await using node = await GhostNode.start();
const greet = await node.function<Greeter["greet"]>("greeter.greet");
const birthday = await node.function<Greeter["birthday"]>("greeter.birthday", { on: "node-8399" });
const counter = await node.function<Greeter["counter"]>("greeter.counter");

const text: string = await greet("Ada");
const { age, email } = await birthday({ name: "Ada", age: 36, tags: [], balance: 12.5 });
const shown: [number, string | undefined, string] = [age, email, text];
await using made: Counter = await counter(5);
const failure: GreeterFailures["area"] = "nothing to measure";
console.log(shown, await made.next(), failure);

// @ts-expect-error Argument of type 'number' is not assignable to parameter of type 'string'
await greet(1);
// @ts-expect-error Type 'string' is not assignable to type 'number'
const wrong: number = await greet("Ada");
// @ts-expect-error Argument of type '{ name: string; age: number; }' is missing the following properties: tags, balance
await birthday({ name: "Ada", age: 36 });
console.log(wrong);
