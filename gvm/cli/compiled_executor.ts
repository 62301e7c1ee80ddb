import { complain } from "../../gmp/command/console.ts";
import { runExecutor } from "../executor/main.ts";

/**
 * Runs a compiled program as an executor: it first gives up every permission that the program was compiled
 * with, except listening on a loopback port. Returns the exit code: 1, and a line on standard error for the node, where
 * that cannot be.
 */
export async function runCompiledExecutor(args: readonly string[]): Promise<number> {
  for (const name of ["read", "write", "env", "run", "sys", "ffi"] as const) {
    await Deno.permissions.revoke({ name });
  }
  await Deno.permissions.revoke({ name: "net", host: "127.0.0.1" });
  // Of the permission to reach anything, no part can be given up; 127.0.0.1 without a port goes with all of its ports.
  if (isGranted() || !isGranted("127.0.0.1:0")) {
    complain(
      "the program was not compiled with --allow-net=127.0.0.1,127.0.0.1:0, of which it keeps the port 0",
    );
    return 1;
  }
  await runExecutor(args);
  return 0;
}

function isGranted(host?: string): boolean {
  const { state } = Deno.permissions.querySync({ name: "net", ...host === undefined ? {} : { host } });
  return state === "granted";
}
