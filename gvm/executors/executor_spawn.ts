import { processEnvironment } from "../../gmp/device/deno_process.ts";
import { cannotSpawn } from "../../gmp/system_fault.ts";
import type { ExecutionLimits } from "../engine/execution_limits.ts";
import { executorCommand } from "./executor_command.ts";

/** An executor's process whose output nobody has read yet, and its limits. */
interface Spare {
  readonly child: Deno.ChildProcess;
  readonly limits: string;
}

let spare: Spare | undefined;

/**
 * Starts an executor's process for the pool that first needs one with these limits: a command that knows that it will need
 * one does so before it loads the rest of itself, for an executor takes longest to start. It ends with this process.
 *
 * @throws {GhostError} `BAD_ARGUMENTS` without a Deno that may be run, `RESOURCE_EXHAUSTED` when the system has no room.
 */
export function spawnSpare(limits: ExecutionLimits): void {
  spare ??= { child: spawn(limits), limits: JSON.stringify(limits) };
}

/** An executor's process with `limits`: the spare one, or a new one. @throws {GhostError} as {@linkcode spawnSpare}. */
export function spawnExecutor(limits: ExecutionLimits): Deno.ChildProcess {
  if (spare?.limits !== JSON.stringify(limits)) return spawn(limits);
  const { child } = spare;
  spare = undefined;
  return child;
}

/** Ends the spare process if nobody needed it. */
export function dropSpare(): void {
  spare?.child.kill("SIGKILL");
  spare = undefined;
}

function spawn(limits: ExecutionLimits): Deno.ChildProcess {
  const { program, args } = executorCommand(limits);
  try {
    return new Deno.Command(program, {
      args,
      ...processEnvironment(),
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
      detached: true,
    }).spawn();
  } catch (error) {
    throw cannotSpawn("an executor", error, program);
  }
}
