import { basename } from "@std/path/basename";
import { GhostError } from "../../gmp/errors.ts";
import { isName } from "../../gmp/names.ts";
import { BROKEN_PIPE, complain, complainOf, isTerminal, note } from "../../gmp/command/console.ts";
import { UsageError } from "../../gmp/command/usage_error.ts";
import type { Invocation } from "../../gmp/command/program.ts";
import { readRegularFile } from "../../gmp/device/regular_file.ts";
import { ClosedOutput, writeStandard } from "../../gmp/command/standard_output.ts";
import { endNext } from "../executors/ends_next.ts";
import { ExecutorPool } from "../executors/executor_pool.ts";
import type { ExecutorOptions } from "../executors/executor_spawn.ts";
import { ModuleRun } from "../calls/module_run.ts";
import type { AvailableModule, ModuleSource } from "../gpmd/module_source.ts";
import { localSession } from "../calls/local_session.ts";
import type { SessionClient } from "../calls/session_client.ts";
import type { ExecArguments } from "./exec_arguments.ts";
import { processExitCode } from "./exit_code.ts";
import { Mounts } from "./mounts.ts";
import { configIn } from "./commands.ts";
import { DIR, ENV, INVOKE, type Variable } from "./options.ts";
import { standardInput } from "./standard_input.ts";
import { Stop } from "./stop.ts";

/** The version by which the executor knows the file. */
const VERSION = "v0.0.0";

/** Largest module that is run from a file, in bytes: as large as GPMD accepts. */
const LARGEST_FILE = 1 << 28;

/** One file as a source of modules. */
class FileModule implements ModuleSource {
  readonly #module: AvailableModule;
  readonly #bytes: Uint8Array<ArrayBuffer>;

  constructor(name: string, bytes: Uint8Array<ArrayBuffer>, hash: string) {
    this.#bytes = bytes;
    this.#module = { name, version: VERSION, hash, size: bytes.length };
  }

