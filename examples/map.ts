/**
 * Maps a list over all connected nodes: calls a function once for each number, on whichever node is free, and prints
 * the results in the order of the list. Without other nodes it does all by itself.
 *
 *     gpmd wasm upload --name=greet --version=v0.0.1 --file=examples/greet/greet.wasm
 *     deno run -P=gvm examples/map.ts greet.fib 10 20 30 40 50 60
 */
import { type CallResult, GhostError, GhostNode } from "@ghost/network";

const [name, ...list] = Deno.args;
if (name === undefined || list.length === 0) {
  console.error("usage: map.ts MODULE.FUNCTION NUMBER...");
  Deno.exit(2);
}
const numbers = list.map((text) => /^-?\d+$/.test(text) ? BigInt(text) : Number(text));

await using node = await GhostNode.start();
const others = (await node.discover()).filter((one) => one !== node.name);
// A node may deny the connection, or leave meanwhile: the others do its share.
await Promise.allSettled(others.map((one) => node.connect(one)));
const workers = node.list();
if (workers.length === 0) workers.push(node.name);

const results = new Map<number, CallResult>();
const todo = [...numbers.keys()];
let lost: GhostError | undefined;

/** Takes numbers from the list until none is left, or the node is lost. */
async function work(on: string): Promise<void> {
  const call = await node.function(name!, { on });
  for (let at = todo.shift(); at !== undefined; at = todo.shift()) {
    try {
      results.set(at, await call(numbers[at]));
    } catch (error) {
      if (!(error instanceof GhostError) || !error.retryable) throw error;
      // The function may have run: whoever maps one that must not run twice stops here.
      todo.push(at);
      lost = error;
      return;
    }
  }
}

try {
  await Promise.all(workers.map(work));
  if (todo.length > 0) throw lost;
  for (const [at, text] of list.entries()) console.log(`${text}: ${results.get(at)}`);
  console.error(`${list.length} calls on ${workers.join(", ")}`);
} catch (error) {
  const { code, message } = GhostError.from(error);
  console.error(`${code}: ${message}`);
  Deno.exitCode = 1;
}
