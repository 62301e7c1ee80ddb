import { runExecutor } from "../executor/main.ts";

/**
 * Runs a compiled binary as an executor: it first gives up every permission that the binary was compiled
 * with, except listening on a loopback port.
 */
export async function runCompiledExecutor(args: readonly string[]): Promise<number> {
  for (const name of ["read", "write", "env", "run", "sys", "ffi"] as const) {
    await Deno.permissions.revoke({ name });
  }
  await Deno.permissions.revoke({ name: "net", host: "127.0.0.1" });
  await runExecutor(args);
  return 0;
}
