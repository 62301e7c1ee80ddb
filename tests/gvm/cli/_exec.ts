/** What the tests of `gvm exec` share. */
import { fromFileUrl, join } from "@std/path";
import { type Outcome, ROOT, runCommand } from "../../tools/commands.ts";

/** Programs of these tests. */
export const FIXTURES = fromFileUrl(new URL("./fixtures/", import.meta.url));
/** A program in C that does as its arguments say. */
export const TOOL = join(FIXTURES, "tool.wasm");
/** The example that greets. */
export const GREET = join(ROOT, "examples/greet/greet.wasm");

/** Runs `gvm exec`; that there is no GPMD, no store and no home is nothing to it. */
export function exec(
  args: string[],
  options: { stdin?: string | Uint8Array; cwd?: string } = {},
): Promise<Outcome> {
  const env = { GHOST_HOME: "/nonexistent", GHOST_GMP_PORT: "1", GHOST_COMMAND_PORT: "1" };
  return runCommand("gvm", ["exec", ...args], { env, ...options });
}

/** A directory that is gone when it is disposed of. */
export function temporary(): { path: string } & Disposable {
  const path = Deno.makeTempDirSync({ prefix: "ghost-exec-" });
  return { path, [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }) };
}
