/**
 * Runs every example in the docstrings, in docs/ and in the README, in a network of its own: a real daemon in a temporary
 * home, which `GHOST_HOME` and the ports name, with `math`, `greet`, `counter` and `greeter`, and beside it a node "node-8399".
 * Exits as the examples did, and leaves nothing behind.
 */
import { fromFileUrl } from "@std/path";
import { bundleFlags } from "./entries.ts";
import { Network } from "./network.ts";

const ROOT = fromFileUrl(new URL("../../", import.meta.url));
/** Their types are checked with all others (run_tests.ts). */
const FLAGS = ["-A", "--doc", "--no-check", "--permit-no-files", "--sanitize-ops", "--sanitize-resources"];
const PLACES = ["mod.ts", "gmp", "gpmd", "gvm", "docs", "README.md"];

async function runExamples(signal: AbortSignal): Promise<number> {
  await using network = await Network.start();
  await network.upload("greeter", "v0.0.1", await Deno.readFile(`${ROOT}/examples/greeter/greeter.wasm`));
  await network.node("node-8399");
  const tests = new Deno.Command("deno", {
    args: ["test", ...FLAGS, ...bundleFlags(), ...PLACES],
    cwd: ROOT,
    env: network.daemon.env,
    stdin: "null",
    signal,
  }).spawn();
  return (await tests.status).code;
}

const interrupted = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.addSignalListener(signal, () => interrupted.abort());
}
Deno.exit(await runExamples(interrupted.signal));
