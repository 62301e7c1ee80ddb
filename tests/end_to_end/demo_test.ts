/** The demo plays the transcripts of the project's documents; `terminal/transcripts_test.ts` types them. */
import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { childrenOf } from "../gvm/harness.ts";
import { eventually, ROOT } from "../tools/commands.ts";

Deno.test("the demo plays the transcripts, the one of two devices too, and leaves nothing behind", async () => {
  const before = childrenOf(Deno.pid);
  const tasks = JSON.parse(await Deno.readTextFile(join(ROOT, "deno.json"))).tasks;
  const [program, ...args] = (tasks.demo as string).split(" ");
  const { code, stdout, stderr } = await new Deno.Command(program!, { args, cwd: ROOT }).output();
  const text = new TextDecoder().decode(stdout);
  assertEquals([code, new TextDecoder().decode(stderr)], [0, ""], text);
  for (
    const line of [
      "$: gpmd start",
      "GPMD is running in the background.",
      "Module Uploaded Successfully!",
      "(node-5651) > Node.discover()\nnode-5651,node-8399",
      "(node-5651) > Node.connect(node-8399)\nnode-8399",
      "(node-5651) > math\nReponse from the math module...",
      "(node-5651) > math.add(1,2)\nAdding Numbers From Wasm...\n\n3",
      "Adding Numbers From Wasm...\n68",
      "laptop may do here: *, ship, modules",
      "(node-1) > Node.discover()\nnode-1,node-8399@laptop",
      "(node-1) > Node.connect(node-8399@laptop)\nnode-8399@laptop",
      "pi$: gpmd --device=laptop status",
      "Every line was as expected.",
    ]
  ) assert(text.includes(`${line}\n`), `${line} is not in\n${text}`);
  await eventually("the end of its processes", () => childrenOf(Deno.pid).length === before.length);
});
