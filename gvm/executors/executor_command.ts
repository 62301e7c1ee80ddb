import { denoProgram } from "../../gmp/device/deno_process.ts";
import type { ExecutionLimits } from "../engine/execution_limits.ts";
import type { InheritedStream } from "../executor/process_streams.ts";

/** The hidden subcommand by which a compiled binary is its own executor. */
export const EXECUTOR_SUBCOMMAND = "__executor";

/**
 * Megabytes of JavaScript heap of an executor. Modules do not live in it (V8 keeps code and linear memory elsewhere), so
 * it is small: what a module hoards of it ends the executor soon.
 */
const HEAP_MEGABYTES = 256;

/**
 * The program and arguments that start an executor with exactly one permission: to listen on a loopback port. The `inherited`
 * streams are its run's.
 */
export function executorCommand(
  limits: ExecutionLimits,
  inherited?: readonly InheritedStream[],
): { program: string; args: string[] } {
  const given = (inherited === undefined ? [limits] : [limits, inherited]).map((one) => JSON.stringify(one));
  if (Deno.build.standalone) return { program: Deno.execPath(), args: [EXECUTOR_SUBCOMMAND, ...given] };
  const entry = import.meta.resolve("../executor/main.ts");
  const flags = [
    "--quiet",
    "--no-prompt",
    "--allow-net=127.0.0.1:0",
    `--v8-flags=--max-old-space-size=${HEAP_MEGABYTES}`,
    // Deno lets every process fetch code from registries, whatever else it may; one that is all here needs none.
    ...(entry.startsWith("file:") ? ["--cached-only"] : []),
  ];
  return { program: denoProgram(), args: ["run", ...flags, entry, ...given] };
}
