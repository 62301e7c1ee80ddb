// `gpmd wasm` with a module by its hash: the version that has it, and no other.
import { assertEquals } from "@std/assert";
import { startDaemon } from "../../tools/daemon_process.ts";
import { assertError, gpmd } from "../../tools/gpmd_command.ts";
import { readModule } from "../../tools/network.ts";

Deno.test("a hash stands for the version that has it, and removes no other", async () => {
  await using daemon = await startDaemon();
  await using client = await daemon.connect();
  const upload = async (version: string, module: string) =>
    `math@sha256:${(await client.upload({ name: "math", version, module: readModule(module) })).hash}`;
  const first = await upload("v0.0.1", "math");
  const second = await upload("v0.0.2", "counter");
  await upload("v0.0.3", "counter");
  const wasm = (...args: string[]) => gpmd(daemon.env, "wasm", ...args);
  const versions = async () => (await client.list()).flatMap(({ versions }) => versions);

  assertEquals(JSON.parse((await wasm("info", first, "--json")).stdout).version, "v0.0.1");
  assertEquals((await wasm("types", first)).stdout, (await wasm("types", "math@v0.0.1")).stdout);
  assertEquals(await wasm("remove", second), {
    code: 1,
    stdout: "",
    stderr:
      `BAD_ARGUMENTS: Cannot remove ${second}: v0.0.3, v0.0.2 have that hash; name one of them by its version\n`,
  });
  assertEquals((await wasm("remove", first)).stdout, "Removed math@v0.0.1\n");
  assertError(await wasm("remove", first), "MODULE_NOT_FOUND");
  assertEquals(await versions(), ["v0.0.2", "v0.0.3"]);
});
