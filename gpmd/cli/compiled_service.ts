import { runServiceProcess } from "./service_process.ts";

/** Runs a compiled `gpmd` as what installs its service: what it may read and write cannot be narrowed in a binary. */
export async function runCompiledService(): Promise<number> {
  for (const name of ["net", "env", "sys", "ffi"] as const) Deno.permissions.revokeSync({ name });
  return await runServiceProcess();
}
