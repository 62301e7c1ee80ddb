import { denoProgram } from "../../gmp/device/deno_process.ts";
import { configFlags, processEntry } from "../../gmp/device/process_entry.ts";
import type { ExecutionLimits } from "../engine/execution_limits.ts";
import type { InheritedStream } from "../executor/process_streams.ts";

/** The hidden subcommand that makes a compiled program an executor: `gvm`, and each with the library (`gvm/mod.ts`). */
export const EXECUTOR_SUBCOMMAND = "__executor";

/**
 * Megabytes of an executor's JavaScript heap. Modules do not live in it (V8 keeps code and linear memory
 * elsewhere), so it is small: a module that fills it soon ends the executor.
 */
const HEAP_MEGABYTES = 256;

/**
 * The program and arguments that start an executor with exactly one permission: to listen on a loopback port.
 * Its run uses the `inherited` streams.
 */
export function executorCommand(
  limits: ExecutionLimits,
  inherited?: readonly InheritedStream[],
): { program: string; args: string[] } {
  const given = (inherited === undefined ? [limits] : [limits, inherited]).map((one) => JSON.stringify(one));
  if (Deno.build.standalone) return { program: Deno.execPath(), args: [EXECUTOR_SUBCOMMAND, ...given] };
  const entry = processEntry("executor", import.meta.resolve("../executor/main.ts"));
  const flags = [
    "--quiet",
    "--no-prompt",
    "--allow-net=127.0.0.1:0",
    `--v8-flags=--max-old-space-size=${HEAP_MEGABYTES}`,
    // Deno lets every process fetch code from registries, whatever its permissions; local code needs none.
    ...(entry.startsWith("file:") ? ["--cached-only"] : []),
    ...configFlags(entry),
  ];
  return { program: denoProgram(), args: ["run", ...flags, entry, ...given] };
}
