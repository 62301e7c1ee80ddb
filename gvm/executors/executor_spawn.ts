import { processEnvironment } from "../../gmp/device/deno_process.ts";
import { keepSpare, takeSpare } from "../../gmp/device/spare_process.ts";
import { cannotSpawn } from "../../gmp/system_fault.ts";
import type { ExecutionLimits } from "../engine/execution_limits.ts";
import type { InheritedStream } from "../executor/process_streams.ts";
import { executorCommand } from "./executor_command.ts";

/** Options for an executor's process. */
export interface ExecutorOptions {
  /** Limits of every call. */
  readonly limits: ExecutionLimits;
  /**
   * The streams of this process that it inherits for its run, for a command that makes one run and ends with
   * it. If undefined, it is a node's executor, which ends with its standard input.
   */
  readonly inherited?: readonly InheritedStream[] | undefined;
}

/**
 * Starts an executor's process for the pool that first needs one with these options: a command that will need
 * one calls this before it loads the rest of itself, since an executor takes longest to start. It ends with
 * this process.
 *
 * @throws {GhostError} `BAD_ARGUMENTS` if there is no Deno that may be run, `RESOURCE_EXHAUSTED` if the
 * system has no room.
 */
export function spawnSpare(options: ExecutorOptions): void {
  keepSpare(keyOf(options), () => spawn(options));
}

/**
 * A process for an executor with `options`: the spare one, or a new one. @throws {GhostError} as {@linkcode
 * spawnSpare}.
 */
export function spawnExecutor(options: ExecutorOptions): Deno.ChildProcess {
  return takeSpare(keyOf(options)) ?? spawn(options);
}

function keyOf({ limits, inherited }: ExecutorOptions): string {
  return JSON.stringify([limits, inherited]);
}

function spawn({ limits, inherited }: ExecutorOptions): Deno.ChildProcess {
  const { program, args } = executorCommand(limits, inherited);
  const has = (stream: InheritedStream) => inherited?.includes(stream) ? "inherit" : "null";
  try {
    return new Deno.Command(program, {
      args,
      ...processEnvironment(),
      stdin: inherited === undefined ? "piped" : has("stdin"),
      stdout: has("stdout"),
      stderr: "piped",
      detached: true,
    }).spawn();
  } catch (error) {
    throw cannotSpawn("an executor", error, program);
  }
}