  resolve(): Promise<AvailableModule> {
    return Promise.resolve(this.#module);
  }

  bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return Promise.resolve(this.#bytes);
  }
}

/**
 * `gvm exec`: runs a WASI command from a file, in an executor, without GPMD. It sees copies of files; its
 * exit code is the module's.
 */
export async function runExec(invocation: Invocation, executor: ExecutorOptions): Promise<number> {
  const file = invocation.operands[0]!;
  const bytes = await readRegularFile(file, { action: "run", limit: LARGEST_FILE });
  const name = moduleName(file);
  const env = variables(invocation.all(ENV));
  const config = configIn(invocation);
  const invoked = invocation.get(INVOKE);
  const call = invoked === undefined ? undefined : await callOf(invoked, invocation.rest);
  if (call === 1) return 1;
  await Deno.permissions.revoke({ name: "env" });
  const mounts = await Mounts.read(invocation.all(DIR), executor.limits.files);
  if (!mounts.writable) {
    await Deno.permissions.revoke({ name: "read" });
    await Deno.permissions.revoke({ name: "write" });
  }

  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
  const pool = new ExecutorPool({ ...executor, size: 1, modules: new FileModule(name, bytes, hash) });
  const session = localSession(pool, { role: "command" });
  using stop = new Stop();
  try {
    if (call !== undefined) {
      const { invoke } = await import("./exec_invoke.ts");
      return await invoke(session, { module: name, function: call.name, config }, call.args, stop);
    }
    await mounts.load(session);
    const run = new ModuleRun(session, {
      module: name,
      argv: invocation.rest,
      env,
      config,
      directories: mounts.directories,
      ...(executor.inherited?.includes("stdin") ? {} : { stdin: standardInput() }),
      terminals: (["stdin", "stdout", "stderr"] as const).filter(isTerminal),
      output: (bytes, stream) => writeStandard(stream, bytes),
      signal: stop.signal,
    });
    const ending = await endingOf(run, stop);
    // Whatever ended it, its changes so far belong to the user.
    await writeBack(mounts, session, ending, stop.hurry);
    if (!("error" in ending)) await tellWhatIsLost(mounts, session, stop.hurry);
    if ("error" in ending) throw ending.error;
    return ending.stopped ? ending.code : processExitCode(ending.code);
  } catch (error) {
    throw unversioned(error, name);
  } finally {
    endNext();
    session.close(new GhostError("CANCELLED"));
    await pool.close();
  }
}

/** A function and its values, in `words` or, as wasmtime has it, `add(1, 2)`; or the exit code where one is no value. */
async function callOf(
  invoked: string,
  words: readonly string[],
): Promise<{ name: string; args: ExecArguments } | 1> {
  const { isCall, readCall, readWords, WrongWord } = await import("./exec_arguments.ts");
  if (words.length > 0 && isCall(invoked)) {
    throw new UsageError(`--invoke has the values in parentheses, and "${words[0]}" is too much`, "gvm exec");
  }
  try {
    const call = await readCall(invoked);
    return call ?? { name: invoked, args: await readWords(invoked, words) };
  } catch (error) {
    if (!(error instanceof WrongWord)) throw error;
    complain(error.message);
    return 1;
  }
}

/** `error` without the version by which the executor knows the file, and which nobody gave it. */
function unversioned(error: unknown, name: string): unknown {
  const known = `${name}@${VERSION}`;
  if (!(error instanceof GhostError) || !error.message.includes(known)) return error;
  const { code, message, details } = error;
  const options = { cause: error, ...details !== undefined && { details } };
  return new GhostError(code, message.replaceAll(known, name), options);
}

/** How a run ended: with a code, stopped by a signal or because nobody reads its output, or with an error. */
type Ending = { readonly code: number; readonly stopped: boolean } | { readonly error: unknown };

async function endingOf(run: ModuleRun, stop: Stop): Promise<Ending> {
  try {
    return { code: await run.exitCode, stopped: false };
  } catch (error) {
    if (stop.exitCode !== undefined) return { code: stop.exitCode, stopped: true };
    const isClosed = error instanceof GhostError &&
      (error.cause instanceof ClosedOutput || error.details?.closed !== undefined);
    return isClosed ? { code: BROKEN_PIPE, stopped: true } : { error };
  }
}

async function writeBack(
  mounts: Mounts,
  session: SessionClient,
  ending: Ending,
  signal: AbortSignal,
): Promise<void> {
  try {
    await mounts.writeBack(session, signal);
  } catch (error) {
    const { code, message } = GhostError.from(error);
    if (code === "CANCELLED" && signal.aborted) {
      return note("gvm: nothing was written back: another gvm has the directory");
    }
    if ("error" in ending) {
      complainOf(ending.error, "gvm");
      throw new GhostError(code, message, { cause: error });
    }
    // A guest that did not hear the signal was ended with its executor, as the user asked.
    if (ending.stopped && code === "EXECUTOR_RESTARTED") return note(`gvm: ${message}`);
    const how = ending.stopped ? "gvm was to exit" : "the module exited";
    throw new GhostError(code, `${message}; ${how} with ${ending.code}`, { cause: error });
  }
}

/** Says that files were written which nobody will see, unless that cannot be told. */
async function tellWhatIsLost(mounts: Mounts, session: SessionClient, signal: AbortSignal): Promise<void> {
  const lost = await mounts.lost(session).catch(() => []);
  if (lost.length === 0 || signal.aborted) return;
  note(`gvm: changes in ${lost.join(" and ")} were not kept; to keep them, give --dir HOST::GUEST:rw`);
}

/** The variables for the module; one without a value has the one that it has here, if it has any. */
function variables(given: readonly Variable[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [name, value = Deno.env.get(name)] of given) {
    if (value !== undefined) found[name] = value;
  }
  return found;
}

/** A module name made from the file's name, which becomes the command's `argv[0]`. */
function moduleName(file: string): string {
  const name = basename(file).toLowerCase().replace(/[^a-z0-9._-]+/g, "-").replace(/\.{2,}/g, ".");
  return isName(name.slice(0, 64)) ? name.slice(0, 64) : "module";
}
