import { basename } from "@std/path/basename";
import { GhostError } from "../../gmp/errors.ts";
import { isName } from "../../gmp/names.ts";
import { readRegularFile } from "../../gmp/regular_file.ts";
import { ClosedOutput, writeStandard } from "../../gmp/standard_output.ts";
import type { ExecutionLimits } from "../wasm/execution_limits.ts";
import { ExecutorPool } from "../node/executor_pool.ts";
import { ModuleRun } from "../node/module_run.ts";
import type { AvailableModule, ModuleSource } from "../node/module_source.ts";
import { localSession } from "../node/local_session.ts";
import { BROKEN_PIPE, isTerminal } from "./console.ts";
import { processExitCode } from "./failure.ts";
import { readTree, writeChanges } from "./host_files.ts";
import type { GvmOptions } from "./options.ts";
import { standardInput } from "./standard_input.ts";

/** Version under which the executor knows the file. */
const VERSION = "v0.0.0";

/** Bytes of a module that is run from a file, as many as GPMD takes. */
const LARGEST_FILE = 1 << 28;

/** Exit code of a command that Ctrl-C ended: 128 and the number of SIGINT. */
const INTERRUPTED = 130;

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
 * `gvm exec`: runs a WASI command from a file, in an executor, without GPMD. The files that it sees are copies; its exit
 * code is the module's.
 */
export async function runExec(options: GvmOptions, limits: ExecutionLimits): Promise<number> {
  const file = options.words[0]!;
  const { dirs: mounts, env } = options;
  const bytes = await readRegularFile(file, { action: "run", limit: LARGEST_FILE });
  const name = moduleName(file);
  const trees = mounts.map(({ host }) => readTree(host, limits.files));
  if (!mounts.some(({ writable }) => writable)) {
    await Deno.permissions.revoke({ name: "read" });
    await Deno.permissions.revoke({ name: "write" });
  }

  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
  const pool = new ExecutorPool({ size: 1, limits, modules: new FileModule(name, bytes, hash) });
  const session = localSession(pool);
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort();
  Deno.addSignalListener("SIGINT", interrupt);
  try {
    for (const [index, { guest }] of mounts.entries()) await session.loadFiles(guest, trees[index]!);
    const run = new ModuleRun(session, {
      module: name,
      argv: options.rest,
      env,
      directories: mounts.map(({ guest }) => guest),
      stdin: standardInput(),
      terminals: (["stdin", "stdout", "stderr"] as const).filter(isTerminal),
      output: (bytes, stream) => writeStandard(stream, bytes),
      signal: interrupted.signal,
    });
    const code = await run.exitCode.catch((error) => {
      if (interrupted.signal.aborted) return INTERRUPTED;
      if (error instanceof GhostError && error.cause instanceof ClosedOutput) return BROKEN_PIPE;
      throw error;
    });
    for (const { host, guest, writable } of mounts) {
      if (writable) writeChanges(host, await session.fileChanges(guest));
    }
    return processExitCode(code);
  } finally {
    Deno.removeSignalListener("SIGINT", interrupt);
    session.close(new GhostError("CANCELLED"));
    await pool.close();
  }
}

/** The file's name as a module's name, which becomes the command's `argv[0]`. */
function moduleName(file: string): string {
  const name = basename(file).toLowerCase().replace(/[^a-z0-9._-]+/g, "-").replace(/\.{2,}/g, ".");
  return isName(name.slice(0, 64)) ? name.slice(0, 64) : "module";
}
