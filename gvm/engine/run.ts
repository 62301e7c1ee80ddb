import { Timer } from "../../gmp/async/timer.ts";
import { GhostError } from "../../gmp/errors.ts";
import { ExitStatus, type InputSource, type Preopen, type StandardStream } from "../wasi/mod.ts";
import type { CompiledModule } from "./compiled_module.ts";
import { timeLimit } from "./execution_limits.ts";
import { hasEntry } from "./host_signatures.ts";
import { promising } from "./imports.ts";
import { type Instance, instantiate } from "./instance.ts";
import { LimitedOutput, type OutputStream, type TakeOutput } from "./output.ts";
import type { SessionRoom } from "./session_room.ts";
import { trapOf } from "./trap.ts";
import { watchTime } from "./watch.ts";

/** Options for a run of a module. */
export interface RunOptions {
  /** Its id, unique among the calls of the session that are under way. */
  readonly id: number;
  /** Its arguments, the first being its own name. */
  readonly args: readonly string[];
  /** Its environment, empty by default. */
  readonly env?: Readonly<Record<string, string>>;
  /** Its standard input, empty by default. */
  readonly stdin?: InputSource;
  /** Takes its output. */
  readonly output: TakeOutput;
  /** Those of its streams that are terminals at the caller, none by default. */
  readonly terminals?: ReadonlySet<StandardStream>;
  /** Its directories, none by default. */
  readonly preopens?: readonly Preopen[];
  /** Cancels it: it unwinds when it waits. */
  readonly signal?: AbortSignal;
}

/**
 * Runs the start function and then `_start` of `compiled` in a fresh instance and returns the exit code: exit
 * is a result, not a trap. The guest waits without holding the thread (JavaScript Promise Integration).
 *
 * @throws {GhostError} `FUNCTION_NOT_FOUND` without `_start`, `UNSUPPORTED_SIGNATURE` when it has another
 * signature, what `instantiate` throws, `TRAP`, `TIME_LIMIT`, `MEMORY_LIMIT`, `OUTPUT_LIMIT`, `CANCELLED`.
 */
export async function runModule(
  compiled: CompiledModule,
  { limits, watch, session, memory }: SessionRoom,
  options: RunOptions,
): Promise<number> {
  if (!hasEntry(compiled, "_start")) {
    throw new GhostError(
      "FUNCTION_NOT_FOUND",
      `Cannot run ${compiled.name}@${compiled.version}: it has no _start`,
    );
  }
  const since = watchTime();
  let mark = 0;
  const enter = () => mark = watch.enter(session, options.id, since);
  let instance: Instance | undefined;
  let stopped: GhostError | undefined;
  const stop = (reason: GhostError) => {
    stopped ??= reason;
    instance?.wasi.abort(reason);
  };
  const timer = new Timer(limits.time, () => stop(timeLimit(limits)));
  const cancelled = () => stop(new GhostError("CANCELLED"));
  options.signal?.addEventListener("abort", cancelled, { once: true });
  try {
    if (options.signal?.aborted) throw new GhostError("CANCELLED");
    const output = new LimitedOutput(limits.output, options.output);
    const sink = (stream: OutputStream) => ({
      isTerminal: options.terminals?.has(stream) ?? false,
      write: (bytes: Uint8Array) => output.write(bytes, stream),
    });
    const { id: _, output: __, signal: ___, terminals: ____, ...wasiOptions } = options;
    const given = { ...wasiOptions, stdout: sink("stdout"), stderr: sink("stderr") };
    const suspended = () => {
      watch.leave(mark);
      try {
        instance?.memory.settle();
      } catch (error) {
        stop(error as GhostError);
      }
    };
    enter();
    instance = instantiate(compiled, given, memory, { suspended, resumed: enter });
    watch.leave(mark);
    for (const name of compiled.start === undefined ? ["_start"] : [compiled.start, "_start"]) {
      if (stopped !== undefined) throw stopped;
      enter();
      await promising(instance.exports[name]!)();
      watch.leave(mark);
    }
    if (stopped !== undefined) throw stopped;
    return 0;
  } catch (error) {
    if (error instanceof ExitStatus) return error.code;
    throw stopped ?? trapOf(error, compiled.name);
  } finally {
    timer.cancel();
    options.signal?.removeEventListener("abort", cancelled);
    watch.leave(mark);
    instance?.memory.drop();
  }
}
