import { processEnvironment } from "../../gmp/device/deno_process.ts";
import { cannotSpawn } from "../../gmp/system_fault.ts";
import type { ExecutionLimits } from "../engine/execution_limits.ts";
import type { InheritedStream } from "../executor/process_streams.ts";
import { executorCommand } from "./executor_command.ts";

/** How an executor's process is started. */
export interface ExecutorOptions {
  /** Limits of every call. */
  readonly limits: ExecutionLimits;
  /**
   * The streams of this process that it inherits and has its run use, for a command that makes one run and ends with it. With
   * none of them it is one of a node's executors, whose end is that of its own standard input.
   */
  readonly inherited?: readonly InheritedStream[] | undefined;
}

/** An executor's process whose reports nobody has read yet, and how it was started. */
interface Spare {
  readonly child: Deno.ChildProcess;
  readonly options: string;
}

let spare: Spare | undefined;

/**
 * Starts an executor's process for the pool that first needs one with these options: a command that knows that it will need
 * one does so before it loads the rest of itself, for an executor takes longest to start. It ends with this process.
 *
 * @throws {GhostError} `BAD_ARGUMENTS` without a Deno that may be run, `RESOURCE_EXHAUSTED` when the system has no room.
 */
export function spawnSpare(options: ExecutorOptions): void {
  spare ??= { child: spawn(options), options: keyOf(options) };
}

/** An executor's process with `options`: the spare one, or a new one. @throws {GhostError} as {@linkcode spawnSpare}. */
export function spawnExecutor(options: ExecutorOptions): Deno.ChildProcess {
  if (spare?.options !== keyOf(options)) return spawn(options);
  const { child } = spare;
  spare = undefined;
  return child;
}

/** Ends the spare process if nobody needed it. */
export function dropSpare(): void {
  spare?.child.kill("SIGKILL");
  spare = undefined;
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
