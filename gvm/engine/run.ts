import { Timer } from "../../gmp/async/timer.ts";
import { GhostError } from "../../gmp/errors.ts";
import { ExitStatus, type InputSource, type Preopen, type StandardStream } from "../wasi/mod.ts";
import type { ExportedFunction } from "../component/exported_functions.ts";
import type { CompiledModule, ExactModule } from "./compiled_module.ts";
import { namesToCall } from "../../gmp/wasm_format/component/function_names.ts";
import { timeLimit } from "./execution_limits.ts";
import { hasEntry } from "./host_signatures.ts";
import { type Instance, instantiate } from "./instance.ts";
import { functionKey } from "./instantiate_component.ts";
import { LimitedOutput, type OutputStream, type TakeOutput } from "./output.ts";
import { type Provisions, together } from "./program_imports.ts";
import type { SessionRoom } from "./session_room.ts";
import { trapOf } from "./trap.ts";
import { type CallTerms, watchTime } from "./watch.ts";
import { whatThereIs } from "./what_there_is.ts";

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
  /** Ends it with the reason of the signal: it unwinds when it waits. */
  readonly signal?: AbortSignal;
  /** Its terms, the node's own by default. */
  readonly terms?: CallTerms;
  /** Bytes of memory for it and all else under the same limit; the session's own limit by default. */
  readonly memory?: number | undefined;
  /** What it is given, if not what all modules of the session are. */
  readonly provisions?: Provisions | undefined;
  /** Exactly which module is meant, if not what its name and version stand for. */
  readonly exactly?: ExactModule | undefined;
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
  { limits, watch, session, memory, terms: usual, provisions: usually }: SessionRoom,
  options: RunOptions,
): Promise<number> {
  const entry = entryOf(compiled);
  const { terms = usual } = options;
  const since = watchTime();
  let mark = 0;
  const enter = () => mark = watch.enter(session, options.id, since, terms);
  let instance: Instance | undefined;
  let stopped: GhostError | undefined;
  const stop = (reason: GhostError) => {
    stopped ??= reason;
    instance?.abort(reason);
  };
  const timer = new Timer(terms.time, () => stop(timeLimit(terms.time)));
  const cancelled = () => stop(stopReason(options.signal!));
  options.signal?.addEventListener("abort", cancelled, { once: true });
  try {
    if (options.signal?.aborted) throw stopReason(options.signal);
    const output = new LimitedOutput(
      limits.output,
      options.output,
      (error) => stop(trapOf(error, compiled.name)),
    );
    const sink = (stream: OutputStream) => ({
      isTerminal: options.terminals?.has(stream) ?? false,
      write: (bytes: Uint8Array) => output.write(bytes, stream),
    });
    const { args, env = {}, preopens = [], provisions } = options;
    const stdin = options.stdin === undefined ? {} : { stdin: options.stdin };
    const given = { args, env, preopens, ...stdin, stdout: sink("stdout"), stderr: sink("stderr") };
    const suspended = () => {
      watch.leave(mark);
      try {
        instance?.memory.settle();
      } catch (error) {
        stop(error as GhostError);
      }
    };
    enter();
    instance = instantiate(
      compiled,
      given,
      memory,
      { suspended, resumed: enter },
      together(usually, provisions),
    );
    watch.leave(mark);
    let result: unknown;
    for (const name of compiled.start === undefined ? [entry] : [compiled.start, entry]) {
      if (stopped !== undefined) throw stopped;
      enter();
      result = await instance.callable(name)();
      watch.leave(mark);
    }
    if (stopped !== undefined) throw stopped;
    // wasi:cli/run returns a result; _start returns nothing.
    return (result as { tag: string } | undefined)?.tag === "err" ? 1 : 0;
  } catch (error) {
    if (error instanceof ExitStatus) return error.code;
    throw stopped ?? trapOf(error, compiled.name);
  } finally {
    timer.cancel();
    options.signal?.removeEventListener("abort", cancelled);
    watch.leave(mark);
    instance?.memory.drop();
    instance?.close(); // what is removed and open is on nobody's account any more
  }
}

/** The function that a run calls. @throws {GhostError} `FUNCTION_NOT_FOUND`, `UNSUPPORTED_SIGNATURE`. */
function entryOf(compiled: CompiledModule): string {
  if (compiled.component !== undefined) {
    const runs = compiled.component.functions.filter(isRun);
    // Programs for 0.3 export what 0.2 runs, too, and it does nothing.
    const found = runs.find(({ type }) => type.async) ?? runs[0];
    if (found !== undefined) return functionKey(found.interface, found.name);
    throw noEntry(compiled, "wasi:cli/run", namesToCall(compiled.component.functions));
  }
  if (hasEntry(compiled, "_start")) return "_start";
  const { exports } = compiled.description;
  throw noEntry(
    compiled,
    "_start",
    exports.filter(({ kind }) => kind === "function").map(({ name }) => name),
  );
}

/** Whether it is the function of a command (wasi:cli, `run`), of whichever version. */
function isRun({ interface: name, ...one }: ExportedFunction): boolean {
  return one.name === "run" && name?.split("@")[0] === "wasi:cli/run" && one.type.parameters.length === 0;
}

function noEntry({ name, version }: CompiledModule, entry: string, names: readonly string[]): GhostError {
  return new GhostError(
    "FUNCTION_NOT_FOUND",
    `Cannot run ${name}@${version}: it has no ${entry}; of other functions ${whatThereIs(names)}`,
  );
}

/** Why a run ends whose `signal` has aborted: it was cancelled, or its grant revoked. */
export function stopReason({ reason }: AbortSignal): GhostError {
  return reason instanceof GhostError && reason.code === "NOT_GRANTED"
    ? reason
    : new GhostError("CANCELLED", undefined, { cause: reason });
}
