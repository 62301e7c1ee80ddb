// Who never pairs a device neither fetches nor loads what only that needs.
import { assert, assertEquals } from "@std/assert";
import { ROOT } from "../../tools/commands.ts";

interface Graph {
  readonly modules: readonly { readonly specifier: string; readonly error?: string }[];
}

async function graphOf(entry: string): Promise<string[]> {
  const command = new Deno.Command("deno", { args: ["info", "--json", entry], cwd: ROOT });
  const { code, stdout } = await command.output();
  assertEquals(code, 0, entry);
  const { modules } = JSON.parse(new TextDecoder().decode(stdout)) as Graph;
  assertEquals(modules.filter(({ error }) => error !== undefined), []);
  return modules.map(({ specifier }) => specifier);
}

const isForDevices = (specifier: string) =>
  /libp2p|multiformats|qrcode/.test(specifier) || /\/gpmd\/link\/(engine|main)/.test(specifier);

for (
  const entry of [
    "gpmd/main.ts",
    "gpmd/daemon/daemon_main.ts",
    "gvm/main.ts",
    "gvm/executor/main.ts",
    "mod.ts",
  ]
) {
  Deno.test(`${entry} has no package in its graph that only pairing needs`, async () => {
    assertEquals((await graphOf(entry)).filter(isForDevices), []);
  });
}

Deno.test("the link's graph has them, and its keeper's has only itself", async () => {
  assert((await graphOf("gpmd/link/main.ts")).some(isForDevices));
  assertEquals((await graphOf("gpmd/link/keeper.ts")).map((one) => one.split("/").at(-1)), ["keeper.ts"]);
});

Deno.test("what a compiled gpmd runs as its link is compiled in", async () => {
  const { tasks } = JSON.parse(await Deno.readTextFile(`${ROOT}deno.json`));
  const [gpmd] = tasks.compile.split(" && ");
  for (const path of ["gpmd/link/main.ts", "gpmd/link/keeper.ts", "gpmd/cli/qr_code.ts"]) {
    assert(gpmd.includes(`--include ${path} `), path);
  }
  // By these names gpmd/cli/ calls them, which imports them by paths that no check follows.
  const { runLink } = await import("../../../gpmd/link/main.ts");
  const { runKeeper } = await import("../../../gpmd/link/keeper.ts");
  const { qrCode } = await import("../../../gpmd/cli/qr_code.ts");
  assertEquals([typeof runLink, typeof runKeeper, qrCode("ghost").split("\n").length > 10], [
    "function",
    "function",
    true,
  ]);
});
