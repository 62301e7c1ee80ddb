/**
 * Counts the words of standard input on another node. The text is streamed there as it is read, no faster than the module
 * takes it, so a file of any size needs little memory on both sides.
 *
 *     gpmd wasm upload --name=wordcount --version=v0.0.1 --file=examples/wordcount/wordcount.wasm
 *     deno run -P=gvm examples/word_count.ts node-8399 5 < book.txt
 */
import { GhostError, GhostNode } from "@ghost/network";

const [on, most = "10"] = Deno.args;
if (on === undefined) {
  console.error("usage: word_count.ts NODE [MOST]");
  Deno.exit(2);
}

// Ctrl-C stops the run on the other node too.
const stop = new AbortController();
Deno.addSignalListener("SIGINT", () => stop.abort());

async function countWords(on: string): Promise<number> {
  await using node = await GhostNode.start();
  await node.connect(on);
  const run = node.run("wordcount", [most], { on, stdin: Deno.stdin.readable, signal: stop.signal });
  for await (const { stream, bytes } of run) {
    await (stream === "stdout" ? Deno.stdout : Deno.stderr).write(bytes);
  }
  return await run.exitCode;
}

let code = 1;
try {
  code = await countWords(on);
} catch (error) {
  const { code, message } = GhostError.from(error);
  console.error(`${code}: ${message}`);
}
// Whoever writes standard input may not have closed it.
Deno.exit(code);
