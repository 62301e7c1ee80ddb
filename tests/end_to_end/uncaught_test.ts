// What a program prints that ends with an error nobody caught: its code, its sentence, and the program's line that asked.
import { assert, assertEquals } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { bundleFlags } from "../tools/entries.ts";
import { Network } from "../tools/network.ts";

const CONFIG = fromFileUrl(new URL("../../deno.json", import.meta.url));
const START = "await using node = await GhostNode.start();";
/** Lines of a program behind its imports, the last of which fails; and how that reads. */
const PROGRAMS: readonly { readonly lines: readonly string[]; readonly says: string }[] = [
  {
    lines: [START, 'await node.call("math.nope");'],
    says:
      "FUNCTION_NOT_FOUND: Cannot call nope: math@v0.0.1 exports no such function; there are add, sub, mul, div, addf, add64",
  },
  {
    lines: [START, 'await node.call("math.add", [1, 2]);', 'await node.call("math.add", [1]);'],
    says: "BAD_ARGUMENTS: Cannot call add: it takes 2 arguments (i32, i32), not 1",
  },
  {
    lines: [START, 'const div = await node.function("math.div");', "await div(1, 1);", "await div(1, 0);"],
    says: "TRAP: math.div trapped: divide by zero",
  },
  {
    lines: [
      START,
      'await node.connect("node-8399");',
      'await node.call("math.div", [1, 0], { on: "node-8399" });',
    ],
    says: "TRAP: math.div trapped: divide by zero",
  },
  {
    lines: [START, 'await node.function("nope.add");'],
    says: 'MODULE_NOT_FOUND: Cannot find module "nope": no module of that name was uploaded',
  },
  {
    lines: [START, 'await node.run("nope").text();'],
    says: 'MODULE_NOT_FOUND: Cannot find module "nope": no module of that name was uploaded',
  },
  {
    lines: [START, 'await node.connect("printer");'],
    says: 'NODE_NOT_FOUND: Cannot find "printer": no node of that name is registered',
  },
  {
    lines: ["await using gpmd = await GpmdClient.connect();", 'await gpmd.info("nope");'],
    says: 'MODULE_NOT_FOUND: Cannot find module "nope": no module of that name was uploaded',
  },
  {
    lines: ["await GpmdClient.connect({ commandPort: 9 });"],
    says: "GPMD_NOT_RUNNING: GPMD is not running on this device; start it with: gpmd start",
  },
];

/** What a program in a directory of its own writes to standard error before it ends with 1. */
async function failing(
  directory: string,
  lines: readonly string[],
  env: Record<string, string>,
): Promise<string> {
  const text = ['import { GhostNode, GpmdClient } from "@ghost/network";', ...lines].join("\n");
  await Deno.writeTextFile(join(directory, "program.ts"), text);
  const { code, stderr } = await new Deno.Command("deno", {
    args: ["run", "-A", "--quiet", "--no-check", "--config", CONFIG, ...bundleFlags(), "program.ts"],
    cwd: directory,
    env: { ...env, NO_COLOR: "1" },
  }).output();
  assertEquals(code, 1);
  return new TextDecoder().decode(stderr);
}

Deno.test("an error that nobody catches shows its code, its sentence and the line of the program that asked", async (t) => {
  await using network = await Network.start();
  await network.node("node-8399");
  const directory = await Deno.makeTempDir();
  try {
    for (const { lines, says } of PROGRAMS) {
      await t.step(lines.at(-1)!, async () => {
        const shown = await failing(directory, lines, network.daemon.env);
        assert(shown.includes(`error: Uncaught (in promise) GhostError: ${says}\n`), shown);
        assert(new RegExp(`^    at .*/program\\.ts:${lines.length + 1}:\\d+\\)?$`, "m").test(shown), shown);
      });
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
