import { runDaemon } from "../daemon/daemon_main.ts";

/**
 * A compiled binary as its own daemon: it first gives up what the binary was compiled with and a daemon does not need.
 * What it may read, write and connect to cannot be narrowed; only a daemon run from its source has no more than its own.
 */
export async function runCompiledDaemon(json: string): Promise<number> {
  for (const name of ["env", "run", "sys", "ffi"] as const) Deno.permissions.revokeSync({ name });
  return await runDaemon(json);
}
