import { runDaemon } from "../daemon/daemon_main.ts";

/**
 * Runs a compiled binary as its own daemon, after giving up the permissions that the binary has and a daemon does not
 * need. What it may read, write and connect to cannot be narrowed: only a daemon run from source has just its own.
 */
export async function runCompiledDaemon(json: string): Promise<number> {
  for (const name of ["env", "run", "sys", "ffi"] as const) Deno.permissions.revokeSync({ name });
  return await runDaemon(json);
}
