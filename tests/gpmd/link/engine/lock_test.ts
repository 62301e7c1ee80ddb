// Who pairs no device fetches none of libp2p; what link runs is locked.
import { assert, assertEquals } from "@std/assert";
import { exists } from "@std/fs/exists";
import { fromFileUrl } from "@std/path";

const ROOT = fromFileUrl(new URL("../../../../", import.meta.url));

async function deno(...args: string[]): Promise<{ success: boolean; text: string }> {
  const command = new Deno.Command(Deno.execPath(), { args, cwd: ROOT, stdout: "piped", stderr: "piped" });
  const { success, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  return { success, text: success ? decoder.decode(stdout) : decoder.decode(stderr) };
}

/** The packages of npm in the graph of `entry`. */
async function packagesOf(entry: string): Promise<string[]> {
  const { success, text } = await deno("info", "--json", entry);
  assert(success, text);
  return Object.keys(JSON.parse(text).npmPackages);
}

Deno.test("no program but link has libp2p in its graph, and no lock file makes Deno fetch it for them", async () => {
  const isLibp2p = (name: string) => name.includes("libp2p");
  for (
    const entry of [
      "gpmd/main.ts",
      "gpmd/daemon/daemon_main.ts",
      "gpmd/link/keeper.ts",
      "gvm/main.ts",
      "mod.ts",
    ]
  ) {
    assertEquals((await packagesOf(entry)).filter(isLibp2p), [], entry);
  }
  assert((await packagesOf("gpmd/link/engine/link_host.ts")).some(isLibp2p));
  assertEquals(await exists(`${ROOT}deno.lock`), false);
  assertEquals(JSON.parse(await Deno.readTextFile(`${ROOT}deno.json`)).lock, false);
});

Deno.test("the lock file of link has all that link needs", async () => {
  const { success, text } = await deno(
    "cache",
    "--quiet",
    "--lock=gpmd/link/deno.lock",
    "--frozen",
    "gpmd/link/main.ts",
  );
  assert(success, text);
});
